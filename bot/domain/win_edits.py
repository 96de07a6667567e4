"""What becomes of an edit: why it is refused, and which messages don't follow it."""

from dataclasses import dataclass
from enum import StrEnum

from bot.domain.deliveries import DeliveryKind
from bot.domain.wins import Win


class WinGone(Exception):
    """The win was deleted."""


class NotAuthor(Exception):
    """Only its author can edit a win."""


class EditConflict(Exception):
    """The win was changed since the author opened it. `win` is what it is now."""

    def __init__(self, win: Win) -> None:
        super().__init__(win.id)
        self.win = win


class NoRoom(Exception):
    """The roundup that told the win has no room for the text. `limit` is how many characters fit, of `length`."""

    def __init__(self, limit: int, length: int) -> None:
        super().__init__(limit, length)
        self.limit = limit
        self.length = length


class StaleReason(StrEnum):
    """Why a message doesn't follow an edit."""

    TOO_OLD = "too_old"
    OUT_OF_REACH = "out_of_reach"
    """The bot isn't in the conversation, which may be archived, or doesn't know where in it the message is."""


@dataclass(frozen=True)
class StaleMessage:
    """A message that still shows the text from before an edit."""

    kind: DeliveryKind
    channel_id: str
    reason: StaleReason


@dataclass(frozen=True)
class EditedWin:
    """The win as it is now, and the messages that don't follow."""

    win: Win
    stale: tuple[StaleMessage, ...]
