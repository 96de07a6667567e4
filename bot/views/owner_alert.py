"""The note to whoever set a channel up: what happened to a message there, and what they can do about it."""

from datetime import datetime

from bot.domain.audit_log import AuditEntry, Unavailability
from bot.domain.deliveries import DeliveryState
from bot.domain.owner_alerts import OwnerAlert, StuckDelivery
from bot.domain.slack_errors import ErrorMeaning
from bot.views import settings_change
from bot.views.format import (
    Block,
    Message,
    Names,
    button,
    channel,
    code,
    context,
    date_and_time,
    message,
    paragraph,
    section,
)

STOP_ALERTS = "stop_notes"
RESUME_ALERTS = "resume_notes"
MARK_POSTED = "delivery_is_there"
REPOST = "post_delivery"

MAX_DELIVERIES = 20
"""The most that one note tells of, well under Slack's 50 blocks; the rest is counted."""
MAX_CHANNEL_EVENTS = 6
"""The latest of what happened to channels, which the audit log has whole."""

_NOT_A_MEMBER = "I am not a member of that channel. Type `/invite @Winsome` there"
_REASONS = {
    ErrorMeaning.NOT_IN_CHANNEL: _NOT_A_MEMBER,
    ErrorMeaning.CHANNEL_NOT_FOUND: f"I can't see that channel. If it is still there: {_NOT_A_MEMBER}",
    ErrorMeaning.CHANNEL_ARCHIVED: "the channel is archived. Unarchive it",
    ErrorMeaning.POSTING_RESTRICTED: "your workspace doesn't let me write there. Ask an admin to allow it",
    ErrorMeaning.CHANNEL_READ_ONLY: "the channel is read-only. Ask an admin to let me write there",
    ErrorMeaning.THREADS_ONLY: "only replies are allowed in that channel. Ask an admin to let me write",
    ErrorMeaning.MISSING_SCOPE: "I lack a permission. Reinstall me (`winsome doctor` says which one is missing)",
}
_ADVICE = {
    Unavailability.REMOVED.value: " To have them back, type `/invite @Winsome` there.",
    Unavailability.ARCHIVED.value: " They come back when the channel does.",
}
_RESOLVED = {
    DeliveryState.ABANDONED: "could not be posted in time. No win is lost: its wins come in the next one.",
    DeliveryState.CANCELLED: "is not needed any more: its wins were undone.",
    **dict.fromkeys(
        (DeliveryState.POSTED, DeliveryState.POSTED_VIA_RESPONSE_URL, DeliveryState.DELETED),
        "is settled: it was posted, once.",
    ),
}


def owner_alert(alert: OwnerAlert, names: Names, *, now: datetime) -> Message:
    """Say what needs the reader, each with its buttons, and what they should know; what is settled says so."""
    deliveries = alert.stuck_deliveries[:MAX_DELIVERIES]
    lines = [line(delivery) for delivery in deliveries]
    blocks: list[Block] = []
    for delivery, text in zip(deliveries, lines, strict=True):
        blocks.append(section(text))
        if elements := buttons(delivery):
            blocks.append({"type": "actions", "elements": elements})
    if remaining := len(alert.stuck_deliveries) - len(deliveries):
        lines.append(f"And {remaining} more: whoever runs me sees them with `winsome deliveries`.")
        blocks.append(section(lines[-1]))
    for number, entry in enumerate(
        alert.audit_entries[-MAX_CHANNEL_EVENTS:], max(0, len(alert.audit_entries) - MAX_CHANNEL_EVENTS)
    ):
        is_over = any(later.channel_id == entry.channel_id for later in alert.audit_entries[number + 1 :])
        lines.append(_channel_event(entry, names, now, is_over=is_over))
        blocks.append(section(lines[-1]))
    if alert.is_opted_out:
        lines.append(_OPTED_OUT)
        blocks.append(context(_OPTED_OUT))
    last = button("Send them again", action_id=RESUME_ALERTS, value="notes") if alert.is_opted_out else _STOP_BUTTON
    return message("\n".join(lines), [*blocks, {"type": "actions", "elements": [last]}])


_STOP_BUTTON = button("Stop these messages", action_id=STOP_ALERTS, value="notes")
_OPTED_OUT = "You get no more messages like this one. What needs you stands on my Home tab."


def _channel_event(entry: AuditEntry, names: Names, now: datetime, *, is_over: bool) -> str:
    where = f"*{channel(entry.channel_id or '')}*"
    advice = "" if is_over else _ADVICE.get((entry.after or {}).get("away", ""), "")
    return f"{where}: {settings_change.line(entry, names, now=now)}.{advice}"


def line(delivery: StuckDelivery) -> str:
    """Return what became of a delivery, escaped, and what the reader can do."""
    title = _title(delivery)
    if delivery.state == DeliveryState.NEEDS_REVIEW:
        return (
            f"{title}: Slack did not say whether it took this, and I may not read the channel to look. "
            "Is it there? I won't post it again by myself."
        )
    if delivery.state == DeliveryState.REJECTED and delivery.due_at is None:
        return f"{title}: {_reason(delivery)}. Wins are kept all the same, and come in the next roundup."
    if delivery.state == DeliveryState.REJECTED:
        return (
            f"{title}: {_reason(delivery)}, then post it. If it is too late by then, its wins come in the next one "
            "instead. No win is lost."
        )
    return f"{title} {_RESOLVED.get(delivery.state, 'is on its way.')}"


def _title(delivery: StuckDelivery) -> str:
    where = channel(delivery.channel_id)
    if delivery.due_at is None:
        return f"*Announcements in {where}*"
    if delivery.target_channel_id is not None and delivery.target_channel_id != delivery.channel_id:
        where += f" for {channel(delivery.target_channel_id)}"
    return f"*The roundup of {where}*, due {date_and_time(delivery.due_at, delivery.zone or 'UTC')}"


def _reason(delivery: StuckDelivery) -> str:
    if delivery.refusal in _REASONS:
        return _REASONS[delivery.refusal]
    return f"Slack refuses it ({code(delivery.error or 'no reason given')}). Mend that"


def buttons(delivery: StuckDelivery) -> list[Block]:
    """Return what can be done about a delivery that needs somebody."""
    repost = button("Post it", action_id=REPOST, value=delivery.key)
    if delivery.state == DeliveryState.NEEDS_REVIEW:
        return [button("It is there", action_id=MARK_POSTED, value=delivery.key), repost]
    return [repost] if delivery.state == DeliveryState.REJECTED and delivery.due_at is not None else []


def decision_noted() -> Message:
    """Answer a button of a note; the note itself shows what became of it."""
    return paragraph("Thank you, noted.")


def already_resolved() -> Message:
    """Answer a button whose delivery needs nobody any more."""
    return paragraph("That one is settled already. Nothing has changed.")


def not_your_alert() -> Message:
    """Refuse a button of a note to somebody it was not written to."""
    return paragraph("Only whoever set the channel up can decide that. Nothing has changed.")
