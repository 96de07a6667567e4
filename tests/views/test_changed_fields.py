"""An entry of the change history shows the fields that changed, each with its old and its new value, and no others."""

from dataclasses import replace
from datetime import date, time
from typing import Any

import pytest
from hypothesis import given

from bot.domain.audit_log import AuditAction, AuditEntry
from bot.domain.channel_settings import ChannelSettings, QuietPolicy, WorkspaceDefaults
from bot.domain.editions import Edition
from bot.domain.recurrence import Daily, MonthlyOnDay, Weekday, Weekly
from bot.domain.schedules import Schedule
from bot.views import audit_log
from bot.views.changed_fields import changed_fields, defaults_fields, settings_fields
from bot.views.schedule import describe_schedule
from bot.views.translations import ENGLISH
from tests.domain.test_setups import defaults, setups
from tests.views.test_views_are_valid import NOW, some

FRIDAYS = Schedule(Weekly((Weekday.FRIDAY,)), date(2030, 1, 1), time(16), "Europe/Berlin")
USUAL = ChannelSettings(FRIDAYS, target_channel_id="C2", manager_ids=frozenset({"U1"}))
NAMES = {"U1": "Ben", "U2": "Chloe"}


def entry(before: ChannelSettings, after: ChannelSettings) -> AuditEntry:
    changed = AuditAction.SETTINGS_CHANGED
    return AuditEntry(1, "T1", "C1", "U1", changed, before.to_json(), after.to_json(), NOW)


def told(before: ChannelSettings, after: ChannelSettings) -> str:
    """What the change history says of a change."""
    view = audit_log.log(
        ENGLISH, [entry(before, after)], NAMES, visible=["C1", "C2", "C3"], zone="UTC", has_older=False, is_newest=True
    )
    text: str = view["blocks"][0]["text"]["text"]
    return text


def on(rule: Any, **changes: Any) -> ChannelSettings:
    return replace(USUAL, schedule=replace(FRIDAYS, rule=rule, **changes))


@pytest.mark.parametrize(
    ("after", "lines"),
    [
        (replace(USUAL, schedule=replace(FRIDAYS, local_time=time(15))), ["Time: 16:00 → 15:00"]),
        (replace(USUAL, schedule=replace(FRIDAYS, zone="UTC")), ["Time zone: Berlin time → UTC"]),
        (on(Weekly((Weekday.MONDAY, Weekday.FRIDAY))), ["Days: Friday → Monday and Friday"]),
        (
            on(Weekly((Weekday.FRIDAY,), 2), starts_on=date(2030, 3, 15)),
            ["Repeat: Every week → Every 2 weeks", "Starting: March 15"],
        ),
        (on(Daily((Weekday.FRIDAY,))), ["How often: Weekly → Daily"]),
        (
            on(MonthlyOnDay(15)),
            [
                "How often: Weekly → Monthly, on a date",
                "Day of the month: 15",
                "Repeat: Every week → Every month",
            ],
        ),
        (USUAL.with_schedule(FRIDAYS.paused(date(2030, 4, 1))), ["Roundups: On → Paused until April 1"]),
        (USUAL.with_schedule(FRIDAYS.skipping(date(2030, 3, 15))), ["Skipped dates: none → Friday, March 15"]),
        (USUAL, []),
        (replace(USUAL, target_channel_id="C3"), ["Post in: <#C2> → <#C3>"]),
        (replace(USUAL, target_channel_id=None), ["Post in: <#C2> → <#C1>"]),
        (
            replace(USUAL, quiet_policy=QuietPolicy.LINE),
            ["If there are no wins: Don't post anything → Post a short note (no names)"],
        ),
        (replace(USUAL, wants_reminder=True), ["Reminder: No reminder → Post a reminder the day before"]),
        (replace(USUAL, win_emoji="trophy"), ["Emoji for wins: none → :trophy:"]),
        (
            replace(USUAL, editions=frozenset(Edition), joins_workspace_roundup=True),
            [
                "Also: nothing → Look back every month, Look back every quarter, Look back every year, and Let the "
                "workspace roundup include this channel's wins"
            ],
        ),
        (
            replace(USUAL, manager_ids=frozenset(NAMES)),
            ["Who else can change these settings: Ben → Ben and Chloe"],
        ),
        (replace(USUAL, manager_ids=frozenset()), ["Who else can change these settings: Ben → no one"]),
    ],
)
def test_each_field_is_told_alone(after: ChannelSettings, lines: list[str]) -> None:
    said, *fields = told(USUAL, after).replace("_", "").split("\n")
    assert fields == lines
    assert said == ("Ben changed the roundup settings." if lines else "Ben saved the settings without changes.")


@some
@given(setups, setups)
def test_only_fields_with_another_value_are_told(before: ChannelSettings, after: ChannelSettings) -> None:
    old, new = (settings_fields(ENGLISH, each, NAMES, channel_id="C1", now=NOW) for each in (before, after))
    lines = changed_fields(old, new)
    differ = [label for label, field in new.items() if old.get(label) != field]
    assert [line.split(":_")[0][1:] for line in lines] == differ
    assert describe_schedule(ENGLISH, after.schedule, now=NOW) not in told(before, after)
    assert changed_fields(new, new) == []


@some
@given(defaults, defaults)
def test_only_changed_defaults_are_told(before: WorkspaceDefaults, after: WorkspaceDefaults) -> None:
    one = replace(before, local_time=after.local_time)
    lines = changed_fields(defaults_fields(ENGLISH, before), defaults_fields(ENGLISH, one))
    assert len(lines) == (before.local_time != one.local_time)
