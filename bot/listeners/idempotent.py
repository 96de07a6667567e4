"""What somebody asks for is done once, however often Slack sends it: the answer of the first time is given again."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from bot.slack import payloads
from bot.storage import idempotency
from bot.storage.database import Database


async def run_once(
    database: Database,
    request: payloads.MessageAction | payloads.ViewAction | payloads.SlashCommand,
    *,
    now: datetime,
    work: Callable[[Connection], dict[str, Any]],
) -> dict[str, Any]:
    """Do `work` in a transaction and return its answer (JSON values), or the one that it gave before."""
    return await database.write(
        lambda connection: idempotency.run_once(
            connection, request.team_id, request.idempotency_key, now=now, work=work
        )
    )
