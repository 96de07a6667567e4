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
from bot.views.settings_change import QUIET, defaults, line

OLDER = "audit_older"
NEWEST = "audit_newest"
CALLBACK = "audit"
TITLE = "What was changed"

_CHANNEL = re.compile(r"<#([A-Z0-9]+)>")


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
    turns = [] if is_newest else [button("Newest", action=NEWEST, value="newest")]
    if has_older:
        turns.append(button("Older", action=OLDER, value=str(entries[-1].id)))
    if turns:
        blocks.append({"type": "actions", "elements": turns})
    return modal(CALLBACK, TITLE, blocks)


def _entry(entry: AuditEntry, names: Names, visible: Collection[str], zone: str) -> list[Block]:
    said = [f"{line(entry, names, now=entry.created_at)}.", *_more(entry)]
    where = "the workspace" if entry.channel_id is None else channel(entry.channel_id)
    below = f"{where} · {date_and_time(entry.at, zone)}"
    return [section(_only("\n".join(said), visible)), context(below)]


def _more(entry: AuditEntry) -> list[str]:
    """Say what was there before, and is now, where the line does not say it all."""
    before, after = entry.before or {}, entry.after or {}
    match entry.action:
        case AuditAction.SETTINGS_CHANGED | AuditAction.BECAME_PRIVATE if before and after:
            was, now = (_setup(ChannelSettings.from_json(values), entry.created_at) for values in (before, after))
        case AuditAction.DEFAULTS_CHANGED:
            return [f"_Before:_ {defaults(WorkspaceDefaults.from_json(before))}"]
        case _:
            return []
    return [f"_Before:_ {was}", f"_After:_ {now}"] if was != now else []


def _setup(setup: ChannelSettings, at: datetime) -> str:
    where = "" if setup.target_channel_id is None else f", in {channel(setup.target_channel_id)}"
    reminds = ", with a line on the day before" if setup.sends_reminder else ""
    return f"{escape(sentence(setup.schedule, now=at))}{where}, {QUIET[setup.quiet_policy]}{reminds}"


def _only(said: str, visible: Collection[str]) -> str:
    return _CHANNEL.sub(lambda found: found[0] if found[1] in visible else "another channel", said)
