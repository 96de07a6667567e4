"""Thanks after a win is saved: who may have helped, and the form in which its author says how."""

from collections.abc import Sequence
from typing import Any

from bot.domain.win_form import MAX_REASON_LENGTH
from bot.domain.wins import Draft, Mention, Win
from bot.views.format import Block, Message, actions, button, context, list_people, paragraph
from bot.views.inputs import field, modal
from bot.views.translations import Translations
from bot.views.win_buttons import thank_buttons

THANK = ("thank_first", "thank_second", "thank_third")
"""The buttons for the people who are offered; the value says who it is."""
SAY_HOW = "say_how_they_helped"
CALLBACK_ID = "how_they_helped"
REASON = "thanks_reason"


def ask_who_helped(t: Translations, draft: Draft, win_id: int, offered: Sequence[Mention]) -> tuple[str, list[Block]]:
    """Return the question who helped, and its blocks with a button for each of the `offered` people, if there are any.

    The author can say how the people who are thanked already helped.
    """
    question = ""
    if offered:
        question = t.gettext("Did someone else help?") if draft.thanked else t.gettext("Did someone help?")
    buttons = thank_buttons(t, win_id, offered, action_ids=THANK)
    if draft.thanked and not draft.reason:
        buttons.insert(0, button(t.gettext("Say how they helped"), action_id=SAY_HOW, value=str(win_id)))
    if not buttons:
        return "", []
    return question, [*([context(question)] if question else []), actions(*buttons)]


def form(t: Translations, win: Win, *, private_metadata: str) -> dict[str, Any]:
    """Ask how those who are thanked for a win helped."""
    people = list_people(t, win.thanked, {}, limit=len(win.thanked))
    element = {
        "type": "plain_text_input",
        "max_length": MAX_REASON_LENGTH,
        "focus_on_load": True,
        **({"initial_value": win.reason} if win.reason else {}),
    }
    why = field(REASON, t.gettext("How did they help?"), element, optional=True, dispatch_action=False)
    blocks = [context(t.gettext("Thanks to {people}", people=people)), why]
    title, submit = t.gettext("Say thanks"), t.gettext("Save changes")
    return modal(t, CALLBACK_ID, title, blocks, private_metadata=private_metadata, submit=submit)


def cannot_be_thanked(t: Translations) -> Message:
    """Refuse to thank someone whose account is gone."""
    return paragraph(t.gettext("They aren't in this workspace anymore, so I didn't add them."))


def no_one_thanked(t: Translations) -> Message:
    """Say that there is a reason, and no one is thanked."""
    return paragraph(
        t.gettext("No one's thanked for this win anymore, so there's nothing to add. Edit the win to choose someone.")
    )


def no_room(t: Translations) -> Message:
    """Refuse to add what the message of a roundup has no room for."""
    return paragraph(
        t.gettext("This win is in a roundup, and that message has no room for more. Shorten the win first.")
    )


def cannot_see_channel(t: Translations) -> Message:
    """Refuse to write into a channel that the author isn't in."""
    return paragraph(
        t.gettext(
            "I can't see you in this win's channel, so I didn't change it. If you just joined, try again in a moment."
        )
    )


def failed_to_open(t: Translations) -> Message:
    """Say that Slack did not open the form."""
    return paragraph(t.gettext("Slack couldn't open the form. Your win hasn't changed. Please try again."))
