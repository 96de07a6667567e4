"""What the bot is measured beside: the floor, and the Slack that both talk to; `children.py` starts them.

`python -m tests.bench.servers NAME OPTIONS` (OPTIONS is JSON) prints one line of JSON when it is ready, and ends when
its standard input closes. Each imports what it needs when it starts, so that none carries the libraries of another.
"""

import asyncio
import json
import sys
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from slack_standin import StandIn

CHANNELS = 48
PEOPLE = 48


async def slack() -> None:
    """The stand-in Slack, with the limits of the real one: announcements go out as slowly as they really do."""
    standin = _standin(limits=True)
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
    standin = _standin(limits=True)
    await standin.start()
    _tell_workspaces(standin, workspaces, channels)
    while await asyncio.to_thread(sys.stdin.readline):
        posts = standin.ledger.calls("chat.postMessage")
        taken = [call for call in posts if (call.answer or {}).get("ok")]
        refused = sum((call.answer or {}).get("error") == "ratelimited" for call in posts)
        last = max((call.at.timestamp() for call in taken), default=0.0)
        _tell(posts=len(posts), taken=len(taken), refused=refused, last=last)
    await standin.stop()


async def rush_slack(*, workspaces: int, channels: int) -> None:
    """A stand-in Slack with many workspaces and no limits.

    It answers the line "messages" with the arguments of the last posts to channels, and others with how many it has
    taken, into how many channels, and when the first and the last came.
    """
    standin = _standin(limits=False, ledger_lines=1_000)  # all lines would fill half a gigabyte
    await standin.start()
    _tell_workspaces(standin, workspaces, channels)
    workspace_list = standin.world.workspaces.values()
    made = [channel for each in workspace_list for channel in each.channels.values() if not channel.is_im]
    while line := await asyncio.to_thread(sys.stdin.readline):
        if line == "messages\n":
            _tell(messages=[dict(call.args) for call in standin.ledger.calls("chat.postMessage")])
            continue
        posted_at = [float(message.ts) for channel in made for message in channel.messages]
        reached = sum(bool(channel.messages) for channel in made)
        first, last = min(posted_at, default=0.0), max(posted_at, default=0.0)
        _tell(taken=len(posted_at), channels=reached, first=first, last=last)
    await standin.stop()


def _standin(**options: Any) -> "StandIn":
    from bot.slack.manifest import manifest
    from slack_standin import StandIn

    return StandIn(manifest(request_url="https://winsome.test/slack/events"), **options)


def _tell_workspaces(standin: "StandIn", workspaces: int, channels: int) -> None:
    """Make so many workspaces with a person and channels, and say what they are."""
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
    _tell(workspaces=workspace_list, **account)


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
    _tell(**message)
    closed = asyncio.Event()
    asyncio.get_running_loop().add_reader(sys.stdin.fileno(), closed.set)
    await closed.wait()


def _tell(**message: Any) -> None:
    print(json.dumps(message), flush=True)


SERVERS: dict[str, Callable[..., Coroutine[Any, Any, None]]] = {
    "slack": slack,
    "stormy_slack": burst_slack,
    "rush_slack": rush_slack,
    "bolt": bolt,
}

if __name__ == "__main__":
    asyncio.run(SERVERS[sys.argv[1]](**json.loads(sys.argv[2])))
