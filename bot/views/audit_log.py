"""The audit log, as admins read it: who changed what, and when."""

import re
from collections.abc import Collection, Sequence
from typing import Any

from bot.domain.audit_log import AuditAction, AuditEntry
from bot.domain.channel_settings import ChannelSettings, WorkspaceDefaults
from bot.views.format import Block, Names, button, channel, context, date_and_time, escape, section
from bot.views.inputs import modal
from bot.views.schedule import describe_schedule
from bot.views.settings_change import describe_defaults, sentences
from bot.views.translations import Translations

OLDER = "audit_older"
NEWEST = "audit_newest"
CALLBACK_ID = "audit"

_CHANNEL_MENTION = re.compile(r"<#([A-Z0-9]+)>")


def log(
    t: Translations,
    entries: Sequence[AuditEntry],
    names: Names,
    *,
    visible: Collection[str],
    zone: str,
    has_older: bool,
    is_newest: bool,
) -> dict[str, Any]:
    """List changes, the newest first; channels that are not `visible` to the reader (ids) are not named.

    Dates are on the reader's clock; `zone`, the reader's own, is for their fallback.
    """
    blocks: list[Block] = []
    for entry in entries:
        blocks += _entry(t, entry, names, visible, zone)
    if not entries:
        blocks.append(
            section(t.gettext("No changes yet. When someone edits a channel's settings, you'll see it here."))
        )
    buttons = [] if is_newest else [button(t.gettext("Newest"), action_id=NEWEST, value="newest")]
    if has_older:
        buttons.append(button(t.gettext("Older"), action_id=OLDER, value=str(entries[-1].id)))
    if buttons:
        blocks.append({"type": "actions", "elements": buttons})
    return modal(t, CALLBACK_ID, t.gettext("Change history"), blocks)


def _entry(t: Translations, entry: AuditEntry, names: Names, visible: Collection[str], zone: str) -> list[Block]:
    lines = [*sentences(t, entry, names, now=entry.created_at), *_before_and_after(t, entry)]
    where = t.gettext("Whole workspace") if entry.channel_id is None else channel(entry.channel_id)
    hidden = t.pgettext("channel", "a channel you can't see")
    text = _CHANNEL_MENTION.sub(lambda match: match[0] if match[1] in visible else hidden, "\n".join(lines))
    return [section(text), context(f"{where} · {date_and_time(t, entry.created_at, zone)}")]


def _before_and_after(t: Translations, entry: AuditEntry) -> list[str]:
    """Return the fields whose former value the sentences do not tell."""
    match entry.action:
        case AuditAction.SETTINGS_CHANGED | AuditAction.BECAME_PRIVATE if entry.before and entry.after:
            before, after = ChannelSettings.from_json(entry.before), ChannelSettings.from_json(entry.after)
            return _changed_fields(t, entry, before, after)
        case AuditAction.DEFAULTS_CHANGED if entry.before:
            old = describe_defaults(t, WorkspaceDefaults.from_json(entry.before))
            return [t.gettext("_Before:_ {schedule}", schedule=old)]
    return []


def _changed_fields(t: Translations, entry: AuditEntry, before: ChannelSettings, after: ChannelSettings) -> list[str]:
    lines = []
    old, new = (
        escape(describe_schedule(t, settings.schedule.resumed(), now=entry.created_at)) for settings in (before, after)
    )
    if old != new:
        lines.append(t.gettext("_Schedule:_ {before} → {after}", before=old, after=new))
    if before.target_channel_id != after.target_channel_id:
        old, new = (channel(settings.target_channel_id or entry.channel_id or "") for settings in (before, after))
        lines.append(t.gettext("_Posts in:_ {before} → {after}", before=old, after=new))
    return lines
