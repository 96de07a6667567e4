"""What the app's manifest says it may do: scopes, commands, events, Socket Mode, interactivity.

The manifest is the one Slack itself takes (github.com/slackapi/manifest-schema, schema 2.0.0).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Command:
    """A slash command of the manifest."""

    name: str
    should_escape: bool


@dataclass(frozen=True)
class Manifest:
    """The parts of an app manifest that decide what Slack lets the app do."""

    app_name: str
    bot_name: str
    scopes: frozenset[str]
    commands: Mapping[str, Command]
    events: frozenset[str]
    socket_mode: bool
    interactivity: bool


def read_manifest(source: Mapping[str, Any]) -> Manifest:
    """Read a manifest as it would be pasted into Slack."""
    features = source.get("features", {})
    settings = source.get("settings", {})
    app_name = source.get("display_information", {}).get("name", "App")
    commands = [
        Command(entry["command"], bool(entry.get("should_escape", False)))
        for entry in features.get("slash_commands", [])
    ]
    return Manifest(
        app_name=app_name,
        bot_name=features.get("bot_user", {}).get("display_name", app_name),
        scopes=frozenset(source.get("oauth_config", {}).get("scopes", {}).get("bot", [])),
        commands={command.name: command for command in commands},
        events=frozenset(settings.get("event_subscriptions", {}).get("bot_events", [])),
        socket_mode=bool(settings.get("socket_mode_enabled", False)),
        interactivity=bool(settings.get("interactivity", {}).get("is_enabled", False)),
    )
