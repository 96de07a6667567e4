"""Changes to one roundup alone: a note at its top, and wins that it leaves for the one after."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from bot.domain.text import is_visible
from bot.domain.wins import Win

MAX_NOTE_LENGTH = 300
"""The most characters of a note: one or two sentences."""
MAX_NOTE_BYTES = 600
"""The most bytes of a note, so that it leaves room for wins in any script."""
MAX_CHOICES = 100
"""The most wins that can be chosen from: Slack's limit for the options of a menu."""


class NoteTooLong(Exception):
    """A note has more than `MAX_NOTE_LENGTH` characters or `MAX_NOTE_BYTES` bytes."""


def parse_note(text: str) -> str | None:
    """Return a note as it is stored, on one line; None if it shows nothing. Raises NoteTooLong."""
    note = " ".join(text.split())
    if not is_visible(note):
        return None
    if len(note) > MAX_NOTE_LENGTH or len(note.encode()) > MAX_NOTE_BYTES:
        raise NoteTooLong
    return note


def to_choose_from(wins: Sequence[Win], left_ids: Collection[int]) -> tuple[Win, ...]:
    """Return those of a channel's open wins that a menu has room for, in their order, which is the oldest first.

    Those that are left already come before others, so that they can be put back, and of the others the newest.
    """
    offered = sorted(wins, key=lambda win: win.id in left_ids)[-MAX_CHOICES:]
    ids = {win.id for win in offered}
    return tuple(win for win in wins if win.id in ids)


@dataclass(frozen=True)
class NextRoundup:
    """What can be changed in a channel's next roundup: its note, and which of its wins it leaves for later.

    `wins` are those to choose from, the oldest first. If it `has_more`, they are those that are left already, and the
    newest of the others.
    """

    channel_id: str
    note: str | None
    wins: tuple[Win, ...]
    left_ids: Collection[int]
    has_more: bool = False

    @property
    def user_ids(self) -> tuple[str, ...]:
        """The users whose names are needed to show it."""
        return tuple(dict.fromkeys(user_id for win in self.wins for user_id in win.user_ids))
