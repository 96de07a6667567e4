"""The checks of /readyz: whether what the bot depends on works."""

import itertools
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from functools import partial

from bot.domain.slack_errors import ErrorMeaning
from bot.health import Check
from bot.slack.clients import SlackClients
from bot.slack.errors import meaning
from bot.slack.outcomes import Rejected, Retryable, Unknown
from bot.storage import probe
from bot.storage.database import Database
from bot.storage.leader_election import Election
from bot.storage.unavailable import DatabaseUnavailable

logger = logging.getLogger(__name__)

MAX_TICK_AGE = 120.0
"""Seconds since the last tick, after which something is wrong. One that creates 10,000 roundups takes most of that."""
TOKEN_CHECK_EVERY = 10.0
"""Seconds between two questions to Slack."""

REFUSED = (ErrorMeaning.INVALID_TOKEN, ErrorMeaning.ACCESS_DENIED)
"""What says that the bot can do nothing with a token until a person puts that right."""


def checks(
    database: Database,
    clients: SlackClients,
    *,
    election: Election,
    tick_age: Callable[[], float],
    is_connected: Callable[[], Awaitable[bool]],
    clock: Callable[[], datetime],
) -> Mapping[str, Check]:
    """Return the checks by what they are about. `tick_age` is the seconds since the last tick."""
    return {
        "the database": partial(_check_database, database, clock),
        "the election of the replica that posts": partial(_check_election, election),
        "the ticker": partial(_check_ticker, tick_age),
        "the connection to Slack": partial(_check_connection, is_connected),
        "Slack": TokenCheck(clients).check,
    }


async def _check_database(database: Database, clock: Callable[[], datetime]) -> str | None:
    try:
        await database.read(lambda connection: connection.exec_driver_sql("SELECT 1").one())
        await database.write(partial(probe.write, now=clock()))
    except DatabaseUnavailable as error:
        return str(error)
    return None


async def _check_election(election: Election) -> str | None:
    return None if election.takes_part else "no session of PostgreSQL to elect the replica that posts"


async def _check_ticker(tick_age: Callable[[], float]) -> str | None:
    age = tick_age()
    return f"the last tick was {age:.0f} s ago" if age > MAX_TICK_AGE else None


async def _check_connection(is_connected: Callable[[], Awaitable[bool]]) -> str | None:
    return None if await is_connected() else "no Socket Mode connection to Slack"


class TokenCheck:
    """Asks Slack about the token of one workspace after the other, seldom."""

    def __init__(self, clients: SlackClients) -> None:
        self._clients = clients
        self._turns = itertools.cycle(clients.team_ids())
        self._refused: dict[str, str] = {}
        self._no_answer: str | None = None
        self._asked_at = -TOKEN_CHECK_EVERY

    async def check(self) -> str | None:
        """Say whose tokens Slack refuses, or that it can't be asked."""
        if time.monotonic() - self._asked_at >= TOKEN_CHECK_EVERY:
            self._asked_at = time.monotonic()
            await self._ask(next(self._turns))
        if self._refused:
            codes = ", ".join(sorted(set(self._refused.values())))
            return f"Slack refuses the tokens of {len(self._refused)} workspace(s): {codes}. The log says which"
        return self._no_answer

    async def _ask(self, team_id: str) -> None:
        self._no_answer = "Slack doesn't answer"
        response = await self._clients.of(team_id).get("auth.test", {}, dict)
        self._refused.pop(team_id, None)
        error = response.error if isinstance(response, Retryable | Rejected | Unknown) else None
        self._no_answer = None
        is_refused = isinstance(response, Rejected) or meaning("auth.test", error) in REFUSED
        if error is not None and is_refused:
            logger.error("Slack refuses a token", extra={"workspace": team_id, "error": error})
            self._refused[team_id] = error
        elif isinstance(response, Retryable | Unknown):
            self._no_answer = f"Slack doesn't answer ({error})"
