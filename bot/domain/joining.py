"""The note to an author about those who say that they were part of the win."""

from dataclasses import dataclass

from bot.domain.wins import Mention, Win


@dataclass(frozen=True)
class JoinedNote:
    """A win that people joined, and those whom its author has `removed` from it.

    `is_opted_out`: the author has stopped such messages.
    """

    win: Win
    removed: tuple[Mention, ...]
    is_opted_out: bool

    @property
    def user_ids(self) -> tuple[str, ...]:
        """The users whose names the note needs."""
        return (*self.win.user_ids, *(person.user_id for person in self.removed))
