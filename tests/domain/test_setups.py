"""A channel's settings: written down as JSON and read back, and what a workspace proposes."""

import json
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.channel_settings import ChannelSettings, QuietPolicy, WorkspaceDefaults
from bot.domain.editions import Edition
from bot.domain.recurrence import Daily
from bot.domain.schedules import Schedule
from tests.domain.test_schedules import rules, schedules
from tests.examples import examples

user_ids = st.integers(1, 40).map("U{:03}".format)
setups = st.builds(
    ChannelSettings,
    st.one_of(schedules, schedules.map(lambda schedule: schedule.paused(None)), schedules.map(Schedule.turned_off)),
    target_channel_id=st.sampled_from([None, "C2"]),
    quiet_policy=st.sampled_from(QuietPolicy),
    wants_reminder=st.booleans(),
    manager_ids=st.frozensets(user_ids, max_size=4),
    win_emoji=st.sampled_from([None, "trophy"]),
    editions=st.frozensets(st.sampled_from(Edition)),
    joins_workspace_roundup=st.booleans(),
)
defaults = st.builds(
    WorkspaceDefaults,
    rules,
    local_time=schedules.map(lambda schedule: schedule.local_time),
    zone=st.one_of(st.none(), schedules.map(lambda schedule: schedule.zone)),
    quiet_policy=st.sampled_from(QuietPolicy),
    roundup_channel_id=st.sampled_from([None, "C3"]),
)
any_of_them = settings(max_examples=examples(100), derandomize=True, database=None, deadline=None)


@any_of_them
@given(setups)
def test_settings_are_read_back_as_they_were_written(setup: ChannelSettings) -> None:
    assert ChannelSettings.from_json(json.loads(json.dumps(setup.to_json()))) == setup


@any_of_them
@given(defaults)
def test_defaults_are_read_back_as_they_were_written(chosen: WorkspaceDefaults) -> None:
    assert WorkspaceDefaults.from_json(json.loads(json.dumps(chosen.to_json()))) == chosen


@any_of_them
@given(defaults, st.sampled_from([None, "Asia/Kolkata"]))
def test_what_is_proposed_is_in_the_workspace_s_zone_or_that_of_whoever_is_asked(
    chosen: WorkspaceDefaults, own: str | None
) -> None:
    made = chosen.default_settings(zone=own, today=date(2030, 3, 4))
    assert made.schedule.zone == (chosen.zone or own or "UTC")
    assert (made.schedule.rule, made.schedule.local_time, made.quiet_policy) == (
        chosen.rule,
        chosen.local_time,
        chosen.quiet_policy,
    )
    assert (made.target_channel_id, made.wants_reminder, made.manager_ids) == (None, False, frozenset())


@any_of_them
@given(setups)
def test_only_a_daily_roundup_has_no_line_on_the_day_before(setup: ChannelSettings) -> None:
    assert setup.sends_reminder is (setup.wants_reminder and not isinstance(setup.schedule.rule, Daily))
