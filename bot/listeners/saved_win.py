"""The private message that says that a win is saved: as it is when it is saved, and as it is after a change."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection

from bot.domain.remembered import Remembered
from bot.domain.wins import ClimbOfWin, Draft, Mention, Win
from bot.listeners.dependencies import Dependencies
from bot.services import climb_steps, thanks
from bot.storage import channels, users
from bot.storage.thanks import who_may_have_helped
from bot.views import ephemeral
from bot.views.format import Message
from bot.views.translations import ENGLISH
from bot.views.waiting import held

NO_ONE_FOR = timedelta(minutes=10)
"""How long it is remembered that someone has no one to thank: looking that up costs more than saving a win."""

Author = tuple[str, str, str]
"""The ids of a win's workspace, channel and author."""


class OfferedPeople:
    """Finds whom the author of a win that has just been shared may want to thank."""

    def __init__(self, deps: Dependencies) -> None:
        self._deps = deps
        self._had_no_one: Remembered[Author, datetime] = Remembered()

    async def find(self, author: Author, draft: Draft) -> Sequence[Mention]:
        """Return them, if the win names no one else. People who have just begun to name its author may be missing."""
        if not draft.is_solo:
            self._had_no_one.forget(author)
            return ()
        now, asked_at = self._deps.clock(), self._had_no_one.get(author)
        if asked_at is not None and now - asked_at < NO_ONE_FOR:
            return ()
        found = await offered_after(self._deps, author)
        if not found:
            self._had_no_one[author] = now
        return found


async def offered_after(deps: Dependencies, author: Author) -> Sequence[Mention]:
    """Return whom an author may want to thank for a win that has just been shared, and names no one else."""
    team_id, channel_id, author_id = author
    query = partial(who_may_have_helped, team_id=team_id, author_id=author_id, channel_id=channel_id)
    return await deps.database.read(partial(query, limit=thanks.MAX_OFFERED))


async def saved_message(deps: Dependencies, win: Win, channel_id: str | None) -> Message:
    """Return what a win (as its author reads it) says now, in place of what it said when it was saved.

    `channel_id` is where the author reads it, if it is in a channel.
    """

    def load(connection: Connection) -> tuple[bool, Mapping[str, str], Sequence[Mention], ClimbOfWin | None]:
        channel = channels.by_id(connection, win.team_id, win.channel_id) if win.channel_id else None
        names = users.names(connection, win.team_id, {person.user_id for person in win.joined})
        climb = climb_steps.known_climb(connection, team_id=win.team_id, win_id=win.id)
        return channel is not None and channel.is_group, names, thanks.offered(connection, win), climb

    is_in_group, names, offered, climb = await deps.database.read(load)
    credited = tuple(replace(each, name=each.name or names.get(each.user_id)) for each in win.credited)
    return ephemeral.win_saved(
        ENGLISH,
        Draft(win.text, credited, win.tags, win.url, win.kind, win.is_own, win.thanked, win.reason),
        win.id,
        former=win.former,
        is_private=win.is_private,
        is_in_group=is_in_group,
        elsewhere=None if win.channel_id == channel_id else win.channel_id,
        is_reply=win.thread_ts is not None and win.channel_id == channel_id,
        held=held(ENGLISH, win, now=deps.clock(), is_in_group=is_in_group),
        climb=climb,
        offered=offered,
    )
