"""Rate limits, on real time: by tier for each method and workspace, and by channel for posting.

Tiers are calls a minute (docs.slack.dev/apis/web-api/rate-limits); Slack promises at least these and tolerates bursts
it does not describe, so the stand-in is strict: a sliding minute, and a small burst of posts in a channel.
"""

import time
from collections import defaultdict, deque
from dataclasses import dataclass, field
from enum import Enum


class Tier(Enum):
    """The rate limit tier of a method; POSTING is chat.postMessage's own rule."""

    ONE = 1
    TWO = 2
    THREE = 3
    FOUR = 4
    SPECIAL = 5
    POSTING = 6


@dataclass
class Limits:
    """Decides how long a call has to wait; all numbers can be changed while the stand-in runs."""

    enabled: bool = True
    per_minute: dict[Tier, int] = field(
        default_factory=lambda: {
            Tier.ONE: 1,
            Tier.TWO: 20,
            Tier.THREE: 50,
            Tier.FOUR: 100,
            Tier.SPECIAL: 300,
            Tier.POSTING: 300,
        }
    )
    posts_per_second: float = 1.0
    post_burst: int = 3
    _calls: dict[tuple[str, str], deque[float]] = field(default_factory=lambda: defaultdict(deque), repr=False)
    _full_again: dict[tuple[str, str], float] = field(default_factory=dict, repr=False)

    def wait(self, team_id: str, method: str, tier: Tier, channel: str | None = None) -> float:
        """Seconds until this call is allowed; 0.0 when it is, which counts it."""
        if not self.enabled:
            return 0.0
        now = time.monotonic()
        calls = self._calls[(team_id, method)]
        while calls and calls[0] <= now - 60:
            calls.popleft()
        wait = calls[0] + 60 - now if len(calls) >= self.per_minute[tier] else 0.0
        if tier is Tier.POSTING and channel:
            wait = max(wait, self._posting_wait(team_id, channel, now))
        if not wait:
            calls.append(now)
        return wait

    def _posting_wait(self, team_id: str, channel: str, now: float) -> float:
        """A bucket of `post_burst` posts refilled at `posts_per_second`, stored as the time when it is full again."""
        interval = 1 / self.posts_per_second
        full_again = max(self._full_again.get((team_id, channel), now), now) + interval
        wait = full_again - now - self.post_burst * interval
        if wait > 0:
            return wait
        self._full_again[(team_id, channel)] = full_again
        return 0.0
