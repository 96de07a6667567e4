"""The floor of row 9: a client of Slack that posts messages, and does nothing else.

`python -m tests.bench.bare_client` reads its orders as JSON from standard input, and ends when Slack has all the posts.
It uses the SDK's client, the session and the event loop that the bot uses.
"""

import asyncio
import json
import sys
from itertools import cycle
from typing import Any

import aiohttp
import uvloop

from bot.slack import http_session

REQUEST_TIMEOUT = 10.0


async def post(*, api_url: str, channels: list[tuple[str, str]], messages: list[dict[str, Any]]) -> None:
    """Post one of the messages to each channel (with its token), over as many connections as the session allows."""
    async with http_session.create_session(REQUEST_TIMEOUT) as session:
        apis = {
            token: http_session.create_api(token, base_url=api_url, session=session)
            for token in dict.fromkeys(token for token, _ in channels)
        }
        to_post = iter(zip(channels, cycle(messages), strict=False))

        async def work() -> None:
            for (token, channel_id), message in to_post:
                await apis[token].api_call("chat.postMessage", json=message | {"channel": channel_id})

        assert isinstance(session.connector, aiohttp.TCPConnector)
        async with asyncio.TaskGroup() as tasks:
            for _ in range(session.connector.limit):
                tasks.create_task(work())


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(post(**json.load(sys.stdin)))
