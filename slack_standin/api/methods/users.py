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


def lookup_by_email(ask: Ask) -> dict[str, Any]:
    """docs.slack.dev/reference/methods/users.lookupByEmail"""
    wanted = ask.text("email").casefold()
    for person in ask.workspace.people.values():
        if person.email and person.email.casefold() == wanted and not person.deleted:
            return {"user": _user_object(ask, person)}
    raise ApiError("users_not_found")


def profile_get(ask: Ask) -> dict[str, Any]:
    """docs.slack.dev/reference/methods/users.profile.get: without a person, the bot's own."""
    person = ask.workspace.people.get(ask.text("user") or ask.workspace.bot_user_id)
    if person is None:
        raise ApiError("user_not_found")
    return {"profile": person.profile(with_email="users:read.email" in ask.provided_scopes)}


def _user_object(ask: Ask, person: Person) -> dict[str, Any]:
    home = ask.world.workspace_of(person)
    return ask.workspace.user_object(person, home=home, with_locale=bool(ask.args.get("include_locale")))


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
    Method(
        "users.lookupByEmail",
        lookup_by_email,
        Tier.THREE,
        {"email": "text"},
        required=("email",),
        scopes=("users:read.email",),
    ),
    Method(
        "users.profile.get",
        profile_get,
        Tier.FOUR,
        {"user": "text", "include_labels": "flag"},
        scopes=("users.profile:read",),
    ),
)
