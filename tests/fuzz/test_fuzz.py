"""Malformed requests at each receiver: a response or a 4xx, no error in the log, no ping, and the bot still works.

With --deep ten thousand at each, otherwise two hundred.
"""

import asyncio
import contextlib
import json
import logging
import random
import re
import traceback
import uuid
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient

from tests import pings
from tests.databases import Databases
from tests.db_dump import dump_user_actions
from tests.fuzz.mutator import Mutator, positions_in
from tests.fuzz.recording import payload_kind, record_payloads
from tests.signed_client import JSON, SignedClient, open_signed_client
from tests.team import Team, team

POSTGRESQL_SEED = 20304
SQLITE_SEED = 20301


def seeds(usual: int) -> list[Any]:
    """All seeds, of which one is for the usual size too."""
    every = (SQLITE_SEED, POSTGRESQL_SEED, 20302, 20303)
    return [pytest.param(seed, marks=() if seed == usual else pytest.mark.deep) for seed in every]


AT_ONCE = 24
BATCH = 25
"""Envelopes that are sent at once."""

pytestmark = pytest.mark.usefixtures("quick_posts")


@pytest.fixture
def size(is_deep: bool) -> int:
    """How many requests a seed makes."""
    return 2500 if is_deep else 200


@contextlib.asynccontextmanager
async def fuzzed_team(all_databases: Databases, seed: int, transport: str) -> AsyncIterator[Team]:
    """A team on SQLite, or for one seed on PostgreSQL."""
    kind = "postgresql" if seed == POSTGRESQL_SEED else "sqlite"
    async with team(all_databases.make(kind), transport=transport) as made:
        yield made


class Findings:
    """What went wrong: each kind once, with its first cause."""

    def __init__(self, caplog: pytest.LogCaptureFixture, seed: int) -> None:
        self._caplog = caplog
        self._seed = seed
        self._found: dict[str, str] = {}
        self._times: Counter[str] = Counter()

    def add(self, what: str, cause: object) -> None:
        """Note something that went wrong."""
        self._times[what] += 1
        self._found.setdefault(what, repr(cause)[:1500])

    def log(self) -> None:
        """Note every record at ERROR since the last time."""
        for record in self._caplog.records:
            if record.levelno >= logging.ERROR:
                error = record.exc_info[1] if record.exc_info else None
                where = traceback.extract_tb(error.__traceback__)[-1] if error is not None else None
                place = f" in {where.filename.rpartition('site-packages/')[2]}:{where.name}" if where else ""
                self.add(
                    f"ERROR in the log of {record.name}: {type(error).__name__}{place}",
                    f"{record.getMessage()}: {error}",
                )
        self._caplog.clear()

    def assert_none(self) -> None:
        """Fail with all of them, and with the seed that reproduces them."""
        self.log()
        found = [f"{what} ({self._times[what]} times), first for {cause}" for what, cause in self._found.items()]
        assert not found, f"seed {self._seed}:\n\n" + "\n\n".join(found)


async def still_works(made: Team, findings: Findings) -> None:
    """Check that a win is stored, announced and listed, and that nothing pinged anyone."""
    assert "Win saved: it still works" in await made.says(made.dmitri, "/win it still works")
    await made.sees("it still works")
    assert "it still works" in await made.says(made.dmitri, "/wins")
    for ping in pings.problems_in_team(made):
        if not re.fullmatch(
            "control sequence <#[A-Z0-9]+>", ping
        ):  # a channel: Slack shows its name and notifies no one
            findings.add(f"something that may ping: {ping}", "")
    findings.assert_none()


@pytest.mark.parametrize("seed", seeds(SQLITE_SEED))
async def test_malformed_requests_over_http(
    all_databases: Databases, seed: int, size: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    findings = Findings(caplog, seed)
    statuses: Counter[int] = Counter()
    async with fuzzed_team(all_databases, seed, "http") as made:
        assert made.slack.request_url is not None
        mutator = Mutator(seed, await record_payloads(made))
        async with open_signed_client(made.slack.request_url, made.slack.signing_secret, connections=AT_ONCE) as at:
            numbers = iter(range(size))

            async def send() -> None:
                for number in numbers:
                    kind, payload = mutator.next()
                    await send_one(at, mutator, findings, statuses, (kind, payload), is_signed=number >= size // 5)
                    if number % 100 == 0:
                        findings.log()

            await asyncio.gather(*(send() for _ in range(AT_ONCE)))
        assert statuses[200] > size / 10, f"most was refused by the receiver: {statuses}"
        assert statuses.total() == size
        await still_works(made, findings)


async def send_one(
    at: SignedClient,
    mutator: Mutator,
    findings: Findings,
    statuses: Counter[int],
    sent: tuple[str, Any],
    *,
    is_signed: bool,
) -> None:
    body, content_type = mutator.request(*sent)
    headers = at.signed_headers(body, content_type=content_type)
    if not is_signed:
        wrong = mutator.random.choice(["X-Slack-Signature", "X-Slack-Request-Timestamp"])
        headers[wrong] = mutator.random.choice(["", "0", "v0=" + "0" * 64, "é", "x" * 200])
    headers |= mutator.headers()
    try:
        answer = await at.send(body, headers)
    except aiohttp.ClientConnectionError:
        # The server may close a kept connection after a body that it could not read; aiohttp sends no POST again.
        answer = await at.send(body, headers)
    statuses[answer.status] += 1
    about_a_reaction = isinstance(sent[1], dict) and b"reaction" in body
    if answer.status == 503 and not about_a_reaction:  # Slack retries: the event is not at fault
        await asyncio.sleep(2)
        answer = await at.send(body, headers)
    if answer.status >= 500 and not (answer.status == 503 and about_a_reaction):
        findings.add(f"{answer.status}", (sent[0], content_type, body))
    elif not is_signed and answer.status not in (400, 401):
        findings.add(f"{answer.status} for an unsigned request", body)
    elif answer.status not in (200, 400, 401, 503):
        findings.add(f"{answer.status}", (content_type, body))


@pytest.mark.parametrize("seed", seeds(POSTGRESQL_SEED))
async def test_malformed_envelopes_over_socket_mode(
    all_databases: Databases, seed: int, size: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    findings = Findings(caplog, seed)
    async with fuzzed_team(all_databases, seed, "socket") as made:
        mutator = Mutator(seed, await record_payloads(made))
        for batch in _batches(size):
            for _ in batch:
                kind, payload = mutator.next()
                await made.slack.deliver_raw(body=json.dumps(_envelope(mutator, kind, payload)).encode())
            await made.says(made.ana, "/wins")  # the bot still answers
            await envelopes_are_handled()
            findings.log()
        assert made.slack.socket.connections == 1
        await still_works(made, findings)


def _batches(size: int) -> list[range]:
    return [range(start, min(start + BATCH, size)) for start in range(0, size, BATCH)]


async def envelopes_are_handled() -> None:
    """Wait for all that are under way: Slack gets no ack for some of them, so it can't tell."""
    name = AsyncBaseSocketModeClient.run_message_listeners.__qualname__
    tasks = [task for task in asyncio.all_tasks() if getattr(task.get_coro(), "__qualname__", "") == name]
    await asyncio.gather(*tasks, return_exceptions=True)


def _envelope(mutator: Mutator, kind: str, payload: Any) -> dict[str, Any]:
    envelope = {
        "envelope_id": str(uuid.UUID(int=mutator.random.getrandbits(128))),
        "type": kind,
        "payload": payload,
        "accepts_response_payload": kind != "events_api",
    }
    if mutator.random.random() < 0.15:
        name = mutator.random.choice([*envelope, "retry_attempt", "retry_reason"])
        envelope[name] = mutator.random_value()
    if not isinstance(envelope["payload"], dict | str):
        envelope["payload"] = {"payload": envelope["payload"]}  # the SDK itself takes nothing else
    if envelope["type"] == "disconnect":
        envelope["type"] = "hello"  # to close the connection is Slack's right
    return envelope


WRONG: list[Any] = [None, 7, [], {"x": []}, "\x00", ["x" * 9000], "\ud800" * 300]


async def test_nothing_is_stored_of_what_is_malformed(sqlite_url: str, is_deep: bool) -> None:
    changes_of_each_kind = 20 if is_deep else 2
    chance = random.Random(20305)
    refused: Counter[str] = Counter()
    async with team(sqlite_url, transport="http") as made:
        assert made.slack.request_url is not None
        kinds = {payload_kind(one): one for one in await record_payloads(made)}
        async with open_signed_client(made.slack.request_url, made.slack.signing_secret) as at:
            for name, (_, payload) in kinds.items():
                for holder, key in chance.choices(
                    positions_in(payload, excluded_keys=("blocks",)), k=changes_of_each_kind
                ):
                    held, holder[key] = holder[key], chance.choice(WRONG)
                    body = json.dumps(payload).encode()
                    before = dump_user_actions(sqlite_url)
                    answer = await at.send(body, at.signed_headers(body, content_type=JSON))
                    assert answer.status in (200, 400), body
                    if answer.status == 400:
                        refused[name] += 1
                        assert dump_user_actions(sqlite_url) == before, body
                    holder[key] = held
    assert refused.total() > 5 * changes_of_each_kind
    assert len(refused) > len(kinds) / 2


async def test_frames_that_are_not_envelopes_do_not_stop_the_bot(sqlite_url: str) -> None:
    frames = [b"", b"{", b"{}", b"[]", b"null", b'"x"', b"{" * 5000, b'{"type":"events_api"}', b'{"type":null}']
    frames += [
        b'{"envelope_id":1,"type":[],"payload":0}',
        b'{"payload":"x"}',
        b"\xff\xfe",
        b'{"type":"hello"}',
        b"x" * 100_000,
    ]
    async with team(sqlite_url, transport="socket") as made:
        for frame in frames:
            await made.slack.deliver_raw(body=frame)
        assert "Win saved: it still works" in await made.says(made.ana, "/win it still works")
        await made.sees("it still works")
