"""What Slack's app manifest reference says of each field: its type, whether it is required, and its limits.

Written from docs.slack.dev/reference/app-manifest, with the limits that only slackapi/manifest-schema 2.0.0 has.
"""

from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["object", "map", "list", "text", "flag", "number"]


@dataclass(frozen=True)
class Field:
    """A field by its path: `[]` is each item of a list, `*` each field of a map.

    `most` and `least` count characters, items, or the number itself. `refused` are values that have the right type.
    """

    path: str
    kind: Kind
    required: bool = False
    most: int | None = None
    least: int | None = None
    refused: tuple[Any, ...] = ()


NO_URL = ("example.com", "ftp://example.com")
NO_WEB = (*NO_URL, "http://example.com")
NO_DOMAIN = ("-example.com", ".example.com", "exa mple.com", "https://example.com", "example.com.")

FIELDS = [
    Field("$schema", "text"),
    Field("_metadata", "object"),
    Field("_metadata.major_version", "number", most=2, least=1),
    Field("_metadata.minor_version", "number"),
    Field("app_directory", "object"),
    Field("app_directory.app_directory_categories", "list", most=3),
    Field("app_directory.use_direct_install", "flag"),
    Field("app_directory.direct_install_url", "text", refused=NO_URL),
    Field("app_directory.installation_landing_page", "text", required=True, refused=NO_URL),
    Field("app_directory.privacy_policy_url", "text", required=True, refused=NO_URL),
    Field("app_directory.support_url", "text", required=True, refused=NO_URL),
    Field("app_directory.support_email", "text", required=True, refused=("somebody", "a b@example.com")),
    Field("app_directory.supported_languages", "list", required=True, most=50, least=1),
    Field("app_directory.pricing", "text", required=True, most=30, least=1),
    Field("compliance", "object"),
    Field("compliance.fedramp_authorization", "text"),
    Field("datastores", "map", most=10),
    Field("datastores.*.primary_key", "text", required=True),
    Field("datastores.*.attributes", "map", required=True, most=100),
    Field("datastores.*.time_to_live_attribute", "text"),
    Field("display_information", "object", required=True),
    Field("display_information.name", "text", required=True, most=35, least=1),
    Field("display_information.description", "text", most=140, least=1),
    Field("display_information.long_description", "text", most=4000, least=175),
    Field("display_information.background_color", "text", refused=("1f5f4a", "#1f5f4", "#ggg", "green")),
    Field("external_auth_providers", "object"),
    Field("features", "object"),
    Field("features.agent_view", "object"),
    Field("features.agent_view.agent_description", "text", required=True, most=300),
    Field("features.agent_view.suggested_prompts", "list", most=4),
    Field("features.agent_view.suggested_prompts[].title", "text", required=True),
    Field("features.agent_view.suggested_prompts[].message", "text", required=True),
    Field("features.agent_view.actions", "list"),
    Field("features.agent_view.actions[].name", "text", required=True),
    Field("features.agent_view.actions[].description", "text", required=True),
    Field("features.app_home", "object"),
    Field("features.app_home.home_tab_enabled", "flag"),
    Field("features.app_home.messages_tab_enabled", "flag"),
    Field("features.app_home.messages_tab_read_only_enabled", "flag"),
    Field("features.assistant_view", "object"),
    Field("features.assistant_view.assistant_description", "text", required=True),
    Field("features.assistant_view.suggested_prompts", "list"),
    Field("features.assistant_view.actions", "list"),
    Field("features.bot_user", "object"),
    Field("features.bot_user.display_name", "text", required=True, most=80, least=1),
    Field("features.bot_user.always_online", "flag"),
    Field("features.code_channels", "object"),
    Field("features.code_channels.enabled", "flag"),
    Field("features.code_channels.slash_command_url", "text", refused=NO_URL),
    Field("features.rich_previews", "object"),
    Field("features.rich_previews.is_active", "flag"),
    Field("features.rich_previews.entity_types", "list"),
    Field("features.search", "object"),
    Field("features.search.search_function_callback_id", "text", required=True),
    Field("features.search.search_filters_function_callback_id", "text"),
    Field("features.search.slackbot_metadata", "object"),
    Field("features.search.slackbot_metadata.examples", "list", most=5),
    Field("features.shortcuts", "list", most=10, least=1),
    Field("features.shortcuts[].name", "text", required=True, most=24, least=1),
    Field("features.shortcuts[].type", "text", required=True, refused=("channel",)),
    Field("features.shortcuts[].callback_id", "text", required=True, most=255, least=1),
    Field("features.shortcuts[].description", "text", required=True, most=150, least=1),
    Field("features.slash_commands", "list", most=50, least=1),
    Field(
        "features.slash_commands[].command", "text", required=True, refused=("say", "/", "/two words", f"/{32 * 'x'}")
    ),
    Field("features.slash_commands[].description", "text", required=True, most=2000, least=1),
    Field("features.slash_commands[].should_escape", "flag"),
    Field("features.slash_commands[].url", "text", refused=NO_URL),
    Field("features.slash_commands[].usage_hint", "text", most=1000, least=1),
    Field("features.unfurl_domains", "list", most=5, least=1),
    Field("features.unfurl_domains[]", "text", refused=NO_DOMAIN),
    Field("features.workflow_steps", "list", most=10, least=1),
    Field("features.workflow_steps[].name", "text", required=True, most=50, least=1),
    Field("features.workflow_steps[].callback_id", "text", required=True, most=50, least=1),
    Field("functions", "map", most=50),
    Field("functions.*.title", "text", required=True, most=255, least=1),
    Field("functions.*.description", "text", required=True),
    Field("functions.*.input_parameters", "map", required=True),
    Field("functions.*.output_parameters", "map", required=True),
    Field("mcp_servers", "map", most=20),
    Field("mcp_servers.*.url", "text", required=True, refused=NO_WEB),
    Field("mcp_servers.*.auth_type", "text", refused=("basic",)),
    Field("mcp_servers.*.auth_provider_key", "text", most=255),
    Field("mcp_servers.*.headers", "map"),
    Field("metadata_events", "map"),
    Field("oauth_config", "object"),
    Field("oauth_config.pkce_enabled", "flag"),
    Field("oauth_config.redirect_urls", "list", most=1000),
    Field("oauth_config.redirect_urls[]", "text", most=2500),
    Field("oauth_config.scopes", "object"),
    Field("oauth_config.scopes.bot", "list", most=255),
    Field("oauth_config.scopes.bot[]", "text", most=50),
    Field("oauth_config.scopes.bot_optional", "list", most=255),
    Field("oauth_config.scopes.user", "list", most=255),
    Field("oauth_config.scopes.user_optional", "list", most=255),
    Field("oauth_config.token_management_enabled", "flag"),
    Field("outgoing_domains", "list", most=10),
    Field("outgoing_domains[]", "text", refused=NO_DOMAIN),
    Field("settings", "object"),
    Field("settings.allowed_ip_address_ranges", "list", most=10, least=1),
    Field("settings.allowed_ip_address_ranges[]", "text", refused=("256.1.1.1", "1.2.3", "1.2.3.4/33", "::1")),
    Field("settings.event_subscriptions", "object"),
    Field("settings.event_subscriptions.request_url", "text", refused=NO_URL),
    Field("settings.event_subscriptions.bot_events", "list", most=100),
    Field("settings.event_subscriptions.bot_events[]", "text", most=50),
    Field("settings.event_subscriptions.user_events", "list", most=100),
    Field("settings.event_subscriptions.metadata_subscriptions", "list", most=20, least=1),
    Field("settings.event_subscriptions.metadata_subscriptions[].app_id", "text", required=True),
    Field("settings.event_subscriptions.metadata_subscriptions[].event_type", "text", required=True, most=50),
    Field("settings.function_runtime", "text", refused=("local",)),
    Field("settings.incoming_webhooks", "object"),
    Field("settings.incoming_webhooks.incoming_webhooks_enabled", "flag"),
    Field("settings.interactivity", "object"),
    Field("settings.interactivity.is_enabled", "flag", required=True),
    Field("settings.interactivity.request_url", "text", refused=NO_URL),
    Field("settings.interactivity.message_menu_options_url", "text", refused=NO_URL),
    Field("settings.is_hosted", "flag"),
    Field("settings.is_mcp_enabled", "flag"),
    Field("settings.org_deploy_enabled", "flag"),
    Field("settings.siws_links", "object"),
    Field("settings.siws_links.initiate_uri", "text", refused=NO_WEB),
    Field("settings.socket_mode_enabled", "flag"),
    Field("settings.token_rotation_enabled", "flag"),
    Field("types", "map", most=50),
    Field("workflows", "map", most=50),
    Field("workflows.*.title", "text", required=True),
    Field("workflows.*.description", "text", required=True),
    Field("workflows.*.steps", "list", required=True),
    Field("workflows.*.suggested_triggers", "list"),
]

URL = "https://example.com/slack/events"
WHOLE: dict[str, Any] = {
    "$schema": "https://example.com/manifest.schema.json",
    "_metadata": {"major_version": 2, "minor_version": 1},
    "app_directory": {
        "app_directory_categories": ["Productivity"],
        "use_direct_install": True,
        "direct_install_url": URL,
        "installation_landing_page": URL,
        "privacy_policy_url": URL,
        "support_url": URL,
        "support_email": "help@example.com",
        "supported_languages": ["English"],
        "pricing": "Free",
    },
    "compliance": {"fedramp_authorization": "none"},
    "datastores": {
        "wins": {"primary_key": "id", "attributes": {"id": {"type": "string"}}, "time_to_live_attribute": "x"}
    },
    "display_information": {
        "name": "Your App",
        "description": "Does it.",
        "long_description": "It does. " * 20,
        "background_color": "#0000AA",
    },
    "external_auth_providers": {"oauth2": {"one": {"provider_type": "CUSTOM", "options": {"client_id": "1"}}}},
    "features": {
        "agent_view": {
            "agent_description": "Helps.",
            "suggested_prompts": [{"title": "Help", "message": "Help me"}],
            "actions": [{"name": "Go", "description": "Goes"}],
        },
        "app_home": {"home_tab_enabled": True, "messages_tab_enabled": True, "messages_tab_read_only_enabled": False},
        "assistant_view": {"assistant_description": "Helps.", "suggested_prompts": [], "actions": []},
        "bot_user": {"display_name": "Your Amazingly Helpful Bot", "always_online": False},
        "code_channels": {"enabled": True, "slash_command_url": URL},
        "rich_previews": {"is_active": True, "entity_types": ["slack#/entities/task"]},
        "search": {
            "search_function_callback_id": "find",
            "search_filters_function_callback_id": "filter",
            "slackbot_metadata": {"description": "Finds", "examples": ["Find it"], "example_query": "it"},
        },
        "shortcuts": [{"name": "Say", "type": "message", "callback_id": "say", "description": "Says it"}],
        "slash_commands": [
            {"command": "/say", "description": "Says it", "should_escape": True, "url": URL, "usage_hint": "[what]"}
        ],
        "unfurl_domains": ["example.com"],
        "workflow_steps": [{"name": "Step", "callback_id": "step"}],
    },
    "functions": {"do": {"title": "Do", "description": "Does", "input_parameters": {}, "output_parameters": {}}},
    "mcp_servers": {"one": {"url": URL, "auth_type": "no_auth", "auth_provider_key": "one", "headers": {"X-A": "b"}}},
    "metadata_events": {"made": {"type": "object"}},
    "oauth_config": {
        "pkce_enabled": False,
        "redirect_urls": ["https://example.com/auth"],
        "scopes": {
            "bot": ["commands", "chat:write", "reactions:read"],
            "bot_optional": ["reactions:read"],
            "user": ["chat:write"],
            "user_optional": ["chat:write"],
        },
        "token_management_enabled": True,
    },
    "outgoing_domains": ["example.com"],
    "settings": {
        "allowed_ip_address_ranges": ["123.123.123.0/24"],
        "event_subscriptions": {
            "request_url": URL,
            "bot_events": ["reaction_added"],
            "user_events": ["reaction_added"],
            "metadata_subscriptions": [{"app_id": "*", "event_type": "task_added"}],
        },
        "function_runtime": "remote",
        "incoming_webhooks": {"incoming_webhooks_enabled": False},
        "interactivity": {"is_enabled": True, "request_url": URL, "message_menu_options_url": URL},
        "is_hosted": False,
        "is_mcp_enabled": False,
        "org_deploy_enabled": True,
        "siws_links": {"initiate_uri": URL},
        "socket_mode_enabled": True,
        "token_rotation_enabled": False,
    },
    "types": {"one": {"type": "string"}},
    "workflows": {"one": {"title": "One", "description": "One", "steps": [], "suggested_triggers": []}},
}
"""A manifest with everything in the table in it."""


def parent(manifest: dict[str, Any], path: str) -> tuple[Any, Any]:
    """Where a field stands in a manifest: its container, and its key there."""
    keys = path.replace("[]", ".[]").split(".")
    found: Any = manifest
    for key in keys[:-1]:
        found = found[_key(found, key)]
    return found, _key(found, keys[-1])


def _key(container: Any, key: str) -> Any:
    return 0 if key == "[]" else next(iter(container)) if key == "*" else key
