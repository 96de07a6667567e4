"""Requests that were already served, with their answer: Slack sends some of them twice, and each counts once."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select, update

from bot.storage.bulk_insert import insert
from bot.storage.tables import seen_requests

Answer = dict[str, Any]

_this = (seen_requests.c.team_id == bindparam("team")) & (seen_requests.c.key == bindparam("request"))
_keep_answer = update(seen_requests).where(_this).values(answer=bindparam("kept"))
_answer_of = select(seen_requests.c.answer).where(_this)


def once(
    connection: Connection, team_id: str, key: str, *, now: datetime, work: Callable[[Connection], Answer]
) -> Answer:
    """Do `work` and return its answer (a JSON object), or return the answer it gave the first time for this `key`."""
    keep = insert(connection.dialect, seen_requests).on_conflict_do_nothing().execution_options(preserve_rowcount=True)
    first = connection.execute(keep, {"team_id": team_id, "key": key, "seen_at": now})
    this = {"team": team_id, "request": key}
    if first.rowcount == 0:
        return json.loads(connection.execute(_answer_of, this).scalar_one())  # type: ignore[no-any-return]
    answer = work(connection)
    connection.execute(_keep_answer, {**this, "kept": json.dumps(answer)})
    return answer


def forget_before(connection: Connection, moment: datetime) -> None:
    """Drop what was seen before `moment`: Slack does not send it again."""
    connection.execute(delete(seen_requests).where(seen_requests.c.seen_at < moment))
