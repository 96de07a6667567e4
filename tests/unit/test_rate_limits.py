"""How the bot holds back when Slack does not do what it is asked."""

from bot.slack.rate_limits import RateLimiter


async def test_a_failure_holds_back_after_however_many() -> None:
    rate_limiter = RateLimiter(0.0)
    for _ in range(2000):
        rate_limiter.back_off()
