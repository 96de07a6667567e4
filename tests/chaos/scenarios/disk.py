"""The database is full: nobody is told that a win is saved which is not, and all goes on when there is room again."""

import asyncio
import random
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine, event, select

from bot.receivers.http import PATH
from bot.storage import tables
from tests.chaos.bots import bots
from tests.chaos.result import Result
from tests.chaos.scenario import Scene, eventually, key_of, scene
from tests.chaos.scenarios.acks import at_port, free_port
from tests.databases import Databases

DATABASES = ("sqlite",)
GOAL = "database full: no false ack, clean recovery"
ROOM = 10
"""Pages that the database may still grow by."""
PLENTY = 1_000_000


@dataclass(frozen=True)
class Room:
    """Lets the database have as many pages as a file says."""

    file: Path

    def __call__(self) -> None:
        @event.listens_for(Engine, "begin")
        def limit(connection: Connection) -> None:
            connection.exec_driver_sql(f"PRAGMA max_page_count = {int(self.file.read_text())}")


async def run(databases: Databases, *, database: str, seed: int, size: float) -> Result:
    """Type until it is full and on, then make room and type on."""
    wins = max(40, round(1000 * size))
    chance = random.Random(seed)
    async with scene(databases, database) as made:
        made.fill(10, wins_each=0)
        room = made.folder / "room"
        room.write_text(str(PLENTY))
        with bots(made.orders(seam=Room(room))) as (bot,):
            port = free_port()
            bot.start(at_port(bot.options, port))
            made.slack.request_url = f"http://127.0.0.1:{port}{PATH}"
            await eventually(lambda: bool(made.slack.ledger.calls("auth.test")), within=10)
            before = await _type(made, chance, 10)
            with made.engine.connect() as connection:
                pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
            room.write_text(str(pages + ROOM))
            full = await _type(made, chance, wins)
            room.write_text(str(PLENTY))
            after = await _type(made, chance, 20)
            acked = {text for text, told in [*before, *full, *after] if told}
            await made.settled(within=60, roundups=len(acked))
        with made.engine.connect() as connection:
            stored = [row.text for row in connection.execute(select(tables.wins.c.text))]
        announced = [key_of(message) for message in made.posted()]
    false = len(acked - set(stored))
    refused = sum(not told for _, told in full)
    numbers = {
        "wins typed while full": len(full),
        "refused": refused,
        "false acks": false,
        "stored though refused": len(set(stored) - acked),
        "acked afterwards, of 20": sum(told for _, told in after),
        "announced": len(set(announced)),
        "doubled": len(announced) - len(set(announced)),
    }
    recovered = all(told for _, told in after) and len(set(announced)) == len(acked) == len(announced)
    met = not false and refused > 0 and recovered and set(stored) == acked
    return Result("disk", database, seed, size, GOAL, met, numbers)


async def _type(made: Scene, chance: random.Random, number: int) -> list[tuple[str, bool]]:
    """Log wins, and say of each whether it was said to be saved."""
    told = []
    for _ in range(number):
        text = f"full {chance.getrandbits(64):016x} " + "x" * 400
        answer = await made.slack.slash(made.ana, chance.choice(made.channels), f"/win {text}")
        while answer.error == "dispatch_failed" and answer.status is None:  # it is not up yet
            await asyncio.sleep(0.05)
            answer = await made.slack.slash(made.ana, chance.choice(made.channels), f"/win {text}")
        told.append((text, "Saved" in str(answer.payload)))
    return told
