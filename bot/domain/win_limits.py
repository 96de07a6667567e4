"""The limits of how many wins one person may save in a while."""

from dataclasses import dataclass
from datetime import timedelta

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@dataclass(frozen=True)
class WinLimit:
    """At most `count` wins of one person, in all channels and by all ways, within any time of that length."""

    count: int
    within: timedelta


WinLimits = tuple[WinLimit, ...]


def win_limits(per_minute: int, per_hour: int) -> WinLimits:
    """Return the limits for each person; 0 stands for none."""
    return tuple(WinLimit(count, within) for count, within in ((per_minute, MINUTE), (per_hour, HOUR)) if count)


class TooManyWins(Exception):
    """Someone has reached a limit, so this win is not stored; `wait` is how long until they may save one again."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__(wait)
        self.wait = wait
