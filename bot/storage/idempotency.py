"""Requests that were already served, with their answer: Slack sends some of them twice, and each counts once."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select, update

from bot.storage.bulk_insert import upsert
from bot.storage.tables import idempotency_keys

StoredResponse = dict[str, Any]

_by_key = (idempotency_keys.c.team_id == bindparam("team")) & (idempotency_keys.c.key == bindparam("request"))
_store_response = update(idempotency_keys).where(_by_key).values(answer=bindparam("kept"))
_select_response = select(idempotency_keys.c.answer).where(_by_key)


def run_once(
    connection: Connection, team_id: str, key: str, *, now: datetime, work: Callable[[Connection], StoredResponse]
) -> StoredResponse:
    """Do `work` and return its answer (a JSON object), or return the answer it gave the first time for this `key`."""
    insert_key = (
        upsert(connection.dialect, idempotency_keys).on_conflict_do_nothing().execution_options(preserve_rowcount=True)
    )
    result = connection.execute(insert_key, {"team_id": team_id, "key": key, "seen_at": now})
    params = {"team": team_id, "request": key}
    if result.rowcount == 0:
        return json.loads(connection.execute(_select_response, params).scalar_one())  # type: ignore[no-any-return]
    response = work(connection)
    connection.execute(_store_response, {**params, "kept": json.dumps(response)})
    return response


def purge_before(connection: Connection, moment: datetime) -> None:
    """Drop what was seen before `moment`: Slack does not send it again."""
    connection.execute(delete(idempotency_keys).where(idempotency_keys.c.seen_at < moment))
