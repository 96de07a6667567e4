"""What the bot is measured beside: the floor, and the Slack that both talk to; `children.py` starts them.

`python -m tests.bench.servers NAME OPTIONS` (OPTIONS is JSON) prints one line of JSON when it is ready, and ends when
its standard input closes. Each imports what it needs when it starts, so that none carries the libraries of another.
"""

import asyncio
import json
import sys
from collections.abc import Callable, Coroutine
from typing import Any

CHANNELS = 48
PEOPLE = 48


async def slack() -> None:
    """The stand-in Slack, with the limits of the real one: announcements go out as slowly as they really do."""
    from bot.slack.manifest import manifest
    from slack_standin import StandIn

    standin = StandIn(manifest(request_url="https://winsome.test/slack/events"), limits=True)
    await standin.start()
    people = [standin.add_person(f"person{number}") for number in range(PEOPLE)]
    channels = [standin.add_channel(f"team{number}", members=people) for number in range(CHANNELS)]
    await _ready(
        api_url=standin.api_url,
        bot_token=standin.bot_token,
        signing_secret=standin.signing_secret,
        team_id=standin.team_id,
        channels=[channel.id for channel in channels],
        people=[person.id for person in people],
    )
    await standin.stop()


async def burst_slack(*, workspaces: int, channels: int) -> None:
    """A stand-in Slack with several workspaces and its limits on; each line it reads it answers with counts."""
    from bot.slack.manifest import manifest
    from slack_standin import StandIn

    standin = StandIn(manifest(request_url="https://winsome.test/slack/events"), limits=True)
    await standin.start()
    workspace_list = []
    for number in range(workspaces):
        workspace = standin.world.workspaces[standin.team_id] if number == 0 else standin.add_workspace(f"w{number}")
        person = standin.add_person("ana", workspace=workspace)
        made = [standin.add_channel(f"c{each}", members=[person], creator=person) for each in range(channels)]
        workspace_list.append(
            {
                "team_id": workspace.team_id,
                "token": workspace.bot_token,
                "bot": workspace.bot_user_id,
                "person": person.id,
                "dm": standin.open_dm(person).id,
                "channels": [channel.id for channel in made],
            }
        )
    account = {name: getattr(standin, name) for name in ("api_url", "bot_token", "signing_secret")}
    print(json.dumps({"workspaces": workspace_list, **account}), flush=True)
    while await asyncio.to_thread(sys.stdin.readline):
        posts = standin.ledger.calls("chat.postMessage")
        taken = [call for call in posts if (call.answer or {}).get("ok")]
        refused = sum((call.answer or {}).get("error") == "ratelimited" for call in posts)
        last = max((call.at.timestamp() for call in taken), default=0.0)
        print(json.dumps({"posts": len(posts), "taken": len(taken), "refused": refused, "last": last}), flush=True)
    await standin.stop()


async def bolt(*, api_url: str, bot_token: str, signing_secret: str, process_before_response: bool) -> None:
    """The floor: a Bolt app without any storage, on Bolt's own web application."""
    from aiohttp import web
    from slack_bolt.app.async_app import AsyncApp
    from slack_sdk.web.async_client import AsyncWebClient

    app = AsyncApp(
        client=AsyncWebClient(token=bot_token, base_url=api_url),
        signing_secret=signing_secret,
        process_before_response=process_before_response,
    )

    @app.command("/win")
    async def win(ack: Any) -> None:
        await ack("Win saved")

    runner = web.AppRunner(app.web_app(), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    await _ready(url=f"http://{host}:{port}/slack/events")
    await runner.cleanup()


async def _ready(**message: Any) -> None:
    print(json.dumps(message), flush=True)
    closed = asyncio.Event()
    asyncio.get_running_loop().add_reader(sys.stdin.fileno(), closed.set)
    await closed.wait()


SERVERS: dict[str, Callable[..., Coroutine[Any, Any, None]]] = {
    "slack": slack,
    "stormy_slack": burst_slack,
    "bolt": bolt,
}

if __name__ == "__main__":
    asyncio.run(SERVERS[sys.argv[1]](**json.loads(sys.argv[2])))
