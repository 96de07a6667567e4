"""In each state of a channel, every screen says that state, and none says another."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import product
from typing import Any

import pytest

from bot.domain.audit_log import Unavailability
from bot.domain.channel_settings import ChannelSettings
from bot.domain.channel_state import ChannelState, channel_state
from bot.domain.home import ChannelStatus
from bot.domain.permissions import ChannelRoles
from bot.domain.recurrence import Weekday, Weekly
from bot.domain.roundups import RoundupPart
from bot.domain.schedules import Schedule
from bot.domain.settings_form import from_settings
from bot.domain.wins import Cheerers
from bot.views import offer, pause, preview, settings_form
from bot.views.channel_status import channel_status
from bot.views.help import HelpContext, help_text
from bot.views.translations import ENGLISH
from tests.views.sample_data import KnownChannel

NOW = datetime(2030, 3, 8, 15, 0, tzinfo=UTC)
TODAY = NOW.date()
NEXT = NOW + timedelta(days=7)
FRIDAYS = Schedule(Weekly((Weekday.FRIDAY,)), date(2030, 1, 1), time(16), "Europe/Berlin")
SCHEDULES: dict[ChannelState, Schedule | None] = {
    ChannelState.NOT_SET_UP: None,
    ChannelState.ON: FRIDAYS,
    ChannelState.PAUSED_UNTIL: FRIDAYS.paused(date(2030, 4, 1)),
    ChannelState.PAUSED: FRIDAYS.paused(None),
    ChannelState.OFF: FRIDAYS.paused(date(2030, 4, 1)).turned_off(),
}
AWAY = {
    ChannelState.NOT_MEMBER: Unavailability.REMOVED,
    ChannelState.ARCHIVED: Unavailability.ARCHIVED,
    ChannelState.DELETED: Unavailability.DELETED,
}
SAID = {
    ChannelState.NOT_MEMBER: "I'm not in this channel, so it gets no roundups.",
    ChannelState.ARCHIVED: "This channel is archived, so it gets no roundups.",
    ChannelState.DELETED: "This channel was deleted.",
    ChannelState.NOT_SET_UP: "This channel doesn't have a roundup yet.",
    ChannelState.ON: "Next roundup: ",
    ChannelState.PAUSED_UNTIL: "Roundups are paused until April 1.",
    ChannelState.PAUSED: "Roundups are paused.",
    ChannelState.OFF: "Roundups are off.",
}
NEVER_BESIDE = (*SAID.values(), "Roundups are back on", "I'll post a roundup", "on hold")
BESIDE = {
    ChannelState.ON: ("Roundups are back on", "I'll post a roundup"),
    ChannelState.PAUSED_UNTIL: ("Next roundup: ",),
}
"""What may be said in a state beside the words for it."""
CASES = [
    *((state, KnownChannel(None if schedule is None else ChannelSettings(schedule), _due))
      for state, schedule in SCHEDULES.items()
      for _due in [NEXT if state in (ChannelState.ON, ChannelState.PAUSED_UNTIL) else None]),
    *((state, KnownChannel(None if schedule is None else ChannelSettings(schedule), None, reason))
      for (state, reason), schedule in product(AWAY.items(), SCHEDULES.values())),
    (ChannelState.NOT_MEMBER, None),
    (ChannelState.ON, KnownChannel(ChannelSettings(FRIDAYS.paused(TODAY)), NEXT)),
]  # fmt: skip
"""Each state with the channels that are in it; None is one that the bot doesn't see."""


def texts(value: Any) -> str:
    """All that a message or view says."""
    return json.dumps(value, ensure_ascii=False)


def on_home(channel: KnownChannel | None) -> Any:
    if channel is None:
        return None
    status = ChannelStatus(
        "C1", channel.settings, channel.unavailable_reason, channel.next_due_at, "U1", False, may_change=True
    )
    return channel_status(ENGLISH, status, zone="UTC", now=NOW)


def form_page(channel: KnownChannel) -> settings_form.Form:
    settings = channel.settings or ChannelSettings(FRIDAYS)
    return settings_form.Form(
        channel_id="C1",
        channel=channel,
        stored_schedule=settings.schedule,
        data=from_settings(settings, channel_id="C1", today=TODAY),
        settings=settings,
        dates=[channel.next_due_at] if channel.next_due_at else [],
        own_zone=None,
        may_name_managers=True,
        roles=ChannelRoles("U1", "U1" if channel.settings else None),
        last_change=None,
        warnings=settings_form.warnings(ENGLISH, channel, None, [], now=NOW),
        now=NOW,
    )


def in_form(channel: KnownChannel | None) -> Any:
    if channel is None:
        return settings_form.no_access_modal(ENGLISH, [], now=NOW)
    return settings_form.form(ENGLISH, form_page(channel), {}, private_metadata="")


def to_read(channel: KnownChannel | None) -> Any:
    if channel is None:
        return settings_form.no_access_modal(ENGLISH, [], now=NOW)
    return settings_form.settings(ENGLISH, form_page(channel), {})


def in_preview(channel: KnownChannel | None) -> Any:
    next_due_at = channel.next_due_at if channel else None
    part = RoundupPart("C1", "C1", NOW, next_due_at, "UTC", False, 0, 1, 1, (), Cheerers())
    return preview.preview(ENGLISH, [part], {}, channel=channel, permalink=lambda *_: "", now=NOW)


def accepted(channel: KnownChannel | None) -> Any:
    if channel is None or channel.settings is None or channel.settings.schedule != FRIDAYS:
        return None  # a schedule is offered without a pause
    return offer.offer_accepted(ENGLISH, channel, channel.settings.schedule, now=NOW)


def came_too_late(channel: KnownChannel | None) -> Any:
    if channel is None or channel.settings is None:
        return None
    return offer.already_configured(ENGLISH, channel, channel.settings.schedule, now=NOW)


def asked_how_long(channel: KnownChannel | None) -> Any:
    if channel is None or channel.settings is None:
        return None
    return pause.ask_which_pause(ENGLISH, channel, channel.settings.schedule, now=NOW)


Screen = Callable[[KnownChannel | None], Any]
SCREENS: Mapping[str, Screen] = {
    "home": on_home,
    "form": in_form,
    "settings to read": to_read,
    "preview": in_preview,
    "preview without wins": lambda channel: preview.no_wins(ENGLISH, channel, now=NOW),
    "posted": lambda channel: preview.posted(ENGLISH, 1, channel, now=NOW),
    "nothing can be posted": lambda channel: channel and preview.cannot_post(ENGLISH, channel, now=NOW),
    "help": lambda channel: help_text(ENGLISH, HelpContext(channel, may_change=True), now=NOW),
    "offer accepted": accepted,
    "offer that came too late": came_too_late,
    "pause": asked_how_long,
    "paused": lambda channel: channel and pause.paused(ENGLISH, channel, now=NOW),
    "already paused": lambda channel: channel and pause.already_paused(ENGLISH, channel, now=NOW),
    "resumed": lambda channel: channel and pause.resumed(ENGLISH, channel, now=NOW),
    "nothing to skip": lambda channel: channel and pause.nothing_to_skip(ENGLISH, channel, now=NOW),
    "no longer next": lambda channel: channel and pause.no_longer_next(ENGLISH, channel, now=NOW),
    "no roundup to pause": lambda channel: pause.not_set_up(ENGLISH, channel, now=NOW),
}
SAYS_DATES_OTHERWISE = ("form", "settings to read", "preview", "offer accepted")
"""These don't say "Next roundup": they have its date elsewhere."""


@pytest.mark.parametrize(("state", "channel"), CASES)
def test_each_screen_says_the_state_and_no_other(state: ChannelState, channel: KnownChannel | None) -> None:
    assert channel_state(channel, NOW) is state
    for screen, show in SCREENS.items():
        shown = show(channel)
        if shown is not None:  # else it is not shown for this channel
            check_state(state, texts(shown), screen)


def check_state(state: ChannelState, text: str, screen: str) -> None:
    if not (state is ChannelState.ON and screen in SAYS_DATES_OTHERWISE):
        assert SAID[state] in text, screen
    others = [words for words in NEVER_BESIDE if words != SAID[state] and words not in BESIDE.get(state, ())]
    if screen in ("form", "settings to read") and state in AWAY:
        # The form also shows what was chosen, for when the bot can post there.
        others = [words for words in others if words not in (SAID[each] for each in SCHEDULES)]
    assert [words for words in others if words in text] == [], screen


@pytest.mark.parametrize("channel", [KnownChannel(None, None, Unavailability.REMOVED), None], ids=str)
def test_who_is_told_to_invite_the_bot_is_not_told_what_works_only_after_that(channel: KnownChannel | None) -> None:
    text = texts(help_text(ENGLISH, HelpContext(channel, may_change=True), now=NOW))
    assert "/invite @Winsome" in text
    assert "/wins setup" not in text
    assert "/wins post" not in text


@pytest.mark.parametrize("channel", [channel for state, channel in CASES if state in AWAY], ids=str)
def test_where_the_bot_cannot_post_the_help_offers_no_post(channel: KnownChannel | None) -> None:
    assert "/wins post" not in texts(help_text(ENGLISH, HelpContext(channel, may_change=True), now=NOW))


@pytest.mark.parametrize("reason", AWAY.values())
def test_only_a_deleted_channel_has_no_settings_on_home(reason: Unavailability) -> None:
    shown = texts(on_home(KnownChannel(ChannelSettings(FRIDAYS), None, reason)))
    assert ("Edit settings" in shown) is (reason is not Unavailability.DELETED)


def test_only_who_can_save_reads_so() -> None:
    channel = KnownChannel(None, None, Unavailability.REMOVED)
    assert "You can still save" in texts(in_form(channel))
    assert "save" not in texts(to_read(channel))


def test_every_state_has_a_case() -> None:
    assert {state for state, _ in CASES} == set(ChannelState)


@pytest.mark.parametrize("state", [ChannelState.PAUSED, ChannelState.PAUSED_UNTIL])
def test_the_form_of_a_paused_channel_offers_to_resume(state: ChannelState) -> None:
    schedule = SCHEDULES[state]
    assert schedule is not None
    form = in_form(KnownChannel(ChannelSettings(schedule)))
    (field,) = (block["element"] for block in form["blocks"] if block.get("block_id") == "state")
    labels = [option["text"]["text"] for option in field["options"]]
    assert labels[0] == "Resume now"
    assert field["initial_option"]["text"]["text"] == labels[1]
    assert labels[1].startswith("Paused until")
    assert labels[2].startswith("Off")


def test_off_replaces_a_pause() -> None:
    off = FRIDAYS.paused(date(2030, 4, 1)).turned_off()
    assert off.resumed() == FRIDAYS
    assert replace(off, is_off=False) == FRIDAYS
