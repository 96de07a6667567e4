"""A win: a small victory in a person's own words, and the rules for accepting one.

`parse_win` makes a Draft of what was typed. A Win is a stored one, as messages show it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from unicodedata import normalize

import regex

from bot.domain.consent import Consent
from bot.domain.joining_words import JOINING_WORDS
from bot.domain.markup import find_urls, mention_token, render, with_names, with_tokens_for_names
from bot.domain.tags import find_tags
from bot.domain.text import is_visible

MAX_LENGTH = 500
"""The most characters of a win; a mention counts as the name that was typed."""
MAX_CHEERERS = 5
"""The most people that a message names of those who cheered a win or a roundup; the others are counted."""

_NO_SENTENCE = regex.compile(r"[A-Za-z0-9_-]{1,20}|[\s\p{P}\p{Sm}\p{Sk}]+")
"""A word of a command, or signs alone."""
_GROUP = regex.compile(r"(?<![\w@])@\w[\w.@-]*")
"""A usergroup, "@here" and its like, or a name that Slack doesn't know."""
_WORD = regex.compile(r"[^\s\p{P}\p{Sm}\p{Sk}\p{Cf}]+")
_FORM_OF_ADDRESS = regex.compile(r"^(?:さん|さま|様|ちゃん|くん|君|씨|님)")
"""What follows a name in Japanese and Korean, perhaps with a joining word after it."""


class WinKind(StrEnum):
    """What happened."""

    WIN = "win"
    """A small victory."""
    LEARNING = "learning"
    """A setback turned into something learned."""


LEARNED_TAG = "learned"
"""The tag that makes a win a learning."""


class WinRole(StrEnum):
    """What a person is to a win, besides its author."""

    CREDITED = "credited"
    """It is their win, as its author says."""
    JOINED = "joined"
    """They said themselves that they were part of it, so it is theirs too."""
    THANKED = "thanked"
    """They made it possible. It is not theirs."""
    REMOVED = "removed"
    """They joined, and the author took that back: it is not theirs, and they can't join again."""
    FORMER = "former"
    """They are not in it, or no longer, and its text may have their name. What they said of the win is kept, also for
    their name there: it holds if the author names them.
    """


CREDITED_ROLES = (WinRole.CREDITED, WinRole.JOINED)
"""The roles of the people whose win it is."""
NO_LONGER_IN_IT = (WinRole.REMOVED, WinRole.FORMER)
"""The roles of those who aren't in a win, and whose name its text may have."""


MAX_CLIMB_NAME_LENGTH = 60


@dataclass(frozen=True)
class ClimbOfWin:
    """The climb that a win is a step of, for all who see the win: see bot/domain/climbs.py."""

    id: int
    name: str


@dataclass(frozen=True)
class MessageSource:
    """The message in Slack that a win is saved from: `ts` is Slack's id, `thread_ts` that of its thread's parent."""

    channel_id: str
    ts: str
    thread_ts: str | None = None


@dataclass(frozen=True)
class Mention:
    """A person mentioned in a win. `name` is the name that was typed, if it is known.

    Of a stored win, `consent` is what the person said of it, and others read "a teammate" for one who `is_unnamed`.
    """

    user_id: str
    name: str | None = None
    consent: Consent | None = field(default=None, compare=False)
    is_unnamed: bool = field(default=False, compare=False)

    @property
    def token(self) -> str:
        """How this person is written in the stored text."""
        return mention_token(self.user_id)

    @property
    def typed_name(self) -> str:
        """The name that was typed, or the id where none was."""
        return self.name_in({}) or self.user_id

    def name_in(self, names: Mapping[str, str]) -> str | None:
        """Return the name that Slack gives, in `names` by user id, or else that was typed; None if it shows nothing."""
        name = names.get(self.user_id) or self.name
        return name if name and is_visible(name) else None


def url_beside(text: str, url: str | None) -> str | None:
    """Return a win's address, unless its text contains it."""
    return None if url is None or url in find_urls(text) else url


@dataclass(frozen=True)
class Draft:
    """A win that may be stored: its text as written (mentions as tokens), and what was found in it.

    `credited` are the people whose win it is, besides the author if it `is_own`. `thanked` made it possible, in the way
    that the `reason` says.
    """

    text: str
    credited: tuple[Mention, ...]
    tags: tuple[str, ...]
    url: str | None
    kind: WinKind = WinKind.WIN
    is_own: bool = True
    thanked: tuple[Mention, ...] = ()
    reason: str | None = None

    @property
    def is_solo(self) -> bool:
        """Whether it names no one but its author."""
        return self.is_own and not self.credited and not self.thanked

    def named(self, people: Iterable[Mention]) -> tuple[Mention, ...]:
        """Return those of `people` whose token or name is in its text or reason."""
        said = f"{self.text}\n{self.reason or ''}"
        return tuple(
            each for each in people if each.token in with_tokens_for_names(said, {each.user_id: each.name or ""})
        )


class InvalidWin(Exception):
    """A text that can't become a win. `text` is what was written, to show it again."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


class Empty(InvalidWin):
    """The text has no visible character."""


class OnlyPeople(InvalidWin):
    """The text says who, and nothing else."""


class TooLong(InvalidWin):
    """The text has more than `MAX_LENGTH` characters."""


def parse_win(text: str, mentions: Sequence[Mention]) -> Draft:
    """Read `text` (plain, unescaped, with each of `mentions` as its token) as a win.

    Raises Empty, OnlyPeople or TooLong.
    """
    text = text.strip()
    mentions_by_user_id = {mention.user_id: mention for mention in mentions}
    names = {mention.user_id: mention.typed_name for mention in mentions_by_user_id.values()}
    readable = with_names(text, names)
    if not is_visible(text):
        raise Empty(readable)
    if _names_only_people(text, names):
        raise OnlyPeople(readable)
    if len(readable) > MAX_LENGTH:
        raise TooLong(readable)
    urls = find_urls(text)
    tags = find_tags(render(text, {}, render_plain=str, render_url=lambda *_: " ") if urls else text)
    return Draft(
        text=text,
        credited=tuple(mentions_by_user_id.values()),
        tags=tags,
        url=urls[0] if urls else None,
        kind=WinKind.LEARNING if LEARNED_TAG in tags else WinKind.WIN,
    )


def looks_like_win(text: str, mentions: Sequence[Mention]) -> bool:
    """Whether `text` (as in `parse_win`) can be a win, and is more than a word of a command, or signs."""
    try:
        draft = parse_win(text, mentions)
    except InvalidWin:
        return False
    return not _NO_SENTENCE.fullmatch(draft.text)


def _names_only_people(text: str, names: Mapping[str, str]) -> bool:
    """Whether `text` has people or groups in it, and besides them only punctuation and joining words."""
    first = text.split(maxsplit=1)[0]
    if first.isascii() and first.isalnum() and not _is_joining_word(first):
        return False
    rest, group_count = _GROUP.subn(" ", with_names(normalize("NFC", text), dict.fromkeys(names, " ")))
    if not (names or group_count):
        return False
    return all(_is_joining_word(match[0]) for match in _WORD.finditer(rest))


def _is_joining_word(word: str) -> bool:
    """Whether `word` stands with a name, or shows nothing."""
    word = _FORM_OF_ADDRESS.sub("", word)
    return not is_visible(word) or word.casefold() in JOINING_WORDS


@dataclass(frozen=True)
class Cheerers:
    """The people who cheer something: how many, and the `first` (user ids), the earliest cheer first.

    These are MAX_CHEERERS at most, or all if there is only one more, so that no one is left as "1 other".
    """

    first: tuple[str, ...] = ()
    count: int = 0

    @classmethod
    def of(cls, user_ids: Iterable[str], count: int | None = None) -> "Cheerers":
        """Return these people, the earliest first; they are the first of a `count`, or all of them without one."""
        first = tuple(user_ids)
        count = len(first) if count is None else count
        return cls(first if count == MAX_CHEERERS + 1 else first[:MAX_CHEERERS], count)

    def __bool__(self) -> bool:
        return self.count > 0


@dataclass(frozen=True)
class Win:
    """A stored win, as it is shown. `cheer_emoji` are the names of the emoji that most of those who cheer it used; they
    are read only for a roundup.

    `channel_id` is None for a win that was never in a channel. `message_ts` is that of the announcement, None while it
    is not in Slack; `is_refused` if Slack refused it. A win that `is_undone` or `is_private` is shown only to its
    author. One that is held waits until `held_until` (UTC) for the consent of people in it, and is shown to them and
    its author. `created_at` (UTC) is when it was saved or, if it waited first, shared. `credited` includes those who
    `joined` by themselves, and only its text names the `former`; `kind`, `is_own`, `thanked` and `reason` are as in
    `Draft`. `revision` counts the edits, the last one at `edited_at` (UTC). `climb` is None also for one in a climb of
    which no one may know yet.
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
    cheered_by: Cheerers
    is_refused: bool = False
    kind: WinKind = WinKind.WIN
    is_own: bool = True
    is_private: bool = False
    held_until: datetime | None = None
    joined: tuple[Mention, ...] = ()
    thanked: tuple[Mention, ...] = ()
    reason: str | None = None
    tags: tuple[str, ...] = ()
    url: str | None = None
    source: MessageSource | None = None
    thread_ts: str | None = None
    edited_at: datetime | None = None
    revision: int = 0
    climb: ClimbOfWin | None = None
    cheer_emoji: tuple[str, ...] = ()
    former: tuple[Mention, ...] = ()

    @property
    def draft(self) -> Draft:
        """What it says."""
        return Draft(
            self.text, self.credited, self.tags, self.url, self.kind, self.is_own, self.thanked, self.reason or None
        )

    @property
    def whose(self) -> tuple[Mention, ...]:
        """The people who are named before its text: the author, or those for whom the author saved it."""
        if self.is_own:
            return (self.author,)
        joined = {person.user_id for person in self.joined}
        return tuple(person for person in self.credited if person.user_id not in joined) or (self.author,)

    def joined_after(self, draft: Draft) -> tuple[Mention, ...]:
        """Return those who joined by themselves, and for whom that stays so if it is edited to say what is in `draft`.

        If it is said to be the win of such people alone, it is theirs as its author says.
        """
        credited = {person.user_id for person in draft.credited}
        if draft.is_own or not credited <= {person.user_id for person in self.joined}:
            return self.joined
        return tuple(person for person in self.joined if person.user_id not in credited)

    @property
    def people(self) -> tuple[Mention, ...]:
        """Those who are in it besides its author: the credited and the thanked."""
        return (*self.credited, *self.thanked)

    def person(self, user_id: str) -> Mention | None:
        """Return one of its `people`, or None."""
        return next((person for person in self.people if person.user_id == user_id), None)

    @property
    def everyone(self) -> tuple[Mention, ...]:
        """Those whom its text may name: the people in it, and those whom only the text names."""
        return (*self.people, *self.former)

    @property
    def others(self) -> tuple[Mention, ...]:
        """The credited people who are named neither before its text nor in it."""
        if not self.credited:
            return ()
        named = {person.user_id for person in self.whose}
        return tuple(each for each in self.credited if each.user_id not in named and each.token not in self.text)

    @property
    def added_tags(self) -> tuple[str, ...]:
        """The tags that its text doesn't contain."""
        in_text = find_tags(self.text) if self.tags else ()
        return tuple(tag for tag in self.tags if tag not in in_text)

    @property
    def added_url(self) -> str | None:
        """The address, unless its text contains it."""
        return url_beside(self.text, self.url)

    @property
    def is_saved_by_another(self) -> bool:
        """Whether its author isn't named before its text, and so has to be named elsewhere."""
        return self.author.user_id not in {person.user_id for person in self.whose}

    @property
    def is_hidden(self) -> bool:
        """Whether no channel shows it: only its author sees it or, of a held one, also the people in it."""
        return self.is_undone or self.is_private or self.is_held

    @property
    def is_held(self) -> bool:
        """Whether it waits, or waited in vain, for the consent of people in it."""
        return self.held_until is not None

    def waits(self, now: datetime) -> bool:
        """Whether it is held, and the people in it can still agree."""
        return self.held_until is not None and now < self.held_until

    @property
    def is_shared(self) -> bool:
        """Whether it is for its channel to see."""
        return self.channel_id is not None and not self.is_hidden

    @property
    def linked_thread_ts(self) -> str | None:
        """The thread that links to its announcement lead into, unless what is said there may tell who someone is."""
        return None if any(person.is_unnamed for person in self.everyone) else self.thread_ts

    def for_author(self) -> "Win":
        """Return the win with every name in it, as only its author may see it."""
        return self._naming(None)

    def for_person(self, user_id: str) -> "Win":
        """Return the win as one of the people in it reads it: with their own name."""
        return self._naming(user_id)

    def _naming(self, user_id: str | None) -> "Win":
        """Return the win with this person's name, or with all names."""
        return replace(
            self,
            credited=_named(self.credited, user_id),
            joined=_named(self.joined, user_id),
            thanked=_named(self.thanked, user_id),
            former=_named(self.former, user_id),
        )

    @property
    def user_ids(self) -> tuple[str, ...]:
        """The users whose names are needed to show this win."""
        people = (self.author, *self.everyone)
        return (*(person.user_id for person in people if not person.is_unnamed), *self.cheered_by.first)


def _named(people: tuple[Mention, ...], user_id: str | None = None) -> tuple[Mention, ...]:
    """Return people with their names: all of them, or only one."""
    if not any(person.is_unnamed for person in people):
        return people
    return tuple(replace(each, is_unnamed=each.is_unnamed and user_id not in (None, each.user_id)) for each in people)
