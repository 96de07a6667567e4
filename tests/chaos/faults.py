"""The faults that posts meet: a mixture of all that the stand-in has, and each by itself."""

import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from slack_standin import StandIn
from tests.chaos.bots import REQUEST_TIMEOUT


@dataclass(frozen=True)
class Kind:
    """A fault by a name of its own, with the stand-in's options."""

    name: str
    kind: Any
    options: dict[str, Any] = field(default_factory=dict)


LATE = REQUEST_TIMEOUT + 0.2
KINDS = (
    Kind("rate_limited", "rate_limited", {"retry_after": 1}),
    Kind("internal_error", "error", {"name": "internal_error"}),
    Kind("http_500_before", "http_500_before"),
    Kind("http_500_after", "http_500_after"),
    Kind("reset_before", "reset_before"),
    Kind("reset_after", "reset_after"),
    Kind("hang_before", "hang", {"effect": "before"}),
    Kind("hang_after", "hang", {"effect": "after"}),
    Kind("late_effect", "slow", {"seconds": LATE, "effect": "before"}),
    Kind("late_answer", "slow", {"seconds": LATE, "effect": "after"}),
    Kind("bad_json_before", "bad_json", {"effect": "before"}),
    Kind("bad_json_after", "bad_json", {"effect": "after"}),
)
READS = ("conversations.history", "conversations.replies")


def storm(slack: StandIn, seed: int, *, share: float = 0.45, methods: Iterable[str] = ("chat.postMessage",)) -> None:
    """Let `share` of the calls fail, each in one of all the ways."""
    chance = random.Random(seed)
    for method in methods:
        each, left = share / len(KINDS), 1.0
        for kind in chance.sample(KINDS, len(KINDS)):
            # The stand-in asks one fault after the other, so each strikes among those that the earlier ones left.
            slack.fault(
                method, kind.kind, times=None, probability=each / left, seed=chance.getrandbits(32), **kind.options
            )
            left -= each
