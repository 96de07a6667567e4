"""The time, by Slack's clock: Slack's timestamps are compared with it, and ours may be wrong.

Each answer of Slack says what time it is there (the header `Date`), and from then on the seconds that pass are counted.
Our clock is used as long as it agrees within a minute, because it is more precise. See
docs/decisions/0014-slacks-clock.md.
"""

import logging
import math
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from types import SimpleNamespace

import aiohttp

from bot.slack.clients import SlackClient

logger = logging.getLogger(__name__)

TOLERANCE = timedelta(minutes=1)
"""How far our clock may be from Slack's, whose answers take a while, and name whole seconds."""
SLOWEST_ANSWER = timedelta(seconds=15)
"""An answer whose time is behind the count by more than it can have been on its way shows that we counted wrong."""

YEARS = range(2020, 2100)
"""Those that Slack can mean."""

_ELAPSED = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def elapsed() -> float:
    """Return the seconds since some moment, whatever a clock is set to, with the machine's sleep where possible.

    The time that a virtual machine was paused doesn't count.
    """
    return time.clock_gettime(_ELAPSED)


def read_date(date: str | None) -> datetime | None:
    """Return the time (UTC) that an answer's header `Date` says; None if it can't be read, or isn't of these years."""
    try:
        said = parsedate_to_datetime(date or "")
    except (ValueError, OverflowError):  # the latter from numbers of many digits
        return None
    return None if said.tzinfo is None or said.year not in YEARS else said.astimezone(UTC)


class SlackClock:
    """Slack's clock. `our_clock` is the machine's, which may be wrong; one that `is_trusted` is always used."""

    def __init__(
        self, our_clock: Callable[[], datetime], *, is_trusted: bool = False, elapsed: Callable[[], float] = elapsed
    ) -> None:
        self._our_clock = our_clock
        self._is_trusted = is_trusted
        self._elapsed = elapsed
        self._answer: tuple[datetime, float] | None = None  # what Slack's last one said, and when it came
        self._difference = timedelta()

    def now(self) -> datetime:
        """Return the time (UTC): ours if Slack's agrees or isn't known, else Slack's. The latter is never ahead."""
        ours, slacks = self._our_clock(), self._slacks_time()
        if slacks is None or self._is_trusted or abs(ours - slacks) <= TOLERANCE:
            return ours
        return slacks

    def request_time(self) -> float:
        """Return the Unix time that the timestamps of Slack's requests are compared with."""
        return time.time() + (self.now() - self._our_clock()).total_seconds()

    @property
    def is_known(self) -> bool:
        """Whether Slack has said what time it is."""
        return self._answer is not None

    @property
    def difference(self) -> timedelta:
        """How far our clock is ahead of Slack's (negative: behind), by Slack's last answer."""
        slacks = self._slacks_time()
        return timedelta() if slacks is None else self._our_clock() - slacks

    def seconds_ahead(self) -> float:
        """Return `difference` in seconds; not a number if Slack hasn't said what time it is."""
        return self.difference.total_seconds() if self.is_known else math.nan

    async def ask_again(self, client: SlackClient) -> None:
        """Ask Slack the time if our clock was set since its last answer, or this machine stood still.

        Only Slack knows which of them it was.
        """
        if not self._is_trusted and abs(self.difference - self._difference) > TOLERANCE:
            await client.get("auth.test", {}, bool)  # what it says is in its headers

    def problem(self) -> str | None:
        """Return a sentence for operators if our clock is wrong or can't be compared, and isn't trusted."""
        if self._is_trusted:
            return None
        if not self.is_known:
            return (
                "this machine's clock can't be compared with Slack's, whose answers have no Date that can be read; a "
                "post whose outcome is unknown is not searched for, its owner is asked."
            )
        difference = self.difference
        if abs(difference) <= TOLERANCE:
            return None
        way = "ahead of" if difference > timedelta() else "behind"
        span = timedelta(seconds=round(abs(difference).total_seconds()))
        return f"this machine's clock is {span} {way} Slack's; Winsome goes by Slack's. Set it right (NTP)."

    def record(self, date: str | None) -> None:
        """Take the time from an answer's header `Date`. One that can't be read says nothing."""
        said = read_date(date)
        if said is None:
            return
        was_wrong = abs(self._difference) > TOLERANCE
        counted = self._slacks_time()
        # It was that time or later when the answer left, so of several answers the one that says the most is the best.
        if counted is None or said > counted or counted - said > SLOWEST_ANSWER:
            self._answer = (said, self._elapsed())
        self._difference = self.difference
        if not was_wrong and (problem := self.problem()):
            logger.warning(problem)

    def trace(self, api_url: str) -> aiohttp.TraceConfig:
        """Return what lets an HTTP session tell this clock of every answer from `api_url`."""

        async def on_answer(
            _session: aiohttp.ClientSession, _context: SimpleNamespace, params: aiohttp.TraceRequestEndParams
        ) -> None:
            # What isn't a 200 may come from a proxy on the way, with a clock of its own.
            if params.response.status == 200 and str(params.response.url).startswith(api_url):
                self.record(params.response.headers.get("Date"))

        config = aiohttp.TraceConfig()
        config.on_request_end.append(on_answer)
        return config

    def _slacks_time(self) -> datetime | None:
        if self._answer is None:
            return None
        said, came_at = self._answer
        return said + timedelta(seconds=self._elapsed() - came_at)
