"""Changes to one roundup alone: a note at its top, and wins that it leaves for the one after."""

from collections.abc import Collection
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


@dataclass(frozen=True)
class NextRoundup:
    """What can be changed in a channel's next roundup: its note, and which of its wins it leaves for later.

    `wins` are those to choose from, in the order of the roundup.
    """

    channel_id: str
    note: str | None
    wins: tuple[Win, ...]
    left_ids: Collection[int]

    @property
    def user_ids(self) -> tuple[str, ...]:
        """The users whose names are needed to show it."""
        return tuple(dict.fromkeys(user_id for win in self.wins for user_id in win.user_ids))
