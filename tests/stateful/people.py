"""The rules of what people do."""

import re
from functools import partial
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule
from sqlalchemy import Connection

from bot.domain.deliveries import DeliveryState
from bot.domain.recurrence import Weekday, Weekly
from bot.domain.wins import Mention
from bot.services import channel_settings
from bot.services.cheers import (
    CheerResult,
    MessageNotRecordedYet,
    record_by_button,
    record_by_reaction,
    record_told_win,
)
from bot.services.idempotency import run_once
from bot.services.resolving import resolve_by_key
from bot.services.roundups import post_now
from bot.services.wins import SaveWin, UndoResult, save_all, undo
from bot.slack import event_payloads, payloads
from bot.storage import wins
from tests.stateful.base import MachineBase
from tests.stateful.edits import Begins, Edit, Sends, edits
from tests.stateful.model import (
    ACTORS,
    ADMIN,
    CHANNELS,
    CREATOR,
    GUEST,
    MEMBER,
    TEAM_OF,
    Faults,
    KnownWin,
    any_channel,
    any_duration,
    any_index,
    any_people,
    any_person,
    is_pressed,
    is_reacted,
    is_undone,
    may_change,
    maybe_faults,
    of_request,
    read_state,
    served,
)
from tests.stateful.naming import NO_ONE, About, any_about
from tests.stateful.slack import PRIVATE_KNOWN_WITHIN

PRESSED_WIN = re.compile(r"'value': '([0-9a-f]{32} [0-9]+)'")
"""The button of a win in a roundup."""


class People(MachineBase):
    """What people do: they log, cheer, undo, change settings and answer alerts."""

    @rule(
        where=any_channel,
        who=any_people,
        is_long=st.booleans(),
        alone=st.booleans(),
        about=any_about,
        luck=maybe_faults,
        seconds=any_duration,
    )
    def save_wins(
        self,
        *,
        where: tuple[str, str],
        who: list[int],
        is_long: bool,
        alone: bool,
        about: About,
        luck: Faults,
        seconds: float,
    ) -> None:
        """Someone logs a win, or some do at the same moment, perhaps telling it to the bot alone."""
        self.slack.faults["chat.postMessage"] += luck
        self.save(where, who, is_long=is_long, alone=alone and len(who) == 1, about=about)
        self.run_for(seconds)

    def save(
        self,
        where: tuple[str, str],
        who: list[int],
        *,
        is_long: bool = True,
        alone: bool = False,
        about: About = NO_ONE,
    ) -> None:
        """Let `who` log a win each, all at once, that names the same people."""
        team_id, channel_id = where
        logged: list[SaveWin] = []
        for each in who:
            user = f"U{each}{team_id}"
            self.numbers += 1
            text = f"win-{self.numbers} " + ("and how it came to be " * 20 if is_long else "done")
            self.slack.naming.names(self.numbers, about.people(team_id))
            win = wins.NewWin(
                about.draft(text, team_id),
                team_id,
                None if alone else channel_id,
                f"command:{self.numbers}",
                Mention(user),
                self.clock.now(),
            )
            is_known_author = (team_id, channel_id, user) in self.bot.known_users
            logged.append(SaveWin(win, f"https://hooks.slack.com/{self.numbers}", is_known_author))
        bot, numbers = self.bot, range(self.numbers - len(who) + 1, self.numbers + 1)
        ids = self._write(lambda connection: [win.id for win in save_all(connection, logged)])
        if ids is None:  # not acked, but it may be stored
            ids = self.database.peek(lambda connection: [of_request(connection, one) for one in logged])
        elif not alone and bot is self.bot:
            self.bot.known_users |= {(*where, one.win.author.user_id) for one in logged}
        for number, win_id, one in zip(numbers, ids, logged, strict=True):
            if not alone:
                self.slack.home_channels[number] = channel_id
            if win_id is not None:
                home_channel_id = None if alone else channel_id
                self.wins.append(KnownWin(number, team_id, home_channel_id, one.win.author.user_id, win_id, one))
        self._wake(where)

    @precondition(lambda self: self.wins)
    @rule(which=any_index)
    def send_a_win_again(self, which: int) -> None:
        """Slack sends the same command twice: one win, and the same answer."""
        win = self.wins[which % len(self.wins)]
        ids = self._write(lambda connection: [found.id for found in save_all(connection, [win.logged])])
        assert ids in (None, [win.id]), "a replayed command is stored once"

    @precondition(lambda self: self.wins)
    @rule(which=any_index, by=st.integers(0, 9), again=st.booleans())
    def undo_a_win(self, which: int, by: int, again: bool) -> None:
        """Its author, or sometimes someone else, presses Undo; sometimes Slack sends that press twice."""
        win = self.wins[which % len(self.wins)]
        if again and win.undo_actions:
            action = win.undo_actions[-1]
        else:
            user = f"U{by}{win.team_id}" if by < 4 else win.author_id
            action = self._new_action(win.team_id, user, win.channel_id or "D", str(win.id))
            win.undo_actions.append(action)
        now = self.clock.now()
        work = partial(
            undo,
            team_id=action.team_id,
            win_id=win.id,
            user_id=action.user_id,
            is_outsider=False,
            now=now,
        )
        response = self._run_listener(lambda: run_once(self.database, action, UndoResult, work, now=now))
        if action.user_id == win.author_id:
            win.undone = win.undone or response is not None or self.database.peek(lambda c: is_undone(c, win.id))
        self.run_for(0.0)

    @precondition(lambda self: self._channel_messages())
    @rule(
        which=any_index,
        who=any_person,
        stands=st.booleans(),
        ago=st.sampled_from([0, 0, 1, 60, 3600]),
        told=st.one_of(st.none(), any_index),
    )
    def cheer(self, which: int, who: int, stands: bool, ago: int, told: int | None) -> None:
        """Someone presses Cheer on what they see, or takes it back; presses may arrive late. In a roundup it may be
        the button of one of its wins.
        """
        messages = self._channel_messages()
        message = messages[which % len(messages)]
        team_id = TEAM_OF[message.channel_id]
        at = self._now_ts(ago)
        buttons = sorted(PRESSED_WIN.findall(str(message.says["blocks"])))
        value = message.key if told is None or not buttons else buttons[told % len(buttons)]
        action = self._new_action(team_id, f"U{who}{team_id}", message.channel_id, value, ts=message.ts, at=at)
        self.cheer_actions.append((action, stands))
        self._press_cheer(action, is_active=stands)

    @precondition(lambda self: self.cheer_actions)
    @rule(which=any_index)
    def send_a_press_again(self, which: int) -> None:
        """Slack sends a press twice."""
        action, is_active = self.cheer_actions[which % len(self.cheer_actions)]
        self._press_cheer(action, is_active=is_active)

    def _press_cheer(self, action: payloads.MessageAction, *, is_active: bool) -> None:
        now = self.clock.now()
        key, _, told = action.value.partition(" ")
        work = partial(
            partial(record_told_win, win_id=int(told)) if told else record_by_button,
            team_id=action.team_id,
            channel_id=action.channel_id,
            message_ts=action.message_ts,
            key=key,
            user_id=action.user_id,
            is_outsider=False,
            is_active=is_active,
            action_ts=action.action_ts,
        )
        response = self._run_listener(lambda: run_once(self.database, action, CheerResult, work, now=now))
        result = response or self.database.peek(lambda c: served(c, action))
        win_id = int(told) if told else None
        is_ignored = result == CheerResult.OWN_WIN  # when it was pressed, even if Slack sends that again
        if win_id is not None and result == CheerResult.NOT_FOUND:  # a hidden win gets no cheer, and may lose one
            is_ignored = is_active or not self.database.peek(lambda c: is_pressed(c, win_id, action))
        if result is not None and not is_ignored:
            self._record_cheer(key, action.user_id, "button", action.action_ts, is_active=is_active, win_id=win_id)
        self._wake((action.team_id, action.channel_id))

    @precondition(lambda self: self._channel_messages())
    @rule(
        which=any_index,
        who=any_person,
        stands=st.booleans(),
        emoji=st.sampled_from(["tada", "clap::skin-tone-2", "clap::skin-tone-6"]),
        ago=st.sampled_from([0, 1]),
    )
    def react(self, which: int, who: int, stands: bool, emoji: str, ago: int) -> None:
        """Someone reacts to what they see, or takes that back."""
        messages = self._channel_messages()
        message = messages[which % len(messages)]
        team_id = TEAM_OF[message.channel_id]
        at = self._now_ts(ago)
        reaction = event_payloads.Reaction(team_id, f"U{who}{team_id}", message.channel_id, message.ts, emoji, at)
        try:
            work = partial(
                record_by_reaction,
                team_id=team_id,
                channel_id=reaction.channel_id,
                message_ts=reaction.message_ts,
                user_id=reaction.user_id,
                emoji=emoji,
                is_active=stands,
                event_ts=at,
            )
            ours = self._write(work)
        except MessageNotRecordedYet:
            return
        source = f"reaction:{emoji}"
        if ours or (ours is None and self.database.peek(lambda c: is_reacted(c, message.key, reaction, source))):
            self._record_cheer(message.key, reaction.user_id, source, at, is_active=stands)

    @initialize(up=st.sets(any_channel))
    def configure_some(self, up: set[tuple[str, str]]) -> None:
        """An admin has set some of the channels up; in the others no one has said yes."""
        for where in sorted(up):
            self.change(where, ADMIN, Begins(Weekly((Weekday.FRIDAY,)), 16, "Europe/Berlin"))

    @rule(where=any_channel, who=any_person, edit=edits, stale=st.sampled_from([False, False, False, True]))
    def change_settings(self, where: tuple[str, str], who: int, edit: Edit, stale: bool) -> None:
        """Someone changes a channel's settings, who may have no right to, or have looked at old ones."""
        self.change(where, who, edit, stale=stale)

    def change(self, where: tuple[str, str], who: int, edit: Edit, *, stale: bool = False) -> None:
        """Let someone change settings, and see that those who may not change nothing."""
        user, now = f"U{who}{where[0]}", self.clock.now()
        before = self._channel(where)
        settings = edit(before, now)
        managers = before.settings.manager_ids if before.settings else frozenset()
        may = may_change(before, user) and (who in (ADMIN, CREATOR) or settings.manager_ids == managers)
        if settings.target_channel_id is not None and settings.target_channel_id != (
            before.settings and before.settings.target_channel_id
        ):
            target = self._channel((where[0], settings.target_channel_id))
            may = may and not before.is_private and target.unavailable_reason is None and may_change(target, user)

        def work(connection: Connection) -> None:
            seen = before.revision - 1 if stale else before.revision
            channel_settings.change(connection, ACTORS[user], *where, settings, now=now, expected_revision=seen)

        if may and not stale and settings.target_channel_id is not None:
            self.targets.add((where[1], settings.target_channel_id))
        was_refused = self._is_refused(where, work)
        is_current = not stale or settings == before.settings  # what is so already is no conflict
        assert was_refused is not (may and is_current), f"{user} may not, or may, change this"
        self.run_for(0.0)

    @rule(where=any_channel, who=any_person, meanwhile=st.booleans(), seconds=any_duration)
    def post_now(self, where: tuple[str, str], who: int, meanwhile: bool, seconds: float) -> None:
        """Someone has the roundup posted before its time; a win may be logged while they read what it would say."""
        self.post(where, who, meanwhile=meanwhile)
        self.run_for(seconds)

    def post(self, where: tuple[str, str], who: int, *, meanwhile: bool = False) -> None:
        """Let someone post a channel's roundup now: it tells the wins that they were shown, and no others."""
        shown = self.database.peek(lambda connection: wins.for_next_roundups(connection, [where])[where])
        left_ids = self.database.peek(lambda connection: wins.left_in(connection, *where))
        up_to = max((win.id for win in shown), default=0)
        if meanwhile:
            self.save(where, [MEMBER])
        user, now = f"U{who}{where[0]}", self.clock.now()
        posted_counts: list[int] = []

        def work(connection: Connection) -> None:
            result = post_now(connection, ACTORS[user], *where, up_to=up_to, now=now)
            posted_counts.append(result.win_count)

        channel = self._channel(where)
        may = may_change(channel, user) and channel.unavailable_reason is None
        assert self._is_refused(where, work) is not may, f"{user} may not, or may, post it"
        if posted_counts:
            left = self.database.peek(lambda connection: wins.open_in(connection, *where))
            assert posted_counts == [len(shown)], "as many wins as were shown are told"
            assert len(left) == meanwhile + len(left_ids), "what came meanwhile waits, and what was left"

    @rule(
        where=any_channel,
        who=any_people,
        early=st.sampled_from([7200, 3600, 1, 0, -1, -60, -3600]),
        by=st.sampled_from([ADMIN, CREATOR]),
        edits=st.lists(edits, max_size=2),
        posts=st.booleans(),
        seconds=any_duration,
    )
    def the_day_comes(
        self,
        *,
        where: tuple[str, str],
        who: list[int],
        early: int,
        by: int,
        edits: list[Edit],
        posts: bool,
        seconds: float,
    ) -> None:
        """On the very day of a roundup, just before or after its time, its settings are changed, or it is posted."""
        self.save(where, who)
        self._leap_to_due(where, -early)
        for edit in edits:
            self.change(where, by, edit)
        if posts:
            self.post(where, by)
        self.run_for(seconds)

    @rule(
        home=st.sampled_from(CHANNELS[:2]),
        who=any_people,
        luck=maybe_faults,
        refuses=st.booleans(),
        unseen=st.booleans(),
        seconds=any_duration,
    )
    def a_channel_becomes_private(
        self, *, home: tuple[str, str], who: list[int], luck: Faults, refuses: bool, unseen: bool, seconds: float
    ) -> None:
        """It happens while the channel's roundup is on its way to the other one, which may refuse it at first; the bot
        may be removed from it as well."""
        target = next(each for each in CHANNELS[:2] if each != home)
        self.change(home, ADMIN, Sends(elsewhere=True))
        self.save(home, who)
        self.run_for(3.0)
        if refuses:
            self.slack.refusals[target[1]] = "is_archived"
        self.slack.faults["chat.postMessage"] += luck
        self._leap_to_due(home, 1)
        self.run_for(0.3)
        self.slack.set_private(home[1], private=True, now=self.loop.time())
        if unseen:
            self.slack.refusals[home[1]] = "not_in_channel"
        self.let_time_pass(PRIVATE_KNOWN_WITHIN)
        self.slack.refusals.pop(target[1], None)
        self.send_availability_event(target)
        self.run_for(seconds)

    @rule(which=any_index, by=st.integers(0, 9), truly=st.integers(0, 4))
    def answer_an_alert(self, which: int, by: int, truly: int) -> None:
        """The owner, or sometimes someone else, says what becomes of a roundup; one in five is mistaken."""
        stuck = self._stuck_roundups()
        if stuck:
            self._resolve(stuck[which % len(stuck)], by=by, truly=truly > 0)

    def _resolve(self, row: Any, *, by: int = 9, truly: bool = True) -> None:
        state = self.database.peek(read_state)
        owner = state.deliveries[row.alert_id].recipient_id
        where = (row.team_id, state.roundups[row.roundup_id].channel_id)
        user = f"U{by}{row.team_id}" if by < 4 else owner
        is_there = any(message.key == row.key for message in self.slack.messages) is truly
        owners = {state.owner_ids[where] or state.roundups[row.roundup_id].posted_by}
        may = may_change(self._channel(where), user) or user in owners - {f"U{GUEST}{row.team_id}"}
        now = self.clock.now()
        if may:
            if is_there and row.state == DeliveryState.NEEDS_REVIEW:
                self.confirmed_posted.add(row.key)
            elif not is_there:
                self.slack.confirm_missing(row.key)

        def work(connection: Connection) -> None:
            resolve_by_key(
                connection, team_id=row.team_id, key=row.key, actor=ACTORS[user], is_posted=is_there, now=now
            )

        assert self._is_refused(where, work) is not may, f"{user} may not, or may, decide"
        self.run_for(0.0)
