"""conversations.*: what a bot changes in channels and in who is there.

Bots can't bring a channel back: Slack takes only people's tokens for conversations.unarchive.
"""

from collections.abc import Callable
from typing import Any

from slack_standin.api.methods.channel_object import channel_object
from slack_standin.api.methods.method import ApiError, Ask, Method, with_warnings
from slack_standin.delivery import channel_changes
from slack_standin.delivery.channel_changes import Notice
from slack_standin.model.rate_limits import Tier
from slack_standin.model.workspace import Channel

_MAX_NAME = 80
_MAX_DESCRIPTION = 250
_MANAGE = {
    "channels": ("channels:manage", "channels:write"),
    "groups": ("groups:write",),
    "im": ("im:write",),
    "mpim": ("mpim:write",),
}
_INVITE = _MANAGE | {
    "channels": (*_MANAGE["channels"], "channels:write.invites"),
    "groups": (*_MANAGE["groups"], "groups:write.invites"),
}
_DESCRIBE = {family: (*scopes, f"{family}:write.topic") for family, scopes in _MANAGE.items()}
_Scopes = dict[str, tuple[str, ...]]


def create(ask: Ask) -> dict[str, Any]:
    """docs.slack.dev/reference/methods/conversations.create"""
    private = bool(ask.args.get("is_private"))
    ask.require_any_scope(*_MANAGE["groups" if private else "channels"])
    name = _new_name(ask)
    channel, notices = channel_changes.create(ask.workspace, name, ask.workspace.bot_user_id, private=private)
    return _changed(ask, channel, notices)


def join(ask: Ask) -> dict[str, Any]:
    """docs.slack.dev/reference/methods/conversations.join"""
    channel = ask.known_channel()
    if not channel.public:
        raise ApiError("method_not_supported_for_channel_type")
    if channel.archived:
        raise ApiError("is_archived")
    bot = ask.workspace.bot_user_id
    if bot in channel.members:
        return with_warnings({"channel": channel_object(ask, channel)}, "already_in_channel")
    return _changed(ask, channel, channel_changes.join(ask.workspace, channel, bot))


def invite(ask: Ask) -> dict[str, Any]:
    """docs.slack.dev/reference/methods/conversations.invite: `force` leaves out those who can't be invited."""
    channel = _own_channel(ask, _INVITE)
    users = ask.args.get("users")
    if not users:
        raise ApiError("no_user")
    errors = [
        {"user": user, "ok": False, "error": error} for user in users if (error := _cant_join(ask, channel, user))
    ]
    refused = {each["user"] for each in errors}
    invited = [user for user in users if user not in refused]
    if errors and not (ask.args.get("force") and invited):
        raise ApiError(str(errors[0]["error"]), errors=errors)
    bot = ask.workspace.bot_user_id
    notices = [each for user in invited for each in channel_changes.join(ask.workspace, channel, user, bot)]
    return _changed(ask, channel, notices) | ({"errors": errors} if errors else {})


def kick(ask: Ask) -> dict[str, Any]:
    """docs.slack.dev/reference/methods/conversations.kick"""
    channel = _own_channel(ask, _MANAGE)
    user = ask.text("user")
    if not user:
        raise ApiError("no_user")
    if user not in ask.workspace.people:
        raise ApiError("user_not_found")
    if user == ask.workspace.bot_user_id:
        raise ApiError("cant_kick_self")
    if user not in channel.members:
        raise ApiError("not_in_channel")
    if channel.is_general:
        raise ApiError("cant_kick_from_general")
    _tell(ask, channel, channel_changes.leave(ask.workspace, channel, user))
    return {"errors": {}}


def leave(ask: Ask) -> dict[str, Any]:
    """docs.slack.dev/reference/methods/conversations.leave"""
    channel = _known_channel(ask, _MANAGE)
    if channel.archived:
        raise ApiError("is_archived")
    bot = ask.workspace.bot_user_id
    if bot not in channel.members:
        return {"not_in_channel": True}
    if channel.is_general:
        raise ApiError("cant_leave_general")
    if channel.members == [bot]:
        raise ApiError("last_member")
    _tell(ask, channel, channel_changes.leave(ask.workspace, channel, bot))
    return {}


def archive(ask: Ask) -> dict[str, Any]:
    """docs.slack.dev/reference/methods/conversations.archive"""
    channel = _known_channel(ask, _MANAGE)
    if channel.archived:
        raise ApiError("already_archived")
    ask.own_channel()
    if channel.is_general:
        raise ApiError("cant_archive_general")
    _tell(ask, channel, channel_changes.archive(ask.workspace, channel, ask.workspace.bot_user_id, archived=True))
    return {}


def rename(ask: Ask) -> dict[str, Any]:
    """docs.slack.dev/reference/methods/conversations.rename: a bot renames only channels that it created."""
    channel = _own_channel(ask, _MANAGE)
    if channel.creator != ask.workspace.bot_user_id:
        raise ApiError("not_authorized")
    name = _new_name(ask, channel)
    return _changed(ask, channel, channel_changes.rename(ask.workspace, channel, name, ask.workspace.bot_user_id))


def describe(what: str) -> Callable[[Ask], dict[str, Any]]:
    """docs.slack.dev/reference/methods/conversations.setTopic and conversations.setPurpose"""

    def handler(ask: Ask) -> dict[str, Any]:
        channel = ask.own_channel()
        ask.require_any_scope(*_DESCRIBE[channel.family])
        if channel.archived:
            raise ApiError("is_archived")
        words = ask.text(what)
        if len(words) > _MAX_DESCRIPTION:
            raise ApiError("too_long")
        notices = channel_changes.describe(ask.workspace, channel, ask.workspace.bot_user_id, what, words)
        return _changed(ask, channel, notices) | {what: getattr(channel, what)["value"]}

    return handler


def _new_name(ask: Ask, renamed: Channel | None = None) -> str:
    """A name that a channel can have: in lower case, of letters, digits, hyphens and underscores."""
    name = ask.text("name")
    if not name:
        raise ApiError("invalid_name_required")
    if not all(letter in "-_" or (letter.isalnum() and letter == letter.lower()) for letter in name):
        raise ApiError("invalid_name_specials")
    if not name.strip("-_"):
        raise ApiError("invalid_name_punctuation")
    if len(name) > _MAX_NAME:
        raise ApiError("invalid_name_maxlength")
    if ask.workspace.channel_named(name) not in (None, renamed):
        raise ApiError("name_taken")
    return name


def _cant_join(ask: Ask, channel: Channel, user: str) -> str | None:
    person = ask.workspace.people.get(user)
    if person is None:
        return "user_not_found"
    if person is ask.workspace.bot:
        return "cant_invite_self"
    if person.deleted:
        return "cant_invite"
    return "already_in_channel" if user in channel.members else None


def _known_channel(ask: Ask, scopes: _Scopes) -> Channel:
    """A channel that the bot can see and that is no direct message."""
    channel = ask.known_channel()
    if channel.is_im or channel.is_mpim:
        raise ApiError("method_not_supported_for_channel_type")
    ask.require_any_scope(*scopes[channel.family])
    return channel


def _own_channel(ask: Ask, scopes: _Scopes) -> Channel:
    """A channel that the bot is in and that isn't archived."""
    _known_channel(ask, scopes)
    channel = ask.own_channel()
    if channel.archived:
        raise ApiError("is_archived")
    return channel


def _tell(ask: Ask, channel: Channel, notices: list[Notice]) -> None:
    for notice in notices:
        ask.events.tell_in_background(ask.workspace, notice.event, channel, outside=notice.outside)


def _changed(ask: Ask, channel: Channel, notices: list[Notice]) -> dict[str, Any]:
    _tell(ask, channel, notices)
    return {"channel": channel_object(ask, channel)}


def _any_of(scopes: _Scopes) -> tuple[str, ...]:
    return tuple(scope for each in scopes.values() for scope in each)


METHODS = (
    Method(
        "conversations.create",
        create,
        Tier.TWO,
        {"name": "text", "is_private": "flag"},
        scopes=_any_of(_MANAGE),
    ),
    Method(
        "conversations.join",
        join,
        Tier.THREE,
        {"channel": "text"},
        required=("channel",),
        scopes=("channels:join",),
    ),
    Method(
        "conversations.invite",
        invite,
        Tier.THREE,
        {"channel": "text", "users": "ids", "force": "flag"},
        required=("channel",),
        scopes=_any_of(_INVITE),
    ),
    Method(
        "conversations.kick",
        kick,
        Tier.THREE,
        {"channel": "text", "user": "text"},
        required=("channel",),
        scopes=_any_of(_MANAGE),
    ),
    Method("conversations.leave", leave, Tier.THREE, {"channel": "text"}, ("channel",), _any_of(_MANAGE)),
    Method("conversations.archive", archive, Tier.TWO, {"channel": "text"}, ("channel",), _any_of(_MANAGE)),
    Method(
        "conversations.rename",
        rename,
        Tier.TWO,
        {"channel": "text", "name": "text"},
        required=("channel",),
        scopes=_any_of(_MANAGE),
    ),
    *(
        Method(
            f"conversations.set{what.title()}",
            describe(what),
            Tier.TWO,
            {"channel": "text", what: "text"},
            required=("channel",),
            scopes=_any_of(_DESCRIBE),
        )
        for what in ("topic", "purpose")
    ),
)
