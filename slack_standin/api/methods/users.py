"""users.*: the people of a workspace."""

from typing import Any

from slack_standin.api.methods.method import ApiError, Ask, Method
from slack_standin.api.methods.paging import page
from slack_standin.model.rate_limits import Tier
from slack_standin.model.workspace import Person


def users_info(ask: Ask) -> dict[str, Any]:
    """docs.slack.dev/reference/methods/users.info"""
    person = ask.workspace.people.get(ask.text("user"))
    if person is None:
        raise ApiError("user_not_found")
    return {"user": _user_object(ask, person)}


def users_list(ask: Ask) -> dict[str, Any]:
    """docs.slack.dev/reference/methods/users.list"""
    people, cursor = page(ask, list(ask.workspace.people.values()), default=1000, most=1000)
    return {
        "members": [_user_object(ask, person) for person in people],
        "cache_ts": int(ask.world.clock.now().timestamp()),
        "response_metadata": {"next_cursor": cursor},
    }


def _user_object(ask: Ask, person: Person) -> dict[str, Any]:
    return ask.workspace.user_object(person, with_locale=bool(ask.args.get("include_locale")))


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
