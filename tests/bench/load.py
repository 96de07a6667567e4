"""The load: people who type /win or press Cheer over signed HTTP, in a process of their own beside the bot's.

`python -m tests.bench.load` reads its orders as a line of JSON from standard input and writes what it measured as JSON.
Each request is new to the bot (its trigger_id is its own). Each answer has to be a 200; one to /win says "Win saved".
"""

import asyncio
import hashlib
import hmac
import json
import random
import re
import secrets
import sys
import time
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from itertools import count
from urllib.parse import urlencode, urlsplit

ANSWER_TIMEOUT = 60.0
"""Seconds after the last request in which every answer has to be there."""
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


@dataclass(frozen=True)
class LoadOptions:
    """What to do: `at_once` people type for `seconds`, or until `requests` are answered if that is sooner.

    Without a `rate` each types again as soon as they are answered. With one (a second), wins arrive at random moments
    that are fixed beforehand, however slow the answers are, and a latency counts from that moment. The first
    `warm_up` seconds are not counted.
    """

    url: str
    signing_secret: str
    team_id: str
    channels: list[str]
    people: list[str]
    line: str
    at_once: int = 1
    seconds: float = 3600.0
    requests: int = 1_000_000_000
    rate: float | None = None
    warm_up: float = 0.0
    second_url: str | None = None
    """Another replica, which takes every other request."""
    buttons: list[list[str]] = field(default_factory=list)
    """The channel, ts and value of each Cheer button. If there are any, people press these instead of typing."""
    until_closed: bool = False
    """With a rate: people also stop typing when standard input is closed."""


@dataclass(frozen=True)
class Load:
    """What was measured: how many answers, how many a second, and how long they took, in milliseconds."""

    answers: int
    per_second: float
    p50: float
    p99: float
    slowest: float


class UnexpectedResponse(Exception):
    """An answer that was not what a stored win is answered with."""


class Requests:
    """Makes the bytes of one signed /win after the other."""

    def __init__(self, options: LoadOptions) -> None:
        self._options = options
        self._number = count()
        self._run = secrets.token_hex(6)
        address = urlsplit(options.url)
        self._secret = options.signing_secret.encode()
        self._start = (
            f"POST {address.path} HTTP/1.1\r\nHost: {address.netloc}\r\nUser-Agent: Slackbot 1.0\r\n"
            "Accept: application/json,*/*\r\nAccept-Encoding: gzip,deflate\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\n"
        )

    def next(self) -> bytes:
        """Make the next request."""
        options, number = self._options, next(self._number)
        body = urlencode(self._press(number) if options.buttons else self._command(number))
        timestamp = str(int(time.time()))
        signature = hmac.new(self._secret, f"v0:{timestamp}:{body}".encode(), hashlib.sha256).hexdigest()
        return (
            f"{self._start}X-Slack-Request-Timestamp: {timestamp}\r\nX-Slack-Signature: v0={signature}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}"
        ).encode()

    def _command(self, number: int) -> dict[str, str]:
        options = self._options
        credited = options.people[(number + 1) % len(options.people)]
        return {
            "token": "gIkuvaNzQIHg97ATvDxqgjtO",
            "team_id": options.team_id,
            "team_domain": "acme",
            "channel_id": options.channels[number % len(options.channels)],
            "channel_name": "general",
            "user_id": options.people[number % len(options.people)],
            "user_name": "ana",
            "command": "/win",
            "text": options.line.format(credited=credited, number=f"{number}-{self._run}"),
            "api_app_id": "A123456",
            "is_enterprise_install": "false",
            "response_url": f"https://hooks.slack.com/commands/{options.team_id}/{number}/{self._run}",
            "trigger_id": f"{number}.{self._run}.7a1c7d0c",
        }

    def _press(self, number: int) -> dict[str, str]:
        options = self._options
        channel, ts, value = options.buttons[number % len(options.buttons)]
        person = options.people[number // len(options.buttons) % len(options.people)]
        payload = {
            "type": "block_actions",
            "team": {"id": options.team_id, "domain": "acme"},
            "user": {"id": person, "username": "ana", "team_id": options.team_id},
            "channel": {"id": channel, "name": "general"},
            "container": {"type": "message", "channel_id": channel, "message_ts": ts, "is_ephemeral": False},
            "message": {"type": "message", "ts": ts, "text": "", "blocks": []},
            "actions": [
                {
                    "type": "button",
                    "action_id": "cheer",
                    "block_id": "b",
                    "value": value,
                    "action_ts": f"{int(time.time())}.{number % 1_000_000:06}",
                }
            ],
            "api_app_id": "A123456",
            "response_url": f"https://hooks.slack.com/actions/{options.team_id}/{number}/{self._run}",
            "trigger_id": f"{number}.{self._run}.7a1c7d0c",
        }
        return {"payload": json.dumps(payload)}


class Connection(asyncio.Protocol):
    """One kept-alive HTTP connection; `answered` is called when the answer to what it sent is there."""

    transport: asyncio.Transport

    def __init__(self, expected: bytes) -> None:
        self._expected = expected
        self._received = b""
        self._on_response: Callable[[Exception | None], None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def send(self, request: bytes, on_response: Callable[[Exception | None], None]) -> None:
        self._received, self._on_response = b"", on_response
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, end, body = self._received.partition(b"\r\n\r\n")
        length = _LENGTH.search(head) if end else None
        if length is None or len(body) < int(length[1]):
            return
        as_expected = head.startswith(b"HTTP/1.1 200 ") and self._expected in body
        self._notify(None if as_expected else UnexpectedResponse(self._received[:500]))

    def connection_lost(self, _reason: Exception | None) -> None:
        self._notify(UnexpectedResponse("the connection was closed"))

    def _notify(self, failure: Exception | None) -> None:
        on_response, self._on_response = self._on_response, None
        if on_response is not None:
            on_response(failure)


class LoadGenerator:
    """Types what the orders say, and keeps the latencies."""

    def __init__(self, options: LoadOptions) -> None:
        self._options = options
        self._requests = Requests(options)
        self._free: list[Connection] = []
        self._late: deque[float] = deque()
        self._latencies: list[float] = []
        self._sent = 0
        self._in_flight = 0
        self._is_stopped = False
        self._last = 0.0
        self._all_arrived = options.rate is None
        self._all_answered: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def run(self) -> Load:
        """Carry the orders out."""
        loop = asyncio.get_running_loop()
        expected = b"" if self._options.buttons else b"Win saved"
        urls = [url for url in (self._options.url, self._options.second_url) if url is not None]
        for number in range(self._options.at_once):
            address = urlsplit(urls[number % len(urls)])
            assert address.hostname is not None
            assert address.port is not None
            _, connection = await loop.create_connection(lambda: Connection(expected), address.hostname, address.port)
            self._free.append(connection)
        self._counts_from = time.perf_counter() + self._options.warm_up
        self._ends_at = self._counts_from + self._options.seconds
        if self._options.rate is None:
            while self._free:
                self._send(self._free.pop(), time.perf_counter())
        else:
            await self._send_at_rate(self._options.rate)
        timeout = ANSWER_TIMEOUT + max(0.0, self._ends_at - time.perf_counter())
        await asyncio.wait_for(self._all_answered, timeout)
        for connection in self._free:
            connection.transport.abort()
        return self._measurements()

    def stop(self) -> None:
        """Let the win that arrives next be the last one, if they arrive at a rate."""
        self._is_stopped = True

    async def _send_at_rate(self, rate: float) -> None:
        """Wins arrive at moments that are as random as people are, the same ones in each run."""
        moments = random.Random(8)
        at = time.perf_counter()
        while (at := at + moments.expovariate(rate)) < self._ends_at:
            if (early := at - time.perf_counter()) > 0:
                await asyncio.sleep(early)
            if self._all_answered.done():  # with a failure
                return
            if self._free:
                self._send(self._free.pop(), at)
            else:
                self._late.append(at)
            if self._is_stopped:
                break
        self._all_arrived = True
        self._end_when_answered()

    def _send(self, connection: Connection, since: float) -> None:
        request = self._requests.next()
        if self._options.rate is None:
            since = time.perf_counter()
        self._sent += 1
        self._in_flight += 1
        connection.send(request, lambda failure: self._on_response(connection, since, failure))

    def _on_response(self, connection: Connection, since: float, failure: Exception | None) -> None:
        now = time.perf_counter()
        self._in_flight -= 1
        if failure is not None:
            if not self._all_answered.done():
                self._all_answered.set_exception(failure)
            return
        # Who types again when answered counts by the answer: a bot that stands still is not left out that way.
        if (now if self._options.rate is None else since) >= self._counts_from:
            self._latencies.append(now - since)
            self._last = now
        if self._options.rate is None and now < self._ends_at and self._sent < self._options.requests:
            self._send(connection, now)
        elif self._late:
            self._send(connection, self._late.popleft())
        else:
            self._free.append(connection)
            self._end_when_answered()

    def _end_when_answered(self) -> None:
        if self._all_arrived and not self._in_flight and not self._all_answered.done():
            self._all_answered.set_result(None)

    def _measurements(self) -> Load:
        latencies = sorted(self._latencies)
        if not latencies:
            raise UnexpectedResponse("nothing was answered after the warm-up")

        def percentile(fraction: float) -> float:
            return 1000 * latencies[min(len(latencies) - 1, int(fraction * len(latencies)))]

        return Load(
            answers=len(latencies),
            per_second=len(latencies) / (self._last - self._counts_from),
            p50=percentile(0.5),
            p99=percentile(0.99),
            slowest=percentile(1.0),
        )


async def main() -> None:
    options = LoadOptions(**json.loads(sys.stdin.readline()))
    load_generator = LoadGenerator(options)
    if options.until_closed:
        loop = asyncio.get_running_loop()

        def stop() -> None:
            loop.remove_reader(sys.stdin.fileno())
            load_generator.stop()

        loop.add_reader(sys.stdin.fileno(), stop)
    measured = await load_generator.run()
    print(json.dumps(asdict(measured)))


if __name__ == "__main__":
    asyncio.run(main())
