"""The direct message that shows someone a win of theirs of a year ago."""

from datetime import datetime

from sqlalchemy import Connection

from bot.domain.deliveries import DeliveryKind
from bot.domain.look_back import LookBack as AboutWin
from bot.outbox.kinds.base import Audience, Context, Kind, Reader
from bot.services import look_backs
from bot.storage.deliveries import Delivery
from bot.views.format import Message
from bot.views.look_back import look_back
from bot.views.translations import ENGLISH


class LookBack(Kind[AboutWin]):
    """Shows someone who has asked for it a win of theirs of a year ago: at most once a month."""

    name = DeliveryKind.LOOK_BACK
    audience = Audience.RECIPIENT

    def load(self, connection: Connection, delivery: Delivery, *, now: datetime) -> AboutWin | None:
        """Read the win."""
        return look_backs.load(connection, delivery, now=now)

    def render(self, subject: AboutWin, context: Context) -> Message:
        """Show the win, with a button that stops these messages."""
        key, permalink = context.delivery.key, context.permalink
        return look_back(ENGLISH, subject, context.names, key=key, permalink=permalink)

    def has_to_wait(self, subject: AboutWin) -> bool:
        """Whether the recipient is not at work: it was to be posted earlier, and could not."""
        return subject.has_to_wait

    def reader_of(self, subject: AboutWin) -> Reader | None:
        """Return the recipient and the channel that shows the win; None for a private one."""
        win = subject.win
        return Reader(subject.user_id, win.channel_id) if win.channel_id and not win.is_hidden else None
