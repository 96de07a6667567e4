"""Steps of the machine: people whom wins name say yes or no, choose how to be named, leave, and come back."""

from functools import partial

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from bot.domain.consent import Preference
from bot.services import consent_answers, preferences
from bot.storage.preferences import of_people
from tests.stateful.joiners import Joiners
from tests.stateful.model import ACTORS, KnownWin, any_channel, any_duration, any_index, any_person
from tests.stateful.naming import NAMED, About

any_named = st.sampled_from(NAMED)
some_named = st.frozensets(any_named, max_size=2)
PREFERENCES = {
    "wants to share": Preference.SHARE,
    "wants to be asked": Preference.ASK,
    "wants never to be named": Preference.NEVER,
}
ACTS = ("says yes", "says yes", "says yes to old words", "says no", "leaves", *PREFERENCES)


class Consenters(Joiners):
    """What those do whom a win names."""

    @rule(
        where=any_channel,
        author=any_person,
        about=st.builds(About, some_named, some_named, st.sampled_from([True, True, False])),
        chosen=st.lists(st.tuples(any_named, st.sampled_from(Preference)), max_size=2),
        acts=st.lists(st.tuples(any_named, st.sampled_from(ACTS), any_duration), min_size=1, max_size=4),
        is_due=st.booleans(),
    )
    def a_win_names_people(
        self,
        *,
        where: tuple[str, str],
        author: int,
        about: About,
        chosen: list[tuple[int, Preference]],
        acts: list[tuple[int, str, float]],
        is_due: bool,
    ) -> None:
        """Someone logs a win about people who have chosen or not, and then those do something about it, perhaps as its
        roundup comes."""
        for who, preference in chosen:
            self._choose(where[0], who, preference)
        self.save(where, [author], about=about)
        win = self.wins[-1] if self.wins else None
        for number, (who, what, seconds) in enumerate(acts):
            if win is not None and not win.undone:
                self._act(win, who, what)
            if is_due and number == 1:
                self._leap_to_due(where, 1)
            self.run_for(seconds)

    @precondition(lambda self: self.wins)
    @rule(which=any_index, who=any_named, what=st.sampled_from(ACTS), twice=st.booleans(), seconds=any_duration)
    def people_act(self, *, which: int, who: int, what: str, twice: bool, seconds: float) -> None:
        """Someone does something about a win that names them, or about any; perhaps Slack sends it twice."""
        win = self._named_win(which, who)
        for _ in range(1 + twice):
            self._act(win, who, what)
        self.run_for(seconds)

    @rule(who=any_named, where=any_channel, what=st.sampled_from(["deleted", "is_restricted", "absent"]))
    def come_or_go(self, who: int, where: tuple[str, str], what: str) -> None:
        """Someone is deactivated, becomes a guest, or leaves the channel; or the contrary."""
        user_id = f"U{who}{where[0]}"
        if what == "absent":
            self.slack.absent ^= {(user_id, where[1])}
        else:
            self.slack.profiles[user_id][what] = not self.slack.profiles[user_id].get(what, False)
        self.run_for(0.3)

    def _act(self, win: KnownWin, who: int, what: str) -> None:
        """Let someone answer, perhaps of a text that was changed since, or choose, or take their name out."""
        if what in PREFERENCES:
            self._choose(win.team_id, who, PREFERENCES[what])
            return
        user_id = f"U{who}{win.team_id}"
        actor = ACTORS[user_id]
        if what == "leaves":
            self._write(partial(consent_answers.leave, team_id=win.team_id, win_id=win.id, actor=actor))
            return
        revision = self._stored(win).revision - (what == "says yes to old words")
        if what != "says no":
            self.slack.naming.says_yes(win.number, user_id)
        answer = partial(consent_answers.answer, team_id=win.team_id, win_id=win.id, actor=actor, revision=revision)
        self._write(partial(answer, is_yes=what != "says no", now=self.clock.now()))

    def _choose(self, team_id: str, who: int, preference: Preference) -> None:
        """Let someone choose how they want to be named."""
        naming, user_id = self.slack.naming, f"U{who}{team_id}"
        before = naming.preferences.get(user_id)
        naming.chooses(user_id, preference)
        work = partial(
            preferences.choose, team_id=team_id, user_id=user_id, preference=preference, now=self.clock.now()
        )
        if self._write(work) is None:  # not acked, but it may be stored
            stored = self.database.peek(lambda connection: of_people(connection, team_id, [user_id]))[user_id]
            assert stored.preference in (before, preference)
            if stored.preference is not preference:
                naming.takes_back(user_id, before)

    def _named_win(self, which: int, who: int) -> KnownWin:
        """Return one of the wins that name someone, or any if none does."""
        naming = [win for win in self.wins if f"U{who}{win.team_id}" in self.slack.naming.wins[win.number].people]
        found = naming or self.wins
        return found[which % len(found)]
