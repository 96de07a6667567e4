"""Handle each request once, however often Slack sends it.

The database keeps what the first time led to: a code and the few values that its message needs, never rendered words,
so that nothing that a person wrote outlives an erasure here.
"""

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple, Protocol, Self, TypeVar

from sqlalchemy import Connection

from bot.storage import idempotency
from bot.storage.database import Database


class Request(Protocol):
    """What identifies a request, also when Slack repeats it."""

    @property
    def team_id(self) -> str:
        """The workspace."""

    @property
    def idempotency_key(self) -> str:
        """The same for each repeat of one request."""


class RequestKey(NamedTuple):
    """A request that has no more than that."""

    team_id: str
    idempotency_key: str


class Result(Protocol):
    """What a service returns: it can be stored as JSON and read back."""

    def to_json(self) -> dict[str, Any]:
        """Return the result as a JSON object."""

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """Read a stored result. Raises KeyError, TypeError or ValueError for anything else."""


class ResultCode(StrEnum):
    """A result whose code says it all."""

    def to_json(self) -> dict[str, Any]:
        """Return the result as a JSON object."""
        return {"result": self.value}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """Read a stored result. Raises KeyError or ValueError for anything else."""
        return cls(data["result"])


class Done(ResultCode):
    """The result of what always succeeds, or raises."""

    DONE = "done"


class AlreadyHandled(Exception):
    """The request was handled before, by a release that stored its result in another form."""


R = TypeVar("R", bound=Result)


async def run_once(
    database: Database, request: Request, result_type: type[R], service: Callable[[Connection], R], *, now: datetime
) -> R:
    """Run `service` and store its result in one transaction, and return it; for a repeat, return the stored result.

    Raises AlreadyHandled where that result can't be read, and what `service` raises.
    """
    stored = await database.write(
        lambda connection: idempotency.run_once(
            connection,
            request.team_id,
            request.idempotency_key,
            now=now,
            work=lambda connection: service(connection).to_json(),
        )
    )
    try:
        return result_type.from_json(stored)
    except (KeyError, TypeError, ValueError):
        raise AlreadyHandled from None
