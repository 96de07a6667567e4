"""What an update of the installed manifest would add. Slack tells a bot its scopes, not its events and shortcuts."""

from collections.abc import Set

from bot.slack.manifest import OPTIONAL_SCOPES, manifest

WAYS_IN = {"app_mentions:read": "mentioning Winsome", "im:history": "sending Winsome a direct message"}
"""The optional scopes of further ways to save a win. The shortcuts came with them, in the same manifest."""


def missing_ways_in(granted: Set[str]) -> tuple[str, ...]:
    """Return the scopes of WAYS_IN that aren't granted; none if it isn't known what is (`granted` is empty)."""
    return tuple(scope for scope in WAYS_IN if granted and scope in OPTIONAL_SCOPES and scope not in granted)


def shortcut_names() -> list[str]:
    """Return the names of the shortcuts as Slack shows them."""
    return [str(each["name"]) for each in manifest()["features"].get("shortcuts", [])]
