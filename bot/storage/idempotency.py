"""Idempotency keys: one row for each request that was handled, with its result, because Slack repeats some of them."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select, update

from bot.storage.bulk_insert import upsert
from bot.storage.tables import idempotency_keys

StoredResponse = dict[str, Any]

_by_key = (idempotency_keys.c.team_id == bindparam("team")) & (idempotency_keys.c.key == bindparam("request"))
_store_response = update(idempotency_keys).where(_by_key).values(response=bindparam("response"))
_select_response = select(idempotency_keys.c.response).where(_by_key)


def run_once(
    connection: Connection, team_id: str, key: str, *, now: datetime, work: Callable[[Connection], StoredResponse]
) -> StoredResponse:
    """Run `work` and return its result (a JSON object); for a repeat of `key`, return the result of the first time."""
    insert_key = (
        upsert(connection.dialect, idempotency_keys).on_conflict_do_nothing().execution_options(preserve_rowcount=True)
    )
    result = connection.execute(insert_key, {"team_id": team_id, "key": key, "seen_at": now})
    params = {"team": team_id, "request": key}
    if result.rowcount == 0:
        stored = connection.execute(_select_response, params).scalar_one()
        return {} if stored is None else json.loads(stored)
    response = work(connection)
    connection.execute(_store_response, {**params, "response": json.dumps(response)})
    return response


def purge_before(connection: Connection, moment: datetime) -> None:
    """Delete the keys of requests that were handled before `moment`."""
    connection.execute(delete(idempotency_keys).where(idempotency_keys.c.seen_at < moment))
