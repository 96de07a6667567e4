"""Faults on demand, by method: what goes wrong between the bot and Slack."""

import json
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

Kind = Literal[
    "rate_limited",
    "error",
    "http_500_before",
    "http_500_after",
    "reset_before",
    "reset_after",
    "hang",
    "slow",
    "bad_json",
    "odd_answer",
    "no_pictures",
]
Effect = Literal["before", "after"]
KINDS: tuple[str, ...] = get_args(Kind)
_PICTURES = ("image", "data_visualization")


@dataclass
class Fault:
    """A fault that affects calls of `method`, `times` times (None: always).

    `effect` says whether the call fails before it takes effect (so that it has none) or after. `slow` is after by
    default; slow with effect="before" waits first and then acts, even if the client has gone. `no_pictures` strikes
    only messages with an image or a chart: Slack answers invalid_blocks if it can't load or draw one. `odd_answer`, by
    default after the effect, answers what Slack would not: `fields` in place of those of the true answer (None takes
    one away; a dot leads into an object), or a `body` (text, bytes or JSON), with a `status` and `headers`.
    """

    method: str
    kind: Kind
    times: int | None = 1
    retry_after: int = 1
    name: str = "internal_error"
    seconds: float = 1.0
    effect: Effect | None = None
    fields: Mapping[str, Any] | None = None
    body: Any = field(default=None, repr=False)
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    channel: str | None = None
    probability: float = 1.0
    seed: int = 0
    _chance: random.Random = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"unknown fault {self.kind!r}; there are {', '.join(KINDS)}")
        late = self.kind.endswith("_after") or (self.kind in ("slow", "odd_answer") and self.effect is None)
        self.effect = "after" if late else self.effect or "before"
        self._chance = random.Random(self.seed)  # noqa: S311  # repeatable, not secret

    def strikes(self, method: str, channel: str | None, args: Mapping[str, Any]) -> bool:
        """Decide about one call, and count it if the fault strikes."""
        if method != self.method or self.times == 0 or self.channel not in (None, channel):
            return False
        if self.kind == "no_pictures" and not _has_picture(args.get("blocks")):
            return False
        if self._chance.random() >= self.probability:
            return False
        if self.times is not None:
            self.times -= 1
        return True


class Faults:
    """The faults that are set; the oldest one that fits a call strikes it."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def add(self, fault: Fault) -> Fault:
        """Set a fault."""
        self._faults.append(fault)
        return fault

    def clear(self) -> None:
        """Forget all faults."""
        self._faults.clear()

    def active(self) -> list[Fault]:
        """The active faults."""
        return [fault for fault in self._faults if fault.times != 0]

    def strike(self, method: str, channel: str | None, args: Mapping[str, Any]) -> Fault | None:
        """The fault that strikes this call, if one does."""
        return next((fault for fault in self._faults if fault.strikes(method, channel, args)), None)


def _has_picture(blocks: Any) -> bool:
    if isinstance(blocks, str):  # of a form
        try:
            blocks = json.loads(blocks)
        except ValueError:
            return False
    if isinstance(blocks, dict):
        return blocks.get("type") in _PICTURES or any(map(_has_picture, blocks.values()))
    return isinstance(blocks, list) and any(map(_has_picture, blocks))
