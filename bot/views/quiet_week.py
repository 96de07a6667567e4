"""The line of a quiet week: no blame, and a prompt that leans towards work that is rarely seen."""

from bot.domain.quiet_weeks import PROMPT_COUNT
from bot.domain.roundups import RoundupPart
from bot.views.format import Message, channel, context, message
from bot.views.next_roundup import next_on
from bot.views.translations import Translations


def quiet_line(t: Translations, part: RoundupPart) -> Message:
    """Say in one line that this roundup has no wins, what may be one, and when the next roundup is due."""
    sentences = [
        t.gettext("A quiet stretch, and that's okay.")
        if part.target_channel_id == part.channel_id
        else t.gettext("A quiet stretch in {channel}, and that's okay.", channel=channel(part.channel_id))
    ]
    if part.opening is not None:
        sentences.append(_prompts(t)[int(part.opening) % PROMPT_COUNT])
    if part.next_due_at is not None:
        sentences.append(next_on(t, part.next_due_at, part.zone))
    text = " ".join(sentences)
    return message(text, [context(text)])


def _prompts(t: Translations) -> list[str]:
    """Return the prompts that quiet lines take turns with."""
    return [
        t.gettext("A patient code review counts as a win."),
        t.gettext("A question that saved everyone an hour counts, too."),
        t.gettext("Deleting what no one needed counts, too."),
        t.gettext("A doc that answers a question before it's asked is a win."),
        t.gettext("A calm on-call night is worth a line."),
        t.gettext("Showing a new teammate around counts as a win."),
        t.gettext("A kind no that kept the plan small is a win."),
        t.gettext("A meeting that didn't need to happen, and didn't, counts."),
        t.gettext("The bug that never reached a customer is a win."),
        t.gettext("Listening to a worried customer counts, too."),
        t.gettext("An updated runbook helps the next person on call."),
        t.gettext("Asking for help early is worth a line."),
        t.gettext("A tidy handover counts as a win."),
        t.gettext("The test that was flaky and isn't anymore is a win."),
        t.gettext("Taking notes so that others could talk counts."),
        t.gettext("A clearer error message is a win for everyone who reads it."),
        t.gettext("A hard conversation that went well is worth a line."),
        t.gettext("Half a step on something big counts, too."),
        t.gettext("An experiment that said no is something learned."),
        t.gettext("Answering the same question once more, kindly, is a win."),
        t.gettext("The upgrade no one noticed is a win."),
        t.gettext("A good day off counts, too."),
        t.gettext("Unblocking someone else is worth a line."),
        t.gettext("A spreadsheet put out of its misery is a win."),
    ]
