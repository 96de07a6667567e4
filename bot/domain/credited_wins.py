"""The wins that someone is in: others shared them, and credit that person."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.wins import Win


@dataclass(frozen=True)
class WinsOfOthers:
    """Wins that others shared; if it is not `is_complete`, Slack did not say of each whether it may be seen."""

    wins: Sequence[Win] = ()
    is_complete: bool = True


NO_OTHERS = WinsOfOthers()
