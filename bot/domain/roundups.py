"""How a roundup is composed: everyone once before anyone twice, and no win left unseen."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from bot.domain.markup import find_short_urls, url_token, with_names, with_tokens_for_names
from bot.domain.wins import Mention, Win, WinKind

MAX_WINS = 20
"""The most wins in one message, well under Slack's 50 blocks."""
MAX_BYTES = 3000
"""The most bytes that the wins of one message take in its text. Slack updates no message with more than 4,000; the rest
is for the lines around the wins, and for cheers that come later.
"""
MAX_WIN_BYTES = 2560
"""The most bytes of a win's text with the current names; a longer one gets the names that were typed."""
MAX_NAME_LENGTH = 40
"""The most characters of a name in a message."""
MAX_CHEERERS = 5
"""The most people that a message names of those who cheered a win; the others are counted."""
MAX_PEOPLE = 3
"""The most people that a message names together of those who belong to a win; the others are counted."""

# What a view puts around names and texts, in bytes at most.
_NAME_PADDING = 12  # an ellipsis and marks of direction, or "Someone" instead of an empty name
_LINE_MARKS = 16  # the bullet, the asterisks and the colon of the author, marks of direction around the text
_CHEER_WORDS = 30  # "Cheered by ..., and 12345 others"
_CHEER_COUNT = 36  # "Cheered by 12345 people", and what separates it from the permalink
_PERMALINK = 110  # the address, its label, and what separates it
_TEAMMATES = "1234 teammates"
"""At least as long as what stands in place of someone who is unnamed, or of several."""
_PEOPLE_WORDS = 16  # "Thanks to ...:", and what separates it
_MORE_PEOPLE = 24  # ", ", " and " and ", and 12345 others"
_LEARNED = 20  # ":seedling: *... learned:*"
_CLIMB_WORDS = 40  # "A step of “...”", marks of direction, and what separates it
_LINK_WORDS = 60  # "<", "|", "&gt;" and the host that labels an address, and what separates it


class RoundupKind(StrEnum):
    """Why a roundup was created."""

    SCHEDULED = "scheduled"
    """It was due by the channel's schedule."""
    MANUAL = "manual"
    """A person posted it early."""
    MONTHLY = "monthly"
    """An edition: see bot/domain/editions.py."""
    QUARTERLY = "quarterly"
    YEARLY = "yearly"
    WORKSPACE = "workspace"
    """The roundup of a workspace's public channels that agreed to it."""


REGULAR = (RoundupKind.SCHEDULED, RoundupKind.MANUAL)
"""The roundups of a channel, one of which tells each of its wins. The other kinds tell wins again."""


@dataclass(frozen=True)
class OpenWin:
    """What the composition needs of a win: its author, when it was logged (UTC), its cheers, and its size.

    `max_bytes` is an upper bound of what its line takes in the message's text.
    """

    id: int
    author_id: str
    created_at: datetime
    cheer_count: int
    max_bytes: int


def max_line_bytes(win: Win, names: Mapping[str, str]) -> int:
    """Return an upper bound of the bytes of a win's line in a roundup, however a view words it.

    `names` are the names that Slack gives, by user id. Whatever people are called later, whether they are named and
    however many cheer, the line fits with the names that were typed and without those who cheered. Tests in tests/views
    hold the views to it.
    """
    typed = {win.author: _typed_name(win.author)} | {each: _or_teammates(_typed_name(each)) for each in win.people}
    current = {each: _longest_name(each, names) for each in typed}
    current |= {each: _or_teammates(current[each]) for each in win.people}
    longest = {each: max(typed[each], current[each], key=_escaped_bytes) for each in typed}
    text = max(_text_bytes(win, typed), min(_text_bytes(win, current) + _link_bytes(win), MAX_WIN_BYTES))
    cheers = max(_CHEER_COUNT, _cheer_bytes(win, names))
    heading = _LINE_MARKS + _list_bytes(win.whose, longest) + (_LEARNED if win.kind is WinKind.LEARNING else 0)
    return heading + _PERMALINK + text + cheers + _belongings_bytes(win, longest)


def _belongings_bytes(win: Win, names: Mapping[Mention, str]) -> int:
    """Return an upper bound of the bytes of who and what belongs to a win and isn't in its text."""
    groups = (win.others, win.thanked, (win.author,) if win.is_told_by_another else ())
    size = sum(_PEOPLE_WORDS + _list_bytes(people, names) for people in groups if people)
    size += _reason_bytes(_with_names(win.reason, win, names)) if win.reason else 0
    size += _LINK_WORDS + _escaped_bytes(url_token(win.added_url)) if win.added_url else 0
    size += _CLIMB_WORDS + _reason_bytes(win.climb.name) if win.climb else 0
    return size + sum(len(" #") + _escaped_bytes(tag) for tag in win.added_tags) + len(" · ")


def _reason_bytes(reason: str) -> int:
    return _escaped_bytes(reason) + 2 * (reason.count(":") + reason.count("`")) + _NAME_PADDING


def _list_bytes(people: Sequence[Mention], names: Mapping[Mention, str]) -> int:
    """Return an upper bound of the bytes of a list of people."""
    sizes = sorted((_escaped_bytes(names[person]) for person in people), reverse=True)
    return sum(sizes[:MAX_PEOPLE]) + (_MORE_PEOPLE if len(sizes) > 1 else 0)


def _cheer_bytes(win: Win, names: Mapping[str, str]) -> int:
    """Return an upper bound of the bytes of the line that names those who cheered."""
    cheerers = [_longest_name(Mention(user_id), names) for user_id in win.cheered_by[:MAX_CHEERERS]]
    return _CHEER_WORDS + sum(_escaped_bytes(name) + len(", and ") for name in cheerers) if cheerers else 0


def _text_bytes(win: Win, names: Mapping[Mention, str]) -> int:
    text = _with_names(win.text, win, names)
    # "<" and ">" around an address, and what breaks up "```".
    return _escaped_bytes(text) + 2 * (text.count(":") + text.count("`"))


def _with_names(text: str, win: Win, names: Mapping[Mention, str]) -> str:
    """Return a text with names also where people are only named, since that is hidden for those who are unnamed."""
    tokens = with_tokens_for_names(text, {person.user_id: person.name or "" for person in win.people})
    return with_names(tokens, {person.user_id: names[person] for person in win.people})


def _link_bytes(win: Win) -> int:
    """Return the bytes that links need beside the addresses that were typed without "http://"."""
    return sum(_escaped_bytes(url) + len("<|>") for url in find_short_urls(win.text))


def _typed_name(person: Mention) -> str:
    """Return a text at least as long as what a view makes of a typed name, or of a name as long as the id."""
    return _longest_name(person, {}) if person.name_in({}) else "&" * len(person.user_id)


def _or_teammates(name: str) -> str:
    return max(name, _TEAMMATES, key=_escaped_bytes)


def _longest_name(person: Mention, names: Mapping[str, str]) -> str:
    """Return a text at least as long as what a view makes of a name."""
    text = person.name_in(names) or ""
    is_kept = text.isascii() and text.strip() and len(text) <= MAX_NAME_LENGTH
    return text if is_kept else text + " " * _NAME_PADDING


def _escaped_bytes(text: str) -> int:
    return len(text.encode()) + 4 * text.count("&") + 3 * (text.count("<") + text.count(">"))


def fits(line: int, others: Sequence[int], *, before: int) -> bool:
    """Whether a told win's line may now take `line` bytes; it took `before`, and `others` are those of its message."""
    return line <= before or not others or line + sum(others) <= MAX_BYTES


def in_rounds(wins: Sequence[OpenWin]) -> list[OpenWin]:
    """Return `wins` in rounds: each person's first win, then everyone's second, and so on.

    Within a round, wins without cheers come first, where most people look; then the older ones.
    """
    win_counts: defaultdict[str, int] = defaultdict(int)
    rounds: defaultdict[int, list[OpenWin]] = defaultdict(list)
    for win in sorted(wins, key=lambda win: (win.created_at, win.id)):
        rounds[win_counts[win.author_id]].append(win)
        win_counts[win.author_id] += 1
    return [win for number in sorted(rounds) for win in sorted(rounds[number], key=_uncheered_first)]


def in_parts(wins: Sequence[OpenWin], *, max_wins: int = MAX_WINS, max_bytes: int = MAX_BYTES) -> list[list[OpenWin]]:
    """Return `wins` in their order, split into parts that each fit one message. A win is never cut in two."""
    parts: list[list[OpenWin]] = []
    bytes_left = 0
    for win in wins:
        if not parts or len(parts[-1]) == max_wins or win.max_bytes > bytes_left:
            parts.append([])
            bytes_left = max_bytes
        parts[-1].append(win)
        bytes_left -= win.max_bytes
    return parts


def _uncheered_first(win: OpenWin) -> tuple[bool, datetime, int]:
    return (win.cheer_count > 0, win.created_at, win.id)


@dataclass(frozen=True)
class RoundupPart:
    """One message of a roundup: part `number` (from 0) of `part_count`, with its wins in order.

    `due_at` is when the roundup is due and `next_due_at` when the next one is (UTC); `zone` is the channel's.
    `target_channel_id` is the channel that gets it. `win_count` counts the wins of all parts. If it `is_quiet`, it is
    the line of a week without wins. It looks back from `starts_on`, a local date. `opening` says which of the openings
    it has. `note` is what the user `note_by` says at its top. `cheered_by` and `cheer_emoji` are those of the whole
    roundup, as of a win.
    """

    channel_id: str
    target_channel_id: str
    due_at: datetime
    next_due_at: datetime | None
    zone: str
    is_quiet: bool
    number: int
    part_count: int
    win_count: int
    wins: tuple[Win, ...]
    cheered_by: tuple[str, ...]
    kind: RoundupKind = RoundupKind.SCHEDULED
    starts_on: date | None = None
    opening: str | None = None
    note: str | None = None
    note_by: str | None = None
    cheer_emoji: tuple[str, ...] = ()

    @property
    def user_ids(self) -> tuple[str, ...]:
        """The users whose names are needed to show this part."""
        note_by = (self.note_by,) if self.note_by else ()
        users = [*(user_id for win in self.wins for user_id in win.user_ids), *self.cheered_by, *note_by]
        return tuple(dict.fromkeys(users))
