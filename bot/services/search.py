"""Searching wins: what a person finds are the wins that they may see, as Slack says at the moment of the search."""

import asyncio
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from functools import partial
from itertools import islice
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot.domain.found_wins import FoundWins, UnknownName
from bot.domain.permissions import Actor, SlackUnavailable
from bot.domain.search_query import SearchQuery, read_query
from bot.domain.search_terms import channel_term, person_term, terms_without_unnamed
from bot.domain.win_permissions import WinAction, may_with_win, reach_of_win, relation_of
from bot.domain.wins import Win
from bot.services.access import Access
from bot.services.channel_directory import ChannelDirectory
from bot.services.visibility import Visibility
from bot.slack import deadline
from bot.storage import users, win_search, wins
from bot.storage.database import Database
from bot.storage.win_search import Reader

PAGE_SIZE = 10
MAX_BATCH = 500
"""The most wins that are read at once to fill a page."""
MAX_CHECKS = 3
"""How often a page is loaded again because Slack says that some of its channels aren't public any more."""


@dataclass(frozen=True)
class _Searcher:
    """Who searches, and where they are as Slack says. Someone who isn't known to be a member sees what guests see."""

    actor: Actor | None
    user_id: str
    memberships: frozenset[str]
    public_ids: frozenset[str]

    @property
    def is_guest(self) -> bool:
        return self.actor is None or self.actor.is_guest

    @property
    def reader(self) -> Reader:
        """The wins that may be theirs to find, for the database; `may_find` decides."""
        visible = self.memberships | self.public_ids
        return Reader(self.user_id, self.memberships if self.is_guest else visible, credit_channel_ids=visible)

    def may_find(self, win: Win) -> bool:
        is_active = self.actor is None or self.actor.is_active
        relation = relation_of(win, self.user_id, is_active=is_active, is_guest=self.is_guest)
        reach = reach_of_win(
            win.channel_id,
            is_private=win.is_private,
            is_held=win.is_held,
            is_in=win.channel_id in self.memberships,
            is_public=win.channel_id in self.public_ids,
        )
        return may_with_win(WinAction.FIND, relation, reach)

    def reads(self, win: Win) -> Win:
        """Return a win with the names that they read in it."""
        return win.for_author() if win.author.user_id == self.user_id else win.for_person(self.user_id)


class Search:
    """Searches the wins of a workspace for one person."""

    def __init__(
        self,
        access: Access,
        visibility: Visibility,
        channel_directory: ChannelDirectory,
        database: Database,
        clock: Callable[[], datetime],
    ) -> None:
        self._access = access
        self._visibility = visibility
        self._channel_directory = channel_directory
        self._database = database
        self._clock = clock

    async def find(
        self, team_id: str, user_id: str, user_team_id: str | None, typed: str, *, before: int | None = None
    ) -> FoundWins:
        """Return the wins that a person searches for, those `before` a position.

        Raises UnclearSearch, NoSuchDate, UnknownName or SlackUnavailable.
        """
        zone = await self._database.read(partial(users.zone_of, team_id=team_id, user_id=user_id))
        today = self._clock().astimezone(ZoneInfo(zone)).date()
        query = read_query(typed, today=today)
        actor, memberships, (query, terms) = await asyncio.gather(
            self._access.actor_if_known(team_id, user_id, user_team_id),
            self._visibility.memberships(team_id, user_id),
            self._terms(team_id, user_id, query),
        )
        visible = await self._visibility.visible(team_id, memberships, oversees=True)
        member_of = visible.ids & (memberships or frozenset())
        searcher = _Searcher(actor, user_id, member_of, visible.ids - member_of)

        def load(searcher: _Searcher, connection: Connection) -> FoundWins:
            since, until = (_midnight(day, zone) for day in (query.period.since, query.period.until))
            find = partial(win_search.find, connection, team_id, terms, searcher.reader, since=since, until=until)
            by_ids = partial(wins.by_ids, connection, team_id)
            is_stranger = actor is not None and not actor.is_active
            found = [] if is_stranger else list(islice(_found(by_ids, find, searcher, terms, before), PAGE_SIZE + 1))
            page = [win for _, win in found[:PAGE_SIZE]]
            user_ids = {*query.people, *(user_id for win in page for user_id in win.user_ids)}
            return FoundWins(
                query,
                page,
                [position for position, _ in found[:PAGE_SIZE]],
                len(found) > PAGE_SIZE,
                users.names(connection, team_id, user_ids),
                zone,
                not searcher.is_guest,
                actor is not None and memberships is not None and visible.is_complete,
                self._clock(),
            )

        return await self._verified(team_id, load, searcher, visible.verified_ids)

    async def _verified(
        self,
        team_id: str,
        load: Callable[[_Searcher, Connection], FoundWins],
        searcher: _Searcher,
        verified_ids: frozenset[str],
    ) -> FoundWins:
        """Load a page of wins, without those of channels that Slack doesn't say are still public.

        What is left out makes room for others, so that a page ends only where the search does.
        """
        is_complete = True
        for _ in range(MAX_CHECKS):
            found = await self._database.read(partial(load, searcher))
            others = {win.channel_id for win in found.wins if win.author.user_id != searcher.user_id}
            doubtful = {channel_id for channel_id in others if channel_id is not None} - verified_ids
            public, is_certain = await self._visibility.public_among(team_id, doubtful)
            is_complete = is_complete and is_certain
            if doubtful == public:
                return replace(found, is_complete=found.is_complete and is_complete)
            verified_ids |= public
            searcher = replace(searcher, public_ids=searcher.public_ids - (doubtful - public))
            if not is_certain:
                break
        searcher = replace(searcher, public_ids=searcher.public_ids & verified_ids)
        found = await self._database.read(partial(load, searcher))
        return replace(found, is_complete=False)

    async def _terms(self, team_id: str, user_id: str, query: SearchQuery) -> tuple[SearchQuery, list[list[str]]]:
        """Return a search with the full names in it, and its terms, with the ids of who and what was only named.

        Raises UnknownName or SlackUnavailable.
        """
        wanted_names = [*query.names, *query.full_names]
        named = await self._database.read(partial(users.named, team_id=team_id, wanted_names=wanted_names))
        query = query.with_full_names([name for name, named_ids in named.items() if named_ids])
        terms = query.terms
        for name in query.names:
            user_ids = named[name] or ([user_id] if name.casefold() == "me" else [])
            if not user_ids:
                raise UnknownName(f"@{name}")
            terms.append(list(map(person_term, user_ids)))
        for name in query.channel_names:
            try:
                async with deadline.within(deadline.LOOKUP_BUDGET):
                    channel_id = await self._channel_directory.channel_named(team_id, user_id, name)
            except TimeoutError:
                raise SlackUnavailable("timeout") from None
            if channel_id is None:
                raise UnknownName(f"#{name}")
            terms.append([channel_term(channel_id)])
        return query, terms


def _found(
    load: Callable[[list[int]], list[Win]],
    find: Callable[..., list[tuple[int, int]]],
    searcher: _Searcher,
    terms: Sequence[Collection[str]],
    before: int | None,
) -> Iterator[tuple[int, Win]]:
    """Yield the wins that someone may find, each with its position, without those found only by names they don't read.

    More are read in their place, so that a page doesn't show that something was left out.
    """
    limit = PAGE_SIZE + 1
    while True:
        batch = find(before=before, limit=limit)
        positions = {win_id: position for position, win_id in batch}
        for win in load(list(positions)):
            shown = searcher.reads(win)
            if searcher.may_find(win) and _is_sought(shown, terms):
                yield positions[win.id], shown
        if len(batch) < limit:
            return
        before = batch[-1][0]
        limit = min(4 * limit, MAX_BATCH)


def _is_sought(shown: Win, terms: Sequence[Collection[str]]) -> bool:
    """Whether a win that the index has under these terms also matches them as it is shown."""
    if not any(person.is_unnamed for person in shown.everyone):
        return True
    found = set(terms_without_unnamed(shown))
    return all(not found.isdisjoint(each) for each in terms)


def _midnight(day: date | None, zone: str) -> datetime | None:
    return None if day is None else datetime.combine(day, time(), tzinfo=ZoneInfo(zone))
