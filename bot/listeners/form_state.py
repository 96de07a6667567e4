"""What an open settings form keeps in its view, from one request to the next."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.domain.settings_form import RoundupStatus, SettingsFormData
from bot.slack import payloads, view_state

MAX_URL_LENGTH = 500


@dataclass(frozen=True)
class FormState:
    """Its channel and user, the revision that they saw, and all that was entered so far.

    `has_managers_field` is whether it asks who else may change the settings, `asks_off` whether it asks if roundups are
    to be turned off. `offer_url` is the response_url of the offer that it was opened from, if any.
    """

    channel_id: str
    user_id: str
    revision: int
    entries: SettingsFormData
    has_managers_field: bool = False
    asks_off: bool = False
    offer_url: str = ""

    def encode(self) -> str:
        """Return it as text, for the view's private_metadata."""
        return json.dumps(
            {
                "channel": self.channel_id,
                "user": self.user_id,
                "revision": self.revision,
                # The managers stay in their field: there may be too many of them for the metadata.
                "entries": self.entries.to_json() | {"managers": []},
                "asks_off": self.asks_off,
                "offer_url": self.offer_url if len(self.offer_url) <= MAX_URL_LENGTH else "",
            },
            separators=(",", ":"),
        )


def parse_form_state(private_metadata: str, state: Mapping[str, Any]) -> FormState:
    """Read what a form kept, with what is entered in it now. Raises Malformed for what the bot did not make."""
    try:
        data = json.loads(private_metadata)
        entries = SettingsFormData().updated(data["entries"]).updated(view_state.parse_state(state))
        channel_id, user_id, revision = data["channel"], data["user"], data["revision"]
        asks_off, offer_url = data.get("asks_off", False), data.get("offer_url", "")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise payloads.Malformed("private_metadata") from None
    if not (
        isinstance(revision, int) and isinstance(user_id, str) and isinstance(offer_url, str) and entries.is_well_typed
    ):
        raise payloads.Malformed("private_metadata")
    return FormState(
        payloads.channel_id(channel_id),
        user_id,
        revision,
        entries,
        has_managers_field="managers" in state,
        asks_off=asks_off is True and entries.state == RoundupStatus.OFF,
        offer_url=offer_url,
    )
