"""A win: a small victory in a person's own words, and the rules for accepting one."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain import urls

MAX_LENGTH = 500
"""The most characters of a win; a mention counts as the name that was typed."""

_MENTION_TOKEN = re.compile(r"<@(\w+)>")
_TAG = re.compile(r"(?<![\w#&/])#(\w[\w-]{0,49})")


@dataclass(frozen=True)
class Mention:
    """A person mentioned in a win. `name` is the name that was typed, if it is known."""

    user_id: str
    name: str | None = None

    @property
    def token(self) -> str:
        """How this person is written in the stored text."""
        return mention_token(self.user_id)


@dataclass(frozen=True)
class Draft:
    """A win that may be stored: its text as written (mentions as tokens), and what was found in it."""

    text: str
    credited: tuple[Mention, ...]
    tags: tuple[str, ...]
    url: str | None


class InvalidWin(Exception):
    """A text that can't become a win. `text` is what was written, to show it again."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


class Empty(InvalidWin):
    """The text has no visible character."""


class OnlyPeople(InvalidWin):
    """The text has mentions and nothing else."""


class TooLong(InvalidWin):
    """The text has more than `MAX_LENGTH` characters."""


def mention_token(user_id: str) -> str:
    """Return how a mentioned person is written in the stored text of a win: "<@U012AB>", as in Slack."""
    return f"<@{user_id}>"


def with_names(text: str, names: Mapping[str, str]) -> str:
    """Return `text` with the token of each person in `names` (user id to name) replaced by "@name"."""
    return _MENTION_TOKEN.sub(lambda match: f"@{names[match[1]]}" if match[1] in names else match[0], text)


def parse_win(text: str, mentions: Sequence[Mention]) -> Draft:
    """Read `text` (plain, unescaped, with each of `mentions` as its token) as a win.

    Raises Empty, OnlyPeople or TooLong.
    """
    text = text.strip()
    mentions_by_user_id = {mention.user_id: mention for mention in mentions}
    names = {mention.user_id: mention.name or mention.user_id for mention in mentions_by_user_id.values()}
    text_without_mentions = _MENTION_TOKEN.sub(lambda match: "" if match[1] in mentions_by_user_id else match[0], text)
    if not _is_readable(text):
        raise Empty(with_names(text, names))
    if mentions_by_user_id and not _is_readable(text_without_mentions):
        raise OnlyPeople(with_names(text, names))
    if len(with_names(text, names)) > MAX_LENGTH:
        raise TooLong(with_names(text, names))
    return Draft(text=text, credited=tuple(mentions_by_user_id.values()), tags=_tags(text), url=_first_url(text))


def _is_readable(text: str) -> bool:
    """Whether the text has a visible character."""
    return any(character.isprintable() and not character.isspace() for character in text)


def _tags(text: str) -> tuple[str, ...]:
    """The #tags in the order they were written, in lower case; "#123" is taken for a ticket, not a tag."""
    for _, url in urls.find_urls(text):
        text = text.replace(url, " ")
    candidates = (tag.rstrip("-").lower() for tag in _TAG.findall(text))
    return tuple(dict.fromkeys(tag for tag in candidates if not tag.replace("_", "").isdigit()))


def _first_url(text: str) -> str | None:
    return next((url for _, url in urls.find_urls(text)), None)


@dataclass(frozen=True)
class Win:
    """A stored win, as it is shown. `cheered_by` are user ids, the earliest cheer first.

    `channel_id` is None for a win in a direct message to the bot. `message_ts` is that of the announcement, None while
    it is not posted. A win that `is_undone` is shown only to its author.
    """

    id: int
    team_id: str
    channel_id: str | None
    author: Mention
    text: str
    credited: tuple[Mention, ...]
    created_at: datetime
    is_undone: bool
    message_ts: str | None
    cheered_by: tuple[str, ...]

    @property
    def user_ids(self) -> tuple[str, ...]:
        """The users whose names are needed to show this win."""
        return (self.author.user_id, *(mention.user_id for mention in self.credited), *self.cheered_by)
