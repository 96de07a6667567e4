"""oauth.v2.access, auth.revoke, apps.uninstall: the life of a token."""

from typing import Any

from slack_standin.api.methods.method import ApiError, Ask, Method, invalid_arguments
from slack_standin.model.rate_limits import Tier


def access(ask: Ask) -> dict[str, Any]:
    """docs.slack.dev/reference/methods/oauth.v2.access"""
    _check_client(ask)
    if ask.args.get("grant_type", "authorization_code") != "authorization_code" or "code" not in ask.args:
        raise invalid_arguments("only codes can be exchanged: token rotation is off")
    code = ask.world.codes.exchange(ask.text("code"))
    if code is None:
        raise ApiError("invalid_code")
    if ask.args.get("redirect_uri") != code.redirect_uri:
        raise ApiError("bad_redirect_uri")
    workspace = code.workspace
    workspace.install(code.scopes)
    return {
        "access_token": workspace.bot_token,
        "token_type": "bot",
        "scope": ",".join(sorted(workspace.scopes)),
        "bot_user_id": workspace.bot_user_id,
        "app_id": workspace.app_id,
        "team": {"id": workspace.team_id, "name": workspace.name},
        "enterprise": workspace.enterprise.of_interaction() if workspace.enterprise else None,
        "is_enterprise_install": False,
        "authed_user": {"id": code.person},
    }


def revoke(ask: Ask) -> dict[str, Any]:
    """docs.slack.dev/reference/methods/auth.revoke: the bot's token is the app's last, so the app is gone with it."""
    if not ask.args.get("test"):
        ask.events.tell_uninstalled(ask.workspace)
    return {"revoked": not ask.args.get("test")}


def uninstall(ask: Ask) -> dict[str, Any]:
    """docs.slack.dev/reference/methods/apps.uninstall"""
    _check_client(ask)
    ask.events.tell_uninstalled(ask.workspace)
    return {}


def _check_client(ask: Ask) -> None:
    if ask.text("client_id") != ask.world.client_id:
        raise ApiError("invalid_client_id")
    if ask.text("client_secret") != ask.world.client_secret:
        raise ApiError("bad_client_secret")


METHODS = (
    Method(
        "oauth.v2.access",
        access,
        Tier.FOUR,
        {
            "client_id": "text",
            "client_secret": "text",
            "code": "text",
            "redirect_uri": "text",
            "grant_type": "text",
            "refresh_token": "text",
        },
        opened_by="anyone",
    ),
    Method("auth.revoke", revoke, Tier.THREE, {"test": "flag"}),
    Method(
        "apps.uninstall",
        uninstall,
        Tier.ONE,
        {"client_id": "text", "client_secret": "text"},
        required=("client_id", "client_secret"),
    ),
)
