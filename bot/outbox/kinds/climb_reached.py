"""The line that tells a channel that a climb has reached its goal."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from bot.domain.climbs import Climb
from bot.domain.deliveries import DeliveryKind
from bot.outbox.kinds.base import Context, Kind
from bot.storage import climbs
from bot.storage.deliveries import Delivery
from bot.views.climb import reached_line
from bot.views.format import Message
from bot.views.translations import ENGLISH


@dataclass(frozen=True)
class ReachedClimb:
    """A climb that is marked as reached."""

    climb: Climb

    @property
    def user_ids(self) -> tuple[str, ...]:
        """The users whose names the message needs."""
        return (self.climb.reached_by,) if self.climb.reached_by else ()


class ClimbReached(Kind[ReachedClimb]):
    """Tells a channel of a climb, once. The line is deleted if someone takes that back."""

    name = DeliveryKind.CLIMB_REACHED

    def load(self, connection: Connection, delivery: Delivery, *, now: datetime) -> ReachedClimb | None:
        """Read the climb; None if it isn't reached any more, or if a later line says that it is."""
        climb = None if delivery.climb_id is None else climbs.by_id(connection, delivery.team_id, delivery.climb_id)
        if climb is None or not climb.is_reached or climbs.lines_of(connection, climb.id)[-1].id != delivery.id:
            return None
        return ReachedClimb(climb)

    def render(self, subject: ReachedClimb, context: Context) -> Message:
        """Say which climb it is, and who marked it."""
        return reached_line(ENGLISH, subject.climb, context.names)
