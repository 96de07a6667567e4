"""What authors do with wins that they have saved: they edit them, hide them and share them again."""

from collections.abc import Callable
from functools import partial
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule
from sqlalchemy import Connection, select

from bot.domain.win_edits import EditConflict, NoRoom
from bot.domain.wins import Win
from bot.services import win_edits, win_privacy
from bot.services.idempotency import run_once
from bot.services.win_privacy import PrivacyResult
from bot.storage import wins
from bot.storage.tables import win_cheers
from tests.stateful.model import KnownWin, any_duration, any_index, read_state
from tests.stateful.naming import About, any_about
from tests.stateful.people import People


class Authors(People):
    """What authors do, and someone who deletes an announcement by hand."""

    @precondition(lambda self: self.wins)
    @rule(
        which=any_index,
        is_long=st.booleans(),
        stale=st.sampled_from([0, 0, 0, 1]),
        drops=st.booleans(),
        about=any_about,
        seconds=any_duration,
    )
    def edit_a_win(self, *, which: int, is_long: bool, stale: int, drops: bool, about: About, seconds: float) -> None:
        """Its author saves another text, about other people, perhaps in a window that was opened before the last edit,
        or before someone joined; or takes out all who joined."""
        win = self.wins[which % len(self.wins)]
        if win.undone:
            return
        self.numbers += 1
        text = f"win-{win.number} edit-{self.numbers} " + ("with many more words " * 20 if is_long else "done").strip()
        seen = self._stored(win)
        draft = about.draft(text, win.team_id)
        people = dict(self.slack.naming.wins[win.number].people)
        self.slack.naming.names(win.number, about.people(win.team_id))
        work = partial(
            win_edits.edit,
            team_id=win.team_id,
            win_id=win.id,
            user_id=win.author_id,
            is_outsider=False,
            draft=draft,
            expected_revision=seen.revision - stale,
            seen_joined_ids=[person.user_id for person in seen.joined] if drops else [],
            now=self.clock.now(),
        )
        refusals = (NoRoom, EditConflict) if stale else (NoRoom,)
        try:
            edited = self._write(work)
        except refusals:
            self.slack.naming.wins[win.number].people = people
            assert self._stored(win).text == seen.text, "who is refused changes nothing"
            return
        assert edited is None or not stale, "nothing is overwritten that its author has not seen"
        stored = self._stored(win)
        assert edited is None or stored.text == draft.text
        assert stored.text in (draft.text, seen.text)
        if stored.text == draft.text:
            win.text = text
        else:
            self.slack.naming.wins[win.number].people = people
        if drops and stored.text == draft.text:
            win.removed |= win.joined
            win.joined.clear()
        win.is_stale_somewhere = win.is_stale_somewhere or edited is None or bool(edited.stale)
        self.run_for(seconds)

    @precondition(lambda self: self.wins)
    @rule(which=any_index, is_private=st.booleans(), twice=st.booleans(), seconds=any_duration)
    def hide_or_share_a_win(self, which: int, is_private: bool, twice: bool, seconds: float) -> None:
        """Its author makes a win private, or shares it again, perhaps at once."""
        win = self.wins[which % len(self.wins)]
        if win.undone or win.channel_id is None:
            return
        self._set_private(win, is_private=is_private)
        if twice:
            self._set_private(win, is_private=not is_private)
        self.run_for(seconds)

    def _set_private(self, win: KnownWin, *, is_private: bool) -> None:
        action = self._new_action(win.team_id, win.author_id, win.channel_id or "D", str(win.id))
        now = self.clock.now()
        common: dict[str, Any] = {
            "team_id": win.team_id,
            "win_id": win.id,
            "user_id": win.author_id,
            "is_outsider": False,
        }
        work: Callable[[Connection], PrivacyResult] = partial(win_privacy.make_private, **common)
        if not is_private:
            self.slack.naming.names(win.number)
            work = partial(win_privacy.share_again, **common, now=now)
        before = self._stored(win)
        self._run_listener(lambda: run_once(self.database, action, PrivacyResult, work, now=now))
        after = self._stored(win)
        assert after.cheered_by == before.cheered_by, "its cheers stay"
        win.is_private = after.is_private
        win.was_private = win.was_private or win.is_private
        if win.is_private and win.channel_id is not None:  # once it is shared again, the next roundup tells it
            self.oracle.left[win.team_id, win.channel_id].discard(win.id)
        self._read_cheers_again(win)

    def _read_cheers_again(self, win: KnownWin) -> None:
        """Those who reacted to a message that is gone have pressed the button of the next one, as far as one knows."""
        query = select(win_cheers).where(win_cheers.c.win_id == win.id)
        for row in self.database.peek(lambda connection: list(connection.execute(query))):
            self.cheers["win", win.id, row.user_id, row.source] = (row.changed_at_us, row.is_active)

    @precondition(lambda self: self.wins)
    @rule(which=any_index)
    def delete_an_announcement_by_hand(self, which: int) -> None:
        """An admin deletes an announcement in Slack, of which Slack says nothing to the bot."""
        number = self.wins[which % len(self.wins)].number
        announcements = self._announcements()
        for message in self._channel_messages():
            if message.win_numbers == {number} and message.key in announcements:
                message.deleted = True
                if announcements[message.key].ts is None:  # the bot looks for it, and posts it if it is not there
                    self.slack.confirmed_missing.add(message.key)

    def _announcements(self) -> dict[str, Any]:
        """Return the announcements (deliveries) by their keys."""
        rows = self.database.peek(read_state).deliveries.values()
        return {row.key: row for row in rows if row.kind == "announcement"}

    def _stored(self, win: KnownWin) -> Win:
        def load(connection: Connection) -> Win:
            found = wins.by_id(connection, win.team_id, win.id)
            assert found is not None, "it is there"
            return found

        return self.database.peek(load)
