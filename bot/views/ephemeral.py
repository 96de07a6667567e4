"""Replies that only the person who acted sees: to `/win`, `/wins`, the buttons of wins, and to what failed."""

from collections.abc import Collection, Iterator, Sequence
from itertools import islice

from bot.domain.markup import with_names
from bot.domain.text import cut, is_visible
from bot.domain.wins import (
    MAX_LENGTH,
    ClimbOfWin,
    Draft,
    Empty,
    InvalidWin,
    Mention,
    OnlyPeople,
    TooLong,
    Win,
    WinKind,
    url_beside,
)
from bot.views.format import (
    MAX_SECTION_CHARACTERS,
    Message,
    Names,
    actions,
    button,
    channel,
    context,
    escape,
    link,
    message,
    name,
    names_as_typed,
    neutralise,
    paragraph,
    plain_section,
    reply,
    section,
)
from bot.views.thanks import ask_who_helped
from bot.views.translations import Translations
from bot.views.win_buttons import EDIT, edit_button
from bot.views.win_line import step_of, thanks

MAX_SECTIONS = 48
"""The sections of user text in one message: 144,000 characters, far more than a command can hold."""

UNDO = "undo_win"
SAVE_AS_WIN = "save_as_win"
TAKE_BACK_CHEER = "take_back_cheer"


def win_saved(
    t: Translations,
    draft: Draft,
    win_id: int,
    *,
    bot_ids: Collection[str] = (),
    former: Sequence[Mention] = (),
    is_private: bool,
    is_in_group: bool = False,
    elsewhere: str | None = None,
    is_reply: bool = False,
    held: str = "",
    climb: ClimbOfWin | None = None,
    offered: Sequence[Mention] = (),
) -> Message:
    """Confirm a saved win, with what was found in it, with Undo and Edit. Bots (`bot_ids`) are not credited.

    Only the text names the `former`.

    The author can thank each of the `offered` people with one press, and then say how they helped.

    `elsewhere` is the channel that it is shared in, if that is not the one in which this is read. It `is_reply` if it
    is shared in the thread of the message that it was saved from. `held` says what becomes of one that isn't shared
    yet (see waiting.py). `climb` is the one that it is a step of, if any.
    """
    labels = {person.user_id: name(t, person, {}) for person in draft.credited}
    credited = [escape(label) for user_id, label in labels.items() if user_id not in bot_ids]
    people = t.join_and(credited) if credited else ""
    url = url_beside(draft.text, draft.url)
    in_text = labels | {each.user_id: name(t, each, {}) for each in (*draft.thanked, *former)}
    title = _saved(t, draft, neutralise(draft.text, in_text))
    details = [
        held or _who_sees(t, is_private=is_private, is_in_group=is_in_group, elsewhere=elsewhere, is_reply=is_reply),
        _credited(t, draft, people) if people else "",
        thanks(t, draft, {}),
        t.gettext("Tags: {tags}", tags=" ".join(f"#{escape(tag)}" for tag in draft.tags)) if draft.tags else "",
        link(url) if url else "",
        step_of(t, climb),
    ]
    footer = " · ".join(filter(None, details))
    undo = button(t.gettext("Undo"), action_id=UNDO, value=str(win_id), accessibility_label=t.gettext("Undo this win"))
    buttons = actions(undo, edit_button(t, win_id, action_id=EDIT))
    question, blocks = ask_who_helped(t, draft, win_id, offered)
    return reply(
        "\n".join(filter(None, [title, footer, question])), [section(title), context(footer), buttons, *blocks]
    )


def _saved(t: Translations, draft: Draft, text: str) -> str:
    if draft.kind is WinKind.LEARNING:
        return t.gettext("Learning saved: {text}", text=text)
    return t.gettext("Win saved: {text}", text=text)


def _credited(t: Translations, draft: Draft, people: str) -> str:
    return t.gettext("With {people}", people=people) if draft.is_own else t.gettext("For {people}", people=people)


def _who_sees(t: Translations, *, is_private: bool, is_in_group: bool, elsewhere: str | None, is_reply: bool) -> str:
    if is_private:
        return t.gettext("Only you can see this win. It isn't posted anywhere and won't be in a roundup.")
    if is_in_group:
        return t.gettext("Sharing it in this conversation. Only channels have roundups, so it won't be in one.")
    if elsewhere is not None:
        return t.gettext("Sharing it in {channel}.", channel=channel(elsewhere))
    if is_reply:
        return t.gettext("Sharing it in that message's thread.")
    return t.gettext("Sharing it in this channel.")


def win_undone(t: Translations, win: Win, names: Names, *, remains: str = "", written: str = "") -> Message:
    """Confirm that a win was deleted, and give its text back, or what its author has `written` in its form.

    `remains` says what Slack still shows of it.
    """
    done = t.gettext("Win deleted. It won't be in any roundup.")
    return _given_back(t, " ".join(filter(None, [done, remains])), win, names, written)


def _given_back(t: Translations, what_happened: str, win: Win, names: Names, written: str) -> Message:
    reuse = t.gettext("Here's your text if you want to reuse it:")
    text = written or with_names(win.text, names_as_typed(t, win, names))
    return _with_text_to_copy(f"{what_happened} {reuse}", text)


def being_removed(t: Translations) -> str:
    """Say that the messages that show a deleted win are about to go."""
    return t.gettext("I'm removing it from the channel now.")


def cannot_be_removed(t: Translations) -> str:
    """Say that the announcement of a deleted win stays, because it was posted through a response_url."""
    return t.gettext("I couldn't remove the message already posted, because I'm not in that conversation.")


def may_be_posted(t: Translations) -> str:
    """Say that a message that shows a deleted win may be in Slack."""
    return t.gettext(
        "Slack didn't confirm whether it was posted. If you still see it in the channel, ask a workspace admin to "
        "delete it."
    )


def already_undone(t: Translations, win: Win, names: Names, *, written: str = "") -> Message:
    """Reply to a second Undo or Delete, which replaces the reply to the first: the text is given back again."""
    return _given_back(t, t.gettext("That win was already deleted."), win, names, written)


def already_cheered(t: Translations, value: str) -> Message:
    """Reply to a second press of Cheer, with a button that removes the cheer and has the `value` of that one."""
    text = t.gettext("You already cheered this.")
    take_back = button(t.gettext("Remove my cheer"), action_id=TAKE_BACK_CHEER, value=value)
    return message(text, [section(text, accessory=take_back)])


def cheer_counted(t: Translations) -> Message:
    """Confirm a cheer on a message that the bot can't update."""
    return paragraph(t.gettext("Thanks! Your cheer was added."))


def cheer_taken_back(t: Translations) -> Message:
    """Confirm that a cheer was removed; a reaction is a cheer of its own."""
    return paragraph(t.gettext("Your cheer was removed. If you also reacted with an emoji, remove that too."))


def own_win(t: Translations) -> Message:
    """Tell a win's author, or a person credited in it, that their cheer doesn't count."""
    return paragraph(t.gettext("This win is yours, so only your teammates can cheer it."))


def cannot_post_here(t: Translations, *, is_group: bool) -> Message:
    """Tell the author what the bot can't do in a channel, or a group conversation, that it isn't in."""
    if is_group:
        return paragraph(
            t.gettext(
                "Your win is saved and shared here. I'm not in this conversation, so I can't remove that message or "
                "count reactions."
            )
        )
    return paragraph(
        t.gettext(
            "Your win is saved and shared here. I'm not in this channel, so I can't remove that message, count "
            "reactions, or post a roundup. Type `/invite @Winsome` to add me."
        )
    )


def win_not_found(t: Translations) -> Message:
    """Reply to a button whose win or roundup no longer exists."""
    return paragraph(t.gettext("That's been deleted."))


def explain_invalid_win(t: Translations, refusal: InvalidWin) -> Message:
    """Say why a text can't be a win and what to do, and give the text back."""
    match refusal:
        case TooLong(text=text):
            return with_text_to_copy(t, paragraph(too_long(t, text)), text)
        case OnlyPeople():
            why = t.gettext(
                "That says who, but not what happened. Add a few words: `/win fixed the build with @ana`. You wrote:"
            )
        case Empty():
            return paragraph(t.gettext("That win was empty. Add a few words: `/win fixed the flaky build`"))
        case _:
            raise TypeError(f"no words for {refusal!r}")
    return _with_text_to_copy(why, refusal.text)


def too_long(t: Translations, text: str) -> str:
    """Say by how much a text is too long for a win."""
    length = f"{len(text):,}"
    return t.gettext(
        "That's a little long ({length} characters, and the limit is {limit}). Shorten it or split it into a few wins.",
        length=length,
        limit=MAX_LENGTH,
    )


def unknown_subcommand(t: Translations, text: str, *, value: str | None) -> Message:
    """Reply to `/wins` with none of its subcommands; `text` and `value` as in `not_a_command`."""
    if value is not None:
        why = t.gettext("That isn't a command I know, but it looks like a win. Save it here, or try `/wins help`.")
        return _with_save_button(t, why, text, value)
    why = t.gettext("That isn't a command I know. Try `/wins help`.")
    return not_a_command(t, why, text, value=None)


def takes_no_words(t: Translations, subcommand: str, text: str, *, value: str | None) -> Message:
    """Say that nothing can follow a subcommand of `/wins`; `text` and `value` as in `not_a_command`."""
    why = t.gettext("`/wins {subcommand}` only works on its own, so I didn't run it.", subcommand=subcommand)
    return not_a_command(t, why, text, value=value)


def not_a_command(t: Translations, why: str, text: str, *, value: str | None) -> Message:
    """Say `why` the `text` is no command, and give it back.

    `value` is that of the button that saves it as a win, None if it can't be one.
    """
    if value is not None:
        if_win = t.gettext("If it's a win, save it here:")
        return _with_save_button(t, f"{why} {if_win}", text, value)
    use_win = t.gettext("To save a win, use `/win` and a few words. You wrote:")
    return _with_text_to_copy(f"{why} {use_win}", text)


def _with_save_button(t: Translations, why: str, text: str, value: str) -> Message:
    reply = _with_text_to_copy(why, text)
    save = button(t.gettext("Save as a win"), action_id=SAVE_AS_WIN, value=value)
    return {**reply, "blocks": [*reply["blocks"], actions(save)]}


def only_in_channels(t: Translations, command: str) -> Message:
    """Say that a subcommand of `/wins` works only in channels; `command` is the whole of what was typed."""
    why = t.gettext("That only works in channels. Use it in the channel it's about:")
    return _with_text_to_copy(why, command)


def form_was_tampered_with(t: Translations) -> Message:
    """Say that a form holds a value that it doesn't offer."""
    return paragraph(t.gettext("Something in this form isn't valid. Nothing was saved. Reopen it and try again."))


def modal_failed_to_open(t: Translations) -> Message:
    """Say that Slack did not open a modal."""
    return paragraph(t.gettext("Slack couldn't open the form. Please try again."))


def unknown_workspace(t: Translations, *, text: str = "") -> Message:
    """Refuse a request from a workspace where Winsome is not installed, and give back what was typed."""
    refusal = paragraph(
        t.gettext(
            "Winsome isn't installed in your workspace, so nothing was saved. Ask a workspace admin to install it."
        )
    )
    return with_text_to_copy(t, refusal, text)


def saved_but_not_shown(t: Translations) -> Message:
    """Say that a change is saved, where what it led to can't be shown now."""
    return paragraph(
        t.gettext("That's saved, but I can't show you the result right now. Please look again in a minute.")
    )


def already_handled(t: Translations) -> Message:
    """Reply to a request that changes nothing, or to a repeat of one whose first reply isn't known anymore."""
    return paragraph(t.gettext("That's already done."))


def unhandled(t: Translations) -> Message:
    """Reply to a command or button that no listener handles."""
    return paragraph(t.gettext("That doesn't work anymore. Type `/win help` to see what I can do."))


def internal_error(t: Translations, reference: str, *, text: str = "") -> Message:
    """Say that something went wrong, with the reference that the log has, and give back what was typed."""
    apology = t.gettext(
        "Something went wrong and nothing was saved. Please try again. (Error ID: {reference})", reference=reference
    )
    return with_text_to_copy(t, paragraph(apology), text)


def database_unavailable(t: Translations, *, may_be_saved: bool, is_lost: bool, text: str = "") -> Message:
    """Say that the database doesn't answer, whether anything was saved, and give back what was typed."""
    if is_lost:
        words = t.gettext(
            "My database isn't where I left it, so nothing was saved. Please tell the person who runs Winsome here. "
            "Until they've looked at it, trying again won't help."
        )
    elif may_be_saved:
        words = t.gettext(
            "My database stopped answering while I was saving this, so I don't know if it was saved. Please look "
            "before you try again: your wins are in `/wins`."
        )
    else:
        words = t.gettext("My database isn't answering, so nothing was saved. Please try again in a minute.")
    return with_text_to_copy(t, paragraph(words), text)


def with_text_to_copy(t: Translations, refusal: Message, text: str) -> Message:
    """Add to a refusal what the person typed, if it shows anything."""
    if not is_visible(text):
        return refusal
    your_text = t.gettext("Here's your text:")
    return _with_text_to_copy(f"{refusal['text']} {your_text}", text)


def _with_text_to_copy(intro: str, text: str) -> Message:
    """Make a message that gives user text back below `intro`, unchanged, to be copied."""
    blocks = [plain_section(chunk) for chunk in islice(_chunks(text), MAX_SECTIONS) if chunk.strip()]
    return reply(f"{intro}\n{escape(text)}", [section(intro), *blocks])


def _chunks(text: str) -> Iterator[str]:
    while text:
        chunk = cut(text, MAX_SECTION_CHARACTERS)
        yield chunk
        text = text[len(chunk) :]
