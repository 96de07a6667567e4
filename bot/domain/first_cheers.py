"""Wins that wait for a first cheer: which of them someone is shown, so that each is seen about equally often."""

from collections.abc import Iterable
from datetime import date, timedelta
from hashlib import blake2b

from bot.domain.win_permissions import Reach, WinAction, may_with_win, relation_of
from bot.domain.wins import Win

MAX_SHOWN = 3
"""The most wins that someone is shown at once."""
MIN_AGE = timedelta(hours=1)
"""How long a win has been in its channel before it is shown elsewhere: it may be cheered there by itself."""
MAX_AGE = timedelta(days=14)


def in_turn(win_ids: Iterable[int], viewer_id: str, day: date) -> list[int]:
    """Return wins in the order in which a viewer sees them on a day. It differs for each viewer and each day."""

    def place(win_id: int) -> bytes:
        return blake2b(f"{viewer_id} {day.isoformat()} {win_id}".encode(), digest_size=16).digest()

    return sorted(set(win_ids), key=place)


def waits_for(win: Win, viewer_id: str, *, is_guest: bool = False) -> bool:
    """Whether a win that its channel shows waits for a first cheer that this member of the channel may give.

    They may not if they wrote it or are in it.
    """
    if win.message_ts is None or win.cheered_by or viewer_id in {win.author.user_id, *_user_ids(win)}:
        return False
    return win.is_shared and may_with_win(
        WinAction.CHEER, relation_of(win, viewer_id, is_guest=is_guest), Reach.IN_CHANNEL
    )


def _user_ids(win: Win) -> set[str]:
    return {person.user_id for person in win.people}
