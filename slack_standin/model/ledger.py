"""The ledger: everything the stand-in received and sent, in order, without tokens in the clear."""

import hashlib
import itertools
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile
from typing import Any, TypeVar

from slack_standin.model.change_feed import Feed
from slack_standin.model.clock import Clock


@dataclass(frozen=True)
class Call:
    """A request the bot made: a Web API method, or `response_url`."""

    number: int
    method: str
    args: Mapping[str, Any]
    answer: Any
    """The response; None if there was none that could be read."""
    status: int | None
    """The HTTP status; None when the connection was reset or never answered."""
    at: datetime
    monotonic: float
    elapsed: float
    team_id: str | None
    token: str | None
    """A fingerprint, so that two calls can be compared."""
    fault: str | None
    effect: bool
    """Whether the call took effect, whatever the response said."""


@dataclass(frozen=True)
class Sent:
    """A payload sent to the bot, once for each attempt."""

    number: int
    kind: str
    id: str
    payload: Any
    transport: str
    attempt: int
    status: int | None
    answer: Any
    error: str | None
    at: datetime
    monotonic: float
    elapsed: float


MANY_LINES = 5_000
"""How many calls, and deliveries, one keeps that runs for weeks."""
_SECRETS = ("access_token", "client_secret", "code")
_Line = TypeVar("_Line", Call, Sent)


class Ledger:
    """The calls received and the deliveries sent, oldest first: all, or the last `most` of each."""

    def __init__(self, clock: Clock, feed: Feed | None = None, *, most: int | None = None) -> None:
        self._clock = clock
        self._feed = feed or Feed()
        self._numbers = itertools.count(1)
        self._calls: deque[Call] = deque(maxlen=most)
        self._sent: deque[Sent] = deque(maxlen=most)

    def calls(self, method: str | None = None) -> list[Call]:
        """The requests received, of one method if given."""
        return [call for call in self._calls if method in (None, call.method)]

    def deliveries(self, kind: str | None = None) -> list[Sent]:
        """The attempts to deliver something, of one kind if given."""
        return [sent for sent in self._sent if kind in (None, sent.kind)]

    def lines(self, after: int = 0) -> list[Call | Sent]:
        """Both in one order, with numbers above `after`. However many there are, only those are read."""
        newer: list[Call | Sent] = [*_newer(self._calls, after), *_newer(self._sent, after)]
        return sorted(newer, key=lambda one: one.number)

    def events(self, event_type: str | None = None) -> list[Sent]:
        """The attempts to deliver an event, of one type if it is given."""
        sent = self.deliveries("events_api")
        return [one for one in sent if event_type in (None, _event_type(one.payload))]

    def received(
        self,
        method: str,
        args: Mapping[str, Any],
        *,
        began: float,
        answer: Any = None,
        status: int | None = None,
        team_id: str | None = None,
        token: str | None = None,
        fault: str | None = None,
        effect: bool = False,
    ) -> Call:
        """Write down a request; `began` is when it came, in real monotonic seconds."""
        elapsed = time.monotonic() - began
        number, at, masked = (next(self._numbers), self._clock.now(), without_secrets(answer))
        mark = fingerprint(token) if token else None
        call = Call(
            number, method, without_secrets(args), masked, status, at, began, elapsed, team_id, mark, fault, effect
        )
        self._calls.append(call)
        self._feed.add("ledger", id=str(number))
        return call

    def sent(
        self,
        kind: str,
        delivery_id: str,
        payload: Any,
        *,
        transport: str,
        attempt: int,
        began: float,
        status: int | None,
        answer: Any,
        error: str | None,
    ) -> None:
        """Write down an attempt to deliver something to the bot."""
        elapsed = time.monotonic() - began
        number, at, masked = (next(self._numbers), self._clock.now(), without_secrets(payload))
        self._sent.append(
            Sent(number, kind, delivery_id, masked, transport, attempt, status, answer, error, at, began, elapsed)
        )
        self._feed.add("ledger", id=str(number))


def _newer(lines: deque[_Line], after: int) -> list[_Line]:
    return list(takewhile(lambda one: one.number > after, reversed(lines)))


def fingerprint(secret: str) -> str:
    """A short hash of a secret, so that lines can be compared without showing it."""
    return hashlib.sha256(secret.encode()).hexdigest()[:8]


def without_secrets(value: Any) -> Any:
    """The value with tokens, and the tickets of Socket Mode addresses, replaced by their fingerprints."""
    if isinstance(value, Mapping):
        return {key: _masked(one) if _is_secret(key, one) else without_secrets(one) for key, one in value.items()}
    if isinstance(value, list):
        return [without_secrets(item) for item in value]
    if isinstance(value, str) and value.startswith(("ws://", "wss://")):
        return value.partition("?")[0]
    return value


def _is_secret(key: Any, value: Any) -> bool:
    return key == "token" or (key in _SECRETS and isinstance(value, str))


def _masked(token: Any) -> str:
    return f"({fingerprint(str(token))})"


def _event_type(payload: Any) -> str | None:
    event = payload.get("event") if isinstance(payload, Mapping) else None
    return event.get("type") if isinstance(event, Mapping) else None
