"""The form of a win, and what is shown around it: the button that opens it, and what became of the win."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bot.domain.audit_log import Unavailability
from bot.domain.climbs import StepError
from bot.domain.entered_win import EnteredWin
from bot.domain.win_form import (
    MAX_PEOPLE,
    MAX_REASON_LENGTH,
    MAX_SHOWN_PEOPLE,
    MAX_TAGS,
    MAX_URL_LENGTH,
    FieldError,
    FormError,
)
from bot.domain.wins import InvalidWin, OnlyPeople, TooLong, WinKind
from bot.views import asking, climb, ephemeral, refusals
from bot.views.climb import step_errors, step_fields
from bot.views.format import Block, Message, button, confirmation, message, plain_text, section
from bot.views.inputs import field, modal, option, select, suggested
from bot.views.translations import Translations

CALLBACK_ID = "win_form"
OPEN_WIN_FORM = "open_win_form"
NOTHING_KEPT = "new"
"""The value of a button that opens an empty form; other values are ids of unsaved wins."""
START_OVER = "start_win_over"
TEXT, WHOSE, THANKED, REASON, TAGS = "win_text", "win_whose", "win_thanked", "win_reason", "win_tags"
URL, KIND, AUDIENCE, CHANNEL = "win_url", "win_kind", "win_audience", "win_channel"
NEXT_STEP_OF, NEW_NAME = climb.NEXT_STEP_OF, climb.NEW_NAME
FIELDS = (TEXT, WHOSE, THANKED, REASON, TAGS, URL, KIND, AUDIENCE, CHANNEL, NEXT_STEP_OF, NEW_NAME)
IN_CHANNEL, ONLY_ME = "channel", "only_me"

_FIELD_BY_ENTRY = {
    "text": TEXT,
    "whose": WHOSE,
    "thanked": THANKED,
    "reason": REASON,
    "tags": TAGS,
    "url": URL,
    "channel_id": CHANNEL,
    "step_of": NEXT_STEP_OF,
    "climb_name": NEW_NAME,
}
_MAX_INITIAL_LENGTH = 3000
"""The most characters that a text field takes."""


def form(
    t: Translations,
    entered: EnteredWin,
    *,
    private_metadata: str,
    version: int = 0,
    is_restored: bool = False,
    is_repeated: bool = False,
    is_saved_before: bool = False,
    is_in_group: bool = False,
    takes_current: bool = False,
    step_label: str = "",
) -> dict[str, Any]:
    """Ask for a win, with what was `entered` so far; `is_restored` if that was in a form that was closed.

    It asks before it saves a win that `is_repeated` (the person has just saved the same words), or one from a message
    that `is_saved_before`. The audience comes before the optional fields.

    `version` is another number whenever the fields are to show other values: Slack keeps what is in a field of the same
    block_id. `takes_current` has Slack choose the channel that the person looks at. `step_label` is how what the win is
    the next step of is shown.
    """
    blocks = [_restored(t)] if is_restored else []
    blocks += [section(f"{asking.already_saved(t)} {_to_save_again(t)}")] if is_repeated else []
    blocks += [section(_saved_before(t))] if is_saved_before else []
    blocks += [
        *_main_fields(t, entered),
        select(AUDIENCE, t.gettext("Who can see it?"), _audiences(t), ONLY_ME if entered.is_private else IN_CHANNEL),
    ]
    if not entered.is_private:
        channels = _channels(entered.channel_id, is_in_group=is_in_group, takes_current=takes_current)
        blocks.append(field(CHANNEL, t.gettext("Which channel?"), channels))
    blocks += [
        *_more_fields(t, entered),
        *step_fields(t, entered.step_of, step_label, is_private=entered.is_private),
    ]
    title, submit = t.gettext("Save a win"), t.gettext("Save win")
    blocks = with_version(blocks, version)
    return modal(t, CALLBACK_ID, title, blocks, private_metadata=private_metadata, submit=submit)


def content_fields(t: Translations, entered: EnteredWin, step_label: str) -> list[Block]:
    """Make the fields for all that a win says, each with what was `entered`; `step_label` is as in `form`."""
    steps = step_fields(t, entered.step_of, step_label, is_private=entered.is_private)
    return [*_main_fields(t, entered), *_more_fields(t, entered), *steps]


def _main_fields(t: Translations, entered: EnteredWin) -> list[Block]:
    return [
        field(TEXT, t.gettext("What happened?"), _main_text(t, entered.text)),
        field(
            WHOSE,
            t.gettext("Whose win is it?"),
            _people(entered.whose),
            hint=t.gettext("Choose people here. Typing their names above doesn't credit them."),
        ),
    ]


def _more_fields(t: Translations, entered: EnteredWin) -> list[Block]:
    return [
        field(THANKED, t.gettext("Who made it possible?"), _people(entered.thanked), optional=True),
        field(REASON, t.gettext("How did they help?"), _input("plain_text_input", entered.reason), optional=True),
        suggested(TAGS, t.gettext("Tags"), {tag: f"#{tag}" for tag in entered.tags}, limit=MAX_TAGS, optional=True),
        field(URL, t.gettext("Link"), _input("url_text_input", entered.url), optional=True),
        select(
            KIND,
            t.gettext("What kind of win is it?"),
            _kinds(t),
            entered.kind,
            hint=t.gettext("Adding #learned to your text makes it something learned, and removing it undoes that."),
        ),
    ]


def with_version(blocks: Sequence[Block], version: int) -> list[Block]:
    """Return the blocks with the block_ids that they have when their values are replaced for the `version`th time."""
    return [
        {**block, "block_id": block_id(block["block_id"], version)} if "block_id" in block else block
        for block in blocks
    ]


def field_of(block: str) -> str:
    """Return the name of the field that a block_id stands for."""
    return block.partition("/")[0]


def has_channel_field(block_ids: Iterable[str]) -> bool:
    """Whether a form with these blocks asks for a channel."""
    return CHANNEL in map(field_of, block_ids)


def has_name_field(block_ids: Iterable[str]) -> bool:
    """Whether a form with these blocks asks for the name of a climb."""
    return NEW_NAME in map(field_of, block_ids)


def block_id(name: str, version: int) -> str:
    """Return the block_id of a field."""
    return f"{name}/{version}" if version else name


def _to_save_again(t: Translations) -> str:
    return t.gettext("To save it again, select *Save win*.")


def _restored(t: Translations) -> Block:
    start_over = t.gettext("Start over")
    confirm = confirmation(
        t,
        t.gettext("Start over?"),
        t.gettext("What you entered here will be deleted."),
        confirm=start_over,
        is_danger=True,
    )
    return section(
        t.gettext("Here's what you entered before. It isn't saved yet."),
        accessory=button(start_over, action_id=START_OVER, value="form", confirm=confirm),
    )


def forgotten(t: Translations) -> Block:
    """Say that what the form was to be filled in with is deleted."""
    return section(t.gettext("I keep unsaved wins for a day, so this one is gone. Please fill in the form again."))


def _saved_before(t: Translations) -> str:
    return t.gettext("That message is already saved as a win. Save this too if it's about something else.")


def _input(kind: str, value: str) -> Block:
    """Make the element of a text field that sends its value as it is typed."""
    element: Block = {"type": kind, "dispatch_action_config": {"trigger_actions_on": ["on_character_entered"]}}
    return element | {"initial_value": value[:_MAX_INITIAL_LENGTH]} if value else element


def _main_text(t: Translations, value: str) -> Block:
    placeholder = plain_text(t.gettext("Fixed the flaky build"))
    return _input("plain_text_input", value) | {"multiline": True, "focus_on_load": True, "placeholder": placeholder}


def _people(user_ids: Sequence[str]) -> Block:
    shown = list(user_ids[:MAX_SHOWN_PEOPLE])
    element: Block = {"type": "multi_users_select", "max_selected_items": max(MAX_PEOPLE, len(shown))}
    return element | {"initial_users": shown} if shown else element


def _channels(channel_id: str | None, *, is_in_group: bool, takes_current: bool) -> Block:
    kinds = ["public", "private", *(["mpim"] if is_in_group else [])]
    element: Block = {"type": "conversations_select", "filter": {"include": kinds, "exclude_bot_users": True}}
    if channel_id is not None:
        return element | {"initial_conversation": channel_id}
    return element | {"default_to_current_conversation": True} if takes_current else element


def _kinds(t: Translations) -> dict[str, str]:
    return {
        WinKind.WIN: t.gettext("A win"),
        WinKind.LEARNING: t.gettext("Something learned from a setback"),
    }


def _audiences(t: Translations) -> dict[str, str]:
    return {IN_CHANNEL: t.gettext("People in a channel"), ONLY_ME: t.gettext("Only me")}


def tag_option(tag: str) -> Block:
    """Make the option of a tag."""
    return option(tag, f"#{tag}")


def errors(
    t: Translations,
    errors: Mapping[str, FormError],
    *,
    version: int,
) -> dict[str, str]:
    """Return what is shown under each field, by block_id; `errors` are by field of EnteredWin."""
    return {block_id(_FIELD_BY_ENTRY[name], version): _explain(t, name, error) for name, error in errors.items()}


def _explain(t: Translations, name: str, error: FormError) -> str:
    match error:
        case InvalidWin():
            return _explain_text(t, error)
        case Unavailability():
            return refusals.plain_text({"text": refusals.unavailability_help(t, error)})
        case StepError():
            return step_errors(t)[error]
        case FieldError():
            return field_errors(t)[name, error]


def _explain_text(t: Translations, error: InvalidWin) -> str:
    match error:
        case TooLong(text=text):
            return ephemeral.too_long(t, text)
        case OnlyPeople():
            return t.gettext("That says who, but not what happened. Add a few words.")
    return t.gettext("Say what happened in a few words.")


def field_errors(t: Translations) -> dict[tuple[str, FieldError], str]:
    """Return what is said of each error, by field of EnteredWin."""
    too_many_people = t.gettext("Choose up to {limit} people.", limit=MAX_PEOPLE)
    no_bots = t.gettext("Apps can't be chosen here. Choose people.")
    max_url_length = f"{MAX_URL_LENGTH:,}"
    return {
        ("whose", FieldError.NO_ONE): t.gettext("Choose whose win it is."),
        ("whose", FieldError.TOO_MANY): too_many_people,
        ("whose", FieldError.IS_BOT): no_bots,
        ("thanked", FieldError.TOO_MANY): too_many_people,
        ("thanked", FieldError.IS_BOT): no_bots,
        ("thanked", FieldError.ALSO_WHOSE): t.gettext(
            "It's already their win. Thank someone else, or remove them from “Whose win is it?”."
        ),
        ("thanked", FieldError.REASON_ALONE): t.gettext("Choose who helped, or clear “How did they help?”."),
        ("reason", FieldError.TOO_LONG): t.gettext(
            "Shorten this to {limit} characters or fewer.", limit=MAX_REASON_LENGTH
        ),
        ("url", FieldError.TOO_LONG): t.gettext(
            "That link is longer than {limit} characters. Use a shorter one.", limit=max_url_length
        ),
        ("tags", FieldError.TOO_MANY): t.gettext("Choose up to {limit} tags.", limit=MAX_TAGS),
        ("url", FieldError.NOT_WEB): t.gettext("Enter a web address that starts with https:// or http://."),
        ("channel_id", FieldError.NO_CHANNEL): t.gettext("Choose a channel."),
        ("channel_id", FieldError.NOT_MEMBER): t.gettext(
            "I can't see you in that channel. Join it first, or choose another one."
        ),
        ("channel_id", FieldError.UNKNOWN): t.gettext(
            "I couldn't check that channel with Slack. Try again in a moment, or choose “Only me” above."
        ),
        ("channel_id", FieldError.PRIVATE_SOURCE): t.gettext(
            "You started from a message in a private conversation, so you can only share this there or keep it private."
        ),
    }


def saved(t: Translations, confirmation: Message) -> dict[str, Any]:
    """Show in the form's place what became of the win."""
    return refusals.error_modal(t, confirmation)


def failed_to_open(t: Translations, *, value: str, is_kept: bool) -> Message:
    """Say that Slack did not open the form, with a button that tries again; `is_kept` if it would have been filled."""
    text = t.gettext("Slack couldn't open the form.")
    if is_kept:
        text = t.gettext("Slack couldn't open the form. What you entered is kept for a day.")
    try_again = button(t.gettext("Open the form"), action_id=OPEN_WIN_FORM, value=value)
    return message(text, [section(text, accessory=try_again)])
