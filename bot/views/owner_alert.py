"""The direct message to a channel's owner: what happened to deliveries and channels, and what they can do about it."""

from collections.abc import Sequence
from datetime import datetime

from bot.domain.audit_log import AuditAction, AuditEntry, Unavailability
from bot.domain.deliveries import DeliveryState
from bot.domain.owner_alerts import OwnerAlert, StuckDelivery
from bot.domain.schedules import FALLBACK_ZONE, is_zone
from bot.domain.win_size import json_length
from bot.views import settings_change
from bot.views.format import (
    Block,
    Message,
    Names,
    actions,
    button,
    channel,
    confirmation,
    context,
    date_and_time,
    message,
    paragraph,
    section,
)
from bot.views.permalinks import Permalink
from bot.views.refused_delivery import change_refusal, post_refusal, view_message
from bot.views.translations import Translations

STOP_ALERTS = "stop_notes"
RESUME_ALERTS = "resume_notes"
MARK_POSTED = "delivery_is_there"
REPOST = "post_delivery"
RETRY_CHANGE = "retry_change"
DISMISS = "dismiss_delivery"

MAX_DELIVERIES = 20
"""The most deliveries in one alert, well under Slack's 50 blocks; the others are counted."""
MAX_BLOCKS = 8_000
"""The most characters of JSON about deliveries in one alert: what follows them fits into the message, too."""
MAX_CHANNEL_EVENTS = 6
"""The latest channel events in one alert; the audit log has them all."""


def owner_alert(t: Translations, alert: OwnerAlert, names: Names, *, permalink: Permalink, now: datetime) -> Message:
    """List the stuck deliveries, each with its buttons, and the channel events."""
    lines: list[str] = []
    blocks: list[Block] = []
    for delivery in alert.stuck_deliveries[:MAX_DELIVERIES]:
        text, elements = line(t, delivery, permalink), buttons(t, delivery)
        about_it = [section(text), *([actions(*elements)] if elements else [])]
        if json_length([*blocks, *about_it]) > MAX_BLOCKS:
            break
        lines.append(text)
        blocks += about_it
    if remaining := len(alert.stuck_deliveries) - len(lines):
        lines.append(
            t.ngettext(
                "And {count} more. The person who runs Winsome can list it with `winsome deliveries`.",
                "And {count} more. The person who runs Winsome can list them with `winsome deliveries`.",
                remaining,
            )
        )
        blocks.append(section(lines[-1]))
    for number, entry in enumerate(
        alert.audit_entries[-MAX_CHANNEL_EVENTS:], max(0, len(alert.audit_entries) - MAX_CHANNEL_EVENTS)
    ):
        is_over = any(later.channel_id == entry.channel_id for later in alert.audit_entries[number + 1 :])
        lines.append(_channel_event(t, entry, names, now, is_over=is_over))
        blocks.append(section(lines[-1]))
    elsewhere = t.gettext("Workspace admins still find what needs attention on my Home tab.")
    return with_opt_out(t, "\n".join(lines), blocks, is_opted_out=alert.is_opted_out, elsewhere=elsewhere)


def with_opt_out(
    t: Translations, text: str, blocks: Sequence[Block], *, is_opted_out: bool, elsewhere: str = ""
) -> Message:
    """Make a direct message that its reader can stop; one who has can turn such messages on again.

    `elsewhere` says where they still find what it is about.
    """
    if not is_opted_out:
        stop = button(t.gettext("Stop these messages"), action_id=STOP_ALERTS, value="notes")
        return message(text, [*blocks, actions(stop)])
    note = " ".join(filter(None, [t.gettext("You won't get these messages anymore."), elsewhere]))
    resume = button(t.gettext("Turn messages back on"), action_id=RESUME_ALERTS, value="notes")
    return message(f"{text}\n{note}", [*blocks, context(note), actions(resume)])


def _channel_event(t: Translations, entry: AuditEntry, names: Names, now: datetime, *, is_over: bool) -> str:
    sentences = settings_change.sentences(t, entry, names, now=now)
    if entry.action is AuditAction.BOT_LEFT:  # whose sentences name the channel
        advice = "" if is_over else _advice(t, entry)
        return " ".join(filter(None, [*sentences, advice]))
    return " ".join([f"*{channel(entry.channel_id or '')}*:", *sentences])


def _advice(t: Translations, entry: AuditEntry) -> str:
    match (entry.after or {}).get("unavailable_reason"):
        case Unavailability.REMOVED.value:
            return t.gettext("To resume roundups, type `/invite @Winsome` there.")
        case Unavailability.ARCHIVED.value:
            return t.gettext("Roundups will start again when the channel is unarchived and I'm in it.")
    return ""


def line(t: Translations, delivery: StuckDelivery, permalink: Permalink) -> str:
    """Return what happened to a delivery, escaped, and what the reader can do."""
    status = _refused_change(t, delivery, permalink) if delivery.is_change_refused else _status(t, delivery)
    return f"{_title(t, delivery)}\n{status}"


def _refused_change(t: Translations, delivery: StuckDelivery, permalink: Permalink) -> str:
    if delivery.lacks_cheers_only:
        return f"{' '.join(_without_cheers(t, delivery))} {view_message(t, delivery, permalink)}"
    sentences = [
        t.gettext("Slack didn't let me edit or delete this message."),
        change_refusal(t, delivery),
        t.gettext(
            "The message still shows a win that was deleted or made private. A workspace admin can delete it in Slack."
        ),
        t.gettext("Then select *Try again*, or *Dismiss* to leave it as it is."),
    ]
    return f"{' '.join(sentences)} {view_message(t, delivery, permalink)}"


def _without_cheers(t: Translations, delivery: StuckDelivery) -> list[str]:
    text = t.gettext("Slack didn't let me update this message, so its cheers and links may be out of date.")
    if not delivery.similar_count:
        return [text, change_refusal(t, delivery), t.gettext("*Dismiss* leaves it as it is.")]
    others = t.ngettext(
        "{count} more message has the same problem.",
        "{count} more messages have the same problem.",
        delivery.similar_count,
    )
    return [text, change_refusal(t, delivery), others, t.gettext("*Try again* and *Dismiss* apply to all of them.")]


def _title(t: Translations, delivery: StuckDelivery) -> str:
    where = channel(delivery.channel_id)
    if delivery.due_at is None and delivery.is_change_refused and not delivery.similar_count:
        return t.gettext("*An announcement in {channel}*", channel=where)
    if delivery.due_at is None:
        return t.gettext("*Announcements in {channel}*", channel=where)
    zone = delivery.zone if delivery.zone and is_zone(delivery.zone) else FALLBACK_ZONE
    due = date_and_time(t, delivery.due_at, zone)
    if delivery.is_of_workspace:
        return t.gettext("*The workspace roundup* in {channel}, due {date}", channel=where, date=due)
    if delivery.looks_back:
        return t.gettext("*{channel}'s look back*, due {date}", channel=where, date=due)
    if delivery.target_channel_id in (None, delivery.channel_id):
        return t.gettext("*{channel}'s roundup*, due {date}", channel=where, date=due)
    target = channel(delivery.target_channel_id or "")
    return t.gettext("*{channel}'s roundup* for {target}, due {date}", channel=where, target=target, date=due)


def _status(t: Translations, delivery: StuckDelivery) -> str:  # noqa: PLR0911 - one for each state
    match delivery.state:
        case DeliveryState.NEEDS_REVIEW:
            return t.gettext(
                "Slack didn't confirm this was posted, and I can't read the channel to check. Do you see it there? "
                "I won't post it again on my own."
            )
        case DeliveryState.REJECTED if delivery.due_at is None:
            advice = t.gettext("Wins are still saved and will be in the next roundup.")
            return f"{post_refusal(t, delivery)} {advice}"
        case DeliveryState.REJECTED if delivery.looks_back:
            advice = t.gettext("Then select *Post it*.")
            return f"{post_refusal(t, delivery)} {advice}"
        case DeliveryState.REJECTED:
            advice = t.gettext("Then select *Post it*. If it's too late, its wins will be in the next roundup.")
            return f"{post_refusal(t, delivery)} {advice}"
        case DeliveryState.ABANDONED if delivery.is_of_workspace:
            return t.gettext(
                "It couldn't be posted in time, so I skipped it. Its wins still appear in their channels' roundups."
            )
        case DeliveryState.ABANDONED if delivery.looks_back:
            return t.gettext("It couldn't be posted in time, so I skipped it. All its wins were in roundups.")
        case DeliveryState.ABANDONED:
            return t.gettext("It couldn't be posted in time. Its wins will be in the next one.")
        case DeliveryState.CANCELLED:
            return t.gettext("It isn't needed anymore. Its wins were deleted.")
        case DeliveryState.POSTED | DeliveryState.POSTED_VIA_RESPONSE_URL | DeliveryState.DELETED:
            return t.gettext("It was posted.")
    return t.gettext("It's on its way.")


def buttons(t: Translations, delivery: StuckDelivery) -> list[Block]:
    """Return the buttons for what can be done about a delivery."""
    if delivery.state == DeliveryState.NEEDS_REVIEW:
        return [_mark_posted(t, delivery), _repost(t, delivery)]
    if delivery.is_change_refused:
        return [
            button(t.gettext("Try again"), action_id=RETRY_CHANGE, value=delivery.key),
            button(t.gettext("Dismiss"), action_id=DISMISS, value=delivery.key),
        ]
    if delivery.state == DeliveryState.REJECTED and delivery.due_at is not None:
        return [button(t.gettext("Post it"), action_id=REPOST, value=delivery.key)]
    return []


def _mark_posted(t: Translations, delivery: StuckDelivery) -> Block:
    label = t.gettext("Yes, it's there")
    dialog = confirmation(
        t,
        t.gettext("Is it in the channel?"),
        t.gettext("I won't post it again. If it isn't there, its wins won't be in any roundup.")
        if delivery.due_at and not delivery.looks_back
        else t.gettext("I won't post it again."),
        confirm=label,
        is_danger=True,
    )
    return button(label, action_id=MARK_POSTED, value=delivery.key, confirm=dialog)


def _repost(t: Translations, delivery: StuckDelivery) -> Block:
    label = t.gettext("No, post it")
    dialog = confirmation(
        t,
        t.gettext("Post it now?"),
        t.gettext("If it's there already, the channel gets it twice."),
        confirm=t.gettext("Post it"),
        is_danger=True,
    )
    return button(label, action_id=REPOST, value=delivery.key, confirm=dialog)


def decision_noted(t: Translations) -> Message:
    """Reply to a button of an alert; the alert itself shows the result."""
    return paragraph(t.gettext("Got it, thanks."))


def already_resolved(t: Translations) -> Message:
    """Reply to a button whose delivery is no longer stuck."""
    return paragraph(t.gettext("That's already taken care of."))


def searched_again(t: Translations) -> Message:
    """Reply to *No, post it* while the bot searches for the message."""
    return paragraph(
        t.gettext(
            "I'm checking once more whether it's there. If I find that it isn't, I'll post it. If I can't tell, select "
            "*No, post it* again in a few minutes."
        )
    )


def not_your_alert(t: Translations) -> Message:
    """Refuse a button of an alert to a person who didn't get it."""
    return paragraph(t.gettext("Only the person who gets these messages can change that."))
