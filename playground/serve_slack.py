"""`winsome slack`: a stand-in Slack alone, for any app manifest and any bot that can be given an API address."""

import asyncio
import contextlib
import json
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from slack_standin import Clock, StandIn, manifest_problems, serve_control


class Unusable(Exception):
    """A manifest that no app can be made from; `problems` says why, in words."""

    def __init__(self, *problems: str) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class Wishes:
    """How to run it: ports (0: any), where to deliver by HTTP (None: Socket Mode), how to tell, with whom."""

    port: int = 0
    control_port: int = 0
    deliver: str | None = None
    as_json: bool = False
    empty: bool = False


def read(file: Path) -> dict[str, Any]:
    """Read a manifest. Raises Unusable or OSError."""
    try:
        manifest = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise Unusable(f"it isn't JSON: {error}") from None
    problems = manifest_problems(manifest)
    if problems:
        raise Unusable(*problems)
    whole: dict[str, Any] = manifest
    return whole


async def serve(manifest: dict[str, Any], wishes: Wishes, say: Callable[[str], object]) -> None:
    """Run until interrupted, after saying how to connect."""
    slack = StandIn(manifest, clock=Clock())
    if wishes.deliver and urlsplit(wishes.deliver).path in ("", "/"):
        slack.bot_origin = wishes.deliver
    else:
        slack.request_url = wishes.deliver
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    await slack.start(port=wishes.port)
    try:
        async with serve_control(slack, port=wishes.control_port) as control_url:
            if not wishes.empty:
                _people_it(slack)
            connection = _facts(slack) | {"CONTROL_URL": control_url}
            if wishes.as_json:
                say(json.dumps(connection | {"oauth": _for_oauth(slack)}))
            else:
                say(_lines(slack, connection))
            await stopped.wait()
    finally:
        await slack.stop()


def _people_it(slack: StandIn) -> None:
    ana = slack.add_person("ana", real_name="Ana Ruiz", display_name="Ana", tz="Europe/Berlin", is_admin=True)
    ben = slack.add_person("ben", real_name="Ben Okafor", display_name="Ben", tz="America/New_York")
    slack.add_channel("general", members=[ana, ben])
    slack.add_channel("secret", private=True, members=[ana, ben], with_bot=False)


def _facts(slack: StandIn) -> dict[str, str]:
    return {
        "SLACK_API_URL": slack.api_url,
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_APP_TOKEN": slack.app_token,
        "SLACK_SIGNING_SECRET": slack.signing_secret,
    }


def _for_oauth(slack: StandIn) -> dict[str, str]:
    """Apart from the rest: a Bolt app that finds a client id in its environment expects to be installed by OAuth."""
    return {
        "SLACK_CLIENT_ID": slack.client_id,
        "SLACK_CLIENT_SECRET": slack.client_secret,
        "SLACK_AUTHORIZE_URL": slack.authorize_url,
    }


def _lines(slack: StandIn, connection: dict[str, str]) -> str:
    people = [person.name for person in slack.world.workspaces[slack.team_id].people.values() if not person.is_bot]
    there = f"{', '.join(people)} are in it" if people else "no one is in it yet"
    lines = [f"A stand-in Slack for {slack.world.manifest.app_name} is running. Start the bot with:", ""]
    lines += [f"{name}={value}" for name, value in connection.items()]
    lines += ["", "Only for a bot that is installed over OAuth:", ""]
    lines += [f"{name}={value}" for name, value in _for_oauth(slack).items()]
    lines += ["", f"For scripts: CONTROL_URL ({there}). docs/stand-in.md lists its verbs."]
    return "\n".join([*lines, "Press Ctrl-C to stop."])


def run(manifest: dict[str, Any], wishes: Wishes, say: Callable[[str], object]) -> None:
    """Run until interrupted."""
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(manifest, wishes, say))
