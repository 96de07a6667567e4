"""How many wins one person may save in a while, so that no one's flood becomes everyone's."""

from dataclasses import dataclass
from datetime import timedelta

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@dataclass(frozen=True)
class WinLimit:
    """At most `count` wins of one person, in all channels and by all ways, in any time of that length."""

    count: int
    within: timedelta


WinLimits = tuple[WinLimit, ...]


def win_limits(per_minute: int, per_hour: int) -> WinLimits:
    """Return the limits for each person; 0 stands for none."""
    return tuple(WinLimit(count, within) for count, within in ((per_minute, MINUTE), (per_hour, HOUR)) if count)


class TooManyWins(Exception):
    """Someone has saved as many wins as they may for now, so this one is not stored; `wait` says for how long."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__(wait)
        self.wait = wait
