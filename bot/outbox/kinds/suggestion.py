"""The private messages that offer to save a win: to someone who wrote to the bot, and to a message's author."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from bot.domain.deliveries import DeliveryKind
from bot.outbox.kinds.base import Audience, Context, Kind
from bot.storage import channels, unsaved_wins
from bot.storage.deliveries import Delivery
from bot.storage.unsaved_wins import UnsavedWin
from bot.views import suggestions
from bot.views.format import Message
from bot.views.permalinks import message_url
from bot.views.translations import ENGLISH


@dataclass(frozen=True)
class SuggestedWin:
    """A win that its recipient may save, and the channel's emoji for wins, if it has one."""

    unsaved: UnsavedWin
    emoji: str | None = None
    user_ids: tuple[str, ...] = ()


class Answer(Kind[SuggestedWin]):
    """Answers someone who mentions the bot, where they do."""

    name = DeliveryKind.ANSWER
    audience = Audience.RECIPIENT_IN_CHANNEL

    def load(self, connection: Connection, delivery: Delivery, *, now: datetime) -> SuggestedWin | None:
        """Read what they wrote; None if it was saved or forgotten meanwhile."""
        unsaved = _unsaved(connection, delivery)
        return None if unsaved is None else SuggestedWin(unsaved)

    def render(self, subject: SuggestedWin, context: Context) -> Message | None:
        """Ask whether to save it, or say what the bot can do."""
        return suggestions.answer(ENGLISH, subject.unsaved.entered.text, unsaved_id=subject.unsaved.id)

    def parent_ts(self, connection: Connection, delivery: Delivery) -> str | None:
        """Return the thread that they wrote in."""
        unsaved = _unsaved(connection, delivery)
        return None if unsaved is None or unsaved.source is None else unsaved.source.thread_ts


class DirectAnswer(Answer):
    """Answers someone who writes to the bot directly."""

    name = DeliveryKind.DIRECT_ANSWER
    audience = Audience.RECIPIENT


class Suggestion(Answer):
    """Suggests to an author that their message is a win: someone reacted to it with the channel's emoji for wins."""

    name = DeliveryKind.SUGGESTION

    def load(self, connection: Connection, delivery: Delivery, *, now: datetime) -> SuggestedWin | None:
        """Read which message it is; None if the channel has no such emoji anymore."""
        unsaved, channel = _unsaved(connection, delivery), channels.by_id(connection, *delivery.channel_key)
        emoji = channel.settings.win_emoji if channel is not None and channel.settings is not None else None
        return None if unsaved is None or emoji is None else SuggestedWin(unsaved, emoji)

    def render(self, subject: SuggestedWin, context: Context) -> Message | None:
        """Suggest it."""
        source, emoji = subject.unsaved.source, subject.emoji
        if source is None or emoji is None:
            return None
        link = message_url(context.permalink, source.channel_id, source.ts, thread_ts=source.thread_ts)
        return suggestions.suggestion(ENGLISH, emoji, link=link, unsaved_id=subject.unsaved.id)


def _unsaved(connection: Connection, delivery: Delivery) -> UnsavedWin | None:
    if delivery.unsaved_win_id is None or delivery.recipient_id is None:
        return None
    return unsaved_wins.by_id(connection, delivery.team_id, delivery.recipient_id, delivery.unsaved_win_id)
