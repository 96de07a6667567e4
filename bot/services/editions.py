"""Editions: choosing what a look back tells, and storing and enqueuing it once for each period."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot.domain.edition_composition import KIND_OF_EDITION, MIN_THEMES, Candidate, ToldAgain, compose
from bot.domain.editions import Edition, due_on, next_due, period_before
from bot.domain.win_size import max_line_bytes
from bot.domain.wins import Win
from bot.services.roundups import abandon, target_of
from bot.storage import due_channels, editions, users
from bot.storage.channels import Channel


class Due(NamedTuple):
    """When (UTC) editions are due, and the local date that their periods end before."""

    at: datetime
    day: date


def create_due(connection: Connection, *, team_id: str, channel_id: str, grace: timedelta, now: datetime) -> str | None:
    """Store a channel's editions that are due, enqueue their messages, and set when the next ones are due.

    Returns the channel that they are posted in, or None if there is nothing to post: a quiet period has no edition.
    Those whose date is longer ago than `grace` are abandoned at once, and the owner gets an alert.
    """
    channel = due_channels.claim_edition(connection, team_id, channel_id, now)
    if channel is None:
        return None
    dues = _dues(channel, now)
    due_channels.advance_edition(connection, channel, now=now)
    assert channel.settings is not None, "a channel that gets editions is set up"
    is_any = False
    for due in dues:
        chosen = [each for each in Edition if each in channel.settings.editions and due_on(each, due.day)]
        for roundup_id in filter(None, [_create(connection, channel, each, due, now=now) for each in chosen]):
            is_any = True
            if now - due.at > grace:
                abandon(connection, roundup_id, now=now)
    return target_of(channel) if is_any else None


def _dues(channel: Channel, now: datetime) -> list[Due]:
    """Return when the editions are due that are to be created `now`: on several dates if the bot was off for long."""
    assert channel.edition_due_at is not None, "a channel that is due has a date"
    assert channel.settings is not None, "a channel that gets editions is set up"
    schedule = channel.schedule
    dues = [Due(channel.edition_due_at, _first_of_month(channel.edition_due_at, schedule.zone))]
    while True:
        later = next_due(
            channel.settings.editions, local_time=schedule.local_time, zone=schedule.zone, after=dues[-1].at
        )
        if later is None or later[0] > now:
            return dues
        dues.append(Due(later[0], _first_of_month(later[0], schedule.zone)))


def _first_of_month(moment: datetime, zone: str) -> date:
    """Return the first of the month that a moment falls on, or nearly so: a zone may have been changed since."""
    return (moment.astimezone(ZoneInfo(zone)).date() + timedelta(days=1)).replace(day=1)


def _create(connection: Connection, channel: Channel, edition: Edition, due: Due, *, now: datetime) -> int | None:
    """Store an edition and return its id; None for a quiet period, or one that was looked back at before."""
    starts_on, ends_on = period_before(edition, due.day)
    kind = KIND_OF_EDITION[edition]
    if editions.exists(connection, channel, kind, starts_on):
        return None
    start, end = (_midnight(day, channel.schedule.zone) for day in (starts_on, ends_on))
    themes = editions.themes_of(connection, channel, start, end) if edition is Edition.QUARTERLY else []
    if len(themes) < MIN_THEMES:
        themes = []
    told = _compose(connection, channel, start, end, starts_on=starts_on, themes=themes)
    if not told:
        return None
    roundup_id = editions.create(
        connection,
        channel,
        kind,
        told,
        target_channel_id=target_of(channel),
        due_at=due.at,
        starts_on=starts_on,
        now=now,
    )
    if themes:
        editions.add_themes(connection, channel, roundup_id, themes, start=start, end=end, first=len(told))
    return roundup_id


def _compose(
    connection: Connection,
    channel: Channel,
    start: datetime,
    end: datetime,
    *,
    starts_on: date,
    themes: Sequence[str],
) -> list[ToldAgain]:
    found = editions.candidates(connection, channel.team_id, [channel.channel_id], start, end)
    climb_ids = {win.climb.id for win in found if win.climb is not None}
    reached = editions.reached_between(connection, climb_ids, start=start, end=end)
    measured = measure(connection, channel.team_id, found)
    return compose(measured, reached=reached, starts_on=starts_on, themes=themes)


def measure(connection: Connection, team_id: str, found: list[Win]) -> list[Candidate]:
    """Return these wins with the most bytes that their lines take."""
    names = users.names(connection, team_id, {user_id for win in found for user_id in win.user_ids})
    return [Candidate(win, max_line_bytes(win, names)) for win in found]


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)
