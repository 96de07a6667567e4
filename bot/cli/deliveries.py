"""`winsome deliveries`: what the bot owes Slack, or could not deliver, and why; works beside a running bot."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import Connection

from bot.domain.deliveries import DeliveryState
from bot.services.deliveries import resolve
from bot.storage import deliveries
from bot.storage.database import engine
from bot.storage.deliveries import Delivery

STATE_HELP = {
    DeliveryState.PENDING: "certainly not posted; it is waiting for its turn",
    DeliveryState.SENDING: "under way",
    DeliveryState.UNKNOWN: "may be posted; the bot looks for it once the settle time has passed",
    DeliveryState.NEEDS_REVIEW: (
        "may be posted, and the bot may not read the channel to look. Look yourself, then --there or --post"
    ),
    DeliveryState.REJECTED: "certainly not posted: Slack refuses it. Mend the reason, then --post",
}
"""What each state means that somebody may have to do something about."""


class CannotRelease(Exception):
    """A delivery that can't be released; `args` say why."""


def list_stuck(url: str, *, now: datetime) -> Iterator[str]:
    """Yield a line for each delivery that is not through, the oldest first, from the database at `url`."""
    with _connect(url, writes=False) as connection:
        stuck = deliveries.in_states(connection, list(STATE_HELP))
    for delivery in stuck:
        age = int((now - delivery.created_at).total_seconds())
        error = f" ({delivery.error})" if delivery.error else ""
        channel = f"{delivery.team_id}/{delivery.channel_id}"
        yield (
            f"{delivery.key}  {delivery.kind:<12}  {channel}  {delivery.state}{error}  {_age_text(age)} old, "
            f"{_attempts_text(delivery)}: {STATE_HELP[delivery.state]}"
        )


def release(url: str, key: str, *, is_posted: bool, now: datetime) -> None:
    """Say of a delivery that it is there, or have it posted. Raises NotReleased."""
    with _connect(url, writes=True) as connection:
        delivery = deliveries.by_key_any_team(connection, key)
        if delivery is None:
            raise CannotRelease(
                f"No delivery has the key {key}. `winsome deliveries` lists those that are not through."
            )
        if not resolve(connection, delivery, is_posted=is_posted, actor=None, now=now):
            allowed = "held can be said to be there" if is_posted else "held or parked can be posted again"
            raise CannotRelease(f"This delivery is {delivery.state}. Only one that is {allowed}. Nothing has changed.")


@contextmanager
def _connect(url: str, *, writes: bool) -> Iterator[Connection]:
    database_engine = engine(url, writes=writes)
    try:
        with database_engine.begin() as connection:
            yield connection
    finally:
        database_engine.dispose()


def _attempts_text(delivery: Delivery) -> str:
    return {0: "not tried yet", 1: "tried once"}.get(delivery.attempts, f"tried {delivery.attempts} times")


def _age_text(seconds: int) -> str:
    for unit, name in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= 2 * unit:
            return f"{seconds // unit} {name}"
    return f"{max(0, seconds)} s"
