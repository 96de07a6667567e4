"""What someone enters into the form: made from settings and made into the same, kept while they look around."""

from dataclasses import replace
from datetime import date, time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.channel_settings import ChannelSettings, QuietPolicy
from bot.domain.recurrence import NTH_CHOICES, MonthlyOnDay, Weekly
from bot.domain.schedules import FRIDAY_AFTERNOON, Schedule
from bot.domain.settings_form import (
    MONTH_INTERVAL_OPTIONS,
    MORE_OPTIONS,
    WEEKDAY_BY_CODE,
    Cadence,
    InvalidForm,
    RoundupStatus,
    SettingsFormData,
    from_settings,
)
from tests.domain.test_setups import any_of_them, setups

TODAY = date(2030, 3, 4)
BASE = ChannelSettings(Schedule(FRIDAY_AFTERNOON[0], date(2029, 1, 1), time(16), "Europe/Berlin"))
WHOLE = from_settings(BASE, channel_id="C1", today=TODAY)

codes = st.sampled_from(list(WEEKDAY_BY_CODE))
entered = st.fixed_dictionaries(
    {},
    optional={
        "weekdays": st.lists(codes, min_size=1, max_size=7, unique=True),
        "weekday": codes,
        "place": st.sampled_from([str(place) for place in NTH_CHOICES]),
        "day": st.integers(1, 31).map(str),
        "every_weeks": st.integers(1, 52).map(str),
        "every_months": st.sampled_from(MONTH_INTERVAL_OPTIONS),
        "quiet": st.sampled_from(QuietPolicy).map(str),
        "more": st.lists(st.sampled_from(MORE_OPTIONS), unique=True),
    },
)


def made(entries: SettingsFormData, base: ChannelSettings = BASE) -> ChannelSettings:
    return entries.to_settings(base, channel_id="C1", today=TODAY)


def wrong(entries: SettingsFormData) -> set[str]:
    with pytest.raises(InvalidForm) as refusal:
        made(entries)
    return set(refusal.value.fields)


def with_what_falls(setup: ChannelSettings) -> ChannelSettings:
    """The settings without skipped dates that are none of theirs, which mean nothing and are not kept."""
    schedule = setup.schedule
    falls = frozenset(day for day in schedule.skipped_dates if schedule.falls_on(day))
    return setup.with_schedule(replace(schedule, skipped_dates=falls))


@any_of_them
@given(setups, st.booleans())
def test_what_is_made_from_settings_makes_them_again(setup: ChannelSettings, is_off: bool) -> None:
    if is_off:
        setup = setup.with_schedule(setup.schedule.turned_off())
    setup = with_what_falls(setup)
    assert made(from_settings(setup, channel_id="C1", today=TODAY), setup) == setup


@any_of_them
@given(setups, entered, st.lists(st.sampled_from(Cadence), max_size=6))
def test_looking_at_other_cadences_and_coming_back_keeps_what_was_entered(
    setup: ChannelSettings, fields: dict[str, Any], others: list[Cadence]
) -> None:
    first = from_settings(setup, channel_id="C1", today=TODAY).updated(fields)
    looked = first
    for cadence in others:
        looked = looked.updated({"cadence": cadence.value})
        made(looked, setup)
    assert looked.updated({"cadence": first.cadence}) == first


@any_of_them
@given(setups, entered)
def test_what_a_form_keeps_is_read_back(setup: ChannelSettings, fields: dict[str, Any]) -> None:
    entries = from_settings(setup, channel_id="C1", today=TODAY).updated(fields)
    assert SettingsFormData().updated({**entries.to_json(), "managers": list(entries.managers)}) == entries


WRONG: dict[str, list[Any]] = {
    "weekdays": [()],
    "at": [None, "", "25:00", "16:00:07", "16:00+02:00", "16:00:00.5", "noon"],
    "zone": [None, "", "Berlin", "Nowhere/Town", "../UTC"],
    "posts_in": [None, ""],
    "starts_on": ["", "soon", "2030-02-30"],
    "cadence": ["", "hourly"],
    "state": ["", "dead"],
    "quiet": ["", "loud"],
    "more": [("daily",), ("monthly", "")],
    "managers": [tuple(f"U{number}" for number in range(101))],
}


@any_of_them
@given(st.lists(st.sampled_from(list(WRONG)), unique=True), st.data())
def test_exactly_what_is_wrong_is_named(fields: list[str], data: Any) -> None:
    entries = WHOLE
    for name in fields:
        entries = replace(entries, **{name: data.draw(st.sampled_from(WRONG[name]))})
    if fields:
        expected = set(fields) - ({"weekdays"} if "cadence" in fields else set())
        assert wrong(entries) == expected
    else:
        assert made(entries) == BASE


@pytest.mark.parametrize(
    "fields",
    [
        *({"every_weeks": "0"}, {"every_weeks": "53"}, {"every_weeks": "two"}, {"weekdays": ("XX",)}),
        *(
            {"cadence": "on_day", "day": "32"},
            {"cadence": "on_day", "every_months": "5"},
            {"cadence": "on_day", "day": ""},
        ),
        *({"cadence": "on_weekday", "place": "5"}, {"cadence": "on_weekday", "weekday": "XX"}),
    ],
)
def test_a_rule_that_no_calendar_has_is_a_cadence_to_choose_anew(fields: dict[str, Any]) -> None:
    assert wrong(replace(WHOLE, **fields)) == {"cadence"}


def test_what_another_cadence_asks_for_is_not_missing() -> None:
    assert made(replace(WHOLE, cadence="on_day", day="31", weekdays=())).schedule.rule == MonthlyOnDay(31)


def test_weeks_are_counted_from_the_day_that_was_chosen() -> None:
    fortnightly = replace(WHOLE, every_weeks="2")
    assert made(replace(fortnightly, starts_on="2030-02-01")).schedule.starts_on == date(2030, 2, 1)
    assert made(replace(fortnightly, starts_on=None)).schedule.starts_on == TODAY
    assert made(WHOLE).schedule.starts_on == BASE.schedule.starts_on
    assert made(replace(WHOLE, weekdays=("MO",))).schedule.starts_on == TODAY


def test_a_skipped_date_stays_skipped_while_a_roundup_falls_on_it() -> None:
    base = BASE.with_schedule(BASE.schedule.skipping(date(2030, 3, 8)))
    assert made(replace(WHOLE, at="09:00"), base).schedule.skipped_dates == {date(2030, 3, 8)}
    assert made(replace(WHOLE, weekdays=("TH",)), base).schedule.skipped_dates == set()


@pytest.mark.parametrize(
    "paused", [BASE.schedule.paused(None), BASE.schedule.paused(date(2030, 4, 1))], ids=["without an end", "until"]
)
def test_on_and_off_end_a_pause(paused: Schedule) -> None:
    base = BASE.with_schedule(paused)
    assert from_settings(base, channel_id="C1", today=TODAY).state == RoundupStatus.PAUSED
    made_on, made_off, kept = (made(replace(WHOLE, state=state), base).schedule for state in ("on", "off", "paused"))
    assert (made_on.is_stopped, made_on.paused_until) == (False, None)
    assert (made_off.is_off, made_off.is_paused, made_off.paused_until) == (True, False, None)
    assert (kept.is_off, kept.is_paused, kept.paused_until) == (False, paused.is_paused, paused.paused_until)


def test_a_name_that_is_no_entry_and_an_empty_answer_change_nothing() -> None:
    assert WHOLE.updated({"other": "x", "cadence": None, "quiet": None}) == WHOLE
    assert WHOLE.updated({"at": None}).at is None
    assert made(WHOLE).schedule.rule == Weekly(FRIDAY_AFTERNOON[0].weekdays)
