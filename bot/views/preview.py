"""What a roundup would say now, shown to one person; and the question whether to post it before its time."""

from collections.abc import Sequence
from datetime import datetime

from bot.domain.roundups import Part
from bot.views.format import Message, Names, button, context, date_and_time, message, section
from bot.views.roundup import Link, roundup

POST_NOW = "post_roundup_now"
NOT_NOW = "post_roundup_not_now"
MOST_PARTS = 5
"""The most messages of one answer: Slack takes five through a response_url, and the answer itself comes before."""


def preview(parts: Sequence[Part], names: Names, *, link: Link, now: datetime) -> list[Message]:
    """Show the roundup that would be posted `now`, in as many messages as it would have, up to `MOST_PARTS`."""
    first = "Only you see this: what the roundup would say now. Nothing is posted."
    shown = []
    for part in parts[:MOST_PARTS]:
        told = roundup(part, names, key=None, link=link, now=now)
        frame = first if part.number == 0 else "Only you see this: how it would go on in the thread."
        shown.append(message(f"{frame}\n{told['text']}", [context(frame), *told["blocks"]]))
    if rest := sum(len(part.wins) for part in parts[MOST_PARTS:]):
        more = f"And {rest} more {'win' if rest == 1 else 'wins'}, which I don't show here."
        last = shown[-1]
        shown[-1] = message(f"{last['text']}\n{more}", [*last["blocks"], context(more)])
    return shown


def nothing_to_tell(next_due_at: datetime | None, zone: str) -> Message:
    """Say that there is no win to tell now."""
    when = "" if next_due_at is None else f" The next roundup is due on {date_and_time(next_due_at, zone)}."
    return _said(f"There is no win to tell at the moment.{when} `/win` and a few words add one.")


def question(wins: int, *, up_to: int, next_due_at: datetime | None, zone: str, elsewhere: str | None) -> Message:
    """Ask whether to post these wins now, and say what then becomes of the next roundup; `up_to` goes with it."""
    these, they = ("This 1 win", "It") if wins == 1 else (f"These {wins} wins", "They")
    where = "" if elsewhere is None else f" to {elsewhere}"
    said = f"{these} would be posted{where} now."
    if next_due_at is None:
        said += f" {they} will then be in no later roundup."
    else:
        when = date_and_time(next_due_at, zone)
        said += f" {they} will then not appear in the roundup of {when}, which comes with what is new by then."
    label = "Post this win now" if wins == 1 else f"Post these {wins} wins now"
    post = button(label, action=POST_NOW, value=str(up_to)) | {"style": "primary"}
    buttons = {"type": "actions", "elements": [post, button("Not now", action=NOT_NOW, value="-")]}
    hint = "`/wins preview` shows you what it would say."
    return message(f"{said} {hint}", [section(said), buttons, context(hint)])


def posted(wins: int) -> Message:
    """Say what was posted."""
    if wins == 0:
        return _said("These wins are all in a roundup by now, or were undone. Nothing was posted.")
    return _said("1 win is on its way." if wins == 1 else f"{wins} wins are on their way.")


def not_posted() -> Message:
    """Say that nothing was posted."""
    return _said("All right, nothing was posted.")


def _said(text: str) -> Message:
    return message(text, [section(text)])
