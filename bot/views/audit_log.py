"""What was changed, by whom and when: the audit log as admins read it."""

import re
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from bot.domain.audit_log import AuditAction, AuditEntry
from bot.domain.channel_settings import ChannelSettings, WorkspaceDefaults
from bot.views.format import Block, Names, button, channel, context, date_and_time, escape, section
from bot.views.inputs import modal
from bot.views.schedule import sentence
from bot.views.settings_change import QUIET_POLICY_TEXT, defaults, line

OLDER = "audit_older"
NEWEST = "audit_newest"
CALLBACK_ID = "audit"
TITLE = "What was changed"

_CHANNEL_MENTION = re.compile(r"<#([A-Z0-9]+)>")


def log(
    entries: Sequence[AuditEntry],
    names: Names,
    *,
    visible: Collection[str],
    zone: str,
    has_older: bool,
    is_newest: bool,
) -> dict[str, Any]:
    """List changes, the newest first; channels that are not `visible` to the reader (ids) are not named.

    Dates are in the reader's own zone, `zone` where Slack can't show it.
    """
    blocks: list[Block] = []
    for entry in entries:
        blocks += _entry(entry, names, visible, zone)
    if not entries:
        blocks.append(section("Nothing yet. Whatever somebody changes in a channel's settings is written down here."))
    buttons = [] if is_newest else [button("Newest", action_id=NEWEST, value="newest")]
    if has_older:
        buttons.append(button("Older", action_id=OLDER, value=str(entries[-1].id)))
    if buttons:
        blocks.append({"type": "actions", "elements": buttons})
    return modal(CALLBACK_ID, TITLE, blocks)


def _entry(entry: AuditEntry, names: Names, visible: Collection[str], zone: str) -> list[Block]:
    lines = [f"{line(entry, names, now=entry.created_at)}.", *_before_and_after(entry)]
    where = "the workspace" if entry.channel_id is None else channel(entry.channel_id)
    footer = f"{where} · {date_and_time(entry.created_at, zone)}"
    return [section(_hide_other_channels("\n".join(lines), visible)), context(footer)]


def _before_and_after(entry: AuditEntry) -> list[str]:
    """Say what was there before, and is now, where the line does not say it all."""
    before, after = entry.before or {}, entry.after or {}
    match entry.action:
        case AuditAction.SETTINGS_CHANGED | AuditAction.BECAME_PRIVATE if before and after:
            old, new = (
                _describe_settings(ChannelSettings.from_json(values), entry.created_at) for values in (before, after)
            )
        case AuditAction.DEFAULTS_CHANGED:
            return [f"_Before:_ {defaults(WorkspaceDefaults.from_json(before))}"]
        case _:
            return []
    return [f"_Before:_ {old}", f"_After:_ {new}"] if old != new else []


def _describe_settings(settings: ChannelSettings, at: datetime) -> str:
    where = "" if settings.target_channel_id is None else f", in {channel(settings.target_channel_id)}"
    reminder = ", with a line on the day before" if settings.sends_reminder else ""
    return f"{escape(sentence(settings.schedule, now=at))}{where}, {QUIET_POLICY_TEXT[settings.quiet_policy]}{reminder}"


def _hide_other_channels(text: str, visible: Collection[str]) -> str:
    return _CHANNEL_MENTION.sub(lambda match: match[0] if match[1] in visible else "another channel", text)
