"""What an open form in which a win is edited keeps in its view."""

import json
from dataclasses import dataclass
from enum import StrEnum

from bot.listeners.win_form_state import MAX_RESPONSE_URL_LENGTH, is_count
from bot.slack.payloads import Malformed, optional_id, slack_id


class Origin(StrEnum):
    """Where the form was opened, which shows the win as it was then."""

    SAVED = "saved"
    """The message that says that the win is saved."""
    LIST = "list"
    HOME = "home"
    ANNOUNCEMENT = "announcement"


@dataclass(frozen=True)
class EditFormState:
    """The win that is edited, and which of its revisions the form shows.

    `channel_id` is where the author was, `win_channel_id` the channel of the win, and `response_url` leads to the
    message that they pressed. `joined_ids` are those who had joined the win and are shown in the form; someone may join
    while it is open. `version` counts the times that the fields were filled again.
    """

    win_id: int
    revision: int
    origin: Origin
    channel_id: str | None = None
    win_channel_id: str | None = None
    response_url: str = ""
    version: int = 0
    joined_ids: tuple[str, ...] = ()

    def encode(self) -> str:
        """Return it as text, for the view's private_metadata."""
        url = self.response_url if len(self.response_url) <= MAX_RESPONSE_URL_LENGTH else ""
        where = (self.origin, self.channel_id, self.win_channel_id, url)
        return json.dumps((self.win_id, self.revision, *where, self.version, self.joined_ids), separators=(",", ":"))


def parse_edit_form_state(private_metadata: str) -> EditFormState:
    """Read what a form keeps. Raises Malformed for what the bot did not make."""
    try:
        win_id, revision, origin, *channel_ids, url, version, joined = json.loads(private_metadata)
        channel_id, win_channel_id = (optional_id({"id": each}, "id") for each in channel_ids)
        is_valid = all(is_count(number) for number in (win_id, revision, version)) and isinstance(url, str)
        joined_ids = tuple(slack_id({"id": each}, "id") for each in joined)
        state = EditFormState(win_id, revision, Origin(origin), channel_id, win_channel_id, url, version, joined_ids)
    except (ValueError, TypeError, RecursionError):
        raise Malformed("private_metadata") from None
    if not is_valid:
        raise Malformed("private_metadata")
    return state
