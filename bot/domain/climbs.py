"""Climbs: wins of one channel, each the next step of those before it. The order of time makes loops impossible.

A climb begins when someone says that their win is the next step of an earlier one, and names it. Until two of its steps
are shared, only that person knows of it: their win may be held, and no one else may learn of it.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.search_terms import MARKS, terms_of_text, terms_without_unnamed
from bot.domain.text import is_visible, on_one_line
from bot.domain.wins import MAX_CLIMB_NAME_LENGTH, Win

MAX_STEPS = 200
MAX_SUGGESTIONS = 100
"""The most climbs and wins that are suggested."""
_SHORT_WORD = 3
"""Latin words of at most so many letters say little about a win, and are not compared."""


@dataclass(frozen=True)
class NextStepOf:
    """What a win is the next step of: a climb, or an earlier win with the `name` of the climb that begins with it.

    Exactly one of the ids is given.
    """

    climb_id: int | None = None
    win_id: int | None = None
    name: str = ""

    @property
    def starts_climb(self) -> bool:
        """Whether it needs a name."""
        return self.win_id is not None


@dataclass(frozen=True)
class Climb:
    """A stored climb. `channel_id` is that of all its wins, None for the private wins of `created_by`.

    `shared_at` (UTC) is when others first could know of it, None before. It was marked as reached by `reached_by`.
    """

    id: int
    team_id: str
    channel_id: str | None
    name: str
    created_by: str
    created_at: datetime
    shared_at: datetime | None = None
    reached_at: datetime | None = None
    reached_by: str | None = None

    @property
    def is_reached(self) -> bool:
        """Whether someone marked it as reached."""
        return self.reached_at is not None

    def is_known_to(self, user_id: str) -> bool:
        """Whether someone may know of it, if they may see one of its steps."""
        return self.shared_at is not None or self.created_by == user_id


class StepError(StrEnum):
    """Why a win can't be the next step of what was chosen."""

    GONE = "gone"
    """What was chosen was deleted or hidden, or isn't earlier. Only its author may learn which."""
    OTHER_CHANNEL = "other_channel"
    PRIVATE_BORDER = "private_border"
    """A private win can follow only its author's own private wins, and a shared win can follow none of these."""
    FULL = "full"
    """The climb has `MAX_STEPS` steps, not counting held wins of others, of which the author may not know."""
    NOT_IN_CHANNEL = "reader_not_in_channel"
    """The author isn't in the channel, as far as the bot knows."""
    UNKNOWN = "unknown"
    """Slack doesn't say who is in the channel."""
    NO_NAME = "no_name"
    LONG_NAME = "long_name"


NAME_ERRORS = (StepError.NO_NAME, StepError.LONG_NAME)
"""What is wrong with the name of the climb that begins, and not with what was chosen."""


class StepRefused(Exception):
    """A win can't be the next step of what was chosen."""

    def __init__(self, error: StepError) -> None:
        super().__init__(error)
        self.error = error


def read_name(typed: str) -> str:
    """Return the name of a climb as it is stored. Raises StepRefused."""
    name = on_one_line(typed)
    if not is_visible(name):
        raise StepRefused(StepError.NO_NAME)
    if len(name) > MAX_CLIMB_NAME_LENGTH:
        raise StepRefused(StepError.LONG_NAME)
    return name


class ClimbAction(StrEnum):
    """What a person may ask to do with a climb."""

    SEE = "see"
    RENAME = "rename"
    MARK_REACHED = "mark_reached"
    """Say that it has reached its goal, or take that back. The channel is told in one line."""


class ClimbRelation(StrEnum):
    """What a person who may look into a climb's channel is to it."""

    STRANGER = "stranger"
    """Of another organization, deactivated, or a bot; or they may see none of its steps."""
    READER = "reader"
    STEP_AUTHOR = "step_author"
    """Wrote one of the steps that the channel sees. Of private wins, all are their author's."""
    STARTER = "starter"
    """Began it, and no one else knows of it yet."""


ALLOWED: dict[ClimbAction, frozenset[ClimbRelation]] = {
    ClimbAction.SEE: frozenset({ClimbRelation.READER, ClimbRelation.STEP_AUTHOR, ClimbRelation.STARTER}),
    ClimbAction.RENAME: frozenset({ClimbRelation.STEP_AUTHOR, ClimbRelation.STARTER}),
    ClimbAction.MARK_REACHED: frozenset({ClimbRelation.STEP_AUTHOR}),
}
"""For each action, who may do it while they are in the climb's channel."""


def may_with_climb(action: ClimbAction, relation: ClimbRelation, *, is_in_channel: bool) -> bool:
    """Whether a person may do this with a climb, wherever they press the button."""
    return is_in_channel and relation in ALLOWED[action]


def visible_steps(steps: Sequence[Win], user_id: str) -> list[Win]:
    """Return the steps that someone in the channel may see: those that it shows, and their own."""
    return [win for win in steps if not win.is_undone and (win.is_shared or win.author.user_id == user_id)]


def as_read(win: Win, user_id: str) -> Win:
    """Return a win with the names that someone may read in it."""
    return win.for_author() if win.author.user_id == user_id else win.for_person(user_id)


def relation_to_climb(climb: Climb, steps: Sequence[Win], user_id: str, *, is_active: bool = True) -> ClimbRelation:
    """Return what a person is to a climb with these steps; one who is not `is_active` is a stranger."""
    seen = visible_steps(steps, user_id)
    if not (is_active and seen and climb.is_known_to(user_id)):
        return ClimbRelation.STRANGER
    if climb.channel_id is None:
        return ClimbRelation.STEP_AUTHOR if climb.created_by == user_id else ClimbRelation.STRANGER
    if climb.shared_at is None:
        return ClimbRelation.STARTER
    if any(win.is_shared and win.author.user_id == user_id for win in seen):
        return ClimbRelation.STEP_AUTHOR
    return ClimbRelation.READER


@dataclass(frozen=True)
class ClimbPage:
    """A page of a climb as `reader_id` may see it: the `steps` from number `first` (from 0) of `total`.

    `may_rename` and `may_mark` say what they may do with it; `zone` is theirs.
    """

    climb: Climb
    steps: tuple[Win, ...]
    first: int
    total: int
    page_size: int
    may_rename: bool
    may_mark: bool
    reader_id: str
    zone: str

    @property
    def user_ids(self) -> set[str]:
        """The users whose names are needed to show it."""
        people = {user_id for win in self.steps for user_id in win.user_ids}
        return people | {self.climb.created_by, self.climb.reached_by or self.climb.created_by}


@dataclass(frozen=True)
class StepSuggestion:
    """A climb, or a win that is in none, of which a new win may be the next step. `latest` is its latest win.

    The wins are as the person who gets the suggestion reads them.
    """

    climb: Climb | None
    latest: Win
    wins: tuple[Win, ...]

    @property
    def next_step_of(self) -> NextStepOf:
        """What is chosen with it."""
        return NextStepOf(win_id=self.latest.id) if self.climb is None else NextStepOf(climb_id=self.climb.id)

    def is_of(self, user_id: str) -> bool:
        """Whether this person wrote the win, or a step of the climb."""
        return any(win.author.user_id == user_id for win in self.wins)


def ranked(
    suggestions: Collection[StepSuggestion], *, user_id: str, text: str, tags: Collection[str]
) -> list[StepSuggestion]:
    """Return suggestions with the likeliest first: climbs before wins, the person's own before those of others.

    Among these, those come first that share the most tags, then the most words, with what is entered; then the newest.
    """
    words = words_of(text)

    def key(suggestion: StepSuggestion) -> tuple[bool, bool, int, int, float, int]:
        likeness = [(len(set(tags).intersection(win.tags)), len(words & told_by(win))) for win in suggestion.wins]
        named = len(words & words_of(suggestion.climb.name)) if suggestion.climb else 0
        tag_count, word_count = max(likeness, default=(0, 0))
        created_at = suggestion.latest.created_at.timestamp()
        is_own = suggestion.is_of(user_id)
        latest_id = suggestion.latest.id
        return (suggestion.climb is None, not is_own, -tag_count, -word_count - named, -created_at, -latest_id)

    return sorted(suggestions, key=key)[:MAX_SUGGESTIONS]


def words_of(text: str) -> frozenset[str]:
    """Return the words that say what a text is about."""
    return frozenset(filter(_says_something, terms_of_text(text)))


def told_by(win: Win) -> frozenset[str]:
    """Return the words that say what a win is about, without the names of people who are unnamed in it."""
    return frozenset(filter(_says_something, words_read_in(win)))


def words_read_in(win: Win) -> list[str]:
    """Return the words of a win as someone reads it, with the names in it."""
    words = [term for term in terms_without_unnamed(win) if term[0] not in MARKS]
    return [*words, *terms_of_text(win.author.name or "")]


def _says_something(word: str) -> bool:
    return not word.isascii() or len(word) > _SHORT_WORD
