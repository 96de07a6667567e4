"""How a roundup is composed: which wins its first message tells, which sections they are in, and how it opens.

Each person's first win comes before anyone's second. The result depends only on the open wins, the date, how the
channel's last roundup opened, and whether it is posted elsewhere, and it is stored.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from bot.domain.recurrence import Weekday
from bot.domain.win_size import NOTHING, Size, total
from bot.domain.wins import LEARNED_TAG

MAX_WINS = 15
"""The most wins in one message."""
MAX_WINS_WITHOUT_SECTIONS = 3
BUSY_FROM = 10
"""The fewest wins of a busy week."""
MAX_THEMES = 3
"""The most themes of one roundup."""
MAX_TEXT = 4000
"""The most bytes of text in a message that can be updated."""
MAX_BLOCKS = 10_000
"""The most characters of a message's blocks as JSON."""

MAX_THEME_LENGTH = 24
"""The most characters of a theme over its section."""

# What stands around the wins of a message, with little room: see bot/views/roundup.py.
_AROUND_FIRST = Size(480, 1150)
_AROUND_REPLY = Size(60, 140)
_HEADING = Size(35, 110)  # of a section, without its theme
_LINK = Size(150, 150)  # to a section of the thread, without its theme


class SectionKind(StrEnum):
    """What the wins of a section have in common, in the order in which they are told."""

    CLIMBS = "climbs"
    """Each is a step of a climb that all may know."""
    THEME = "theme"
    """They share a tag."""
    REST = "rest"
    LEARNINGS = "learnings"


@dataclass(frozen=True)
class Section:
    """A section of a roundup; `theme` is the tag that its wins share."""

    kind: SectionKind
    theme: str | None = None


REST = Section(SectionKind.REST)


class Mood(StrEnum):
    """What kind of week it was, for the opening."""

    SMALL = "small"
    BUSY = "busy"
    LEARNINGS = "learnings"
    CLIMB = "climb"
    """A climb was reached."""
    USUAL = "usual"


OPENING_COUNTS: Mapping[Mood, int] = {
    Mood.SMALL: 6,
    Mood.BUSY: 6,
    Mood.LEARNINGS: 5,
    Mood.CLIMB: 5,
    Mood.USUAL: 12,
}
"""How many openings there are."""
OPENING_COUNTS_ELSEWHERE: Mapping[Mood, int] = {
    Mood.SMALL: 3,
    Mood.BUSY: 3,
    Mood.LEARNINGS: 3,
    Mood.CLIMB: 3,
    Mood.USUAL: 5,
}
"""How many there are for roundups that are posted in another channel than their own; none of a mood has more."""


@dataclass(frozen=True)
class Opening:
    """One of the openings of a mood, counted from 0."""

    mood: Mood
    number: int

    def __str__(self) -> str:
        return f"{self.mood}.{self.number}"


def parse_opening(text: str | None) -> Opening | None:
    """Read a stored opening; None for one that this release doesn't know."""
    mood, _, number = (text or "").partition(".")
    if mood not in {str(each) for each in Mood} or not number.isdecimal():
        return None
    return Opening(Mood(mood), int(number) % OPENING_COUNTS[Mood(mood)])


@dataclass(frozen=True)
class OpenWin:
    """What the composition needs of a win: whose it is, when it was saved (UTC), its cheers, and its size at most.

    `climb_id` is that of a climb of which all may know; `is_last_step` if the climb is reached with this win. It may
    belong to the others `with_ids`, too.
    """

    id: int
    person_id: str
    created_at: datetime
    cheer_count: int
    size: Size
    is_learning: bool = False
    tags: tuple[str, ...] = ()
    climb_id: int | None = None
    is_last_step: bool = False
    with_ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class Composition:
    """A roundup: its wins (ids) by message, in order, the sections of those that are in one, and how it opens.

    It looks back from the local date `starts_on`. `opening` is that of parse_opening.
    """

    parts: tuple[tuple[int, ...], ...]
    sections: Mapping[int, Section]
    opening: str | None
    starts_on: date

    @property
    def win_ids(self) -> list[int]:
        """All its wins, in order."""
        return [win_id for part in self.parts for win_id in part]


def compose(
    wins: Sequence[OpenWin],
    *,
    day: date,
    starts_on: date,
    last_opening: str | None = None,
    is_elsewhere: bool = False,
    note: Size = NOTHING,
) -> Composition:
    """Compose the roundup that comes on a local date; `note` is the room that a note at its top takes.

    `is_elsewhere` is whether it is posted in another channel than its own.
    """
    sections = _sections(wins) if len(wins) > MAX_WINS_WITHOUT_SECTIONS else {}
    composed = sections.values()
    rounds = in_rounds(wins)
    first = first_message(rounds, room(composed, has_thread=False, note=note))
    if len(first) < len(wins):
        first = first_message(rounds, room(composed, has_thread=True, note=note))
    first_ids = {win.id for win in first}
    rest = [win for each in rounds for win in each if win.id not in first_ids]
    parts = [first, *in_parts(_by_section(rest, sections), max_size=room(composed, number=1))] if wins else []
    return Composition(
        tuple(tuple(win.id for win in _by_section(part, sections)) for part in parts),
        sections,
        str(_opening(_mood(wins, first), day, last_opening, is_elsewhere=is_elsewhere)) if wins else None,
        starts_on,
    )


def room(composed: Iterable[Section], *, number: int = 0, has_thread: bool = True, note: Size = NOTHING) -> Size:
    """Return the room that the wins of message `number` (from 0) have together, whatever stands around them.

    `composed` are the sections of the roundup. An edited win may move to another section, but not to a new theme.
    """
    sections = set(composed)
    if sections:
        sections |= {REST, Section(SectionKind.LEARNINGS)}
    whole = Size(MAX_TEXT, MAX_BLOCKS).minus(total(_HEADING.plus(_theme_size(each)) for each in sections))
    if number:
        return whole.minus(_AROUND_REPLY)
    links = total(_LINK.plus(_theme_size(each)) for each in sections) if has_thread else NOTHING
    return whole.minus(_AROUND_FIRST).minus(note).minus(links)


def _theme_size(section: Section) -> Size:
    theme = (section.theme or "")[:MAX_THEME_LENGTH]
    return Size(len(theme.encode()), len(theme))


def fits(size: Size, others: Sequence[Size], *, before: Size, room: Size) -> bool:
    """Whether a told win may now take this room; it took `before`, and `others` are those of its message."""
    return size.fits(before) or not others or total([size, *others]).fits(room)


def in_rounds(wins: Sequence[OpenWin]) -> list[list[OpenWin]]:
    """Return `wins` in rounds: each person's first win, then everyone's second, and so on.

    One of several people is in the earliest round that it would be in as the win of one of them. Within a round, wins
    without cheers come first, then the older ones.
    """
    counts: Counter[str] = Counter()
    rounds: defaultdict[int, list[OpenWin]] = defaultdict(list)
    for win in sorted(wins, key=lambda win: (win.created_at, win.id)):
        people = {win.person_id, *win.with_ids}
        rounds[min(counts[person_id] for person_id in people)].append(win)
        counts.update(people)
    return [sorted(rounds[number], key=_uncheered_first) for number in sorted(rounds)]


def _uncheered_first(win: OpenWin) -> tuple[bool, datetime, int]:
    return (win.cheer_count > 0, win.created_at, win.id)


def first_message(rounds: Sequence[Sequence[OpenWin]], room: Size) -> list[OpenWin]:
    """Return the wins that fit in the first message, at least one.

    A win that is too large is left for the thread, and no later round is told, so that its people aren't passed over.
    """
    told: list[OpenWin] = []
    for each in rounds:
        before = len(told)
        for win in each:
            if len(told) < MAX_WINS and win.size.fits(room):
                told.append(win)
                room = room.minus(win.size)
        if len(told) - before < len(each):
            break
    smallest = min((win for each in rounds[:1] for win in each), key=lambda win: win.size, default=None)
    return told or ([] if smallest is None else [smallest])


def in_parts(wins: Sequence[OpenWin], *, max_size: Size, max_wins: int = MAX_WINS) -> list[list[OpenWin]]:
    """Return `wins` in their order, split into parts that each fit one message. A win is never cut in two."""
    parts: list[list[OpenWin]] = []
    left = NOTHING
    for win in wins:
        if not parts or len(parts[-1]) == max_wins or not win.size.fits(left):
            parts.append([])
            left = max_size
        parts[-1].append(win)
        left = left.minus(win.size)
    return parts


def _sections(wins: Sequence[OpenWin]) -> dict[int, Section]:
    """Return the section of each win (by id)."""
    sections: dict[int, Section] = {}
    for win in wins:
        if win.is_learning:
            sections[win.id] = Section(SectionKind.LEARNINGS)
        elif win.climb_id is not None:
            sections[win.id] = Section(SectionKind.CLIMBS)
    for _ in range(MAX_THEMES):
        counts = Counter(tag for win in wins if win.id not in sections for tag in win.tags if tag != LEARNED_TAG)
        theme, count = min(counts.items(), key=lambda item: (-item[1], item[0]), default=("", 0))
        if count > 1:
            shared = [win.id for win in wins if win.id not in sections and theme in win.tags]
            sections |= dict.fromkeys(shared, Section(SectionKind.THEME, theme))
    return {win.id: sections.get(win.id, REST) for win in wins}


def _by_section(wins: Sequence[OpenWin], sections: Mapping[int, Section]) -> list[OpenWin]:
    """Return wins by section, and otherwise in their order; the steps of a climb stand together, the earliest first."""
    climbs: dict[int | None, int] = {}
    for position, win in enumerate(wins):
        climbs.setdefault(win.climb_id, position)
    themes = sorted({section.theme or "" for section in sections.values()})
    kinds = list(SectionKind)

    def key(win: OpenWin) -> tuple[int, int, int, float]:
        section = sections.get(win.id, REST)
        if section.kind is SectionKind.CLIMBS:
            return (kinds.index(section.kind), 0, climbs[win.climb_id], win.created_at.timestamp())
        return (kinds.index(section.kind), themes.index(section.theme or ""), 0, 0)

    return sorted(wins, key=key) if sections else list(wins)


def _opening(mood: Mood, day: date, last: str | None, *, is_elsewhere: bool) -> Opening:
    """Return the opening for a date, which is never that of the channel's last roundup."""
    count = (OPENING_COUNTS_ELSEWHERE if is_elsewhere else OPENING_COUNTS)[mood]
    opening = Opening(mood, day.toordinal() % count)
    if str(opening) == last:
        opening = Opening(mood, (opening.number + 1) % count)
    return opening


def _mood(wins: Sequence[OpenWin], first: Sequence[OpenWin]) -> Mood:
    if any(win.is_last_step for win in first):
        return Mood.CLIMB
    if 2 * sum(win.is_learning for win in first) >= len(first):
        return Mood.LEARNINGS
    if len(wins) <= MAX_WINS_WITHOUT_SECTIONS:
        return Mood.SMALL
    return Mood.BUSY if len(wins) >= BUSY_FROM else Mood.USUAL


def period_start(day: date, *, last: date | None, saved_on: Iterable[date]) -> date:
    """Return the first local date of the period that a roundup on `day` looks back at.

    `last` is the local date of the roundup before by the channel's rule, and `saved_on` are those of the wins. The
    period begins earlier if a win is of an earlier date, and not on a weekend without wins.
    """
    days = sorted(saved_on)
    start = min(last + timedelta(days=1), day) if last is not None else min(days, default=day)
    if days and last is not None and days[0] < last:
        start = days[0]
    while start < day and start.weekday() >= Weekday.SATURDAY and start not in days:
        start += timedelta(days=1)
    return start
