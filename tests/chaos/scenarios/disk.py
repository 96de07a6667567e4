"""The database is full: no one is told that a win is saved which is not, and all goes on when there is room again."""

import asyncio
import random
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine, event, select

from bot.receivers.http import PATH
from bot.storage import tables
from tests.chaos.bots import bots
from tests.chaos.result import Result
from tests.chaos.scenario import Scenario, eventually, key_of, open_scenario
from tests.chaos.scenarios.acks import at_port, free_port
from tests.databases import Databases

DATABASES = ("sqlite",)
GOAL = "database full: no false ack, clean recovery"
SPARE_PAGES = 10
"""Pages that the database may still grow by."""
UNLIMITED_PAGES = 1_000_000


@dataclass(frozen=True)
class PageLimit:
    """Lets the database have as many pages as a file says."""

    file: Path

    def __call__(self) -> None:
        @event.listens_for(Engine, "begin")
        def limit(connection: Connection) -> None:
            connection.exec_driver_sql(f"PRAGMA max_page_count = {int(self.file.read_text())}")


async def run(databases: Databases, *, database: str, seed: int, size: float) -> Result:
    """Type until it is full and on, then make room and type on."""
    wins = max(40, round(1000 * size))
    rng = random.Random(seed)
    async with open_scenario(databases, database) as scenario:
        scenario.fill(10, wins_each=0)
        page_limit_file = scenario.folder / "room"
        page_limit_file.write_text(str(UNLIMITED_PAGES))
        with bots(scenario.bot_options(before_run=PageLimit(page_limit_file))) as (bot,):
            port = free_port()
            bot.start(at_port(bot.options, port))
            scenario.slack.request_url = f"http://127.0.0.1:{port}{PATH}"
            await eventually(lambda: bool(scenario.slack.ledger.calls("auth.test")), within=10)
            before = await _type(scenario, rng, 10)
            with scenario.engine.connect() as connection:
                pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
            page_limit_file.write_text(str(pages + SPARE_PAGES))
            full = await _type(scenario, rng, wins)
            page_limit_file.write_text(str(UNLIMITED_PAGES))
            after = await _type(scenario, rng, 20)
            acked = {text for text, was_acked in [*before, *full, *after] if was_acked}
            await scenario.wait_until_settled(within=60, roundups=len(acked))
        with scenario.engine.connect() as connection:
            stored = [row.text for row in connection.execute(select(tables.wins.c.text))]
        announced = [key_of(message) for message in scenario.posted_messages()]
    false_acks = len(acked - set(stored))
    refused = sum(not was_acked for _, was_acked in full)
    numbers = {
        "wins typed while full": len(full),
        "refused": refused,
        "false acks": false_acks,
        "stored though refused": len(set(stored) - acked),
        "acked afterwards, of 20": sum(was_acked for _, was_acked in after),
        "announced": len(set(announced)),
        "doubled": len(announced) - len(set(announced)),
    }
    recovered = all(was_acked for _, was_acked in after) and len(set(announced)) == len(acked) == len(announced)
    is_met = not false_acks and refused > 0 and recovered and set(stored) == acked
    return Result("disk", database, seed, size, GOAL, is_met, numbers)


async def _type(scenario: Scenario, rng: random.Random, number: int) -> list[tuple[str, bool]]:
    """Log wins, and say of each whether it was said to be saved."""
    results = []
    for _ in range(number):
        text = f"full {rng.getrandbits(64):016x} " + "x" * 400
        response = await scenario.slack.slash(scenario.ana, rng.choice(scenario.channels), f"/win {text}")
        while response.error == "dispatch_failed" and response.status is None:  # it is not up yet
            await asyncio.sleep(0.05)
            response = await scenario.slack.slash(scenario.ana, rng.choice(scenario.channels), f"/win {text}")
        results.append((text, "Win saved" in str(response.payload)))
    return results
