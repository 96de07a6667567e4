"""`winsome deliveries`: lists messages that are pending or stuck, and why. It works beside a running bot."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from bot.domain.deliveries import DeliveryKind, DeliveryState
from bot.services.resolving import resolve
from bot.storage import deliveries, refusals, time_limits
from bot.storage.database import engine
from bot.storage.deliveries import Delivery
from bot.storage.schema import DatabaseUnusable

KIND_WIDTH = max(map(len, DeliveryKind))
STATE_HELP = {
    DeliveryState.PENDING: "not posted; waiting for its turn",
    DeliveryState.SENDING: "being sent",
    DeliveryState.UNKNOWN: "may be posted; the bot searches Slack for it after SETTLE_SECONDS",
    DeliveryState.NEEDS_REVIEW: (
        "may be posted, and the bot can't read the channel to check. Check yourself, then use --there or --post"
    ),
    DeliveryState.REJECTED: "not posted: Slack rejected it. Fix the reason, then use --post",
}
"""What each state that may need someone's attention means."""
REFUSED_CHANGE_HELP = (
    "posted, but Slack refused to update or delete it. Fix the reason, then use --post to try again, or --there to "
    "leave it as it is"
)


class CannotResolve(Exception):
    """The delivery can't be resolved; `args` say why."""


def list_stuck(url: str, *, now: datetime) -> Iterator[str]:
    """Yield a line for each pending or stuck delivery in the database at `url`, the oldest first.

    Posted ones that Slack refused to update or delete come last. Raises DatabaseUnusable.
    """
    with _connect(url, writes=False) as connection:
        stuck = [*deliveries.in_states(connection, list(STATE_HELP)), *refusals.refused_changes(connection)]
    for delivery in stuck:
        age = int((now - delivery.created_at).total_seconds())
        error = f" ({delivery.error})" if delivery.error else ""
        channel = f"{delivery.team_id}/{delivery.channel_id}"
        yield (
            f"{delivery.key}  {delivery.kind:<{KIND_WIDTH}}  {channel}  {delivery.state}{error}  {_age_text(age)} old, "
            f"{_attempts_text(delivery)}: {STATE_HELP.get(delivery.state, REFUSED_CHANGE_HELP)}"
        )


def resolve_stuck(url: str, key: str, *, is_posted: bool, now: datetime) -> None:
    """Mark a delivery as posted, or requeue it. Raises CannotResolve or DatabaseUnusable."""
    with _connect(url, writes=True) as connection:
        delivery = deliveries.by_key_any_team(connection, key)
        if delivery is None:
            raise CannotResolve(
                f"No delivery has the key {key}. `winsome deliveries` lists those that are pending or stuck."
            )
        if not resolve(connection, delivery, is_posted=is_posted, actor=None, now=now):
            option, other = ("--there", "unknown") if is_posted else ("--post", "rejected")
            states = f"needs_review and {other}, and for posted ones that Slack refused to update or delete"
            raise CannotResolve(f"This delivery is in state {delivery.state}, but {option} is for {states}.")


@contextmanager
def _connect(url: str, *, writes: bool) -> Iterator[Connection]:
    database_engine = engine(url, writes=writes)
    try:
        with time_limits.limited(database_engine), database_engine.begin() as connection:
            yield connection
    except (DBAPIError, sqlite3.Error) as error:  # the latter when SQLite's connection is prepared
        raise DatabaseUnusable(error) from error
    finally:
        database_engine.dispose()


def _attempts_text(delivery: Delivery) -> str:
    return {0: "not tried yet", 1: "tried once"}.get(delivery.attempts, f"tried {delivery.attempts} times")


def _age_text(seconds: int) -> str:
    for unit, name in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= 2 * unit:
            return f"{seconds // unit} {name}"
    return f"{max(0, seconds)} s"
