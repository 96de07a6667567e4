"""The fields of an app manifest, with their types and limits.

Sources: docs.slack.dev/reference/app-manifest, and github.com/slackapi/manifest-schema (2.0.0) for limits that the
reference leaves out. Where they differ the reference holds. Both its example and Slack's own apps have capitals and
spaces in a bot's display name, though its table of fields allows neither, so here they are allowed.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from slack_standin.block_kit.rules import Flag, ListOf, MapOf, Number, OneOf, Rule, Shape, String


class _Anything:
    """What the stand-in doesn't use, and Slack describes elsewhere."""

    def problems(self, _value: Any, _at: str) -> Iterator[str]:
        return iter(())


_ANY = _Anything()
_OBJECT = MapOf(_ANY, 1000)
_TEXT = String(100_000, least=0)
_HTTP, _HTTPS = r"https?://\S+", r"https://\S+"
_NUMBER_OF_8_BITS = r"(\d|[1-9]\d|1\d\d|2[0-4]\d|25[0-5])"
_ADDRESSES = rf"({_NUMBER_OF_8_BITS}\.){{3}}{_NUMBER_OF_8_BITS}(/(3[0-2]|[12]?\d))?"
_DOMAIN = r"(?![.-])[-a-z0-9.]+[a-z0-9]"
_URL = String(3500, pattern=_HTTP)
_CALLBACK = String(255)
_SCOPES = ListOf(String(50), 0, 255)
_EVENTS = ListOf(String(50), 0, 100, unique=True)


def _shape(required: Mapping[str, Rule] | None = None, /, **optional: Rule) -> Shape:
    return Shape({**(required or {}), **optional}, tuple(required or {}))


_PROMPTS = ListOf(_shape({"title": _TEXT, "message": _TEXT}), 0, 100)
_ACTIONS = ListOf(_shape({"name": _TEXT, "description": _TEXT}), 0, 100)
_DISPLAY_INFORMATION = _shape(
    {"name": String(35)},
    description=String(140),
    long_description=String(4000, least=175),
    background_color=String(7, pattern="#[0-9A-Fa-f]{3}([0-9A-Fa-f]{3})?"),
)
_FEATURES = _shape(
    app_home=_shape(home_tab_enabled=Flag(), messages_tab_enabled=Flag(), messages_tab_read_only_enabled=Flag()),
    agent_view=_shape(
        {"agent_description": String(300, least=0)},
        suggested_prompts=ListOf(_PROMPTS.item, 0, 4),
        actions=_ACTIONS,
    ),
    assistant_view=_shape({"assistant_description": _TEXT}, suggested_prompts=_PROMPTS, actions=_ACTIONS),
    bot_user=_shape({"display_name": String(80)}, always_online=Flag()),
    code_channels=_shape(enabled=Flag(), slash_command_url=String(3000, pattern=_HTTP)),
    functions=ListOf(_OBJECT, 0, 50),
    rich_previews=_shape(is_active=Flag(), entity_types=ListOf(_TEXT, 0, 1000)),
    search=_shape(
        {"search_function_callback_id": _CALLBACK},
        search_filters_function_callback_id=_CALLBACK,
        slackbot_metadata=_shape(description=_TEXT, examples=ListOf(_ANY, 0, 5), example_query=_TEXT),
    ),
    shortcuts=ListOf(
        _shape(
            {
                "name": String(24),
                "type": OneOf(("message", "global")),
                "callback_id": _CALLBACK,
                "description": String(150),
            }
        ),
        1,
        10,
    ),
    slash_commands=ListOf(
        _shape(
            {"command": String(32, pattern=r"/[^\s/]\S*"), "description": String(2000)},
            url=String(3000, pattern=_HTTP),
            usage_hint=String(1000),
            should_escape=Flag(),
        ),
        1,
        50,
    ),
    unfurl_domains=ListOf(String(255, pattern=_DOMAIN), 1, 5, unique=True),
    workflow_steps=ListOf(_shape({"name": String(50), "callback_id": String(50)}), 1, 10),
)
_OAUTH_CONFIG = _shape(
    redirect_urls=ListOf(String(2500), 0, 1000, unique=True),
    scopes=_shape(bot=_SCOPES, user=_SCOPES, bot_optional=_SCOPES, user_optional=_SCOPES),
    pkce_enabled=Flag(),
    token_management_enabled=Flag(),
)
_SETTINGS = _shape(
    allowed_ip_address_ranges=ListOf(String(18, pattern=_ADDRESSES), 1, 10, unique=True),
    event_subscriptions=_shape(
        request_url=_URL,
        bot_events=_EVENTS,
        user_events=_EVENTS,
        metadata_subscriptions=ListOf(_shape({"app_id": _TEXT, "event_type": String(50)}), 1, 20, unique=True),
    ),
    function_runtime=OneOf(("remote", "slack")),
    hermes_app_type=_TEXT,
    incoming_webhooks=_shape(incoming_webhooks_enabled=Flag()),
    interactivity=_shape({"is_enabled": Flag()}, request_url=_URL, message_menu_options_url=_URL),
    is_hosted=Flag(),
    is_mcp_enabled=Flag(),
    org_deploy_enabled=Flag(),
    siws_links=_shape(initiate_uri=String(3500, pattern=_HTTPS)),
    socket_mode_enabled=Flag(),
    token_rotation_enabled=Flag(),
)
_APP_DIRECTORY = _shape(
    {
        "installation_landing_page": String(255, pattern=_HTTP),
        "privacy_policy_url": String(500, pattern=_HTTP),
        "support_url": String(350, pattern=_HTTP),
        "support_email": String(100, pattern=r"[^@\s]+@[^@\s]+"),
        "supported_languages": ListOf(String(50), 1, 50),
        "pricing": String(30),
    },
    app_directory_categories=ListOf(String(255), 0, 3),
    use_direct_install=Flag(),
    direct_install_url=String(255, pattern=_HTTP),
)
_FUNCTION = _shape(
    {"title": String(255), "description": _TEXT, "input_parameters": _OBJECT, "output_parameters": _OBJECT}
)
_WORKFLOW = _shape(
    {"title": _TEXT, "description": _TEXT, "steps": ListOf(_OBJECT, 0, 1000)},
    input_parameters=_OBJECT,
    output_parameters=_OBJECT,
    suggested_triggers=ListOf(_OBJECT, 0, 1000),
)
_PROVIDER = _shape({"provider_type": OneOf(("CUSTOM", "SLACK_PROVIDED")), "options": _OBJECT})
_MCP_SERVER = _shape(
    {"url": String(500, pattern=_HTTPS)},
    auth_provider_key=String(255),
    auth_type=OneOf(("dynamic_client_registration", "no_auth", "manual_auth", "slack_identity_auth")),
    headers=MapOf(_TEXT, 1000),
)
FIELDS: Mapping[str, Rule] = {
    "$schema": _TEXT,
    "_metadata": _shape(
        schema_version=Number(), min_version=Number(), major_version=Number(1, 2), minor_version=Number()
    ),
    "app_directory": _APP_DIRECTORY,
    "compliance": _shape(fedramp_authorization=_TEXT, dod_srg_ilx=_TEXT, itar_compliant=_TEXT),
    "datastores": MapOf(
        _shape({"primary_key": String(255), "attributes": MapOf(_OBJECT, 100)}, time_to_live_attribute=_TEXT), 10
    ),
    "display_information": _DISPLAY_INFORMATION,
    "external_auth_providers": _shape(oauth2=MapOf(_PROVIDER, 1000)),
    "features": _FEATURES,
    "functions": MapOf(_FUNCTION, 50, name=String(100)),
    "mcp_servers": MapOf(_MCP_SERVER, 20),
    "metadata_events": _OBJECT,
    "oauth_config": _OAUTH_CONFIG,
    "outgoing_domains": ListOf(String(50, pattern=_DOMAIN), 0, 10, unique=True),
    "settings": _SETTINGS,
    "types": MapOf(_OBJECT, 50),
    "workflows": MapOf(_WORKFLOW, 50),
}
