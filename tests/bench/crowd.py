"""Row 14: what a message that says who cheers costs, if that is 70,000 people."""

import time
from collections.abc import Iterable
from statistics import median

from sqlalchemy import Connection

from bot.domain.deliveries import DeliveryKind
from bot.domain.wins import parse_win
from bot.outbox import render
from bot.storage import deliveries, tables
from tests.bench.children import Bench
from tests.bench.figures import Figure
from tests.databases import fill_and_analyze, filling_engine
from tests.services.consent_scene import NOW, WORKSPACE, Scene
from tests.single import load_message

ROWS = (14,)
PEOPLE = 70_000
TIMES = 5
LIMIT = 1000
"""Milliseconds: about what Slack lets pass between two updates."""


def measure(bench: Bench, *, rounds: int) -> list[Figure]:
    """Read and render the announcement of a win that they all cheer, and its roundup, which they cheer as a whole."""
    figures = []
    for kind in bench.kinds:
        url = bench.database(kind)
        fill_and_analyze(url, _statements)
        for what in (DeliveryKind.ANNOUNCEMENT, DeliveryKind.ROUNDUP):
            took = Figure(14, f"the {what} of a win that 70,000 people cheer", kind, "1 s", "ms", 1.0)
            for _ in range(rounds):
                took.ours.append(1000 * _rendered(url, what))
                took.floor.append(LIMIT)
            figures.append(took)
    return figures


def _statements(connection: Connection) -> Iterable[str]:
    scene = Scene(connection)
    scene.save(parse_win("shipped the search", []))
    scene.settle()
    scene.roundup()
    scene.settle()
    people = (
        f"WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {PEOPLE})"
        " SELECT 'T1', {subject} 'U' || i, {values} FROM n"
    )
    yield (
        "INSERT INTO users (team_id, user_id, name, is_active, synced_at) "
        + people.format(subject="", values="'someone', i % 20 <> 0, '2030-01-01 00:00:00'")
    )
    for about in ("win", "roundup"):
        yield (
            f"INSERT INTO {about}_cheers (team_id, {about}_id, user_id, source, is_active, changed_at_us) "
            + people.format(subject=f"(SELECT max(id) FROM {about}s),", values="'button', true, i")
        )


def _rendered(url: str, kind: DeliveryKind) -> float:
    """Return the median of the seconds that it takes to read what a message says, and to put it into words."""
    took = []
    writing_engine = filling_engine(url)
    with writing_engine.connect() as connection:
        (delivery,) = deliveries.select_all(connection, tables.deliveries.c.kind == kind)
        for _ in range(TIMES):
            began = time.perf_counter()
            loaded = load_message(connection, delivery, now=NOW)
            message = render.render(delivery, loaded, permalink=WORKSPACE.permalink, now=NOW)
            took.append(time.perf_counter() - began)
            assert message is not None
            assert f"{PEOPLE - PEOPLE // 20 - 5} others" in message["text"]
    writing_engine.dispose()
    return median(took)
