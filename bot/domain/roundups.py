"""How a roundup is composed: everyone once before anyone twice, and no win left unseen."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.wins import Win


class RoundupKind(StrEnum):
    """Why a roundup was created."""

    SCHEDULED = "scheduled"
    """It was due by the channel's schedule."""
    MANUAL = "manual"
    """A person posted it early."""


@dataclass(frozen=True)
class OpenWin:
    """What the composition needs of a win: whose it is, when it came (UTC), who cheered, how much room it takes.

    `size` is in characters of the message's plain text.
    """

    id: int
    author_id: str
    created_at: datetime
    cheer_count: int
    rendered_length: int


def in_rounds(wins: Sequence[OpenWin]) -> list[OpenWin]:
    """Return `wins` in rounds: each person's first win, then everybody's second, and so on.

    Within a round the wins that nobody has cheered yet come first, where most eyes are; then the older ones.
    """
    win_counts: defaultdict[str, int] = defaultdict(int)
    rounds: defaultdict[int, list[OpenWin]] = defaultdict(list)
    for win in sorted(wins, key=lambda win: (win.created_at, win.id)):
        rounds[win_counts[win.author_id]].append(win)
        win_counts[win.author_id] += 1
    return [win for number in sorted(rounds) for win in sorted(rounds[number], key=_uncheered_first)]


def in_parts(wins: Sequence[OpenWin], *, max_wins: int, max_characters: int) -> list[list[OpenWin]]:
    """Return `wins` in their order, cut into parts that each fit one message. A win is never cut in two."""
    parts: list[list[OpenWin]] = []
    characters_left = 0
    for win in wins:
        if not parts or len(parts[-1]) == max_wins or win.rendered_length > characters_left:
            parts.append([])
            characters_left = max_characters
        parts[-1].append(win)
        characters_left -= win.rendered_length
    return parts


def _uncheered_first(win: OpenWin) -> tuple[bool, datetime, int]:
    return (win.cheer_count > 0, win.created_at, win.id)


@dataclass(frozen=True)
class RoundupPart:
    """One message of a roundup: its `number` (from 0) of `of` parts, and its wins in the order they are told.

    `due_at` is the promised moment and `next_due_at` the following one (UTC); `zone` is the channel's. `posts_in` is
    the channel that gets it. `total` counts the wins of all parts. One that `is_quiet` is the line of a week without
    wins.
    """

    channel_id: str
    target_channel_id: str
    due_at: datetime
    next_due_at: datetime | None
    zone: str
    is_quiet: bool
    number: int
    part_count: int
    win_count: int
    wins: tuple[Win, ...]
    cheered_by: tuple[str, ...]

    @property
    def user_ids(self) -> tuple[str, ...]:
        """Everybody whose name is needed to show this part."""
        return tuple(dict.fromkeys([*(user_id for win in self.wins for user_id in win.user_ids), *self.cheered_by]))
