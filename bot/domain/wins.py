"""A win: a small victory in somebody's own words, and the rules for accepting one."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain import urls

MAX_LENGTH = 500
"""The most characters that a win may have, mentions counted as the person's name was typed."""

_MARK = re.compile(r"<@(\w+)>")
_TAG = re.compile(r"(?<![\w#&/])#(\w[\w-]{0,49})")


@dataclass(frozen=True)
class Mention:
    """Somebody named in a win.

    `text_mark` is how they stand in the text ("<@U012AB>"), `label` the name that was typed, if it is known.
    """

    user_id: str
    label: str | None = None

    @property
    def text_mark(self) -> str:
        """How this person stands in the text."""
        return mark(self.user_id)


@dataclass(frozen=True)
class Draft:
    """A win that may be stored: its text as written (people as marks), and what was found in it."""

    text: str
    credited: tuple[Mention, ...]
    tags: tuple[str, ...]
    link: str | None


class Refused(Exception):
    """A text that can't become a win. `text` is what was written, so that it can be given back."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


class Empty(Refused):
    """Nothing readable is left of the text."""


class OnlyPeople(Refused):
    """The text names people, and nothing that they did."""


class TooLong(Refused):
    """The text has more than `MAX_LENGTH` characters."""


def mark(user_id: str) -> str:
    """Return how a mentioned person stands in the stored text of a win: "<@U012AB>", as in Slack."""
    return f"<@{user_id}>"


def named(text: str, names: Mapping[str, str]) -> str:
    """Return `text` with the mark of each person in `names` (user id to name) replaced by "@name"."""
    return _MARK.sub(lambda found: f"@{names[found[1]]}" if found[1] in names else found[0], text)


def draft(text: str, mentions: Sequence[Mention]) -> Draft:
    """Read `text` (plain, unescaped, each of `mentions` standing in it as its mark) as a win.

    Raises Empty, OnlyPeople or TooLong.
    """
    text = text.strip()
    people = {mention.user_id: mention for mention in mentions}
    labels = {mention.user_id: mention.label or mention.user_id for mention in people.values()}
    without_people = _MARK.sub(lambda found: "" if found[1] in people else found[0], text)
    if not _is_readable(text):
        raise Empty(named(text, labels))
    if people and not _is_readable(without_people):
        raise OnlyPeople(named(text, labels))
    if len(named(text, labels)) > MAX_LENGTH:
        raise TooLong(named(text, labels))
    return Draft(text=text, credited=tuple(people.values()), tags=_tags(text), link=_link(text))


def _is_readable(text: str) -> bool:
    """Whether a person would see anything: white space and invisible characters do not count."""
    return any(character.isprintable() and not character.isspace() for character in text)


def _tags(text: str) -> tuple[str, ...]:
    """The #tags in the order they were written, in lower case; "#123" is a ticket, not a tag."""
    for _, address in urls.find_urls(text):
        text = text.replace(address, " ")
    found = (tag.rstrip("-").lower() for tag in _TAG.findall(text))
    return tuple(dict.fromkeys(tag for tag in found if not tag.replace("_", "").isdigit()))


def _link(text: str) -> str | None:
    return next((address for _, address in urls.find_urls(text)), None)


@dataclass(frozen=True)
class Win:
    """A stored win, as it is shown: who, what, who is credited, who cheered (user ids, the earliest first).

    `channel_id` is None for a win told to the bot alone. `message_ts` is Slack's name for the announcement, None while
    there is none. `undone` wins are shown nowhere but to their author.
    """

    id: int
    team_id: str
    channel_id: str | None
    author: Mention
    text: str
    credited: tuple[Mention, ...]
    created_at: datetime
    undone: bool
    message_ts: str | None
    cheered_by: tuple[str, ...]

    @property
    def people(self) -> tuple[str, ...]:
        """Everybody whose name is needed to show this win."""
        return (self.author.user_id, *(mention.user_id for mention in self.credited), *self.cheered_by)
