"""What an open form kept, and what is entered in it: sound, or malformed, and never an accident later on."""

import itertools
import json
from contextlib import suppress
from typing import Any

import pytest

from bot.domain.channel_settings import ChannelSettings
from bot.domain.permissions import ChannelRoles
from bot.domain.schedules import FRIDAY_AFTERNOON, Schedule
from bot.domain.settings_form import InvalidForm, SettingsFormData
from bot.listeners import workspace_defaults
from bot.listeners.form_state import FormState, parse_form_state
from bot.slack.payloads import Malformed
from bot.views import settings_form as view
from bot.views.translations import ENGLISH
from tests.views.sample_data import KnownChannel
from tests.views.test_views_are_valid import NOW

BASE = ChannelSettings(Schedule(FRIDAY_AFTERNOON[0], NOW.date(), FRIDAY_AFTERNOON[1], "UTC"))
WHOLE = SettingsFormData(zone="Europe/Berlin", posts_in="C1", starts_on="2030-03-01")
KEPT: dict[str, Any] = json.loads(FormState("C1", "U1", 3, WHOLE).encode())
JUNK: list[Any] = [None, True, 7, 1.5, "", "x", "\u0661", "9" * 5000, [], [7], [None], [[]], ["x"], {}, {"value": "x"}]


def is_taken(form: FormState) -> None:
    """Whatever was read can be shown again, and makes settings or says what is wrong."""
    setup = None
    with suppress(InvalidForm):
        setup = form.entries.to_settings(BASE, channel_id="C1", today=NOW.date())
    shown = view.Form(
        channel_id="C1", channel=KnownChannel(BASE), stored_schedule=BASE.schedule, data=form.entries,
        settings=setup, dates=(), own_zone=None,
        may_name_managers=True, roles=ChannelRoles(), last_change=None, warnings=(), now=NOW,
    )  # fmt: skip
    view.form(ENGLISH, shown, {}, private_metadata=form.encode())


HELD = ("value", "selected_option", "selected_options", "selected_users", "selected_time")
"""Where Slack's value objects have what was entered."""


@pytest.mark.parametrize("junk", JUNK, ids=lambda junk: repr(junk)[:20])
def test_junk_in_what_was_kept_or_entered_is_malformed_or_does_no_harm(junk: Any) -> None:
    for name in (*SettingsFormData.__dataclass_fields__, "other"):
        kept = json.dumps(KEPT | {"entries": KEPT["entries"] | {name: junk}})
        with suppress(Malformed):
            is_taken(parse_form_state(kept, {}))
        for held, value in itertools.product(HELD, (junk, {"value": junk}, [{"value": junk}])):
            with suppress(Malformed):
                is_taken(parse_form_state(json.dumps(KEPT), {name: {name: {held: value}}}))


@pytest.mark.parametrize("junk", JUNK, ids=lambda junk: repr(junk)[:20])
def test_a_form_that_does_not_say_whose_it_is_is_malformed(junk: Any) -> None:
    fits = {
        "user": isinstance(junk, str),  # no one's, and so refused
        "revision": junk in (7, True),
        "entries": isinstance(junk, dict),  # it holds no entry, and so each is what it is at first
        "channel": False,
    }
    for name in [name for name, is_fit in fits.items() if not is_fit]:
        with pytest.raises(Malformed):
            parse_form_state(json.dumps(KEPT | {name: junk}), {})
    with pytest.raises(Malformed):
        parse_form_state(json.dumps({key: value for key, value in KEPT.items() if key != name}), {})


@pytest.mark.parametrize("kept", ["", "null", "[]", "7", '"x"', "{", "[" * 100_000, "\x00"], ids=lambda kept: kept[:9])
def test_what_is_no_form_s_at_all_is_malformed(kept: str) -> None:
    with pytest.raises(Malformed):
        parse_form_state(kept, {})


@pytest.mark.parametrize("junk", JUNK, ids=lambda junk: repr(junk)[:20])
def test_junk_in_the_form_of_the_defaults_is_malformed_or_not_chosen(junk: Any) -> None:
    whole = {
        "rhythm": {"value": "weekly"},
        "weekdays": {"selected_options": [{"value": "FR"}]},
        "at": {"value": "16:00"},
        "whose": {"value": "this"},
        "zone": {"value": "UTC"},
        "quiet": {"value": "silent"},
    }
    assert workspace_defaults.parse_form({field: {field: held} for field, held in whole.items()}).zone == "UTC"
    for name, held, value in itertools.product(whole, HELD, (junk, {"value": junk}, [{"value": junk}])):
        spoilt = whole | {name: {held: value}}
        with suppress(Malformed, workspace_defaults.InvalidForm):
            workspace_defaults.parse_form({field: {field: each} for field, each in spoilt.items()})
