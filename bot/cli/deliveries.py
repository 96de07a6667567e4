"""`winsome deliveries`: what the bot owes Slack, or could not deliver, and why; works beside a running bot."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import Connection

from bot.services import owner_alerts
from bot.storage import deliveries
from bot.storage.database import engine
from bot.storage.deliveries import Delivery

EXPLAINED = {
    "pending": "certainly not posted; it is waiting for its turn",
    "sending": "under way",
    "unknown": "may be posted; the bot looks for it once the settle time has passed",
    "held": "may be posted, and the bot may not read the channel to look. Look yourself, then --there or --post",
    "parked": "certainly not posted: Slack refuses it. Mend the reason, then --post",
}
"""What each state means that somebody may have to do something about."""


class NotReleased(Exception):
    """A delivery that can't be released; `args` say why."""


def listed(url: str, *, now: datetime) -> Iterator[str]:
    """Yield a line for each delivery that is not through, the oldest first, from the database at `url`."""
    with _connected(url, writes=False) as connection:
        found = deliveries.not_through(connection, list(EXPLAINED))
    for delivery in found:
        waited = int((now - delivery.created_at).total_seconds())
        error = f" ({delivery.error})" if delivery.error else ""
        where = f"{delivery.team_id}/{delivery.channel_id}"
        yield (
            f"{delivery.key}  {delivery.kind:<12}  {where}  {delivery.state}{error}  {_span(waited)} old, "
            f"{_attempts(delivery)}: {EXPLAINED[delivery.state]}"
        )


def release(url: str, key: str, *, is_there: bool, now: datetime) -> None:
    """Say of a delivery that it is there, or have it posted. Raises NotReleased."""
    with _connected(url, writes=True) as connection:
        delivery = deliveries.by_its_key(connection, key)
        if delivery is None:
            raise NotReleased(f"No delivery has the key {key}. `winsome deliveries` lists those that are not through.")
        if not owner_alerts.decide(connection, delivery, is_there=is_there, actor=None, now=now):
            can = "held can be said to be there" if is_there else "held or parked can be posted again"
            raise NotReleased(f"This delivery is {delivery.state}. Only one that is {can}. Nothing has changed.")


@contextmanager
def _connected(url: str, *, writes: bool) -> Iterator[Connection]:
    made = engine(url, writes=writes)
    try:
        with made.begin() as connection:
            yield connection
    finally:
        made.dispose()


def _attempts(delivery: Delivery) -> str:
    return {0: "not tried yet", 1: "tried once"}.get(delivery.attempts, f"tried {delivery.attempts} times")


def _span(seconds: int) -> str:
    for unit, name in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= 2 * unit:
            return f"{seconds // unit} {name}"
    return f"{max(0, seconds)} s"
