"""Trigger ids: each opens one view, within three real seconds.

Source: docs.slack.dev/interactivity/handling-user-interaction.
"""

import secrets
import time

LIFETIME = 3.0


class Triggers:
    """Issues trigger ids and lets each be exchanged once."""

    def __init__(self) -> None:
        self._issued: dict[str, float] = {}
        self._exchanged: set[str] = set()

    def issue(self) -> str:
        """A new trigger id."""
        now = time.monotonic()
        trigger_id = f"{time.time_ns() // 1_000_000}.{secrets.randbelow(10**9)}.{secrets.token_hex(16)}"
        self._issued[trigger_id] = now
        return trigger_id

    def exchange(self, trigger_id: str) -> str | None:
        """Use a trigger id; the answer is the name of Slack's error, or None."""
        issued = self._issued.get(trigger_id)
        if issued is None:
            return "invalid_trigger_id"
        if trigger_id in self._exchanged:
            return "exchanged_trigger_id"
        if time.monotonic() - issued > LIFETIME:
            return "expired_trigger_id"
        self._exchanged.add(trigger_id)
        return None
