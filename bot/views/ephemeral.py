"""What only the person who acted sees: saved, undone, their wins, help, and every refusal with what to do about it."""

from collections.abc import Sequence

from bot.domain.wins import MAX_LENGTH, Draft, Empty, InvalidWin, OnlyPeople, TooLong, Win, with_names
from bot.views.format import (
    MAX_SECTION_CHARACTERS,
    Block,
    Message,
    Names,
    button,
    cheered_by,
    context,
    date_and_time,
    escape,
    message,
    name,
    neutralise,
    paragraph,
    section,
    shorten,
    win_text,
)
from bot.views.roundup import Permalink

MAX_SECTIONS = 48
"""The sections that fit a message beside what else it says: 144,000 characters, far more than a command can hold."""
MAX_MESSAGE_CHARACTERS = 40_000
"""The characters of text that Slack takes at all."""

UNDO = "undo_win"
UNDO_IN_LIST = "undo_listed_win"
TAKE_BACK_CHEER = "take_back_cheer"


def win_saved(draft: Draft, win_id: int, *, is_private: bool) -> Message:
    """Say that a win was saved, with what was found in it and a way back."""
    labels = {person.user_id: name(person, {}) for person in draft.credited}
    text = neutralise(with_names(draft.text, labels))
    visibility = (
        "It stays between us: never announced, never in a roundup."
        if is_private
        else "The channel is told in a moment."
    )
    details = []
    if draft.credited:
        details.append("Credited: " + ", ".join(escape(label) for label in labels.values()))
    if draft.tags:
        details.append("Tags: " + " ".join(f"#{escape(tag)}" for tag in draft.tags))
    lines = [f"Saved: {text}", " · ".join([visibility, *details])]
    undo = button("Undo", action_id=UNDO, value=str(win_id), accessibility_label="Undo this win")
    return message("\n".join(lines), [section(lines[0], accessory=undo), context(lines[1])])


def win_undone(win: Win, names: Names, *, posted_via_response_url: bool) -> Message:
    """Say that a win was undone, and give its words back."""
    intro = "Undone: it will be in no roundup."
    if posted_via_response_url:
        intro += " I can't take back what the channel already saw, because I am not a member there."
    text = with_names(win.text, {person.user_id: name(person, names) for person in win.credited})
    return _with_text_to_copy(f"{intro} Your words, should you want them again:", text)


def already_undone() -> Message:
    """Answer a second Undo."""
    return paragraph("That win was already undone. Nothing else has changed.")


def my_wins(
    wins: Sequence[Win], names: Names, *, zone: str, permalink: Permalink, preface: Message | None = None
) -> Message:
    """List somebody's last wins, for them alone; `note` is said first."""
    if not wins:
        empty = "You have no wins here yet. Log one in five seconds: `/win fixed the flaky build`"
        listing = message(empty, [section(empty)])
    else:
        lines = [my_win(win, names, zone=zone, permalink=permalink) for win in wins]
        title = "*Your last wins* (only you see this)"
        blocks = [
            section(
                line,
                accessory=button(
                    "Undo", action_id=UNDO_IN_LIST, value=str(win.id), accessibility_label="Undo this win"
                ),
            )
            for line, win in zip(lines, wins, strict=True)
        ]
        listing = message("\n".join([title, *(f"• {line}" for line in lines)]), [section(title), *blocks])
    if preface is None:
        return listing
    return message(f"{preface['text']}\n{listing['text']}", [*preface["blocks"], *listing["blocks"]])


def my_win(win: Win, names: Names, *, zone: str, permalink: Permalink) -> str:
    """Return one of somebody's wins as it is listed for them, escaped."""
    permalink_text = (
        f"<{permalink(win.channel_id, win.message_ts)}|See it>" if win.channel_id and win.message_ts else ""
    )
    private = "" if win.channel_id else "private"
    footer = [date_and_time(win.created_at, zone), private, cheered_by(win.cheered_by, names), permalink_text]
    return f"{win_text(win, names)}\n{' · '.join(filter(None, footer))}"


def already_cheered(key: str) -> Message:
    """Answer a second press of Cheer with the way to take the cheer back."""
    text = "You have already cheered this one."
    take_back = button("Take my cheer back", action_id=TAKE_BACK_CHEER, value=key)
    return message(text, [section(text, accessory=take_back)])


def cheer_counted() -> Message:
    """Answer a cheer on a message that the bot can't change."""
    return paragraph("Thank you: your cheer is counted.")


def cheer_taken_back() -> Message:
    """Answer a cheer taken back; what is still there is a reaction."""
    return paragraph("Your cheer is taken back. If you also reacted with an emoji, remove that to take it back whole.")


def cannot_post_here() -> Message:
    """Tell the author how the bot can post announcements and roundups in a channel it isn't in."""
    return paragraph(
        "Your win is saved, and I have told the channel this once. I am not a member here, so I can't take that "
        "message back, see reactions to it, or post the roundup. To change that, type `/invite @Winsome` in the "
        "channel."
    )


def explain_invalid_win(refusal: InvalidWin) -> Message:
    """Say why a text can't be a win and what to do, and give the text back."""
    if isinstance(refusal, TooLong):
        why = (
            f"That is more than one small win has room for: {len(refusal.text):,} characters, and up to {MAX_LENGTH} "
            "fit. Shorten it, or log it as several wins. Nothing was saved; here are your words:"
        )
    elif isinstance(refusal, OnlyPeople):
        why = "That says who, but not yet what. Add a few words: `/win fixed the build with @ana`. You wrote:"
    elif isinstance(refusal, Empty):
        return paragraph("There was nothing in that win to read. Add a few words: `/win fixed the flaky build`")
    else:
        raise TypeError(f"no words for {refusal!r}")
    return _with_text_to_copy(why, refusal.text)


def unknown_subcommand(subcommand: str) -> Message:
    """Answer `/wins` with something after it that it does not know."""
    return paragraph(
        f"I don't know `/wins {escape(subcommand[:40]).replace('`', '')}`. `/wins` shows your last wins; "
        "there are also "
        "`/wins preview`, `post`, `pause`, `resume`, `setup` and `help`. To log a win, use `/win` and your words."
    )


def only_in_channels(subcommand: str) -> Message:
    """Say that a word of `/wins` is about a channel, and must be typed there."""
    return paragraph(f"`/wins {subcommand}` is about a channel's roundup: type it in that channel.")


def form_was_tampered_with() -> Message:
    """Say that a form holds what it does not offer."""
    return paragraph(
        "This form holds something that I never put into it. Nothing was saved; open it again to begin anew."
    )


def modal_failed_to_open() -> Message:
    """Say that Slack did not take the form in time."""
    return paragraph("Slack did not open the form just now. Please type that once more. Nothing has changed.")


def not_your_win() -> Message:
    """Refuse the undo of somebody else's win."""
    return paragraph("Only the person who logged a win can undo it. Nothing has changed.")


def win_not_found() -> Message:
    """Answer a button whose win or roundup is not there (any more)."""
    return paragraph("That win is not here any more. Nothing has changed.")


def unknown_workspace() -> Message:
    """Refuse a request from a workspace that this Winsome does not serve."""
    return paragraph(
        "Winsome is not installed in your workspace, so nothing was saved. Ask an admin there to install it."
    )


def already_handled() -> Message:
    """Answer a repeat of a request whose first answer isn't known any more."""
    return paragraph("That's already done.")


def unhandled() -> Message:
    """Answer a command or a button that nothing in Winsome serves."""
    return paragraph("I don't know that one. It may come from an older version of me; `/win help` says what I can do.")


def internal_error(reference: str, *, text: str = "") -> Message:
    """Say that something broke, with a reference that stands in the log, and give back what was written."""
    apology = (
        f"Something went wrong on my side, and nothing was saved. Please try again in a moment. (Reference {reference})"
    )
    return _with_text_to_copy(f"{apology} Your words:", text) if text else paragraph(apology)


def _with_text_to_copy(intro: str, text: str) -> Message:
    """Put somebody's own words below, whole and exactly as they were, to be copied."""
    chunks = [text[start : start + MAX_SECTION_CHARACTERS] for start in range(0, len(text), MAX_SECTION_CHARACTERS)][
        :MAX_SECTIONS
    ]
    blocks: list[Block] = [
        {"type": "section", "text": {"type": "plain_text", "text": chunk, "emoji": False}}
        for chunk in chunks
        if chunk.strip()
    ]
    return {"text": shorten(f"{intro}\n{escape(text)}", MAX_MESSAGE_CHARACTERS), "blocks": [section(intro), *blocks]}
