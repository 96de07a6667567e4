"""How a roundup is composed: everyone once before anyone twice, and no win left unseen."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.wins import Win


@dataclass(frozen=True)
class OpenWin:
    """What the composition needs of a win: whose it is, when it came (UTC), who cheered, how much room it takes.

    `size` is in characters of the message's plain text.
    """

    id: int
    author_id: str
    created_at: datetime
    cheers: int
    size: int


def in_rounds(wins: Sequence[OpenWin]) -> list[OpenWin]:
    """Return `wins` in rounds: each person's first win, then everybody's second, and so on.

    Within a round the wins that nobody has cheered yet come first, where most eyes are; then the older ones.
    """
    of_person: defaultdict[str, int] = defaultdict(int)
    rounds: defaultdict[int, list[OpenWin]] = defaultdict(list)
    for win in sorted(wins, key=lambda win: (win.created_at, win.id)):
        rounds[of_person[win.author_id]].append(win)
        of_person[win.author_id] += 1
    return [win for number in sorted(rounds) for win in sorted(rounds[number], key=_unseen_first)]


def in_parts(wins: Sequence[OpenWin], *, most_wins: int, most_characters: int) -> list[list[OpenWin]]:
    """Return `wins` in their order, cut into parts that each fit one message. A win is never cut in two."""
    parts: list[list[OpenWin]] = []
    room = 0
    for win in wins:
        if not parts or len(parts[-1]) == most_wins or win.size > room:
            parts.append([])
            room = most_characters
        parts[-1].append(win)
        room -= win.size
    return parts


def _unseen_first(win: OpenWin) -> tuple[bool, datetime, int]:
    return (win.cheers > 0, win.created_at, win.id)


@dataclass(frozen=True)
class Part:
    """One message of a roundup: its `number` (from 0) of `of` parts, and its wins in the order they are told.

    `due_at` is the promised moment and `next_due_at` the following one (UTC); `zone` is the channel's. `posts_in` is
    the channel that gets it. `total` counts the wins of all parts. One that `is_quiet` is the line of a week without
    wins.
    """

    channel_id: str
    posts_in: str
    due_at: datetime
    next_due_at: datetime | None
    zone: str
    is_quiet: bool
    number: int
    of: int
    total: int
    wins: tuple[Win, ...]
    cheered_by: tuple[str, ...]

    @property
    def people(self) -> tuple[str, ...]:
        """Everybody whose name is needed to show this part."""
        return tuple(dict.fromkeys([*(person for win in self.wins for person in win.people), *self.cheered_by]))
