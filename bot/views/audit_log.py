"""The audit log, as admins read it: who changed what, and when."""

import re
from collections.abc import Collection, Sequence
from typing import Any

from bot.domain.audit_log import AuditAction, AuditEntry
from bot.domain.channel_settings import ChannelSettings, WorkspaceDefaults
from bot.views.changed_fields import changed_fields, defaults_fields, settings_fields
from bot.views.format import Block, Names, actions, button, channel, context, date_and_time, section
from bot.views.inputs import modal
from bot.views.settings_change import actor_name, sentences
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
        blocks.append(actions(*buttons))
    return modal(t, CALLBACK_ID, t.gettext("Change history"), blocks)


def _entry(t: Translations, entry: AuditEntry, names: Names, visible: Collection[str], zone: str) -> list[Block]:
    where = t.gettext("Whole workspace") if entry.channel_id is None else channel(entry.channel_id)
    hidden = t.pgettext("channel", "a channel you can't see")
    lines = "\n".join(_lines(t, entry, names))
    text = _CHANNEL_MENTION.sub(lambda match: match[0] if match[1] in visible else hidden, lines)
    return [section(text), context(f"{where} · {date_and_time(t, entry.created_at, zone)}")]


def _lines(t: Translations, entry: AuditEntry, names: Names) -> list[str]:
    """Return what happened and, of settings, only the fields that changed."""
    told = sentences(t, entry, names, now=entry.created_at)
    if not (entry.before and entry.after):
        return told
    match entry.action:
        case AuditAction.SETTINGS_CHANGED | AuditAction.BECAME_PRIVATE:
            before, after = (
                settings_fields(
                    t,
                    ChannelSettings.from_json(values),
                    names,
                    channel_id=entry.channel_id or "",
                    now=entry.created_at,
                )
                for values in (entry.before, entry.after)
            )
        case AuditAction.DEFAULTS_CHANGED:
            before, after = (
                defaults_fields(t, WorkspaceDefaults.from_json(values)) for values in (entry.before, entry.after)
            )
        case _:
            return told
    fields = changed_fields(before, after)
    if fields and entry.action is AuditAction.SETTINGS_CHANGED:
        told = [t.gettext("{actor} changed the roundup settings.", actor=actor_name(t, entry, names))]
    return [*told, *fields]
