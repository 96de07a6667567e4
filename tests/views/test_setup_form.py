"""The form of a channel's settings: whatever is set up or entered, it is one that Slack takes, and pings no one."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.audit_log import AuditEntry, Unavailability
from bot.domain.channel_settings import ChannelSettings
from bot.domain.permissions import ChannelRoles
from bot.domain.schedules import FRIDAY_AFTERNOON, Schedule
from bot.domain.settings_form import Cadence, InvalidForm, RoundupStatus, SettingsFormData, from_settings
from bot.domain.timezones import all_zones, search
from bot.listeners.form_state import FormState, parse_form_state
from bot.views import form_options, refusals
from bot.views import settings_form as view
from bot.views.format import Names
from bot.views.inputs import zone_option
from bot.views.translations import ENGLISH
from slack_standin.block_kit.views import is_too_large, validate_view
from tests import pings
from tests.domain.test_setups import setups
from tests.views.sample_data import KnownChannel
from tests.views.test_views_are_valid import EVIL, NOW, moments, named, people, some, user_ids
from tests.views.test_words_for_admins import IN_CHANNELS, changes

MANY = frozenset(f"U{number:010}" for number in range(200))

entered = st.fixed_dictionaries(
    {},
    optional={
        "cadence": st.sampled_from(Cadence).map(str),
        "state": st.sampled_from(RoundupStatus).map(str),
        "weekdays": st.lists(st.sampled_from(["MO", "WE", "SU"]), max_size=3, unique=True),
        "every_weeks": st.sampled_from(["1", "2", "52"]),
        "every_months": st.sampled_from(["1", "3", "12"]),
        "starts_on": st.none(),
        "at": st.sampled_from([None, "00:00", "23:59"]),
        "zone": st.none(),
        "posts_in": st.none(),
    },
)
places = st.builds(
    ChannelRoles,
    creator=st.none() | user_ids,
    manager_ids=st.frozensets(user_ids, max_size=5) | st.just(MANY),  # who is shown, and not asked
    owner_id=st.none() | user_ids,
)
lacking = st.builds(
    view.warnings,
    st.just(ENGLISH),
    st.builds(KnownChannel, st.none(), unavailable_reason=st.none() | st.sampled_from(Unavailability)),
    st.none() | st.sampled_from(Unavailability),
    st.lists(st.sampled_from(["groups:read", "users:read"]), unique=True),
    now=st.just(NOW),
)


@st.composite
def forms(draw: st.DrawFn) -> view.Form:
    base = draw(setups)
    entries = from_settings(base, channel_id="C1", today=NOW.date()).updated(draw(entered))
    try:
        made: ChannelSettings | None = entries.to_settings(base, channel_id="C1", today=NOW.date())
    except InvalidForm:
        made = None
    return view.Form(
        channel_id="C1",
        channel=KnownChannel(base),
        stored_schedule=base.schedule,
        data=entries,
        settings=made,
        dates=draw(st.lists(moments, max_size=3)) if made else (),
        own_zone=draw(st.sampled_from([None, "Pacific/Chatham", "UTC"])),
        may_name_managers=draw(st.booleans()),
        roles=draw(places),
        last_change=draw(st.none() | changes(IN_CHANNELS)),
        warnings=draw(lacking),
        now=NOW,
    )


def assert_slack_takes(shown: dict[str, Any]) -> None:
    assert validate_view(shown, "modal") == []
    assert not is_too_large(shown)
    assert pings.problems(named(shown), posted=False) == []
    for listed in options(shown):
        assert 0 < len(listed) <= 100


def options(part: Any) -> Iterator[list[Any]]:
    """Every list of options in a view."""
    if isinstance(part, dict):
        yield from (value for key, value in part.items() if key in ("options", "initial_options"))
        for value in part.values():
            yield from options(value)
    elif isinstance(part, list):
        for value in part:
            yield from options(value)


@some
@given(forms(), people)
def test_the_form_is_one_that_slack_takes(shown: view.Form, known: Names) -> None:
    keeps = FormState("C1", "U001", 10**9, shown.data).encode()
    made = view.form(ENGLISH, shown, known, private_metadata=keeps)
    assert_slack_takes(made)
    names = [block["block_id"] for block in made["blocks"] if block["type"] == "input"]
    assert ("managers" in names) is shown.may_name_managers
    assert set(names) <= SettingsFormData.__dataclass_fields__.keys()
    for block in made["blocks"]:
        if block["type"] == "input":
            assert block["optional"] is (block["block_id"] in ("managers", "emoji", "more"))
            assert "initial_options" not in block["element"] or block["element"]["initial_options"]


@some
@given(forms(), people)
def test_the_settings_that_others_read_are_ones_that_slack_takes(shown: view.Form, known: Names) -> None:
    made = view.settings(ENGLISH, shown, known)
    assert_slack_takes(made)
    assert "submit" not in made
    assert not [block for block in made["blocks"] if block["type"] == "input"]


@pytest.mark.parametrize("user_id", ["U1", "U" * 32])
@some
@given(setups, entered)
def test_what_an_open_form_keeps_fits_and_is_read_back(
    user_id: str, setup: ChannelSettings, fields: dict[str, Any]
) -> None:
    entries = from_settings(replace(setup, manager_ids=MANY), channel_id="C1", today=NOW.date()).updated(fields)
    kept = FormState("C" * 32, user_id, 10**12, entries).encode()
    assert len(kept) <= 3000
    again = parse_form_state(kept, {"managers": {"managers": {"selected_users": list(entries.managers)}}})
    assert again == FormState("C" * 32, user_id, 10**12, entries, has_managers_field=True)


@pytest.mark.parametrize("number", [1, 100])
def test_as_many_as_may_be_named_fit_the_form(number: int) -> None:
    named_ones = sorted(MANY)[:number]
    setup = ChannelSettings.from_json(
        {
            "rule": "FREQ=WEEKLY;BYDAY=FR",
            "starts_on": "2030-03-01",
            "at": "16:00",
            "zone": "Europe/Berlin",
            "paused_until": None,
            "is_paused": False,
            "skipped": [],
            "posts_in": None,
            "quiet": "silent",
            "reminds": True,
            "managers": named_ones,
        }
    )
    entries = from_settings(setup, channel_id="C1", today=NOW.date())
    place = ChannelRoles("U001", "U002", frozenset(named_ones))
    shown = view.Form(
        "C1", KnownChannel(setup), setup.schedule, entries, setup, [NOW] * 3, "UTC", True, place, None, (), NOW
    )
    names = dict.fromkeys(MANY, EVIL[0] * 10)
    kept = FormState("C1", "U001", 1, entries).encode()
    assert len(kept) <= 3000
    for made in (view.form(ENGLISH, shown, names, private_metadata=kept), view.settings(ENGLISH, shown, names)):
        assert_slack_takes(made)
    element = next(block["element"] for block in view.form(ENGLISH, shown, names, private_metadata=kept)["blocks"]
                   if block.get("block_id") == "managers")  # fmt: skip
    assert element["initial_users"] == named_ones
    assert element["max_selected_items"] == 100


def test_more_than_slack_shows_in_a_field_may_not_be_named() -> None:
    entries = replace(SettingsFormData(zone="UTC", posts_in="C1"), managers=tuple(sorted(MANY)))
    base = ChannelSettings(Schedule(FRIDAY_AFTERNOON[0], NOW.date(), FRIDAY_AFTERNOON[1], "UTC"))
    with pytest.raises(InvalidForm) as refusal:
        entries.to_settings(base, channel_id="C1", today=NOW.date())
    assert refusal.value.fields == ("managers",)
    assert "100" in view.errors(ENGLISH)["managers"]


@pytest.mark.parametrize(
    "made",
    [
        refusals.loading_modal(ENGLISH),
        view.no_access_modal(ENGLISH, ["channels:read"], now=NOW),
        *(view.saved_while_away(ENGLISH, KnownChannel(None, None, away), now=NOW) for away in Unavailability),
    ],
    ids=lambda made: made["blocks"][0]["text"]["text"][:30],
)
def test_what_stands_in_the_form_s_place_is_one_that_slack_takes(made: dict[str, Any]) -> None:
    assert_slack_takes(made)


@some
@given(st.none() | changes(IN_CHANNELS), people)
def test_who_saves_too_late_is_told_by_whom_in_words_that_ping_nobody(last: AuditEntry | None, known: Names) -> None:
    said = view.conflict_warning(ENGLISH, last, known, now=NOW)
    assert "Save again" in said
    assert pings.problems(named({"text": said}), posted=False) == []


@pytest.mark.parametrize("now", [datetime(2030, 1, 1, tzinfo=UTC), datetime(2030, 7, 1, tzinfo=UTC)])
def test_every_zone_has_a_label_that_fits_an_option(now: datetime) -> None:
    labels = [form_options.zone_label(zone, now) for zone in all_zones()]
    assert all(
        len(zone_option(zone, label)["text"]["text"]) == len(label)
        for zone, label in zip(all_zones(), labels, strict=True)
    )
    assert "Berlin (Europe), UTC+0" in " ".join(labels)
    assert len(search("a", names={}, now=now)) == 100


def test_every_field_that_may_be_wrong_has_its_words() -> None:
    checked = {name for name, _ in SettingsFormData()._checks()}
    assert view.errors(ENGLISH).keys() == checked
    assert all(len(said) <= 2000 for said in view.errors(ENGLISH).values())


def test_dates_are_told_in_both_zones_where_they_differ() -> None:
    told = view.dates(ENGLISH, [NOW, NOW + timedelta(days=7)], "Europe/Berlin", "Pacific/Auckland", today=NOW.date())
    assert told[0] == "• Friday, March 8 at 16:00 (Berlin), Saturday, March 9 at 04:00 your time"
    assert "your time" not in " ".join(view.dates(ENGLISH, [NOW], "Europe/Berlin", "Europe/Paris", today=NOW.date()))
