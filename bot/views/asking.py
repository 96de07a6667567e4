"""What is asked, privately, before a win is saved that may not be meant as one."""

from datetime import timedelta
from math import ceil

from bot.domain.win_limits import TooManyWins
from bot.views import ephemeral
from bot.views.format import Block, Message, actions, button, code, paragraph
from bot.views.translations import Translations

RUN_COMMAND = "run_command"
SAVE_AGAIN = "save_win_again"


def command_or_win(t: Translations, text: str, name: str, *, command: str, value: str, works_here: bool) -> Message:
    """Ask whether the `text` of a `/win` is the subcommand `name` of `/wins`, and give it back.

    `command` and `value` are the values of the buttons that run the command and save the text.
    """
    named = code(f"/wins {name}")
    if not works_here:
        why = t.gettext("Nothing is saved yet. {command} is a command that only works in channels.", command=named)
        return ephemeral.not_a_command(t, why, text, value=value)
    why = t.gettext("Did you mean {command}? Nothing is saved yet.", command=named)
    question = ephemeral.not_a_command(t, why, text, value=value)
    run = button(t.gettext("Run the command"), action_id=RUN_COMMAND, value=command)
    *rest, row = question["blocks"]
    return question | {"blocks": [*rest, actions(run, *row["elements"])]}


def repeated(t: Translations, text: str, *, value: str | None) -> Message:
    """Say that someone has just saved a win with the same `text`, and ask whether to save it again.

    `value` is that of the button that does, None if the text is too long for one.
    """
    asked = ephemeral.with_text_to_copy(t, just_saved(t), text)
    if value is None:
        return asked
    return _with_button(asked, button(t.gettext("Save it again"), action_id=SAVE_AGAIN, value=value))


def wait_a_while(t: Translations, refusal: TooManyWins, text: str, *, value: str | None, may_repeat: bool) -> Message:
    """Say that someone has saved many wins, and give the `text` of this one back, with a button that saves it later.

    `value` as in `repeated`. It `may_repeat` another one if its author has said so.
    """
    refused = ephemeral.with_text_to_copy(t, too_many(t, refusal), text)
    if value is None:
        return refused
    if may_repeat:
        return _with_button(refused, button(t.gettext("Save it again"), action_id=SAVE_AGAIN, value=value))
    return _with_button(refused, button(t.gettext("Save as a win"), action_id=ephemeral.SAVE_AS_WIN, value=value))


def _with_button(asked: Message, save: Block) -> Message:
    return asked | {"blocks": [*asked["blocks"], actions(save)]}


def too_many(t: Translations, refusal: TooManyWins) -> Message:
    """Say that someone has saved as many wins as they may for now, and when they may save the next."""
    return paragraph(
        t.ngettext(
            "So many wins! I can only take a few at a time, so this one isn't saved yet. Try again in a minute.",
            "So many wins! I can only take a few at a time, so this one isn't saved yet. Try again in {count} minutes.",
            ceil(refusal.wait / timedelta(minutes=1)),
        )
    )


def just_saved(t: Translations) -> Message:
    """Say that a win is not saved a second time."""
    return paragraph(already_saved(t))


def already_saved(t: Translations) -> str:
    """Say why a win is not saved."""
    return t.gettext("You saved a win with the same words less than a minute ago, so I didn't save this one.")
