"""The faults that posts meet: a mixture of all that the stand-in has, and each by itself."""

import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from slack_standin import StandIn
from tests.chaos.bots import REQUEST_TIMEOUT


@dataclass(frozen=True)
class FaultKind:
    """A fault by a name of its own, with the stand-in's options."""

    name: str
    kind: Any
    options: dict[str, Any] = field(default_factory=dict)


LATE_SECONDS = REQUEST_TIMEOUT + 0.2
FAULT_KINDS = (
    FaultKind("rate_limited", "rate_limited", {"retry_after": 1}),
    FaultKind("internal_error", "error", {"name": "internal_error"}),
    FaultKind("http_500_before", "http_500_before"),
    FaultKind("http_500_after", "http_500_after"),
    FaultKind("reset_before", "reset_before"),
    FaultKind("reset_after", "reset_after"),
    FaultKind("hang_before", "hang", {"effect": "before"}),
    FaultKind("hang_after", "hang", {"effect": "after"}),
    FaultKind("late_effect", "slow", {"seconds": LATE_SECONDS, "effect": "before"}),
    FaultKind("late_answer", "slow", {"seconds": LATE_SECONDS, "effect": "after"}),
    FaultKind("bad_json_before", "bad_json", {"effect": "before"}),
    FaultKind("bad_json_after", "bad_json", {"effect": "after"}),
)
READS = ("conversations.history", "conversations.replies")


def inject_faults(
    slack: StandIn, seed: int, *, share: float = 0.45, methods: Iterable[str] = ("chat.postMessage",)
) -> None:
    """Let `share` of the calls fail, each in one of all the ways."""
    rng = random.Random(seed)
    for method in methods:
        share_of_each, left = share / len(FAULT_KINDS), 1.0
        for kind in rng.sample(FAULT_KINDS, len(FAULT_KINDS)):
            # The stand-in asks one fault after the other, so each strikes among those that the earlier ones left.
            slack.fault(
                method,
                kind.kind,
                times=None,
                probability=share_of_each / left,
                seed=rng.getrandbits(32),
                **kind.options,
            )
            left -= share_of_each
