"""People, channels, messages and the API log as JSON for the page."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from slack_standin import Channel, Message, Person, StandIn, View
from slack_standin.block_kit.markup import shown_blocks
from slack_standin.model.ledger import Call, Sent

Json = dict[str, Any]
MAX_ABOUT = 140
"""The most characters that a line of the API log says of what it is about."""


def person(one: Person) -> Json:
    """Return a person."""
    return {
        "id": one.id,
        "name": one.name,
        "shown": one.shown_name,
        "real": one.real_name,
        "tz": one.tz,
        "admin": one.is_admin,
        "owner": one.is_owner,
        "guest": one.guest,
        "bot": one.is_bot,
        "gone": one.deleted,
        "picture": one.picture,
    }


def channel(one: Channel) -> Json:
    """Return a channel."""
    return {
        "id": one.id,
        "name": one.name,
        "private": one.private,
        "im": one.is_im,
        "archived": one.archived,
        "members": list(one.members),
    }


def message(one: Message) -> Json:
    """Return a message; a deleted thread parent as a tombstone."""
    shape: Json = {"channel": one.channel, "ts": one.ts, "text": one.text}
    optional = {
        "user": one.user,
        "bot": one.bot_id,
        "username": one.username,
        "icon": one.icons.get("emoji", "").strip(":"),
        "notice": one.is_notice,
        "blocks": shown_blocks(one.blocks),
        "attachments": one.attachments,
        "files": [_file(each) for each in one.files],
        "to": one.ephemeral_to,
        "thread": one.thread_ts,
        "broadcast": one.is_broadcast,
        "edited": bool(one.edited),
        "reactions": [[name, list(users)] for name, users in one.reactions.items()],
    }
    shape |= {name: value for name, value in optional.items() if value}
    if one.is_tombstone:
        shape = {"channel": one.channel, "ts": one.ts, "text": "", "tombstone": True}
    alive = [reply for reply in one.replies if not reply.deleted]
    if alive:
        authors = list(dict.fromkeys(reply.user or reply.bot_id for reply in alive))
        shape["replies"] = {"count": len(alive), "authors": authors, "latest": alive[-1].ts}
    return shape


def view(one: View) -> Json:
    """Return a modal or a Home tab, with its person's input and the errors."""
    body: Json = one.to_slack()
    return body | {"type": one.kind, "values": one.state.values, "errors": dict(one.errors), "trouble": one.trouble}


def is_there(one: Message) -> bool:
    """Whether a message is shown, if only as the deleted parent of a thread."""
    return not one.deleted or one.is_tombstone


def _file(one: Mapping[str, Any]) -> Json:
    """Return a file, whose content the page's own server serves."""
    kept = ("id", "name", "title", "mimetype", "filetype", "size", "alt_txt")
    return {name: one[name] for name in kept if name in one}


def commands(slack: StandIn, manifest: Mapping[str, Any]) -> list[Json]:
    """Return the slash commands of the manifest with their hints."""
    return [
        {"name": each["command"], "about": each.get("description", ""), "hint": each.get("usage_hint", "")}
        for each in manifest.get("features", {}).get("slash_commands", [])
        if each["command"] in slack.world.manifest.commands
    ]


def shortcuts(manifest: Mapping[str, Any]) -> list[Json]:
    """Return the shortcuts of the manifest."""
    return [
        {"name": each["name"], "kind": each["type"], "id": each["callback_id"], "about": each.get("description", "")}
        for each in manifest.get("features", {}).get("shortcuts", [])
    ]


def api_log_line(one: Call | Sent) -> Json:
    """Return a line of the ledger: `out` is from Slack to the bot, `in` a request of the bot."""
    shape: Json = {"n": one.number, "at": _moment(one.at), "ms": round(one.elapsed * 1000, 1), "status": one.status}
    if isinstance(one, Call):
        ok = one.status == 200 and (not isinstance(one.answer, Mapping) or one.answer.get("ok", True) is not False)
        said = one.answer.get("error") if isinstance(one.answer, Mapping) else None
        return shape | {
            "way": "in",
            "kind": "call",
            "name": one.method,
            "about": _about_call(one.args)[:MAX_ABOUT],
            "ok": ok,
            "error": said or (None if ok else f"HTTP {one.status}" if one.status else "no answer"),
            "fault": one.fault,
            "sent": one.args,
            "answer": one.answer,
        }
    name, about = _about_sent(one)
    return shape | {
        "way": "out",
        "kind": one.kind,
        "name": name,
        "about": about[:MAX_ABOUT],
        "ok": one.error is None,
        "error": one.error,
        "attempt": one.attempt,
        "over": one.transport,
        "sent": one.payload,
        "answer": one.answer,
    }


def _about_call(args: Mapping[str, Any]) -> str:
    for name in ("text", "user", "users", "channel", "view_id"):
        if args.get(name):
            return str(args[name])
    return ""


def _about_sent(one: Sent) -> tuple[str, str]:
    payload = one.payload if isinstance(one.payload, Mapping) else {}
    if one.kind == "slash_commands":
        return str(payload.get("command", "command")), f"@{payload.get('user_name', '')}: {payload.get('text', '')}"
    if one.kind == "events_api":
        event = payload.get("event", {})
        return str(event.get("type", "event")), str(event.get("reaction") or event.get("text") or "")
    action = (payload.get("actions") or [{}])[0]
    who = payload.get("user", {}).get("name", "")
    return str(payload.get("type", one.kind)), f"@{who} {action.get('action_id', '')}"


def _moment(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds")
