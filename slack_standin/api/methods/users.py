"""users.*: the people of a workspace."""

from typing import Any

from slack_standin.api.methods.method import ApiError, Ask, Method
from slack_standin.api.methods.paging import page
from slack_standin.model.rate_limits import Tier


def users_info(ask: Ask) -> dict[str, Any]:
    """docs.slack.dev/reference/methods/users.info"""
    person = ask.workspace.people.get(ask.text("user"))
    if person is None:
        raise ApiError("user_not_found")
    return {"user": person.to_slack(ask.world.clock.now())}


def users_list(ask: Ask) -> dict[str, Any]:
    """docs.slack.dev/reference/methods/users.list"""
    now = ask.world.clock.now()
    people, cursor = page(ask, list(ask.workspace.people.values()), default=1000, most=1000)
    return {
        "members": [person.to_slack(now) for person in people],
        "cache_ts": int(now.timestamp()),
        "response_metadata": {"next_cursor": cursor},
    }


METHODS = (
    Method(
        "users.info",
        users_info,
        Tier.FOUR,
        {"user": "text", "include_locale": "flag"},
        required=("user",),
        scopes=("users:read",),
    ),
    Method(
        "users.list",
        users_list,
        Tier.TWO,
        {"cursor": "text", "limit": "number", "include_locale": "flag"},
        scopes=("users:read",),
    ),
)
