"""`winsome playground`: the page, the stand-in Slack and the real bot, until interrupted."""

import asyncio
import contextlib
import signal
from pathlib import Path

from playground import print_week
from playground.sandbox import DEFAULT_SCENARIO, Sandbox
from playground.server.server import PlaygroundServer

MAX_MESSAGES = 8
"""How many messages are printed; the page has them all."""


class UnusablePort(Exception):
    """A port that the page can't be served on; `args` say why."""


async def serve(scenario: str = DEFAULT_SCENARIO, *, port: int = 0, keep: Path | None = None) -> None:
    """Serve the page until interrupted; `keep` is the folder that its state is saved in. Raises UnusablePort."""
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    sandbox = Sandbox(scenario, keep=keep)
    server = PlaygroundServer(sandbox)
    try:
        await sandbox.open()
        try:
            address = await server.start(port=port)
        except OSError as error:
            raise UnusablePort(error.strerror) from None
        print(f"For scripts: {sandbox.control_url} (control address, see docs/stand-in.md).")
        print("Press Ctrl-C to stop." + (f" Saved in {keep}." if keep else ""))
        print(_welcome(address), flush=True)
        printing = asyncio.create_task(_print_when_ready(sandbox, address))
        await stopped.wait()
        printing.cancel()
    finally:
        await server.stop()
        await sandbox.close()


def _welcome(address: str) -> str:
    return f"Winsome's playground is open: {address}"


async def _print_when_ready(sandbox: Sandbox, address: str) -> None:
    """Once the sample history is replayed, print the end of it in the first channel, and the address again."""
    await sandbox.ready.wait()
    slack = sandbox.slack
    channel = next(iter(slack.world.workspaces[slack.team_id].channels.values()))
    lines = print_week.transcript(slack, channel, print_week.reader(slack, channel), last=MAX_MESSAGES)
    print("\n".join([*lines, "", _welcome(address)]), flush=True)


def run(scenario: str | None, *, port: int = 0, keep: Path | None = None) -> None:
    """Serve until interrupted. Raises InvalidScenario, FileNotFoundError, UnusableFolder or UnusablePort."""
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(scenario or DEFAULT_SCENARIO, port=port, keep=keep))
