"""Methods about the connection itself: api.test, auth.test, apps.connections.open, bots.info, team.info."""

from typing import Any

from slack_standin.api.methods.method import ApiError, Ask, Method
from slack_standin.model.rate_limits import Tier


def api_test(ask: Ask) -> dict[str, Any]:
    """docs.slack.dev/reference/methods/api.test"""
    if "error" in ask.args:
        raise ApiError(ask.text("error"), args=dict(ask.args))
    return {"args": dict(ask.args)} if ask.args else {}


def auth_test(ask: Ask) -> dict[str, Any]:
    """docs.slack.dev/reference/methods/auth.test"""
    workspace = ask.workspace
    return {
        "url": workspace.url,
        "team": workspace.name,
        "user": workspace.bot.name,
        "team_id": workspace.team_id,
        "user_id": workspace.bot_user_id,
        "bot_id": workspace.bot_id,
        "is_enterprise_install": False,
        **({"enterprise_id": workspace.enterprise.id} if workspace.enterprise else {}),
    }


def connections_open(ask: Ask) -> dict[str, Any]:
    """docs.slack.dev/reference/methods/apps.connections.open"""
    if not ask.world.manifest.socket_mode:
        raise ApiError("socket_mode_disabled")
    return {"url": ask.socket.new_address()}


def team_info(ask: Ask) -> dict[str, Any]:
    """docs.slack.dev/reference/methods/team.info"""
    workspace = ask.workspace
    if ask.args.get("team", workspace.team_id) != workspace.team_id:
        raise ApiError("team_not_found")
    team = {
        "id": workspace.team_id,
        "name": workspace.name,
        "domain": workspace.domain,
        "url": workspace.url,
        "email_domain": "",
        **(workspace.enterprise.of_team() if workspace.enterprise else {}),
    }
    return {"team": team}


def bots_info(ask: Ask) -> dict[str, Any]:
    """docs.slack.dev/reference/methods/bots.info: without a bot, about the bot itself."""
    if ask.args.get("bot", ask.workspace.bot_id) != ask.workspace.bot_id:
        raise ApiError("bot_not_found")
    return {"bot": ask.workspace.bot_profile()}


METHODS = (
    Method("api.test", api_test, Tier.FOUR, {"error": "text", "foo": "text"}, opened_by="anyone", takes_anything=True),
    Method("auth.test", auth_test, Tier.SPECIAL, {}),
    Method("apps.connections.open", connections_open, Tier.THREE, {}, opened_by="app", scopes=("connections:write",)),
    Method("bots.info", bots_info, Tier.THREE, {"bot": "text"}, scopes=("users:read",)),
    Method(
        "team.info",
        team_info,
        Tier.THREE,
        {"team": "text", "domain": "text", "include_slackbot_availability": "flag"},
        scopes=("team:read",),
    ),
)
