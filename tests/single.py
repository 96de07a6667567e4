"""For one message, roundup or lane what the bot does for many at once: most tests are about one."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from bot.domain.roundup_composition import Section
from bot.domain.roundups import RoundupPart
from bot.outbox.render import LoadedMessage, ToLoad, load_each
from bot.outbox.results import SentPost, save_posts
from bot.slack.outcomes import Outcome
from bot.storage.channels import Channel
from bot.storage.deliveries import Attempt, Delivery, Lane, mark_each_sending
from bot.storage.lanes import Wanted, next_in_lanes
from bot.storage.roundup_items import ToldWins, assign_each
from bot.storage.roundups import NewRoundup, create_each, load_parts


def create_roundup(
    connection: Connection, channel: Channel, parts: Sequence[Sequence[int]], *, now: datetime, **more: Any
) -> int:
    """Store a roundup of these wins (ids, by part) and return its id; `more` is as in NewRoundup."""
    return create_each(connection, [NewRoundup(channel, parts, **more)], now=now)[0]


def assign_wins(
    connection: Connection,
    team_id: str,
    roundup_id: int,
    parts: Sequence[Sequence[int]],
    sections: Mapping[int, Section] | None = None,
) -> None:
    """Give each win (its id, by part) its place in a roundup."""
    assign_each(connection, [ToldWins(team_id, roundup_id, parts, sections or {})])


def load_part(connection: Connection, roundup_id: int, number: int) -> RoundupPart | None:
    """Read one part of a roundup as it is to be shown now; None if the roundup is gone."""
    return load_parts(connection, [(roundup_id, number)]).get((roundup_id, number))


def load_message(connection: Connection, delivery: Delivery, *, now: datetime) -> LoadedMessage:
    """Read what a delivery is about."""
    return load_each(connection, [ToLoad(delivery, now)])[0]


def next_in_lane(
    connection: Connection, lane: Lane, *, excluded_ids: Collection[int] = (), oldest_first: bool = False
) -> Delivery | None:
    """Return the next delivery of a lane."""
    return next_in_lanes(connection, [Wanted(lane, excluded_ids, oldest_first=oldest_first)])[0]


def mark_sending(connection: Connection, delivery: Delivery, *, now: datetime) -> bool:
    """Store the intent to post; False if the delivery was changed since it was read."""
    return mark_each_sending(connection, [Attempt(delivery, now)])[0]


def save_post(connection: Connection, delivery: Delivery, outcome: Outcome, *, now: datetime) -> None:
    """Store the outcome of a post."""
    save_posts(connection, [SentPost(delivery, outcome, now)])
