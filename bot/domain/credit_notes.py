"""Credit notes: who cheered, credited or thanked someone in the wins that roundups told."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from bot.domain.credit import named_in, part_in
from bot.domain.wins import Cheerers, Win


@dataclass(frozen=True)
class ToldWin:
    """A win that someone is in, as others read it. `brought_something`: someone cheered it, or put them into it."""

    win: Win
    brought_something: bool


@dataclass(frozen=True)
class ToldChannel:
    """A channel whose roundups told wins that someone is in: these wins, the earliest first.

    `cheered_by` are the others who cheered a whole roundup.
    """

    channel_id: str
    wins: tuple[ToldWin, ...]
    cheered_by: Cheerers

    @property
    def brought_something(self) -> bool:
        """Whether anyone cheered, credited or thanked them."""
        return bool(self.cheered_by) or any(told.brought_something for told in self.wins)


@dataclass(frozen=True)
class Note:
    """A note to someone. It `has_to_wait` outside of their working hours."""

    user_id: str
    channels: tuple[ToldChannel, ...]
    wants_messages: bool
    has_to_wait: bool = False

    @property
    def brought_something(self) -> bool:
        """Whether there is anything to tell them."""
        return any(channel.brought_something for channel in self.channels)

    @property
    def user_ids(self) -> tuple[str, ...]:
        """The users whose names the note needs."""
        in_wins = (user_id for channel in self.channels for told in channel.wins for user_id in told.win.user_ids)
        cheerers = (user_id for channel in self.channels for user_id in channel.cheered_by.first)
        return tuple(dict.fromkeys((*in_wins, *cheerers)))

    @property
    def named_others(self) -> tuple[str, ...]:
        """The other people (user ids) whom the note names: of those who cheered, the first."""
        named = [user_id for channel in self.channels for told in channel.wins for user_id in _named_in(told.win)]
        named += [user_id for channel in self.channels for user_id in channel.cheered_by.first]
        return tuple(dict.fromkeys(user_id for user_id in named if user_id != self.user_id))

    def without(self, channel_ids: Collection[str]) -> "Note | None":
        """Return the note without these channels; None if nothing is left to tell."""
        rest = replace(self, channels=tuple(each for each in self.channels if each.channel_id not in channel_ids))
        return rest if rest.brought_something else None


def _named_in(win: Win) -> list[str]:
    people = [person.user_id for person in win.people if not person.is_unnamed]
    return [win.author.user_id, *people, *win.cheered_by.first]


def is_in(win: Win, user_id: str) -> bool:
    """Whether others read that a win is someone's, or that they made it possible."""
    if win.is_own and win.author.user_id == user_id:
        return True
    person = named_in(win, user_id)
    return person is not None and not person.is_unnamed


def people_in(wins: Iterable[Win]) -> set[str]:
    """Return the users who are in any of these wins, as others read them."""
    return {
        user_id
        for win in wins
        for user_id in (win.author.user_id, *(person.user_id for person in win.people))
        if is_in(win, user_id)
    }


def told_win(win: Win, user_id: str, *, was_told: bool) -> ToldWin:
    """Return what a win has brought to someone in it, who is not among those who cheer it.

    `was_told` if a message has told them that they are in it.
    """
    is_news = part_in(win, user_id) is not None and not was_told
    return ToldWin(win, bool(win.cheered_by) or is_news)
