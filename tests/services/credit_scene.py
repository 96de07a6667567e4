"""A workspace in which Ana has wins with other people in them, and what comes of that to them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sqlalchemy import Connection

from bot.domain.channel_settings import ChannelSettings
from bot.domain.consent import Consent
from bot.domain.credit import Credit, CreditStatus
from bot.domain.deliveries import DeliveryKind
from bot.domain.schedules import FRIDAY_AFTERNOON, Schedule
from bot.domain.wins import Mention, parse_win
from bot.domain.workspaces import Workspace
from bot.services import credit
from bot.storage import channels, deliveries, wins, workspaces
from bot.storage.database import engine
from bot.storage.deliveries import Delivery
from bot.storage.enqueue import NewDelivery, enqueue
from bot.storage.wins import NewWin

NOW = datetime(2030, 3, 4, 9, 0, tzinfo=UTC)
BEN = Mention("UBEN", "ben")


@dataclass
class Scene:
    """A workspace whose channel C1 has a roundup every Friday."""

    connection: Connection
    count: int = 0

    def win(
        self,
        *people: Mention,
        thanked: bool = False,
        is_own: bool = True,
        consent: Consent | None = None,
        **more: object,
    ) -> int:
        """Let Ana have a win with these people in it, and return its id."""
        self.count += 1
        text = f"win {self.count}" if thanked else " ".join([f"win {self.count}", *(each.token for each in people)])
        draft = parse_win(text, () if thanked else people)
        draft = replace(draft, thanked=people if thanked else (), is_own=is_own)
        consents = {each.user_id: consent for each in people if consent is not None}
        new = NewWin(draft, "T1", "C1", text, Mention("UANA", "ana"), NOW, consents=consents, **more)  # type: ignore[arg-type]
        (win_id,) = wins.add_all(self.connection, [new])
        assert win_id is not None
        return win_id

    def message(self, win_id: int, user_id: str = "UBEN") -> Delivery:
        """Enqueue the message to someone about a win."""
        new = NewDelivery("T1", user_id, NOW, win_id=win_id, recipient_id=user_id)
        (key,) = enqueue(self.connection, DeliveryKind.CREDIT, [new])
        return self.again(key)

    def again(self, key: str) -> Delivery:
        found = deliveries.by_key(self.connection, "T1", key)
        assert found is not None
        return found

    def sent(self, message: Delivery) -> Delivery:
        """Let Slack have a message."""
        deliveries.mark_posted(self.connection, message.id, f"1.{message.id:06}", channel_id="D1")
        return self.again(message.key)

    def says(self, message: Delivery, *, now: datetime = NOW) -> Credit | None:
        return credit.load(self.connection, message, now=now)

    def status(self, message: Delivery, **options: datetime) -> CreditStatus | None:
        said = self.says(message, **options)
        return None if said is None else said.status


@contextmanager
def scene_in(database_url: str) -> Iterator[Scene]:
    """Open a scene, of which nothing is stored in the end."""
    opened = engine(database_url, writes=True)
    with opened.connect() as connection:
        workspaces.save(connection, Workspace("T1", None, "Acme", "https://acme.test/", "UBOT"))
        channels.ensure_exist(connection, {("T1", "C1")})
        schedule = Schedule(FRIDAY_AFTERNOON[0], NOW.date(), FRIDAY_AFTERNOON[1], "UTC")
        stored = channels.lock(connection, "T1", "C1")
        channels.save_settings(connection, stored, ChannelSettings(schedule), user_id="UANA", now=NOW)
        yield Scene(connection)
        connection.rollback()
    opened.dispose()
