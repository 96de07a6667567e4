"""Schedules, channels and a win of each kind, which samples.py shows in every view."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from bot.domain.audit_log import Unavailability
from bot.domain.channel_settings import (
    ChannelSettings,
    QuietPolicy,
)
from bot.domain.recurrence import Daily, MonthlyOnDay, MonthlyOnWeekday, Rule, Weekday, Weekly
from bot.domain.schedules import Schedule
from bot.domain.wins import Cheerers, Mention, MessageSource, Win, WinKind

NOW = datetime(2030, 3, 8, 15, 0, tzinfo=UTC)
TODAY = NOW.date()
WEEK = timedelta(days=7)
ZONE = "Europe/Berlin"
NAMES = {f"U{number}": "αβγδεζηθικλμν"[number] * 3 for number in range(12)}
ANA, BEN = Mention("U0"), Mention("U1")
FRIDAYS = Schedule(Weekly((Weekday.FRIDAY,)), date(2030, 1, 1), time(16), ZONE)
SETTINGS = ChannelSettings(FRIDAYS)
LINE = replace(SETTINGS, quiet_policy=QuietPolicy.LINE, wants_reminder=True, target_channel_id="C2", win_emoji="trophy")
RULES: list[Rule] = [
    Daily(),
    Daily(tuple(Weekday)[:5]),
    Weekly((Weekday.MONDAY, Weekday.FRIDAY)),
    *(Weekly((Weekday.FRIDAY,), every) for every in (2, 3)),
    *(MonthlyOnDay(day, every) for day, every in ((1, 1), (2, 2), (3, 3), (4, 12), (31, 1))),
    *(MonthlyOnWeekday(nth, Weekday.FRIDAY) for nth in (1, 2, 3, 4, -1)),
]
SCHEDULES = [
    *(replace(FRIDAYS, rule=rule) for rule in RULES),
    FRIDAYS.paused(None),
    FRIDAYS.turned_off(),
    FRIDAYS.paused(date(2030, 5, 1)),
    replace(FRIDAYS, starts_on=date(2031, 12, 1)),
    FRIDAYS.skipping(date(2030, 3, 15)),
    FRIDAYS.skipping(*(date(2030, 3, day) for day in (15, 22, 29)), date(2030, 4, 5)),
    FRIDAYS.skipping(*(date(2030, 4, day) for day in (5, 12, 19, 26)), date(2030, 5, 3)),
]


@dataclass(frozen=True)
class KnownChannel:
    """A channel, as far as its next roundup depends on it."""

    settings: ChannelSettings | None
    next_due_at: datetime | None = None
    unavailable_reason: Unavailability | None = None


CHANNELS = [
    None,
    KnownChannel(None),
    KnownChannel(SETTINGS, NOW + WEEK),
    KnownChannel(LINE, NOW + WEEK),
    KnownChannel(SETTINGS, NOW + WEEK, Unavailability.REMOVED),
    KnownChannel(SETTINGS, None, Unavailability.ARCHIVED),
    KnownChannel(SETTINGS, None, Unavailability.DELETED),
    KnownChannel(SETTINGS.with_schedule(FRIDAYS.paused(None))),
    KnownChannel(SETTINGS.with_schedule(FRIDAYS.paused(date(2030, 5, 1))), NOW + 8 * WEEK),
    KnownChannel(SETTINGS.with_schedule(FRIDAYS.turned_off())),
    KnownChannel(SETTINGS),
]


def link(channel_id: str, ts: str) -> str:
    return f"https://acme.slack.com/archives/{channel_id}/p{ts}"


def win(channel_id: str | None = "C1", cheers: int = 0, author: Mention = ANA) -> Win:
    text, cheered_by = "έργο", Cheerers.of(tuple(NAMES)[:cheers])
    ts, is_private = "1900000000.000001", channel_id is None
    return Win(1, "T1", channel_id, author, text, (BEN,), NOW, False, ts, cheered_by, is_private=is_private)


def held_wins() -> tuple[Win, ...]:
    """A win that waits for the people in it, and one that has waited in vain."""
    held = replace(win(), message_ts=None)
    return replace(held, held_until=NOW + WEEK), replace(held, held_until=NOW)


def full_wins() -> tuple[Win, ...]:
    """Wins with all that the form can add, for oneself and for others."""
    thanked = tuple(Mention(f"U{number}") for number in range(2, 7))
    source = MessageSource("C1", "1900000000.000002")
    own = replace(win(), thanked=thanked[:1], tags=("ετικέτα",), url="https://παράδειγμα.ελ/α", source=source)
    told = replace(own, is_own=False, kind=WinKind.LEARNING, reason="λόγος", thanked=thanked, url=None)
    joined = replace(own, credited=(BEN, *thanked), joined=thanked[:2], thanked=thanked, reason="", source=None)
    learning = replace(win(), kind=WinKind.LEARNING, credited=())
    return own, told, joined, learning


def wins_with_unnamed_people() -> tuple[Win, ...]:
    """Wins in which others don't read every name: of one person or several, in the text, beside it and thanked."""
    unnamed = tuple(Mention(f"U{number}", is_unnamed=True) for number in range(5, 8))
    own = replace(win(), text="έργο <@U5>", credited=(BEN, *unnamed), thanked=unnamed[:1])
    told = replace(win(), is_own=False, credited=unnamed[:1], thanked=unnamed[1:], reason="<@U6> λόγος <@U7>")
    joined = replace(told, credited=(BEN, *unnamed), joined=unnamed[2:], kind=WinKind.LEARNING)
    return own, told, replace(told, credited=unnamed[:2]), joined
