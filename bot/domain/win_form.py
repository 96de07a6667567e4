"""The rules for what is entered in the form of a win."""

import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from enum import StrEnum

from bot.domain.audit_log import Unavailability
from bot.domain.climbs import NAME_ERRORS, StepError
from bot.domain.entered_win import NO_TEXT, EnteredWin, OriginalText
from bot.domain.markup import find_people, mention_token, url_token, with_tokens
from bot.domain.text import is_visible
from bot.domain.wins import LEARNED_TAG, Draft, InvalidWin, Mention, Win, WinKind, parse_win

MAX_PEOPLE = 20
"""The most people whose win it is, and the most who are thanked for it. `/win` and those who join may make it more."""
MAX_SHOWN_PEOPLE = 100
"""The most people that Slack shows in a field."""
MAX_TAGS = 10
MAX_REASON_LENGTH = 200
MAX_URL_LENGTH = 1000

_WEB = re.compile(r"(?i:https?)://[^\s/?#]+\S*")


class FieldError(StrEnum):
    """What is wrong with a field."""

    NOT_WEB = "not_web"
    """The link isn't a web address."""
    NO_ONE = "no_one"
    """No one is chosen."""
    TOO_MANY = "too_many"
    """More are chosen than the field takes."""
    IS_BOT = "is_bot"
    """An app is chosen."""
    ALSO_WHOSE = "also_whose"
    """Someone whose win it is, is thanked for it."""
    REASON_ALONE = "reason_alone"
    """There is a reason to thank someone, and no one is chosen."""
    TOO_LONG = "too_long"
    NO_CHANNEL = "no_channel"
    """It is to be shared, and no channel is chosen."""
    NOT_MEMBER = "not_member"
    """The author isn't in the channel, as far as the bot knows."""
    UNKNOWN = "unknown"
    """Slack doesn't say who is in the channel."""
    PRIVATE_SOURCE = "private_source"
    """The message that it is saved from was written for another channel alone."""


FormError = FieldError | StepError | InvalidWin | Unavailability


class InvalidEntries(Exception):
    """What was entered can't be saved. `errors` are by field of EnteredWin, or "climb_name".

    Unavailability is that of the channel.
    """

    def __init__(self, errors: Mapping[str, FormError]) -> None:
        super().__init__(*errors)
        self.errors = errors


def is_blank(entered: EnteredWin) -> bool:
    """Whether nothing was entered that would have to be entered again."""
    texts = (entered.text, entered.reason, entered.url)
    return not (entered.thanked or entered.tags or entered.step_of or any(map(is_visible, texts)))


def with_whose(entered: EnteredWin, author_id: str) -> EnteredWin:
    """Return what was entered; if it says nothing else, it is the win of the author and the people mentioned in it."""
    if entered.whose:
        return entered
    return replace(entered, whose=tuple(dict.fromkeys([author_id, *find_people(entered.text)])))


def to_draft(
    entered: EnteredWin,
    author_id: str,
    *,
    names: Mapping[str, str],
    bot_ids: Collection[str] = (),
    refusal: FieldError | Unavailability | None = None,
    step_refusal: StepError | None = None,
    original: OriginalText = NO_TEXT,
    edited: Win | None = None,
) -> Draft:
    """Read what was entered as a win of its author.

    `names` (by user id) are those that the text may have in it, besides those in the `original`, or in an `edited` win.
    `refusal` is why it can't be shared in the channel, if it can't, and `step_refusal` why it can't be the next step of
    what was chosen. The people of an `edited` win can stay in it, however many they are. Raises InvalidEntries.
    """
    if edited is not None:
        original = OriginalText(edited.text, edited.everyone)
    names = {**names, **{each.user_id: each.name for each in original.people if each.name}}
    errors = _field_errors(entered, bot_ids, edited)
    if refusal is not None:
        errors["channel_id"] = refusal
    errors |= step_errors(step_refusal)
    credited = [Mention(user_id, names.get(user_id)) for user_id in entered.whose if user_id != author_id]
    labels = {person.user_id: person.typed_name for person in credited}
    text = _with_tokens(entered.text, labels, author_id, original)
    others = [each for each in original.people if each.user_id not in labels and each.token in text]
    try:
        draft = parse_win(text, [*credited, *others])
    except InvalidWin as error:
        raise InvalidEntries({"text": error, **errors}) from None
    if errors:
        raise InvalidEntries(errors)
    tags = tuple(dict.fromkeys([*draft.tags, *entered.tags]))
    return replace(
        draft,
        credited=tuple(each for each in draft.credited if each.user_id in labels),
        tags=tags,
        url=url_token(entered.url)[1:-1] if entered.url else draft.url,
        kind=_kind(entered.kind, tags, edited),
        is_own=author_id in entered.whose,
        thanked=tuple(Mention(user_id, names.get(user_id)) for user_id in entered.thanked),
        reason=entered.reason.strip() or None,
    )


def only_named(draft: Draft, original: OriginalText, author_id: str) -> tuple[Mention, ...]:
    """Return those of the `original` text whom a new win of this author names, and neither credits nor thanks."""
    in_it = {author_id, *(each.user_id for each in (*draft.credited, *draft.thanked))}
    return tuple(each for each in draft.named(original.people) if each.user_id not in in_it)


def _with_tokens(text: str, labels: Mapping[str, str], author_id: str, original: OriginalText) -> str:
    """Return entered text with tokens where people stand in it by their `labels` (by user id).

    What the `original` had tokens for keeps them where it still stands, also where no space follows a name: those who
    aren't in the win, too, because they may prefer not to be named. A name means who is put into it in place of another
    one of that name.
    """
    new = {label for user_id, label in labels.items() if mention_token(user_id) not in original.text}
    before = [each for each in original.people if each.user_id != author_id and each.token in original.text]
    known = {each.user_id: each.typed_name for each in before if each.typed_name not in new}
    text = with_tokens(text, original.text, known)
    others = {user_id: label for user_id, label in labels.items() if user_id not in known}
    return with_tokens(text, " ".join(map(mention_token, others)), others)


def step_errors(refusal: StepError | None) -> dict[str, FormError]:
    """Return why a win can't be the next step of what was chosen, by field."""
    if refusal is None:
        return {}
    return {"climb_name" if refusal in NAME_ERRORS else "step_of": refusal}


def _kind(chosen: WinKind, tags: Collection[str], edited: Win | None) -> WinKind:
    """Return the kind of a win with these tags. That of an `edited` one follows the tag, unless another is chosen."""
    has_tag = LEARNED_TAG in tags
    if edited is None:
        return WinKind.LEARNING if has_tag else chosen
    if chosen is not edited.kind or has_tag == (LEARNED_TAG in edited.tags):
        return chosen
    return WinKind.LEARNING if has_tag else WinKind.WIN


def _field_errors(entered: EnteredWin, bot_ids: Collection[str], edited: Win | None) -> dict[str, FormError]:
    """Return what is wrong with the fields besides the text, and where it is to be shared."""
    errors: dict[str, FormError] = {}
    present = {person.user_id for person in (edited.author, *edited.credited)} if edited else set()
    both = {person.user_id for person in edited.thanked} & present if edited else set()  # thanked, and then joined
    has_reason = is_visible(entered.reason)
    for name, people in (("whose", entered.whose), ("thanked", entered.thanked)):
        if len(people) > max(MAX_PEOPLE, len(present)):
            errors[name] = FieldError.TOO_MANY
        elif not set(people).isdisjoint(bot_ids):
            errors[name] = FieldError.IS_BOT
    if not entered.whose:
        errors["whose"] = FieldError.NO_ONE
    if not (set(entered.thanked) - both).isdisjoint(entered.whose):
        errors["thanked"] = FieldError.ALSO_WHOSE
    elif has_reason and not entered.thanked:
        errors["thanked"] = FieldError.REASON_ALONE
    if len(entered.reason.strip()) > MAX_REASON_LENGTH:
        errors["reason"] = FieldError.TOO_LONG
    if len(entered.tags) > MAX_TAGS:
        errors["tags"] = FieldError.TOO_MANY
    if entered.url and not _WEB.fullmatch(entered.url):
        errors["url"] = FieldError.NOT_WEB
    elif len(entered.url) > MAX_URL_LENGTH:
        errors["url"] = FieldError.TOO_LONG
    if not (entered.is_private or entered.channel_id):
        errors["channel_id"] = FieldError.NO_CHANNEL
    return errors
