"""Trigger ids: each opens one view within three real seconds, for the person who caused it.

Source: docs.slack.dev/interactivity/handling-user-interaction.
"""

import secrets
import time
from dataclasses import dataclass

LIFETIME = 3.0


@dataclass(frozen=True)
class TriggerSource:
    """Who caused a trigger, in which channel and view."""

    team_id: str
    person: str
    channel: str | None = None
    view: str | None = None


class Triggers:
    """Issues trigger ids and lets each be exchanged once."""

    def __init__(self) -> None:
        self._issued: dict[str, tuple[float, TriggerSource | None]] = {}
        self._exchanged: set[str] = set()

    def issue(self, holder: TriggerSource | None = None) -> str:
        """A new trigger id."""
        now = time.monotonic()
        trigger_id = f"{time.time_ns() // 1_000_000}.{secrets.randbelow(10**9)}.{secrets.token_hex(16)}"
        self._issued[trigger_id] = (now, holder)
        return trigger_id

    def holder(self, trigger_id: str) -> TriggerSource | None:
        """Return who caused a trigger."""
        return self._issued.get(trigger_id, (0.0, None))[1]

    def exchange(self, trigger_id: str) -> str | None:
        """Use a trigger id; the answer is the name of Slack's error, or None."""
        if trigger_id not in self._issued:
            return "invalid_trigger_id"
        if trigger_id in self._exchanged:
            return "exchanged_trigger_id"
        if time.monotonic() - self._issued[trigger_id][0] > LIFETIME:
            return "expired_trigger_id"
        self._exchanged.add(trigger_id)
        return None
