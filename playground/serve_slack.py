"""`winsome slack`: a stand-in Slack alone, for any app manifest and any bot whose API address can be set."""

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
from slack_standin.model.ledger import MANY_LINES


class InvalidManifest(Exception):
    """A manifest that Slack would refuse; `problems` says why."""

    def __init__(self, *problems: str) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class Options:
    """Ports (0: any), the URL to deliver to (None: Socket Mode), the output format, whether to add people.

    `strict_arguments` refuses API arguments that Slack ignores.
    """

    port: int = 0
    control_port: int = 0
    deliver: str | None = None
    as_json: bool = False
    empty: bool = False
    strict_arguments: bool = False


def read(file: Path) -> dict[str, Any]:
    """Read a manifest. Raises InvalidManifest or OSError."""
    try:
        manifest = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise InvalidManifest(f"it isn't JSON: {error}") from None
    problems = manifest_problems(manifest)
    if problems:
        raise InvalidManifest(*problems)
    whole: dict[str, Any] = manifest
    return whole


async def serve(manifest: dict[str, Any], options: Options, say: Callable[[str], object]) -> None:
    """Run until interrupted, after printing how to connect."""
    slack = StandIn(manifest, clock=Clock(), strict_arguments=options.strict_arguments, ledger_lines=MANY_LINES)
    if options.deliver and urlsplit(options.deliver).path in ("", "/"):
        slack.bot_origin = options.deliver
    else:
        slack.request_url = options.deliver
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    await slack.start(port=options.port)
    try:
        async with serve_control(slack, port=options.control_port) as control_url:
            if not options.empty:
                _add_people(slack)
            connection = _credentials(slack) | {"CONTROL_URL": control_url}
            if options.as_json:
                say(json.dumps(connection | {"oauth": _oauth_credentials(slack)}))
            else:
                say(_lines(slack, connection))
            await stopped.wait()
    finally:
        await slack.stop()


def _add_people(slack: StandIn) -> None:
    ana = slack.add_person("ana", real_name="Ana Ruiz", display_name="Ana", tz="Europe/Berlin", is_admin=True)
    ben = slack.add_person("ben", real_name="Ben Okafor", display_name="Ben", tz="America/New_York")
    slack.add_channel("general", members=[ana, ben])
    slack.add_channel("secret", private=True, members=[ana, ben], with_bot=False)


def _credentials(slack: StandIn) -> dict[str, str]:
    return {
        "SLACK_API_URL": slack.api_url,
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_APP_TOKEN": slack.app_token,
        "SLACK_SIGNING_SECRET": slack.signing_secret,
    }


def _oauth_credentials(slack: StandIn) -> dict[str, str]:
    """Kept apart: a Bolt app that finds a client id in its environment expects to be installed over OAuth."""
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
    lines += [f"{name}={value}" for name, value in _oauth_credentials(slack).items()]
    lines += ["", f"For scripts: CONTROL_URL ({there}). docs/stand-in.md lists its verbs."]
    return "\n".join([*lines, "Press Ctrl-C to stop."])


def run(manifest: dict[str, Any], options: Options, say: Callable[[str], object]) -> None:
    """Run until interrupted."""
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(manifest, options, say))
