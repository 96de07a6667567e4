"""Why a request about a channel was refused, and what to do instead; and the modals that show such replies."""

from typing import Any

from bot.domain.audit_log import Unavailability
from bot.domain.channel_settings import ChannelUnreachable, Conflict, TargetForbidden, UnknownTarget, WouldLeak
from bot.domain.permissions import Action, NotAllowed, SlackUnavailable
from bot.domain.slack_errors import ErrorMeaning
from bot.domain.wins import Mention
from bot.views import format as fmt
from bot.views.format import Message, escape, name, paragraph, shorten
from bot.views.translations import Translations

Refusal = NotAllowed | SlackUnavailable | Conflict | WouldLeak | UnknownTarget | TargetForbidden | ChannelUnreachable


def explain_refusal(t: Translations, refusal: Refusal) -> Message:
    """Say why something can't be done, and what to do or who can help."""
    return paragraph(" ".join(filter(None, [_why(t, refusal), _who_can_help(t, refusal)])))


def _who_can_help(t: Translations, refusal: Refusal) -> str:
    if not isinstance(refusal, NotAllowed | TargetForbidden):
        return ""
    if refusal.helper_names:
        people = [escape(name(t, Mention("", each), {})) for each in refusal.helper_names]
        return t.gettext("{people} can help.", people=t.join_and(people))
    if isinstance(refusal, TargetForbidden) or refusal.action is Action.CHANGE:
        return t.gettext("Ask the channel's creator or a workspace admin.")
    return ""


def _why(t: Translations, refusal: Refusal) -> str:  # noqa: PLR0911 - one for each kind
    match refusal:
        case NotAllowed(action=Action.OVERSEE):
            return t.gettext("Only workspace admins and owners can do that.")
        case NotAllowed(action=Action.ASSIGN_MANAGERS):
            return t.gettext(
                "Only workspace admins and the channel's creator can choose who else can change its settings."
            )
        case NotAllowed(action=Action.RESOLVE):
            return t.gettext(
                "Only the contact for this roundup, or someone who can change its settings, can decide that."
            )
        case NotAllowed(action=Action.SEE):
            return t.gettext("Only channel members can see that. If you just joined, try again in a moment.")
        case NotAllowed():
            return t.gettext("You don't have permission to change this roundup.")
        case SlackUnavailable(meaning=ErrorMeaning.MISSING_SCOPE):
            return t.gettext(
                "I'm missing a permission I need to check that. Ask the person who installed Winsome to add it and "
                "reinstall the app (`winsome doctor` shows which one)."
            )
        case SlackUnavailable():
            return t.gettext("I couldn't check your role with Slack. Please try again in a moment.")
        case Conflict():
            return t.gettext("Someone changed these settings while you had them open. Reopen them to see the latest.")
        case WouldLeak():
            return t.gettext("A private channel's roundup can only be posted in that channel.")
        case UnknownTarget():
            return t.gettext("I can't see that channel. Type `/invite @Winsome` in it first.")
        case TargetForbidden():
            return t.gettext("To post in another channel, you need permission to change its settings too.")
        case ChannelUnreachable(unavailable_reason=unavailability):
            return unavailability_help(t, unavailability)


def unavailability_help(t: Translations, unavailability: Unavailability) -> str:
    """Say why the bot can't post in a channel, and what to do."""
    match unavailability:
        case Unavailability.REMOVED:
            return t.gettext("I'm not in that channel, so I can't post there. Type `/invite @Winsome` in it first.")
        case Unavailability.ARCHIVED:
            return t.gettext("That channel is archived, so I can't post there. Unarchive it first.")
        case Unavailability.DELETED:
            return t.gettext("That channel was deleted, so I can't post there.")


def loading_modal(t: Translations) -> dict[str, Any]:
    """Make the modal that is shown until its contents are loaded."""
    text = t.gettext("Loading… If this takes more than a few seconds, close it and try again.")
    return error_modal(t, paragraph(text))


def error_modal(t: Translations, message: Message) -> dict[str, Any]:
    """Show a message in a modal of its own."""
    close = fmt.plain_text(t.gettext("Close"))
    return {"type": "modal", "title": fmt.plain_text("Winsome"), "close": close, "blocks": message["blocks"]}


def plain_text(message: Message) -> str:
    """Return a message as plain text, for errors under a field, where Slack shows no formatting."""
    text: str = message["text"]
    return shorten(text.replace("`", "").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"), 2000)
