"""What an edition tells: climbs, a win of each person, what was learned, thanks, and themes.

It tells again what roundups have told. Everyone comes once before anyone comes twice.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from zlib import crc32

from bot.domain.editions import Edition, period_end
from bot.domain.roundups import RoundupKind
from bot.domain.text import cut
from bot.domain.wins import Cheerers, Win, WinKind

MAX_CLIMBS = 3
MAX_STEPS = 3
"""The most steps of a climb that are told: the first one of the period, and the last ones."""
MAX_QUOTES = 12
"""The most wins of a workspace's roundup."""
MAX_LEARNINGS = 3
MAX_THANKS = 4
MAX_TOLD = 20
MAX_BYTES = 3300
"""The most bytes that the wins of one message take in its text; the rest is for the lines around them."""
MIN_THEMES, MAX_THEMES = 3, 13
MIN_SHARING = 2
"""A theme is a tag that the wins of at least so many people share, so that no chart counts one person's wins."""
MAX_LABEL_LENGTH = 20
"""The most characters of a theme in a chart."""
WORKSPACE_OPENING_COUNT = 3
_NUMBER_BYTES = 12  # " (12345), " after a theme in words
_ISOLATION_BYTES = 6  # around a theme from right to left

KIND_OF_EDITION = {
    Edition.MONTHLY: RoundupKind.MONTHLY,
    Edition.QUARTERLY: RoundupKind.QUARTERLY,
    Edition.YEARLY: RoundupKind.YEARLY,
}
EDITION_OF_KIND = {kind: edition for edition, kind in KIND_OF_EDITION.items()}


class EditionSection(StrEnum):
    """Where in an edition a win is."""

    CLIMB = "climb"
    QUOTE = "quote"
    LEARNING = "learning"
    THANKS = "thanks"
    CHANNEL = "channel"
    """A win of one of the channels of a workspace's roundup."""
    THEME = "theme"
    """It isn't told; the chart counts it."""


@dataclass(frozen=True)
class ToldAgain:
    """A win (by id) of an edition, and its section."""

    win_id: int
    section: EditionSection


@dataclass(frozen=True)
class Candidate:
    """A win that an edition may tell; `max_bytes` is an upper bound of what its line takes."""

    win: Win
    max_bytes: int


class _Room:
    """Adds wins while there is room for them, each once, and remembers whose they are."""

    def __init__(self, max_bytes: int) -> None:
        self.told: list[ToldAgain] = []
        self.people: set[str] = set()
        self._win_ids: set[int] = set()
        self._bytes_left = max_bytes

    def take(self, candidate: Candidate, section: EditionSection) -> bool:
        win = candidate.win
        is_full = len(self.told) == MAX_TOLD or (candidate.max_bytes > self._bytes_left and self.told != [])
        if is_full or win.id in self._win_ids:
            return False
        self.told.append(ToldAgain(win.id, section))
        self._win_ids.add(win.id)
        self.people |= people_of(win)
        self._bytes_left -= candidate.max_bytes
        return True

    def count(self, win_ids: Iterable[int]) -> int:
        return len(self._win_ids.intersection(win_ids))

    def take_some(self, candidates: Iterable[Candidate], section: EditionSection, count: int) -> None:
        for candidate in candidates:
            if count == 0:
                break
            count -= self.take(candidate, section)


def people_of(win: Win) -> set[str]:
    """Return the people (user ids) whose win it is, as its line says."""
    return {person.user_id for person in win.whose if not person.is_unnamed} or {win.author.user_id}


def compose(
    candidates: Sequence[Candidate], *, reached: Collection[int], starts_on: date, themes: Collection[str] = ()
) -> list[ToldAgain]:
    """Return what an edition tells of a period that starts on a local date, in the order of its sections.

    `reached` are the climbs (ids) that reached their goal in the period. The more `themes` (tags), the less room.
    """
    room = _Room(MAX_BYTES - sum(map(theme_bytes, themes)))
    climbs = _climbs(candidates, reached)
    for steps in climbs:
        if not people_of(steps[-1].win) <= room.people:
            room.take(steps[-1], EditionSection.CLIMB)
    for steps in climbs:  # their authors count as told
        fresh = (each for each in _other_steps(steps) if not people_of(each.win) <= room.people)
        room.take_some(fresh, EditionSection.CLIMB, MAX_STEPS - room.count(each.win.id for each in steps))
    climb_ids = {steps[0].win.climb.id for steps in climbs if steps[0].win.climb is not None}
    turns = _turns(candidates, starts_on)
    for candidate in turns:
        if not people_of(candidate.win) <= room.people:
            room.take(candidate, _section_of(candidate.win, climb_ids))
    for steps in climbs:  # the last steps of those who have had one
        room.take(steps[-1], EditionSection.CLIMB)
    learnings = [each for each in turns if each.win.kind is WinKind.LEARNING]
    has_learnings = sum(told.section is EditionSection.LEARNING for told in room.told)
    room.take_some(learnings, EditionSection.LEARNING, max(MAX_LEARNINGS - has_learnings, 0))
    for steps in climbs:
        told_steps = room.count(each.win.id for each in steps)
        room.take_some(_other_steps(steps), EditionSection.CLIMB, max(MAX_STEPS - told_steps, 0))
    thanked: set[str] = set()
    for candidate in turns:
        named = {person.user_id for person in candidate.win.thanked if not person.is_unnamed}
        if len(thanked) < MAX_THANKS and named - thanked and room.take(candidate, EditionSection.THANKS):
            thanked |= named
    return _in_order(room.told, candidates)


def _other_steps(steps: Sequence[Candidate]) -> list[Candidate]:
    """Return the steps of a climb besides the last: where it began, then the latest."""
    return [steps[0], *reversed(steps[1:-1])]


def _section_of(win: Win, climb_ids: Collection[int]) -> EditionSection:
    if win.climb is not None and win.climb.id in climb_ids:
        return EditionSection.CLIMB
    return EditionSection.LEARNING if win.kind is WinKind.LEARNING else EditionSection.QUOTE


def _climbs(candidates: Sequence[Candidate], reached: Collection[int]) -> list[list[Candidate]]:
    """Return the steps of the climbs that are told, the earliest first: reached ones, then those that moved last."""
    steps: defaultdict[int, list[Candidate]] = defaultdict(list)
    for candidate in sorted(candidates, key=_by_time):
        if candidate.win.climb is not None:
            steps[candidate.win.climb.id].append(candidate)
    latest_first = sorted(steps.values(), key=lambda each: _by_time(each[-1]), reverse=True)
    ordered = sorted(latest_first, key=lambda each: each[0].win.climb is None or each[0].win.climb.id not in reached)
    return ordered[:MAX_CLIMBS]


def _turns(candidates: Sequence[Candidate], starts_on: date) -> list[Candidate]:
    """Return the wins in turns, each author's first one before anyone's second.

    Which of theirs is first changes from one period to the next; what no one has cheered comes before the rest.
    """
    by_author: defaultdict[str, list[Candidate]] = defaultdict(list)
    for candidate in sorted(candidates, key=lambda each: _mixed(each.win, starts_on)):
        by_author[candidate.win.author.user_id].append(candidate)
    turns: defaultdict[int, list[Candidate]] = defaultdict(list)
    for theirs in by_author.values():
        for turn, candidate in enumerate(theirs):
            turns[turn].append(candidate)
    return [each for turn in sorted(turns) for each in sorted(turns[turn], key=_uncheered_first)]


def choose_workspace_opening(starts_on: date, last: int | None) -> int:
    """Return the number (from 0) of the opening after that of the workspace's `last` roundup, however often they come.

    That of the first one depends on the local date on which its period starts.
    """
    return (starts_on.toordinal() // 7 if last is None else last + 1) % WORKSPACE_OPENING_COUNT


def _mixed(win: Win, starts_on: date) -> tuple[bool, int, int]:
    return (bool(win.cheered_by), crc32(f"{starts_on} {win.id}".encode()), win.id)


def _uncheered_first(candidate: Candidate) -> tuple[bool, datetime, int]:
    return (bool(candidate.win.cheered_by), *_by_time(candidate))


def _by_time(candidate: Candidate) -> tuple[datetime, int]:
    return (candidate.win.created_at, candidate.win.id)


def _in_order(told: Sequence[ToldAgain], candidates: Sequence[Candidate]) -> list[ToldAgain]:
    """Return the wins by section, each in the order of time, so that the order ranks no one."""
    times = {each.win.id: _by_time(each) for each in candidates}
    sections = list(EditionSection)
    return sorted(told, key=lambda each: (sections.index(each.section), times[each.win_id]))


def compose_workspace(candidates: Sequence[Candidate], *, starts_on: date) -> list[ToldAgain]:
    """Return what a workspace's roundup tells: everyone once, and each channel once before any twice."""
    room = _Room(MAX_BYTES)
    by_channel: defaultdict[str, list[Candidate]] = defaultdict(list)
    for candidate in _turns(candidates, starts_on):
        by_channel[candidate.win.channel_id or ""].append(candidate)
    channel_ids = sorted(by_channel, key=lambda each: crc32(f"{starts_on} {each}".encode()))
    has_more = True
    while has_more and len(room.told) < MAX_QUOTES:
        has_more = False
        for channel_id in channel_ids:
            fresh = [each for each in by_channel[channel_id] if not people_of(each.win) <= room.people]
            for candidate in fresh if len(room.told) < MAX_QUOTES else []:
                if room.take(candidate, EditionSection.CHANNEL):
                    has_more = True
                    break
    channel_of = {each.win.id: each.win.channel_id or "" for each in candidates}
    return sorted(room.told, key=lambda each: (channel_ids.index(channel_of[each.win_id]), each.win_id))


def theme_bytes(tag: str) -> int:
    """Return the most bytes of a theme and its number in words."""
    label = _label(tag)
    return len(label.encode()) + _NUMBER_BYTES + (0 if label.isascii() else _ISOLATION_BYTES)


def _label(tag: str) -> str:
    label = f"#{tag}"
    return label if len(label) <= MAX_LABEL_LENGTH else cut(label, MAX_LABEL_LENGTH - 1) + "…"


def labelled(themes: Sequence[tuple[str, int]]) -> list[tuple[str, int]]:
    """Return themes with distinct labels that fit a chart; none if there are too few to compare."""
    found: Counter[str] = Counter()
    for tag, count in themes:
        label = _label(tag)
        if label not in found:
            found[label] = count
    return list(found.items()) if len(found) >= MIN_THEMES else []


@dataclass(frozen=True)
class ToldWin:
    """A win as an edition shows it."""

    win: Win
    section: EditionSection


@dataclass(frozen=True)
class EditionPart:
    """An edition, or a workspace's roundup, as it is to be shown now.

    It is that of `channel_id`, posted in `target_channel_id`, and due at `due_at` (UTC); it looks back from the local
    date `starts_on`. `themes` are tags with how many wins share them, `reached` the climbs (ids) that reached their
    goal. `zone` is the channel's. `opening` says which of the openings a workspace's roundup has; older ones have none.
    """

    channel_id: str
    target_channel_id: str
    kind: RoundupKind
    due_at: datetime
    starts_on: date
    zone: str
    told: tuple[ToldWin, ...]
    themes: tuple[tuple[str, int], ...] = ()
    reached: frozenset[int] = frozenset()
    cheered_by: Cheerers = field(default_factory=Cheerers)
    opening: str | None = None

    @property
    def edition(self) -> Edition | None:
        """Which look back it is; None for a workspace's roundup."""
        return EDITION_OF_KIND.get(self.kind)

    @property
    def ends_on(self) -> date:
        """The local date after its period."""
        return self.starts_on if self.edition is None else period_end(self.edition, self.starts_on)

    @property
    def user_ids(self) -> tuple[str, ...]:
        """The users whose names are needed to show it."""
        users = [*(user_id for told in self.told for user_id in told.win.user_ids), *self.cheered_by.first]
        return tuple(dict.fromkeys(users))

    def in_section(self, section: EditionSection) -> list[Win]:
        """Return the wins of a section, in their order."""
        return [told.win for told in self.told if told.section is section]
