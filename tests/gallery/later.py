"""The gallery's messages after the roundup: looks back at a month, a quarter and a year, and the note."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from bot.domain.channel_settings import ChannelSettings
from bot.domain.deliveries import DeliveryKind
from bot.domain.editions import Edition
from bot.services import credit_notes, editions, look_backs, roundups
from bot.storage import channels, preferences, tables
from bot.storage import credit_notes as note_queries
from bot.views.format import Message
from tests.gallery.weeks import (
    CHANNEL,
    FRIDAY,
    GRACE,
    HEART,
    MONDAY,
    SCHEDULE,
    TADA,
    TEAM,
    WeekAsItHappens,
    busy,
    posted,
    user_id,
)

WEEK = timedelta(days=7)
APRIL_1, NEW_YEAR = datetime(2030, 4, 1, 14, tzinfo=UTC), datetime(2031, 1, 1, 15, tzinfo=UTC)
NEXT_MONDAY = datetime(2030, 3, 11, 8, tzinfo=UTC)
A_YEAR_LATER = MONDAY + timedelta(days=366)


def _january(week: WeekAsItHappens) -> list[int]:
    first = week.says("Ana", "measured where the build spends its time #speed", cheered_by="Ben")
    week.says("Dmitri", "wrote down how to restore the database, because no one had #docs", cheered_by="Ana, Greta")
    week.says("Greta", "the support queue is empty for the first time since autumn #support", cheered_by="Hugo")
    week.says("Jun", "asked my first question in the channel, and got four answers #docs")
    return [first]


def _february(week: WeekAsItHappens) -> list[int]:
    second = week.says("Ben", "cached what never changes: 14 minutes became 9 #speed", cheered_by="Ana, Chloe")
    week.says("Esra", "the page about on-call that I wished I'd had in January #docs", cheered_by="Farid", source=HEART)
    week.says(
        "Hugo", "said no to a third report, and the customer was happy with two #support", thanks="Greta: backing me up"
    )
    week.says("Chloe", "the workshop was too long for everyone, me included #learned", cheered_by="Ana", source=HEART)
    return [second]


def _march(week: WeekAsItHappens) -> list[int]:
    week.says("Farid", "no alerts at night all week #oncall")
    week.says("Greta", "handed the pager over with a list of two lines #oncall", cheered_by="Ana")
    week.says("Ben", "talked the vendor down by a third", thanks="Ana: staying on the call until ten")
    last = week.says(
        "Ana", "split the tests in two: 6 minutes, as we promised #speed", cheered_by="Ben, Jun", source=TADA
    )
    week.says("Ines", "the importer's tests run without a network now #speed", cheered_by="Jun, Esra")
    week.says("Dmitri", "my second pull request is merged", cheered_by="Ana, Ben", thanks="Chloe: a patient review")
    return [last]


def _looks_back(connection: Connection, edition: Edition, at: datetime) -> list[Message]:
    """Let three months pass, and return the look back that comes then."""
    months = [(_january, MONDAY - 7 * WEEK), (_february, MONDAY - 3 * WEEK), (_march, MONDAY)]
    steps = []
    for happens, monday in months:
        week = WeekAsItHappens(connection, monday)
        steps += happens(week)
    week.climbs("Faster builds", steps, is_reached=True)
    channel = channels.lock(connection, TEAM, CHANNEL)
    settings = ChannelSettings(SCHEDULE, editions=frozenset({edition}))
    channels.save_settings(connection, channel, settings, user_id=user_id("Ana"), now=at - WEEK)
    editions.create_due(connection, team_id=TEAM, channel_id=CHANNEL, grace=GRACE, now=at)
    return posted(connection, tables.deliveries.c.kind == DeliveryKind.EDITION, at=at)


def _note(connection: Connection) -> list[Message]:
    """Let a busy week be told, and return the note to Ana on Monday."""
    busy(WeekAsItHappens(connection))
    roundups.create_due(connection, channel_keys=[(TEAM, CHANNEL)], grace=GRACE, now=FRIDAY)
    posted(connection, tables.deliveries.c.kind == DeliveryKind.ROUNDUP, at=FRIDAY)
    for roundup in note_queries.posted_without_notes(connection, limit=9):
        credit_notes.add_due(connection, [roundup], now=FRIDAY)
    credit_notes.send_due(connection, TEAM, user_id("Ana"), now=NEXT_MONDAY)
    return posted(connection, tables.deliveries.c.kind == DeliveryKind.CREDIT_NOTE, at=NEXT_MONDAY)


def _a_year_ago(connection: Connection) -> list[Message]:
    """Return the look back to Ana at a win of hers."""
    busy(WeekAsItHappens(connection))
    preferences.set_look_back(connection, TEAM, user_id("Ana"), wants_look_back=True)
    look_backs.send_due(connection, TEAM, user_id("Ana"), now=A_YEAR_LATER)
    return posted(connection, tables.deliveries.c.kind == DeliveryKind.LOOK_BACK, at=A_YEAR_LATER)


@dataclass(frozen=True)
class Later:
    """An example: its file's name, its title, and what makes its messages in a fresh workspace."""

    name: str
    title: str
    messages: Callable[[Connection], list[Message]]


LATER = (
    Later("month", "A look back at a month", lambda connection: _looks_back(connection, Edition.MONTHLY, APRIL_1)),
    Later(
        "quarter", "A look back at a quarter", lambda connection: _looks_back(connection, Edition.QUARTERLY, APRIL_1)
    ),
    Later("year", "A look back at a year", lambda connection: _looks_back(connection, Edition.YEARLY, NEW_YEAR)),
    Later("note", "The note to Ana after a busy week", _note),
    Later("a-year-ago", "One of Ana's wins, a year later", _a_year_ago),
)
