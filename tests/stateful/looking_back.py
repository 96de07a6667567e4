"""Steps of the machine: looks back come, one roundup alone is changed, and wins become the steps of climbs."""

from datetime import timedelta
from functools import partial

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule
from sqlalchemy import Connection

from bot.domain.climbs import Climb, NextStepOf, StepRefused
from bot.domain.editions import Edition
from bot.services import climb_steps, next_roundup
from bot.services import climbs as climb_services
from bot.services.climbs import ClimbReader, ClimbResult
from bot.storage import climbs, wins
from tests.stateful.consenters import Consenters
from tests.stateful.edits import LooksBack
from tests.stateful.model import (
    ACTORS,
    ADMIN,
    CREATOR,
    GUEST,
    MEMBER,
    Faults,
    any_channel,
    any_duration,
    any_index,
    any_lateness,
    any_people,
    may_change,
    maybe_faults,
)


class LookingBack(Consenters):
    """What tells wins again, what is changed just this time, and what belongs together."""

    @rule(
        where=any_channel,
        who=any_people,
        chosen=st.sampled_from([frozenset({Edition.MONTHLY}), frozenset(Edition)]),
        late=any_lateness,
        luck=maybe_faults,
        seconds=any_duration,
    )
    def a_look_back_is_due(
        self,
        *,
        where: tuple[str, str],
        who: list[int],
        chosen: frozenset[Edition],
        late: int,
        luck: Faults,
        seconds: float,
    ) -> None:
        """It is the first of a month, or has been for a while, and there is something to look back at."""
        self.change(where, ADMIN, LooksBack(chosen))
        self.save(where, who)
        self.run_for(0.3)
        due_at = self._channel(where).edition_due_at
        if due_at is None:
            return
        self.slack.faults["chat.postMessage"] += luck
        missing = due_at + timedelta(seconds=late) - self.clock.now()
        self.clock.leapt += max(missing, timedelta())
        self.run_for(seconds)

    @rule(
        where=any_channel,
        who=any_people,
        by=st.sampled_from([ADMIN, ADMIN, CREATOR, MEMBER, GUEST]),
        has_note=st.booleans(),
        leaves=st.integers(0, 3),
        is_due=st.booleans(),
        seconds=any_duration,
    )
    def just_this_time(
        self,
        *,
        where: tuple[str, str],
        who: list[int],
        by: int,
        has_note: bool,
        leaves: int,
        is_due: bool,
        seconds: float,
    ) -> None:
        """Someone, who may have no right to, adds a note to the next roundup, and leaves wins for the one after."""
        self.save(where, who)
        self.numbers += 1
        shown = [win.id for win in self.database.peek(partial(wins.open_in, team_id=where[0], channel_id=where[1]))]
        user = f"U{by}{where[0]}"
        work = partial(
            next_roundup.change,
            actor=ACTORS[user],
            team_id=where[0],
            channel_id=where[1],
            note=f"note-{self.numbers} for all" if has_note else None,
            changed_ids=shown,
            left_ids=shown[:leaves],
            now=self.clock.now(),
        )
        may = may_change(self._channel(where), user)
        assert self._is_refused(where, work) is not may, f"{user} may not, or may, change the next roundup"
        left_ids = self.database.peek(partial(wins.left_in, team_id=where[0], channel_id=where[1]))
        assert not may or left_ids in (set(shown[:leaves]), self.oracle.left[where]), "just these are left"
        self.oracle.left[where] = left_ids
        if is_due:
            self._leap_to_due(where, 1)
        self.run_for(seconds)

    @precondition(lambda self: self.wins)
    @rule(which=any_index, earlier=any_index, leaves=st.sampled_from([False, False, True]), seconds=any_duration)
    def take_a_step(self, which: int, earlier: int, leaves: bool, seconds: float) -> None:
        """A win becomes the next step of another, or of its climb, as far as it may; or it leaves its climb."""
        win, other = (self.wins[each % len(self.wins)] for each in (which, earlier))
        before = self._climb_ids(win.id, other.id)
        if leaves:
            self._write(partial(climb_steps.leave, team_id=win.team_id, win_id=win.id))
            assert self._climb_ids(win.id).get(win.id) in (None, before.get(win.id))
        elif win.team_id == other.team_id and win.id != other.id:
            self.numbers += 1
            step = NextStepOf(win_id=other.id, name=f"climb-{self.numbers}")
            join = partial(climb_steps.join, step=step, team_id=win.team_id, win_id=win.id, now=self.clock.now())
            try:
                self._write(join)
            except StepRefused:
                assert self._climb_ids(win.id, other.id) == before, "who is refused changes nothing"
            after = self._climb_ids(win.id, other.id)
            assert after == before or after[win.id] == after[other.id], "both are steps of one climb"
        self.run_for(seconds)

    @precondition(lambda self: self.wins)
    @rule(which=any_index, by=st.integers(0, 9), is_reached=st.booleans(), seconds=any_duration)
    def reach_a_climb(self, which: int, by: int, is_reached: bool, seconds: float) -> None:
        """The author of a step, or someone else, marks a climb as reached, or takes that back."""
        win = self.wins[which % len(self.wins)]
        climb_id = self._climb_ids(win.id).get(win.id)
        if climb_id is None:
            return
        user = f"U{by}{win.team_id}" if by < 4 else win.author_id
        act = climb_services.take_back
        if is_reached:
            act = partial(climb_services.mark_reached, now=self.clock.now())
        reader = ClimbReader(ACTORS[user])
        before = self._climb(win.team_id, climb_id)
        result = self._write(partial(act, team_id=win.team_id, climb_id=climb_id, reader=reader))
        after = self._climb(win.team_id, climb_id)
        assert before is not None, "a win is a step of it"
        assert after is not None, "it stays"
        if result in (ClimbResult.DONE, ClimbResult.NO_CHANGE):
            assert after.is_reached is is_reached
        elif result is not None:
            assert after == before, "who may not changes nothing"
        self.run_for(seconds)

    def _climb_ids(self, *win_ids: int) -> dict[int, int]:
        """Return the climbs (ids) of these wins, by win."""
        return self.database.peek(partial(climbs.climb_ids_of, win_ids=win_ids))

    def _climb(self, team_id: str, climb_id: int) -> Climb | None:
        def load(connection: Connection) -> Climb | None:
            return climbs.by_id(connection, team_id, climb_id)

        return self.database.peek(load)
