"""What a roundup would say now, shown to one person; and the question whether to post it before its time."""

from collections.abc import Sequence
from datetime import datetime

from bot.domain.roundups import RoundupPart
from bot.views.format import Message, Names, button, context, date_and_time, message, paragraph, section
from bot.views.format import channel as shown
from bot.views.next_roundup import HasNextRoundup, next_roundup
from bot.views.roundup import Permalink, roundup

POST_NOW = "post_roundup_now"
NOT_NOW = "post_roundup_not_now"
MAX_PARTS = 5
"""The most messages that a preview has: one answers the command, and a response_url may be used five times."""


def preview(
    parts: Sequence[RoundupPart], names: Names, *, channel: HasNextRoundup | None, permalink: Permalink, now: datetime
) -> list[Message]:
    """Show the roundup that would be posted `now`, in as many messages as it would have, up to `MOST_PARTS`."""
    return [
        _with_frame(
            _first_frame(part, channel) if part.number == 0 else "Only you see this: how it would go on in the thread.",
            roundup(part, names, key=None, permalink=permalink, now=now),
        )
        for part in parts[:MAX_PARTS]
    ]


def _with_frame(frame: str, rendered: Message) -> Message:
    # Not shortened once more: what one person alone sees may be a little longer than what is posted.
    return {"text": f"{frame}\n{rendered['text']}", "blocks": [context(frame), *rendered["blocks"]]}


def _first_frame(part: RoundupPart, channel: HasNextRoundup | None) -> str:
    lines = ["Only you see this: what the roundup would say now. Nothing is posted."]
    if part.target_channel_id != part.channel_id:
        lines.append(f"It would go to {shown(part.target_channel_id)}, not to this channel.")
    if channel is None or channel.unavailable_reason is not None or channel.next_due_at is None:
        lines.append(next_roundup(channel))
    return " ".join(lines)


def with_rest(rendered: Message, wins: int) -> Message:
    """Say how many wins more there are that the preview does not show."""
    if not wins:
        return rendered
    more = f"And {wins} more {'win' if wins == 1 else 'wins'}, which I don't show here."
    return {"text": f"{rendered['text']}\n{more}", "blocks": [*rendered["blocks"], context(more)]}


def no_wins(channel: HasNextRoundup | None) -> Message:
    """Say that there is no win to tell now."""
    return paragraph(f"There is no win to tell at the moment. {next_roundup(channel)} `/win` and a few words add one.")


def confirm_post_now(
    wins: int, *, up_to: int, next_due_at: datetime | None, zone: str, elsewhere: str | None
) -> Message:
    """Ask whether to post these wins now, and say what then becomes of the next roundup; `up_to` goes with it."""
    these, they = ("This 1 win", "It") if wins == 1 else (f"These {wins} wins", "They")
    where = "" if elsewhere is None else f" to {elsewhere}"
    text = f"{these} would be posted{where} now."
    if next_due_at is None:
        text += f" {they} will then be in no later roundup."
    else:
        when = date_and_time(next_due_at, zone)
        text += f" {they} will then not appear in the roundup of {when}, which comes with what is new by then."
    label = "Post this win now" if wins == 1 else f"Post these {wins} wins now"
    post = button(label, action_id=POST_NOW, value=str(up_to)) | {"style": "primary"}
    buttons = {"type": "actions", "elements": [post, button("Not now", action_id=NOT_NOW, value="-")]}
    hint = "`/wins preview` shows you what it would say."
    return message(f"{text} {hint}", [section(text), buttons, context(hint)])


def posted(wins: int, channel: HasNextRoundup | None) -> Message:
    """Say what was posted, and when the next roundup comes."""
    if wins == 0:
        text = "These wins are all in a roundup by now, or were undone. Nothing was posted."
    else:
        text = "1 win is on its way." if wins == 1 else f"{wins} wins are on their way."
    return paragraph(f"{text} {next_roundup(channel)}")


def not_posted() -> Message:
    """Say that nothing was posted."""
    return paragraph("All right, nothing was posted. No win is lost: they wait for the next roundup.")
