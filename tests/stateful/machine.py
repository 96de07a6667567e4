"""The state machine: every rule, and the invariants that must hold after each."""

import re
from collections import defaultdict
from datetime import timedelta
from typing import Any

from hypothesis.stateful import invariant

from bot.domain.audit_log import AuditAction
from bot.domain.consent import Consent, is_named
from bot.domain.deliveries import DeliveryKind
from bot.domain.edition_composition import EDITION_OF_KIND
from bot.domain.editions import period_end
from bot.domain.recurrence import Daily
from bot.domain.wins import WinRole
from bot.outbox.kinds import KINDS, Audience
from tests.stateful.bot import end_everything
from tests.stateful.edits import Begins, Skips
from tests.stateful.model import ADMIN, CHANNELS, SETTLE_WAIT, DatabaseState, KnownWin, is_busy, read_state
from tests.stateful.naming import named_in
from tests.stateful.oracle import ACTIONS_THAT_MOVE
from tests.stateful.surroundings import Surroundings

NOTE = re.compile(r"note-\d+ for all")


class Machine(Surroundings):
    """Every rule of people and surroundings, with the invariants."""

    @invariant()
    def all_is_well(self) -> None:
        type(self).steps += 1
        assert not self.slack.violations, self.slack.violations
        assert not self.oracle.violations, self.oracle.violations
        if self.is_checked:  # nothing has happened since
            return
        self.is_checked = True
        state = self.database.peek(read_state)
        self._no_win_is_lost(state)
        self._each_win_is_in_one_place(state)
        self._alerts_go_to_owners(state)
        self._events_are_announced(state)
        self._people_are_kept(state)
        self._looks_back_come_once(state)
        self._climbs_hold_together(state)
        self._a_note_is_said_once(state)
        assert state.cheers == {cheer_key for cheer_key, (_, is_active) in self.cheers.items() if is_active}, (
            "the last event decides"
        )

    def _no_win_is_lost(self, state: DatabaseState) -> None:
        assert set(state.wins) == {win.id for win in self.wins}, "what was acked is there, once"
        for win in self.wins:
            row = state.wins[win.id]
            assert (row.author_id, row.channel_id) == (win.author_id, win.channel_id)
            assert row.text.startswith(win.text or f"win-{win.number} "), "a win says what its author had it say last"
            assert row.is_private == (win.is_private or win.channel_id is None)
            assert (row.undone_at is not None) == win.undone, "only its author undoes a win"

    def _each_win_is_in_one_place(self, state: DatabaseState) -> None:
        parts = {(row.roundup_id, row.part): row for row in state.deliveries.values() if row.kind == "roundup"}
        keys = {row.key for row in parts.values()}
        for row in state.wins.values():
            item = state.items.get(row.id)
            is_open = item is None and row.undone_at is None and not row.is_private and row.held_until is None
            assert row.is_open is is_open, "a roundup may tell what none has told"
            if item is not None:
                part = parts[item.roundup_id, item.part]
                assert part.state != "abandoned", "a win of an abandoned roundup is open again"
                home = state.roundups[item.roundup_id].channel_id
                assert home == row.channel_id, "a win is told by its channel's roundup"
                assert part.channel_id == home or (home, part.channel_id) in self.targets, "where someone chose"
        message_key_by_win: dict[int, str] = {}
        hidden_once = {win.number for win in self.wins if win.was_private}
        refused = {row.key for row in parts.values() if row.error is not None}
        for message in self.slack.messages:
            # Who says in error that a roundup is not there makes its wins come again.
            # One that was private meanwhile may come with a later roundup than the one whose message was deleted, or
            # would be if Slack let the bot.
            is_gone = message.deleted or message.key in refused
            told = message.shown_wins - (hidden_once if is_gone else set())
            for number in told if message.key in keys - self.slack.confirmed_missing else ():
                assert message_key_by_win.setdefault(number, message.key) == message.key, "a win is told by one roundup"

    def _looks_back_come_once(self, state: DatabaseState) -> None:
        found = [row for row in state.roundups.values() if row.kind in EDITION_OF_KIND]
        periods = [(row.team_id, row.channel_id, row.kind, row.starts_on) for row in found]
        assert len(set(periods)) == len(periods), "a period is looked back at once"
        for item in state.retold:
            row, win = state.roundups[item.roundup_id], state.wins[item.win_id]
            if row.kind not in EDITION_OF_KIND:  # it told a win that is told by a later roundup now
                continue
            assert (row.team_id, row.channel_id) == (win.team_id, win.channel_id), "a channel looks back at its wins"
            ends_on = period_end(EDITION_OF_KIND[row.kind], row.starts_on)
            earliest, latest = row.starts_on - timedelta(days=1), ends_on + timedelta(days=1)  # in any zone
            assert earliest <= win.created_at.date() <= latest, "it looks back at its period"

    def _climbs_hold_together(self, state: DatabaseState) -> None:
        steps: defaultdict[int, list[Any]] = defaultdict(list)
        for win in state.wins.values():
            if win.climb_id is not None:
                steps[win.climb_id].append(win)
        assert steps.keys() == state.climbs.keys(), "each climb has a step"
        for climb_id, climb in state.climbs.items():
            where = {(win.team_id, win.channel_id) for win in steps[climb_id]}
            assert where == {(climb.team_id, climb.channel_id)}, "the steps of a climb are in one place"
            lines = [row for row in state.deliveries.values() if row.climb_id == climb_id and row.pending_op is None]
            said = [row for row in lines if row.state == "posted" and row.error is None]
            assert climb.reached_at is not None or not said, "a channel is told that a climb is reached if it is"

    def _a_note_is_said_once(self, state: DatabaseState) -> None:
        keys: defaultdict[str, set[str]] = defaultdict(set)
        for message in self.slack.messages:
            for note in NOTE.findall(message.text):
                keys[note] |= {message.key} - self.slack.confirmed_missing
        rows = {row.key: row for row in state.deliveries.values()}
        said_in = [{each for each in found if rows[each].kind == "roundup"} for found in keys.values()]
        assert all(len(found) <= 1 for found in said_in), "a note is at the top of one roundup"

    def _people_are_kept(self, state: DatabaseState) -> None:
        joined = {(win.id, user_id, WinRole.JOINED) for win in self.wins for user_id in win.joined}
        removed = {(win.id, user_id, WinRole.REMOVED) for win in self.wins for user_id in win.removed}
        assert state.people == joined | removed, "who joined a win is in it until they leave or are removed"
        notes = [row for row in state.deliveries.values() if row.kind == DeliveryKind.JOINED]
        assert len({row.win_id for row in notes}) == len(notes), "an author gets one note about a win"
        assert all(row.recipient_id == state.wins[row.win_id].author_id for row in notes), "only the author hears"

    def _alerts_go_to_owners(self, state: DatabaseState) -> None:
        for row in state.deliveries.values():
            if row.alert_id is not None and (row.win_id or row.roundup_id):  # not of a win that is shared again since
                roundup = state.roundups.get(row.roundup_id)
                channel_key = (row.team_id, roundup.channel_id if roundup else row.channel_id)
                owners = {state.owner_ids[channel_key]}
                if row.id <= self.oracle.configured_since.get(channel_key, row.id):  # no one answered for it then
                    owners.add(roundup.posted_by if roundup else state.wins[row.win_id].author_id)
                assert state.deliveries[row.alert_id].recipient_id in owners, "a note is for the owner"
        keys = {row.key: row for row in state.deliveries.values()}
        for message in self.slack.messages:
            row = keys[message.key]
            is_direct = KINDS[row.kind].audience is Audience.RECIPIENT
            assert is_direct == message.channel_id.startswith("D")
            if row.kind == DeliveryKind.OWNER_ALERT:
                assert message.channel_id == f"D{row.recipient_id}", "an owner alert is seen by its recipient alone"

    def _events_are_announced(self, state: DatabaseState) -> None:
        """The owner hears that the bot has left, and the channel that it came back and what is changed."""
        alerts = {row.id: row for row in state.deliveries.values() if row.kind == DeliveryKind.OWNER_ALERT}
        announced = {(row.audit_id, row.channel_id) for row in state.deliveries.values() if row.audit_id is not None}
        refused: set[tuple[str, str]] = set()
        for row in state.deliveries.values():
            if (
                row.kind in ("roundup", "edition") and row.alert_id is not None
            ):  # there, or elsewhere before it was brought home
                channel_keys = {row.channel_id, *(to for home, to in self.targets if home == row.channel_id)}
                refused |= {(row.team_id, each) for each in channel_keys}
        owned: set[tuple[str, str]] = set()
        away: set[tuple[str, str]] = set()
        for entry in state.audit:
            where = (entry.team_id, entry.channel_id)
            if entry.action is AuditAction.CONFIGURED:
                owned.add(where)
                if entry.next_due_at is None:  # the bot had left it before it was set up, of which nothing is told
                    away.add(where)
            if entry.action is AuditAction.BOT_LEFT:
                away.add(where)
                assert where not in owned or entry.alert_id is not None or where in refused, "the owner is told"
            if entry.action is AuditAction.BOT_RETURNED:
                assert where in away, "no one comes back who was there"
                away.remove(where)
            if entry.alert_id is not None:
                assert alerts[entry.alert_id].recipient_id == state.owner_ids[where], "a note is for the owner"
            if entry.action in ACTIONS_THAT_MOVE and where in owned and where not in away:
                assert (entry.id, entry.channel_id) in announced, f"{entry.action} is told in the channel"

    def teardown(self) -> None:
        try:
            if not self.slack.violations:
                self._check_end()
        finally:
            self._run(end_everything())
            self._run(self.database.close())
            self.loop.close()
            self.monotonic.__exit__(None, None, None)

    def _check_end(self) -> None:
        """Once nothing fails any more, every win that is open comes with the next roundup."""
        self.slack.faults.clear()
        self.slack.refusals.clear()
        self.slack.response_url_fails.clear()
        self.database.fault_plan.disarm()
        self.slack.history_lag = 0.0
        self.clock.skew = timedelta()
        for where in CHANNELS:
            self.send_availability_event(where)
        for where in CHANNELS:
            self.change(where, ADMIN, Begins(Daily(), 16, "Europe/Berlin"))
            self.change(where, ADMIN, Skips(brings_back=True))
        for _ in range(3):
            self._settle()
            for where in CHANNELS:
                self._leap_to_due(where, 60)
        self._settle()
        self.all_is_well()
        self._all_wins_are_posted(self.database.peek(read_state))

    def _settle(self) -> None:
        """Let the bot do all that it has to do, and the owners answer what it asks them.

        What waits for its reader's working hours goes out after a weekend at the latest.
        """
        for attempt in range(20):
            if attempt >= 10:
                self.clock.leapt += timedelta(hours=7)
            self.run_for(SETTLE_WAIT)
            stuck = self._stuck_roundups()
            for row in stuck:
                self._resolve(row)
            if not stuck and not self.database.peek(is_busy):
                return
        raise AssertionError("the bot does not come to rest")

    def _all_wins_are_posted(self, state: DatabaseState) -> None:
        assert not [row for row in state.deliveries.values() if row.state in ("sending", "unknown", "pending")]
        parts = {(row.roundup_id, row.part): row for row in state.deliveries.values() if row.kind == "roundup"}
        for win in self.wins:
            if win.undone or win.is_private or state.wins[win.id].held_until is not None:
                continue
            if (win.team_id, win.channel_id) not in CHANNELS:  # which have no roundup
                continue
            assert win.id in state.items, "a win that is open comes with the next roundup"
            item = state.items[win.id]
            part = parts[item.roundup_id, item.part]
            assert part.state in ("posted", "deleted"), f"a roundup is {part.state}"
            times = sum(1 for m in self.slack.messages if m.key == part.key and win.number in m.shown_wins)
            told = [
                row for row in state.deliveries.values() if row.kind == DeliveryKind.JOINED and row.win_id == win.id
            ]
            assert told or not win.joined - {win.author_id}, "its author hears who joined it"
            assert times == 1 or part.key in self.confirmed_posted | self.slack.confirmed_missing, (
                f"a win is told {times} times"
            )
        self._hidden_wins_are_not_shown(state)
        self._edits_are_shown(state)
        self._names_are_shown_as_people_want(state)
        self._wins_wait_for_someone(state)

    def _names_are_shown_as_people_want(self, state: DatabaseState) -> None:
        rows = {row.key: row for row in state.deliveries.values()}
        wins = {win.number: win for win in self.wins}
        for message in self._channel_messages():
            row = rows[message.key]
            if row.ts != message.ts or row.error is not None or row.kind not in ("announcement", "roundup"):
                continue
            found, elsewhere = named_in(message.says)
            is_stale = any(wins[number].is_stale_somewhere for number in found)
            wants_it = {
                user_id for user_id in elsewhere if self._may_be_named(state, user_id, [wins[n] for n in found])
            }
            assert is_stale or elsewhere == wants_it, "no one is thanked by name who does not want it"
            for number, names in found.items():
                win = wins[number]
                allowed = {
                    user_id
                    for (win_id, user_id), said in state.named.items()
                    if win_id == win.id and is_named(said, self.slack.naming.preferences.get(user_id))
                }
                assert win.is_stale_somewhere or names <= allowed, "no one is named who does not want it"
                has_room = row.kind == "announcement" and not win.is_stale_somewhere
                assert not has_room or names == allowed, "who agreed is named"

    def _may_be_named(self, state: DatabaseState, user_id: str, wins: list[KnownWin]) -> bool:
        """Whether someone may be named with one of these wins."""
        preference = self.slack.naming.preferences.get(user_id)
        said = [state.named[win.id, user_id] for win in wins if (win.id, user_id) in state.named]
        return any(is_named(each, preference) for each in said)

    def _wins_wait_for_someone(self, state: DatabaseState) -> None:
        for win in self.wins:
            row = state.wins[win.id]
            if win.undone or win.is_private or win.channel_id is None:
                continue
            waits_for = {
                user_id
                for (win_id, user_id), said in state.named.items()
                if win_id == win.id and said in (Consent.PENDING, Consent.REFUSED)
            }
            told = self.slack.naming.wins[win.number]
            assert {user_id for win_id, user_id in state.named if win_id == win.id} == told.people.keys()
            assert row.held_until is None or waits_for or row.held_until <= self.clock.now(), "it waits for no one"
            assert row.held_until is not None or told.may_be_read, "it waits no more, and not all agreed"

    def _edits_are_shown(self, state: DatabaseState) -> None:
        rows = {row.key: row for row in state.deliveries.values()}
        for message in self._channel_messages():
            row = rows[message.key]
            if row.ts == message.ts and row.error is None and row.kind in ("announcement", "roundup"):
                shown = [win for win in self.wins if win.number in message.win_numbers and not win.is_stale_somewhere]
                assert all(win.text in message.text for win in shown), "what shows a win shows its last text"

    def _hidden_wins_are_not_shown(self, state: DatabaseState) -> None:
        hidden = {win.number for win in self.wins if win.undone or win.is_private}
        rows = {row.key: row for row in state.deliveries.values()}
        for message in self.slack.messages:
            row = rows[message.key]
            is_note = row.kind in (
                DeliveryKind.JOINED,
                DeliveryKind.CREDIT,
                DeliveryKind.CREDIT_NOTE,
            )  # for those who are in it
            if not message.deleted and row.ts == message.ts and row.error is None and not is_note:
                assert not message.win_numbers & hidden, "an undone or private win is shown nowhere"
