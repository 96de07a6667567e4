"""Steps of the machine: people join a win and leave it, and its author removes them."""

from functools import partial

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from bot.services import joining
from bot.services.idempotency import run_once
from bot.services.joining import JoinResult, Press, RemoveResult
from bot.storage import joining as queries
from tests.stateful.authors import Authors
from tests.stateful.model import ACTORS, KnownWin, any_duration, any_index, any_person


class Joiners(Authors):
    """What those do who were part of a win, and its author about them."""

    @precondition(lambda self: self._channel_messages())
    @rule(which=any_index, who=any_person, leaves=st.sampled_from([False, False, True]), seconds=any_duration)
    def join_or_leave_a_win(self, which: int, who: int, leaves: bool, seconds: float) -> None:
        """Someone presses the button of an announcement that they see, or takes that back."""
        announcements = self._announcements()
        messages = [message for message in self._channel_messages() if message.key in announcements]
        if not messages:
            return
        message = messages[which % len(messages)]
        row = announcements[message.key]
        user, now = f"U{who}{row.team_id}", self.clock.now()
        press = Press(row.team_id, message.channel_id, message.ts, message.key)
        action = self._new_action(row.team_id, user, message.channel_id, message.key, ts=message.ts)
        work = partial(joining.join, press=press, actor=ACTORS[user], now=now)
        if leaves:
            work = partial(joining.leave, press=press, user_id=user)
        result = self._run_listener(lambda: run_once(self.database, action, JoinResult, work, now=now))
        win = next((win for win in self.wins if win.id == row.win_id), None)
        is_shown = win is not None and not (win.undone or win.is_private)
        if result is None:  # not acked, but it may be stored
            self._read_people_again(win)
        elif win is None or not is_shown:
            assert result is JoinResult.NOT_FOUND, "only its author sees a hidden win"
        elif leaves:
            assert result in (JoinResult.LEFT, JoinResult.LEFT_BUT_SHOWN)
            win.joined.discard(user)
        else:
            is_theirs = user == win.author_id and self._stored(win).is_own
            may_join = not is_theirs and user not in {*win.joined, *win.removed}
            assert may_join is (result in (JoinResult.SHOWN, JoinResult.NOT_SHOWN)), "who was removed can't join again"
            win.joined |= {user} if may_join else set()
        self.run_for(seconds)

    @precondition(lambda self: self.wins)
    @rule(which=any_index, who=any_person, by=st.integers(0, 9), seconds=any_duration)
    def remove_someone(self, which: int, who: int, by: int, seconds: float) -> None:
        """Its author, or sometimes someone else, takes someone out of a win."""
        win = self.wins[which % len(self.wins)]
        user = f"U{who}{win.team_id}"
        actor = ACTORS[f"U{by}{win.team_id}" if by < 4 else win.author_id]
        action = self._new_action(win.team_id, actor.user_id, f"D{actor.user_id}", f"{win.id}:{user}")
        work = partial(joining.remove, team_id=win.team_id, win_id=win.id, user_id=user, actor=actor)
        now = self.clock.now()
        result = self._run_listener(lambda: run_once(self.database, action, RemoveResult, work, now=now))
        if result is None:
            self._read_people_again(win)
        elif actor.user_id != win.author_id:
            assert result is RemoveResult.NOT_AUTHOR
        elif user in win.joined:
            win.joined.remove(user)
            win.removed.add(user)
        self.run_for(seconds)

    def _read_people_again(self, win: KnownWin | None) -> None:
        if win is not None:
            win.joined = {person.user_id for person in self._stored(win).joined}
            removed = self.database.peek(partial(queries.removed_from, win_id=win.id))
            win.removed = {person.user_id for person in removed}
