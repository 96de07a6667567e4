"""The rules of what happens to the bot, and around it."""

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import rule

from bot.storage import idempotency
from tests.stateful.bot import end_everything
from tests.stateful.faults import CRASH, FAIL
from tests.stateful.looking_back import LookingBack
from tests.stateful.model import (
    METHODS,
    Faults,
    any_channel,
    any_duration,
    any_faults,
    any_lateness,
    any_people,
    maybe_faults,
)


class Surroundings(LookingBack):
    """What clocks, networks, operators and Slack do."""

    @rule(seconds=any_duration)
    def time_passes(self, seconds: float) -> None:
        """The bot goes about its work."""
        self.run_for(seconds)

    @rule(by=st.sampled_from([60, 3600, 86_400]))
    def clock_leaps(self, by: int) -> None:
        """Time passes that the bot did not notice."""
        self.clock.leapt += timedelta(seconds=by)
        self.run_for(3.0)

    @rule(where=any_channel, who=any_people, late=any_lateness, luck=maybe_faults, seconds=any_duration)
    def a_roundup_is_due(self, where: tuple[str, str], who: list[int], late: int, luck: Faults, seconds: float) -> None:
        """The promised moment has come, or is over, and there is something to tell."""
        self.save(where, who)
        self.run_for(0.3)
        self.slack.faults["chat.postMessage"] += luck
        self._leap_to_due(where, late)
        self.run_for(seconds)

    @rule(method=st.sampled_from(METHODS), faults=any_faults)
    def slack_will_fail(self, method: str, faults: Faults) -> None:
        """The next requests of this method go wrong."""
        self.slack.faults[method] += faults

    @rule(
        where=any_channel,
        why=st.sampled_from(["", "", "", "not_in_channel", "is_archived"]),
        private=st.sampled_from([False, False, True]),
        tells=st.booleans(),
        lag=st.sampled_from([0.0, 5.0, 40.0]),
        wrong_by=st.sampled_from([0, 0, -60, -300, 300]),
        url_fails=st.booleans(),
    )
    def surroundings_change(
        self,
        *,
        where: tuple[str, str],
        why: str,
        private: bool,
        tells: bool,
        lag: float,
        wrong_by: int,
        url_fails: bool,
    ) -> None:
        """A channel is archived or the bot removed from it, or all is well again, of which Slack's event may be missed;
        it becomes private, of which none tells; Slack's history lags; the bot's clock is set; the next answer through
        a response_url is not taken; the hourly housekeeping is done."""
        self.slack.refusals.pop(where[1], None)
        if why:
            self.slack.refusals[where[1]] = why
        self.slack.set_private(where[1], private=private, now=self.loop.time())
        self.slack.history_lag = lag
        self.clock.skew = timedelta(seconds=wrong_by)
        self.slack.response_url_fails = [url_fails]
        before = self.clock.now() - timedelta(days=7)
        self._write(lambda connection: idempotency.purge_before(connection, before))
        self.cheer_actions.clear()
        if tells:
            self.send_availability_event(where)

    @rule(where=any_channel)
    def open_settings(self, where: tuple[str, str]) -> None:
        """Someone opens a channel's settings, for which Slack is asked about it."""
        self._run_listener(lambda: self.bot.channel_directory.refresh(*where))
        self.run_for(0.0)

    @rule(
        kind=st.sampled_from([CRASH, FAIL]),
        points=st.integers(1, 40),
        where=any_channel,
        late=any_lateness,
        seconds=any_duration,
    )
    def something_breaks(self, kind: str, points: int, where: tuple[str, str], late: int, seconds: float) -> None:
        """At one of the bot's next steps to the outside the process is killed, or its connection to the database
        breaks, before what was asked is done or just after; it may be at work on a roundup."""
        self.save(where, [points % 4])
        if points % 2:
            self.run_for(3.0)
            self._leap_to_due(where, late)
        self.database.fault_plan.arm(kind, points)
        self.run_for(seconds)
        self.database.fault_plan.disarm()

    @rule(scopes=st.booleans(), is_asked=st.booleans(), away=st.sampled_from([0, 0, 0, 60, 86_400, 30 * 86_400]))
    def restart(self, scopes: bool, is_asked: bool, away: int) -> None:
        """The bot is stopped or killed, is away for a while, and may be allowed to read when it comes back."""
        self._run(self.bot.stop() if is_asked else end_everything())
        self.clock.leapt += timedelta(seconds=away)
        self.slack.may_read_history = scopes
        self._start_bot()
