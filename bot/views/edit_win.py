"""The form in which an author edits a win, and the replies to it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from bot.domain.audit_log import Unavailability
from bot.domain.deliveries import DeliveryKind
from bot.domain.entered_win import EnteredWin
from bot.domain.win_edits import NoRoom, StaleMessage, StaleReason
from bot.domain.wins import Win
from bot.views import refusals, waiting
from bot.views.climb import NEXT_STEP_OF
from bot.views.format import (
    Block,
    Message,
    Names,
    actions,
    button,
    channel,
    confirmation,
    context,
    message,
    paragraph,
    plain_section,
    section,
)
from bot.views.inputs import modal, warning
from bot.views.translations import Translations
from bot.views.win_buttons import EDIT, delete_button, edit_button
from bot.views.win_form import content_fields, with_version
from bot.views.win_line import extras

CALLBACK_ID = "edit_win"
MAKE_PRIVATE = "make_win_private"
SHARE_AGAIN = "share_win_again"
DELETE = "delete_win"


def form(
    t: Translations,
    win: Win,
    entered: EnteredWin,
    *,
    private_metadata: str,
    version: int = 0,
    current: Sequence[str] = (),
    may_edit: bool = True,
    held: str = "",
    step_label: str = "",
) -> dict[str, Any]:
    """Let an author edit a win, of which `entered` is what the fields show, make it private, or delete it.

    `current` is what it says now, if that was changed since the form was opened: its text, and what belongs to it.
    `version` and `step_label` are as in the form of a new win. Without `may_edit` there are no fields. `held` says what
    becomes of a win that isn't shared yet (see waiting.py).
    """
    title = t.gettext("Edit win")
    buttons = actions(*_privacy_button(t, win), delete_button(t, win, action_id=DELETE))
    if not may_edit:
        why = t.gettext(
            "I can't see you in {channel}, so you can't edit this win there. If you just joined, try again in a "
            "moment.",
            channel=channel(win.channel_id or ""),
        )
        return modal(t, CALLBACK_ID, title, [section(why), buttons], private_metadata=private_metadata)
    fields = [
        {**block, "dispatch_action": block["block_id"] == NEXT_STEP_OF}  # which may ask for the name of a climb
        for block in content_fields(t, entered, step_label)
    ]
    blocks = [*_conflict(t, *current), *([context(held)] if held else []), *with_version(fields, version), buttons]
    return modal(t, CALLBACK_ID, title, blocks, private_metadata=private_metadata, submit=t.gettext("Save changes"))


def current(t: Translations, win: Win, text: str, names: Names) -> tuple[str, ...]:
    """Return what a win says that was changed while its author had it open: its text, and what belongs to it."""
    return (text, *extras(t, win, names, names_author=False))


def _conflict(t: Translations, text: str = "", *details: str) -> list[Block]:
    if not text:
        return []
    return [
        warning(t.gettext("This win was changed somewhere else while you had it open. Now it says:")),
        plain_section(text),
        *([context(" · ".join(details))] if details else []),
        section(t.gettext("What you entered is below. *Save changes* replaces what's above with it.")),
    ]


def _privacy_button(t: Translations, win: Win) -> list[Block]:
    if not win.is_private:
        label = t.gettext("Make private")
        dialog = confirmation(t, t.gettext("Make this win private?"), _what_becomes_private(t, win), confirm=label)
        return [button(label, action_id=MAKE_PRIVATE, value=str(win.id), confirm=dialog)]
    if win.channel_id is None:
        return []
    label = t.gettext("Share again")
    dialog = confirmation(
        t,
        t.gettext("Share this win again?"),
        t.gettext("I'll post it in its channel again, with the cheers it had, and it'll be in a roundup."),
        confirm=label,
    )
    return [button(label, action_id=SHARE_AGAIN, value=str(win.id), confirm=dialog)]


def _what_becomes_private(t: Translations, win: Win) -> str:
    if win.message_ts is None:  # it was not announced, or in a message that the bot can't remove
        return t.gettext("Only you will see it, and it won't be in any roundup. You can share it again.")
    return t.gettext(
        "It'll be removed from its channel and from any roundup, and only you will see it. Its cheers are kept, and "
        "you can share it again."
    )


def no_room(t: Translations, refusal: NoRoom) -> str:
    """Say under the text how much of it fits the roundup that told the win."""
    if not refusal.limit:
        return t.gettext(
            "This win is in a roundup, and that message has no room for all of this. Name fewer people, or shorten "
            "“How did they help?”."
        )
    length = f"{refusal.length:,}"
    return t.ngettext(
        "This win is in a roundup, and that message has room for {count} character. Yours has {length}, so shorten it.",
        "This win is in a roundup, and that message has room for {count} characters. Yours has {length}, so shorten "
        "it.",
        refusal.limit,
        length=length,
    )


def stale_messages(t: Translations, stale: Sequence[StaleMessage]) -> str:
    """Say which messages still show the text from before an edit, and why."""
    return "\n".join(_stale(t, each) for each in stale)


def _stale(t: Translations, stale: StaleMessage) -> str:
    where = channel(stale.channel_id)
    if stale.reason is StaleReason.TOO_OLD and stale.kind is DeliveryKind.ROUNDUP:
        return t.gettext("The roundup in {channel} is more than 30 days old, so it keeps the old text.", channel=where)
    if stale.reason is StaleReason.TOO_OLD:
        return t.gettext("The message in {channel} is more than 30 days old, so it keeps the old text.", channel=where)
    return t.gettext("I can't change the message in {channel}, so it keeps the old text.", channel=where)


def saved(t: Translations, stale: Sequence[StaleMessage]) -> Message:
    """Confirm an edit that not every message follows."""
    return paragraph("\n".join([t.gettext("Changes saved."), stale_messages(t, stale)]))


def made_private(t: Translations, *, remains: str = "") -> Message:
    """Confirm that only the author sees a win now; `remains` says what Slack still shows of it."""
    done = t.gettext("This win is private now. Only you can see it, and it won't be in any roundup.")
    return paragraph(" ".join(filter(None, [done, remains])))


def shared_again(t: Translations, channel_id: str, *, is_in_place: bool) -> Message:
    """Confirm that a win is shared in its channel again."""
    done = t.gettext("Sharing this win in {channel} again.", channel=channel(channel_id))
    where = t.gettext("It'll be in the next roundup there.")
    if is_in_place:
        where = t.gettext("It's back in the roundup it was in.")
    return paragraph(f"{done} {where}")


def waits(t: Translations, win: Win, *, now: datetime) -> Message:
    """Say what becomes of a win that its author shares again and that isn't shared yet."""
    return paragraph(waiting.held(t, win, now=now) or shared_again(t, win.channel_id or "", is_in_place=False)["text"])


def cannot_share(t: Translations, channel_id: str | None, why: Unavailability | None) -> Message:
    """Refuse to share a private win again: the bot can't post in its channel, or its author isn't there."""
    if channel_id is None:
        return paragraph(
            t.gettext("This win wasn't saved for a channel. To share it, save it again with `/win` in one.")
        )
    if why is not None:
        return paragraph(refusals.unavailability_help(t, why))
    return paragraph(
        t.gettext(
            "I can't see you in {channel}, so I didn't share your win there. If you just joined, try again in a "
            "moment.",
            channel=channel(channel_id),
        )
    )


def gone(t: Translations) -> Message:
    """Reply to someone who edits a win that was deleted, also in the form that they had open."""
    return paragraph(t.gettext("This win was deleted, so it can't be changed."))


def not_yours(t: Translations) -> Message:
    """Refuse to let someone edit another person's win."""
    return paragraph(t.gettext("Only the person who saved this win can edit it."))


def not_a_win(t: Translations) -> Message:
    """Reply to "Edit this win" on a message that shows no win."""
    return paragraph(
        t.gettext("There's no win to edit in this message. Use *Edit this win* on a message where I shared your win.")
    )


def is_roundup(t: Translations) -> Message:
    """Reply to "Edit this win" on a roundup, which shows many."""
    return paragraph(t.gettext("A roundup has many wins. To edit one of yours, type `/wins`."))


def failed_to_open(t: Translations, win_id: int) -> Message:
    """Say that Slack did not open the form, with a button that tries again."""
    text = t.gettext("Slack couldn't open the form. Your win hasn't changed.")
    return message(text, [section(text, accessory=edit_button(t, win_id, action_id=EDIT))])
