"""What somebody is told who asks for what can't be done with a channel: why, and what to do instead."""

from typing import Any

from bot.domain.audit_log import Unavailability
from bot.domain.channel_settings import ChannelUnreachable, Conflict, TargetForbidden, UnknownTarget, WouldLeak
from bot.domain.permissions import Action, NotAllowed, SlackUnavailable
from bot.domain.slack_errors import ErrorMeaning
from bot.views.format import Message, paragraph, shorten

Refusal = NotAllowed | SlackUnavailable | Conflict | WouldLeak | UnknownTarget | TargetForbidden | ChannelUnreachable

UNAVAILABILITY_HELP = {
    Unavailability.REMOVED: "I am not in that channel, so I can't post there. Type `/invite @Winsome` in it first.",
    Unavailability.ARCHIVED: "That channel is archived, so I can't post there. Unarchive it first.",
    Unavailability.DELETED: "That channel is gone, so I can't post there.",
}
"""Why the bot can't post in a channel, and what to do."""


def explain_refusal(refusal: Refusal) -> Message:
    """Say why something can't be done, and what to do."""
    return paragraph(f"{_why(refusal)} Nothing has changed.")


def _why(refusal: Refusal) -> str:  # noqa: PLR0911 - one for each kind
    match refusal:
        case NotAllowed(action=Action.OVERSEE):
            return "Only admins and owners of this workspace can do that."
        case NotAllowed(action=Action.ASSIGN_MANAGERS):
            return "Only workspace admins and whoever created this channel can say who else may change its settings."
        case NotAllowed(action=Action.RESOLVE):
            return "Only whoever set the channel up, and those who may change its settings, can decide that."
        case NotAllowed(action=Action.SEE):
            return "I show that to people who are in the channel only, and you are not, as far as Slack tells me."
        case NotAllowed():
            return "Only workspace admins, whoever created this channel and the people they named can do that."
        case SlackUnavailable(meaning=ErrorMeaning.MISSING_SCOPE):
            return (
                "I lack a permission that I need to know whether you may do that. Whoever installed me can mend it: "
                "update the app's permissions and reinstall it (`winsome doctor` says which one is missing)."
            )
        case SlackUnavailable():
            return (
                "Slack does not tell me just now who you are, so I can't know whether you may do that. Please try "
                "again in a moment."
            )
        case Conflict():
            return "Somebody changed these settings since you opened them. Open them again to see what is new."
        case WouldLeak():
            return (
                "This channel is private, so its roundup must stay in it: elsewhere people would read what was said "
                "here."
            )
        case UnknownTarget():
            return "I can't see that channel. Type `/invite @Winsome` in it first."
        case TargetForbidden():
            return (
                "To send a roundup to another channel you must be allowed to change that one's settings too. An admin, "
                "or whoever created it, can do this for you."
            )
        case ChannelUnreachable(unavailable_reason=unavailability):
            return UNAVAILABILITY_HELP[unavailability]


def loading_modal() -> dict[str, Any]:
    """Make the modal that is open until it is known what it says."""
    return error_modal(paragraph("One moment, I am looking it up ... If this stays, close it and try again."))


def error_modal(message: Message) -> dict[str, Any]:
    """Put what somebody is told into a modal of its own."""
    title = {"type": "plain_text", "text": "Winsome"}
    close = {"type": "plain_text", "text": "Close"}
    return {"type": "modal", "title": title, "close": close, "blocks": message["blocks"]}


def plain_text(message: Message) -> str:
    """Return what somebody is told as plain text, for where Slack shows nothing else."""
    text: str = message["text"]
    return shorten(text.replace("`", "").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"), 2000)
