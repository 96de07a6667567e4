"""The note to whoever set a channel up: what happened to a message there, and what they can do about it."""

from datetime import datetime

from bot.domain.audit_log import AuditEntry, Unavailability
from bot.domain.owner_alerts import OwnerAlert, StuckDelivery
from bot.views import settings_change
from bot.views.format import (
    Block,
    Message,
    Names,
    button,
    channel,
    context,
    date_and_time,
    escape,
    message,
    paragraph,
    section,
)

STOP = "stop_notes"
RESUME = "resume_notes"
IT_IS_THERE = "delivery_is_there"
POST_IT = "post_delivery"

MOST_MATTERS = 20
"""The most that one note tells of, well under Slack's 50 blocks; the rest is counted."""
MOST_NEWS = 6
"""The latest of what happened to channels, which the audit log has whole."""

_NOT_A_MEMBER = "I am not a member of that channel. Type `/invite @Winsome` there"
_REASONS = {
    "not_in_channel": _NOT_A_MEMBER,
    "channel_not_found": f"I can't see that channel. If it is still there: {_NOT_A_MEMBER}",
    "is_archived": "the channel is archived. Unarchive it",
    "restricted_action": "your workspace doesn't let me write there. Ask an admin to allow it",
    "restricted_action_read_only_channel": "the channel is read-only. Ask an admin to let me write there",
    "restricted_action_thread_only_channel": "only replies are allowed in that channel. Ask an admin to let me write",
    "missing_scope": "I lack a permission. Reinstall me (`winsome doctor` says which one is missing)",
}
_ADVICE = {
    Unavailability.REMOVED.value: " To have them back, type `/invite @Winsome` there.",
    Unavailability.ARCHIVED.value: " They come back when the channel does.",
}
_SETTLED = {
    "abandoned": "could not be posted in time. No win is lost: its wins come in the next one.",
    "cancelled": "is not needed any more: its wins were undone.",
    **dict.fromkeys(("posted", "answered", "deleted"), "is settled: it was posted, once."),
}


def note(told: OwnerAlert, names: Names, *, now: datetime) -> Message:
    """Say what needs the reader, each with its buttons, and what they should know; what is settled says so."""
    shown = told.stuck_deliveries[:MOST_MATTERS]
    lines = [line(matter) for matter in shown]
    blocks: list[Block] = []
    for matter, told_of in zip(shown, lines, strict=True):
        blocks.append(section(told_of))
        if pressed := buttons(matter):
            blocks.append({"type": "actions", "elements": pressed})
    if more := len(told.stuck_deliveries) - len(shown):
        lines.append(f"And {more} more: whoever runs me sees them with `winsome deliveries`.")
        blocks.append(section(lines[-1]))
    for number, entry in enumerate(told.audit_entries[-MOST_NEWS:], max(0, len(told.audit_entries) - MOST_NEWS)):
        is_over = any(later.channel_id == entry.channel_id for later in told.audit_entries[number + 1 :])
        lines.append(_news(entry, names, now, is_over=is_over))
        blocks.append(section(lines[-1]))
    if told.is_opted_out:
        lines.append(_STOPPED)
        blocks.append(context(_STOPPED))
    last = button("Send them again", action_id=RESUME, value="notes") if told.is_opted_out else _STOP_THESE
    return message("\n".join(lines), [*blocks, {"type": "actions", "elements": [last]}])


_STOP_THESE = button("Stop these messages", action_id=STOP, value="notes")
_STOPPED = "You get no more messages like this one. What needs you stands on my Home tab."


def _news(entry: AuditEntry, names: Names, now: datetime, *, is_over: bool) -> str:
    where = f"*{channel(entry.channel_id or '')}*"
    advice = "" if is_over else _ADVICE.get((entry.after or {}).get("away", ""), "")
    return f"{where}: {settings_change.line(entry, names, now=now)}.{advice}"


def line(matter: StuckDelivery) -> str:
    """Return what became of a delivery, escaped, and what the reader can do."""
    what = _called(matter)
    if matter.state == "held":
        return (
            f"{what}: Slack did not say whether it took this, and I may not read the channel to look. "
            "Is it there? I won't post it again by myself."
        )
    if matter.state == "parked" and matter.due_at is None:
        return f"{what}: {_reason(matter)}. Wins are kept all the same, and come in the next roundup."
    if matter.state == "parked":
        return (
            f"{what}: {_reason(matter)}, then post it. If it is too late by then, its wins come in the next one "
            "instead. No win is lost."
        )
    return f"{what} {_SETTLED.get(matter.state, 'is on its way.')}"


def _called(matter: StuckDelivery) -> str:
    where = channel(matter.channel_id)
    if matter.due_at is None:
        return f"*Announcements in {where}*"
    if matter.target_channel_id is not None and matter.target_channel_id != matter.channel_id:
        where += f" for {channel(matter.target_channel_id)}"
    return f"*The roundup of {where}*, due {date_and_time(matter.due_at, matter.zone or 'UTC')}"


def _reason(matter: StuckDelivery) -> str:
    return _REASONS.get(
        matter.error or "", f"Slack refuses it (`{escape(matter.error or 'no reason given')}`). Mend that"
    )


def buttons(matter: StuckDelivery) -> list[Block]:
    """Return what can be done about a delivery that needs somebody."""
    post = button("Post it", action_id=POST_IT, value=matter.key)
    if matter.state == "held":
        return [button("It is there", action_id=IT_IS_THERE, value=matter.key), post]
    return [post] if matter.state == "parked" and matter.due_at is not None else []


def done() -> Message:
    """Answer a button of a note; the note itself shows what became of it."""
    return paragraph("Thank you, noted.")


def settled() -> Message:
    """Answer a button whose delivery needs nobody any more."""
    return paragraph("That one is settled already. Nothing has changed.")


def not_yours() -> Message:
    """Refuse a button of a note to somebody it was not written to."""
    return paragraph("Only whoever set the channel up can decide that. Nothing has changed.")
