"""`/wins preview` and `/wins post`: the roundup so far, and the question whether to post it now."""

from collections.abc import Sequence
from datetime import datetime

from bot.domain.channel_state import ChannelState, HasRoundup, channel_state
from bot.domain.roundups import RoundupPart
from bot.views import format as fmt
from bot.views.format import (
    Message,
    Names,
    actions,
    button,
    confirmation,
    context,
    date_and_time,
    message,
    paragraph,
    section,
)
from bot.views.next_roundup import next_roundup
from bot.views.permalinks import Permalink
from bot.views.roundup import roundup
from bot.views.translations import Translations

POST_NOW = "post_roundup_now"
PREVIEW = "preview_roundup"
SETTINGS = "preview_settings"
NOT_NOW = "post_roundup_not_now"
JUST_THIS_TIME = "just_this_time"
MAX_PARTS = 5
"""The most messages of a preview: one answers the command, and a response_url works five times."""


def preview(
    t: Translations,
    parts: Sequence[RoundupPart],
    names: Names,
    *,
    channel: HasRoundup | None,
    permalink: Permalink,
    now: datetime,
) -> list[Message]:
    """Show the roundup that would be posted `now`, in as many messages as it would have, up to `MAX_PARTS`."""
    return [
        _with_frame(
            _first_frame(t, part, channel, now)
            if part.number == 0
            else t.gettext("Only visible to you. This part will be in the thread."),
            roundup(t, part, names, key=None, permalink=permalink, posted_at=now),
        )
        for part in parts[:MAX_PARTS]
    ]


def _with_frame(frame: str, rendered: Message) -> Message:
    # Not shortened again: an ephemeral message may be a little longer than a posted one.
    return {"text": f"{frame}\n{rendered['text']}", "blocks": [context(frame), *rendered["blocks"]]}


def _first_frame(t: Translations, part: RoundupPart, channel: HasRoundup | None, now: datetime) -> str:
    sentences = [t.gettext("Only visible to you. Here's the roundup so far. Nothing has been posted.")]
    if part.target_channel_id != part.channel_id:
        target = fmt.channel(part.target_channel_id)
        sentences.append(t.gettext("It'll be posted in {channel}, not here.", channel=target))
    if channel_state(channel, now) is not ChannelState.ON or channel is None or channel.next_due_at is None:
        sentences.append(next_roundup(t, channel, now=now))
    return " ".join(sentences)


def with_rest(t: Translations, rendered: Message, wins: int) -> Message:
    """Add how many more wins there are than the preview shows."""
    if not wins:
        return rendered
    more = t.ngettext("And {count} more win not shown here.", "And {count} more wins not shown here.", wins)
    return {"text": f"{rendered['text']}\n{more}", "blocks": [*rendered["blocks"], context(more)]}


def with_buttons(t: Translations, rendered: Message, win_ids: Sequence[int]) -> Message:
    """Add what a person who may change the channel can do next; `win_ids` are those that can be posted now."""
    buttons = [
        button(t.gettext("Just this time"), action_id=JUST_THIS_TIME, value="-"),
        button(t.gettext("Settings"), action_id=SETTINGS, value="-"),
    ]
    if win_ids:
        wins, up_to = len(win_ids), max(win_ids)
        question = t.ngettext("Post this win now?", "Post these {count} wins now?", wins)
        effect = t.ngettext("It won't be in a later roundup.", "They won't be in a later roundup.", wins)
        dialog = confirmation(t, question, effect, confirm=t.gettext("Post now"))
        post = button(t.gettext("Post now"), action_id=POST_NOW, value=str(up_to), confirm=dialog)
        buttons.insert(0, post | {"style": "primary"})
    return {**rendered, "blocks": [*rendered["blocks"], actions(*buttons)]}


def no_wins(t: Translations, channel: HasRoundup | None, *, left_count: int = 0, now: datetime) -> Message:
    """Say that there are no wins for a roundup yet, or only those that it leaves for the one after."""
    empty = t.gettext("No wins to share yet. Add one with `/win` and a few words.")
    if left_count:
        empty = t.ngettext(
            "The only win so far is left for the roundup after the next one. To share it sooner, use *Just this time* "
            "in `/wins preview`.",
            "All {count} wins so far are left for the roundup after the next one. To share them sooner, use *Just this "
            "time* in `/wins preview`.",
            left_count,
        )
    return paragraph(f"{empty} {next_roundup(t, channel, now=now)}")


def confirm_post_now(
    t: Translations, wins: int, *, up_to: int, next_due_at: datetime | None, zone: str, target_channel_id: str | None
) -> Message:
    """Ask whether to post these wins now; `up_to` is the value of the button.

    `target_channel_id` is the channel that gets the roundup, None for the one where this is asked.
    """
    if target_channel_id is None:
        question = t.ngettext("Post this win now?", "Post these {count} wins now?", wins)
    else:
        question = t.ngettext(
            "Post this win in {channel} now?",
            "Post these {count} wins in {channel} now?",
            wins,
            channel=fmt.channel(target_channel_id),
        )
    if next_due_at is None:
        effect = t.ngettext("It won't be in a later roundup.", "They won't be in a later roundup.", wins)
    else:
        effect = t.ngettext(
            "It won't be repeated in the next roundup ({date}).",
            "They won't be repeated in the next roundup ({date}).",
            wins,
            date=date_and_time(t, next_due_at, zone),
        )
    post = button(t.gettext("Post now"), action_id=POST_NOW, value=str(up_to)) | {"style": "primary"}
    show = button(t.gettext("Preview"), action_id=PREVIEW, value="-")
    cancel = button(t.gettext("Cancel"), action_id=NOT_NOW, value="-")
    text = f"{question} {effect}"
    return message(text, [section(text), actions(post, show, cancel)])


def posted(t: Translations, wins: int, channel: HasRoundup | None, *, now: datetime) -> Message:
    """Say how many wins are being posted, and when the next roundup is due."""
    if wins == 0:
        text = t.gettext("Those wins are already in a roundup or were deleted, so I didn't post anything.")
    else:
        text = t.ngettext("Posting {count} win.", "Posting {count} wins.", wins)
    return paragraph(f"{text} {next_roundup(t, channel, now=now)}")


def cannot_post(t: Translations, channel: HasRoundup, *, now: datetime) -> Message:
    """Say why nothing can be posted in a channel, and what to do."""
    return paragraph(next_roundup(t, channel, now=now))


def not_posted(t: Translations) -> Message:
    """Confirm that nothing was posted."""
    return paragraph(t.gettext("OK, I didn't post anything. Wins are still saved."))
