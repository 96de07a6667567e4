"""Checks an app manifest as Slack does when it is pasted.

Source: github.com/slackapi/manifest-schema, schema 2.0.0; parts that the stand-in does not use are not checked.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from slack_standin.block_kit.rules import Flag, ListOf, OneOf, Rule, Shape, String, problem


class _Anything:
    """Whatever Slack checks elsewhere."""

    def problems(self, _value: Any, _at: str) -> Iterator[str]:
        return iter(())


_ANY = _Anything()
_URL = String(3000, pattern=r"https?://\S+")
_CALLBACK = String(255)
_SCOPES = ListOf(String(255), 0, 255)
_COMMAND = Shape(
    {
        "command": String(32, pattern=r"/[^\s/]\S*"),
        "url": _URL,
        "description": String(2000),
        "usage_hint": String(1000),
        "should_escape": Flag(),
    },
    ("command", "description"),
)
_SHORTCUT = Shape(
    {
        "name": String(24),
        "type": OneOf(("message", "global")),
        "callback_id": _CALLBACK,
        "description": String(150),
    },
    ("name", "type", "callback_id", "description"),
)


def _others(*names: str) -> Mapping[str, Rule]:
    return dict.fromkeys(names, _ANY)


_FEATURES = Shape(
    {
        "app_home": Shape(
            {"home_tab_enabled": Flag(), "messages_tab_enabled": Flag(), "messages_tab_read_only_enabled": Flag()}
        ),
        "bot_user": Shape({"display_name": String(80), "always_online": Flag()}, ("display_name",)),
        "shortcuts": ListOf(_SHORTCUT, 0, 10),
        "slash_commands": ListOf(_COMMAND, 0, 50),
        "unfurl_domains": ListOf(String(255), 0, 5),
        **_others("workflow_steps", "assistant_view", "agent_view", "functions", "search", "rich_previews"),
    }
)
_OAUTH = Shape(
    {
        "redirect_urls": ListOf(_URL, 0, 1000),
        "scopes": Shape({"bot": _SCOPES, "user": _SCOPES, "bot_optional": _SCOPES, "user_optional": _SCOPES}),
        **_others("pkce_enabled", "token_management_enabled"),
    }
)
_EVENTS = Shape(
    {
        "request_url": _URL,
        "bot_events": ListOf(String(255), 0, 100),
        "user_events": ListOf(String(255), 0, 100),
        "metadata_subscriptions": ListOf(_ANY, 0, 20),
    }
)
_SETTINGS = Shape(
    {
        "event_subscriptions": _EVENTS,
        "interactivity": Shape(
            {"is_enabled": Flag(), "request_url": _URL, "message_menu_options_url": _URL}, ("is_enabled",)
        ),
        "org_deploy_enabled": Flag(),
        "socket_mode_enabled": Flag(),
        "token_rotation_enabled": Flag(),
        "is_hosted": Flag(),
        **_others("allowed_ip_address_ranges", "incoming_webhooks", "siws_links", "function_runtime"),
        **_others("hermes_app_type", "is_mcp_enabled"),
    }
)


def _consistent(manifest: Mapping[str, Any], at: str) -> Iterator[str]:
    """Yield problems between parts of a manifest."""
    features = _part(manifest, "features")
    asked = _part(_part(manifest, "oauth_config"), "scopes")
    scopes = _list(asked, "bot")
    for kind in ("bot", "user"):
        for scope in _list(asked, f"{kind}_optional"):
            if scope not in _list(asked, kind):
                yield problem(f"{scope} must be in `{kind}` as well", f"{at}/oauth_config/scopes/{kind}_optional")
    if (features.get("slash_commands") or features.get("shortcuts")) and "commands" not in scopes:
        yield problem("commands and shortcuts need the bot scope `commands`", f"{at}/oauth_config/scopes/bot")
    if scopes and "bot_user" not in features:
        yield problem("bot scopes need a bot_user", f"{at}/features/bot_user")
    if _part(manifest, "settings").get("token_rotation_enabled"):
        yield problem("this stand-in doesn't rotate tokens", f"{at}/settings/token_rotation_enabled")
    for name in ("slash_commands", "shortcuts"):
        key = "command" if name == "slash_commands" else "callback_id"
        listed = features.get(name)
        seen = [str(each.get(key)) for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []
        for twice in sorted({each for each in seen if seen.count(each) > 1}):
            yield problem(f"{twice} is there twice", f"{at}/features/{name}")


def _part(whole: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = whole.get(name, {})
    return part if isinstance(part, dict) else {}


def _list(part: Mapping[str, Any], name: str) -> list[Any]:
    items = part.get(name, [])
    return items if isinstance(items, list) else []


_MANIFEST = Shape(
    {
        "display_information": Shape(
            {
                "name": String(35),
                "description": String(140),
                "long_description": String(4000, least=175),
                "background_color": String(7, pattern="#[0-9A-Fa-f]{3}([0-9A-Fa-f]{3})?"),
            },
            ("name",),
        ),
        "features": _FEATURES,
        "oauth_config": _OAUTH,
        "settings": _SETTINGS,
        **_others("_metadata", "functions", "workflows", "datastores", "outgoing_domains", "types"),
        **_others("external_auth_providers", "mcp_servers"),
    },
    ("display_information",),
    _consistent,
)


def manifest_problems(manifest: Any) -> list[str]:
    """Return what is wrong with a manifest, in words, each with its JSON path."""
    return [_in_words(each) for each in _MANIFEST.problems(manifest, "")]


def _in_words(found: str) -> str:
    words, _, place = found.removesuffix("]").partition(" [json-pointer:")
    return f"{place.strip('/').replace('/', '.') or 'the manifest'}: {words}"
