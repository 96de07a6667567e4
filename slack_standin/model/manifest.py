"""What the app's manifest declares: scopes, commands, events, Socket Mode, interactivity.

It is the manifest that Slack takes (github.com/slackapi/manifest-schema, schema 2.0.0).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Command:
    """A slash command of the manifest."""

    name: str
    should_escape: bool
    description: str = ""
    usage_hint: str = ""
    url: str | None = None


@dataclass(frozen=True)
class Shortcut:
    """A shortcut of the manifest, of a message or global."""

    name: str
    kind: str
    callback_id: str
    description: str = ""


@dataclass(frozen=True)
class Manifest:
    """The parts of an app manifest that decide what the app can do."""

    app_name: str
    bot_name: str
    scopes: frozenset[str]
    optional_scopes: frozenset[str]
    redirect_urls: tuple[str, ...]
    commands: Mapping[str, Command]
    events: frozenset[str]
    socket_mode: bool
    interactivity: bool
    shortcuts: tuple[Shortcut, ...]
    home_tab: bool
    messages_tab: bool
    """Whether the app can send direct messages."""
    messages_tab_read_only: bool
    events_url: str | None
    interactivity_url: str | None
    options_url: str | None

    @property
    def takes_messages(self) -> bool:
        """Whether people can write to the app in its direct messages."""
        return self.messages_tab and not self.messages_tab_read_only

    @property
    def required_scopes(self) -> frozenset[str]:
        """The scopes that an installation can't leave out."""
        return self.scopes - self.optional_scopes

    def url_for(self, kind: str, payload: Any) -> str | None:
        """The manifest's URL for a payload."""
        payload = payload if isinstance(payload, dict) else {}
        if kind == "slash_commands":
            command = self.commands.get(str(payload.get("command")))
            return command.url if command else None
        if kind == "events_api":
            return self.events_url
        if payload.get("type") == "block_suggestion":
            return self.options_url or self.interactivity_url
        return self.interactivity_url


def read_manifest(source: Mapping[str, Any]) -> Manifest:
    """Read a manifest as it would be pasted into Slack."""
    features = source.get("features", {})
    settings = source.get("settings", {})
    oauth = source.get("oauth_config", {})
    interactivity = settings.get("interactivity", {})
    scopes = oauth.get("scopes", {})
    app_name = source.get("display_information", {}).get("name", "App")
    commands = [
        Command(
            entry["command"],
            bool(entry.get("should_escape", False)),
            entry.get("description", ""),
            entry.get("usage_hint", ""),
            entry.get("url"),
        )
        for entry in features.get("slash_commands", [])
    ]
    shortcuts = [
        Shortcut(entry["name"], entry["type"], entry["callback_id"], entry.get("description", ""))
        for entry in features.get("shortcuts", [])
    ]
    app_home = features.get("app_home", {})
    return Manifest(
        app_name=app_name,
        bot_name=features.get("bot_user", {}).get("display_name", app_name),
        scopes=frozenset(scopes.get("bot", [])),
        optional_scopes=frozenset(scopes.get("bot_optional", [])),
        redirect_urls=tuple(oauth.get("redirect_urls", [])),
        commands={command.name: command for command in commands},
        events=frozenset(settings.get("event_subscriptions", {}).get("bot_events", [])),
        socket_mode=bool(settings.get("socket_mode_enabled", False)),
        interactivity=bool(interactivity.get("is_enabled", False)),
        shortcuts=tuple(shortcuts),
        events_url=settings.get("event_subscriptions", {}).get("request_url"),
        interactivity_url=interactivity.get("request_url"),
        options_url=interactivity.get("message_menu_options_url"),
        home_tab=bool(app_home.get("home_tab_enabled", False)),
        messages_tab=bool(app_home.get("messages_tab_enabled", True)),
        messages_tab_read_only=bool(app_home.get("messages_tab_read_only_enabled", False)),
    )
