"""What the form offers a win to be the next step of, and whether what was chosen still can be, as Slack says now."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import partial

from sqlalchemy import Connection

from bot.domain.climbs import (
    NAME_ERRORS,
    Climb,
    NextStepOf,
    StepError,
    StepRefused,
    StepSuggestion,
    as_read,
    ranked,
    words_of,
    words_read_in,
)
from bot.domain.search_terms import channel_term, person_term, tag_term, terms_of_text
from bot.domain.wins import Win
from bot.services import climb_steps
from bot.services.visibility import Visibility
from bot.services.win_channels import WinChannels
from bot.storage import climbs, users, win_search, wins
from bot.storage.database import Database
from bot.storage.win_search import Reader

MAX_CONSIDERED = 100
"""The most wins of a kind, and the most climbs, among which the likeliest are found."""
MAX_WORDS = 20
"""The most words of a text by which wins are found."""


@dataclass(frozen=True)
class StepOfWhom:
    """The win that is to be a step: its author, its channel (None for a private win), and what is entered of it.

    `edited_id` is its own id, if it is stored already.
    """

    team_id: str
    author_id: str
    channel_id: str | None
    text: str = ""
    tags: tuple[str, ...] = ()
    edited_id: int | None = None


@dataclass(frozen=True)
class ChosenStep:
    """What was chosen, as it is shown: a climb, or else the earlier win, and the names in that."""

    climb: Climb | None
    win: Win | None
    names: Mapping[str, str]


class ClimbChoices:
    """Finds what a win can be the next step of."""

    def __init__(self, visibility: Visibility, channels: WinChannels, database: Database) -> None:
        """`channels` remembers for a moment who is in which channel, because menus ask at each key."""
        self._visibility = visibility
        self._channels = channels
        self._database = database

    async def refusal(self, of: StepOfWhom, step: NextStepOf | None) -> StepError | None:
        """Return why a win can't be the next step of what was chosen, or None."""
        if step is None:
            return None
        memberships = await self._visibility.memberships(of.team_id, of.author_id)
        if memberships is None:
            return StepError.UNKNOWN
        return await self._database.read(partial(_refusal, of=of, step=step, memberships=memberships))

    async def chosen(self, of: StepOfWhom, step: NextStepOf | None) -> ChosenStep | None:
        """Return what was chosen, as the form shows it; None if it can't be chosen any more, or not there."""
        if step is None:
            return None
        memberships = await self._channels.memberships(of.team_id, of.author_id)
        return await self._database.read(partial(_chosen, of=of, step=step, memberships=memberships or ()))

    async def suggest(self, of: StepOfWhom, typed: str) -> tuple[list[StepSuggestion], Mapping[str, str]]:
        """Return what fits what was typed, the likeliest first, and the names in it.

        Someone who isn't in the channel learns of nothing in it.
        """
        if of.channel_id is not None:
            memberships = await self._channels.memberships(of.team_id, of.author_id)
            if of.channel_id not in (memberships or ()):
                return [], {}
        return await self._database.read(partial(_suggestions, of=of, typed=typed))


def _refusal(
    connection: Connection, of: StepOfWhom, step: NextStepOf, memberships: Collection[str]
) -> StepError | None:
    try:
        climb_steps.check(
            connection,
            step,
            team_id=of.team_id,
            author_id=of.author_id,
            channel_id=of.channel_id,
            memberships=memberships,
            edited_id=of.edited_id,
        )
    except StepRefused as refusal:
        return refusal.error
    return None


def _chosen(
    connection: Connection, of: StepOfWhom, step: NextStepOf, memberships: Collection[str]
) -> ChosenStep | None:
    climb_ids = climbs.climb_ids_of(connection, [of.edited_id] if of.edited_id else [])
    is_current = step.climb_id is not None and step.climb_id in climb_ids.values()
    if not is_current and _refusal(connection, of, step, memberships) not in (None, *NAME_ERRORS, StepError.FULL):
        return None
    if step.climb_id is not None:
        climb = climbs.by_id(connection, of.team_id, step.climb_id)
        return None if climb is None or not climb.is_known_to(of.author_id) else ChosenStep(climb, None, {})
    win = None if step.win_id is None else wins.by_id(connection, of.team_id, step.win_id)
    return None if win is None else ChosenStep(None, win, users.names(connection, of.team_id, win.user_ids))


def _suggestions(connection: Connection, of: StepOfWhom, typed: str) -> tuple[list[StepSuggestion], Mapping[str, str]]:
    latest = climbs.latest_in(connection, of.team_id, of.channel_id, user_id=of.author_id, limit=MAX_CONSIDERED)
    ids = [*_considered(connection, of, typed), *(win_id for _, win_id in latest)]
    considered = [as_read(win, of.author_id) for win in wins.by_ids(connection, of.team_id, ids)]
    climb_by_id = climbs.by_ids(connection, of.team_id, [climb_id for climb_id, _ in latest])
    climb_id_by_win = climbs.climb_ids_of(connection, [win.id for win in considered])
    edited = next((win for win in wins.by_ids(connection, of.team_id, [of.edited_id])), None) if of.edited_id else None
    steps: defaultdict[int, list[Win]] = defaultdict(list)
    alone: list[StepSuggestion] = []
    for win in considered:
        climb_id = climb_id_by_win.get(win.id)
        if climb_id in climb_by_id:
            if win.is_shared or win.author.user_id == of.author_id:
                steps[climb_id].append(win)
        elif _may_choose(win, of, edited):
            alone.append(StepSuggestion(None, win, (win,)))
    in_climbs = [
        StepSuggestion(climb_by_id[climb_id], max(found, key=lambda win: (win.created_at, win.id)), tuple(found))
        for climb_id, found in steps.items()
    ]
    fitting = [each for each in (*in_climbs, *alone) if _fits(each, typed)]
    found = ranked(fitting, user_id=of.author_id, text=of.text, tags=of.tags)
    user_ids = {user_id for each in found for user_id in each.latest.user_ids}
    return found, users.names(connection, of.team_id, user_ids)


def _considered(connection: Connection, of: StepOfWhom, typed: str) -> list[int]:
    """Return wins (ids) among which the likeliest are found: one's own, the newest, and similar ones."""
    if of.channel_id is None:
        return climbs.private_win_ids(connection, of.team_id, of.author_id, limit=3 * MAX_CONSIDERED)
    like = [*map(tag_term, of.tags), *sorted(words_of(of.text))[:MAX_WORDS]]
    in_channel = [channel_term(of.channel_id)]
    searches = [
        [in_channel, [person_term(of.author_id)]],
        [in_channel],
        *([[in_channel, like]] if like else []),
        *([[in_channel, *([term] for term in terms_of_text(typed, is_query=True))]] if typed.strip() else []),
    ]
    reader = Reader(of.author_id, [of.channel_id])
    found = [
        win_id
        for terms in searches
        for _, win_id in win_search.find(connection, of.team_id, terms, reader, limit=MAX_CONSIDERED)
    ]
    return list(dict.fromkeys(found))


def _may_choose(win: Win, of: StepOfWhom, edited: Win | None) -> bool:
    """Whether a win may be chosen: it is shown in the channel, or among the author's own private ones."""
    if edited is not None and (win.created_at, win.id) >= (edited.created_at, edited.id):
        return False
    if of.channel_id is None:
        return win.channel_id is None and win.author.user_id == of.author_id
    return win.is_shared and win.channel_id == of.channel_id


def _fits(suggestion: StepSuggestion, typed: str) -> bool:
    """Whether each word that was typed begins a word that is read in a win, or one of a climb's name."""
    words = set(terms_of_text(suggestion.climb.name)) if suggestion.climb else set()
    words.update(word for win in suggestion.wins for word in words_read_in(win))
    return all(any(word.startswith(term) for word in words) for term in terms_of_text(typed, is_query=True))
