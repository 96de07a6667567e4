"""`winsome playground`: the page, the stand-in Slack and the real bot, until they are interrupted."""

import asyncio
import contextlib
import signal
from pathlib import Path

from playground import print_week
from playground.sandbox import SCENE, Stage
from playground.server.server import Desk

LAST = 8
"""The messages that are printed; the page has them all."""


async def serve(scene: str = SCENE, *, port: int = 0, keep: Path | None = None) -> None:
    """Open the page and keep it open; `keep` is the folder in which its state outlives it."""
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    stage = Stage(scene, keep=keep)
    desk = Desk(stage)
    try:
        await stage.open()
        address = await desk.start(port=port)
        print(f"Winsome's playground is open: {address}")
        print(f"The real bot is in it. A program can act there too, at {stage.control_url} (docs/stand-in.md).")
        print("Press Ctrl-C to stop." + (f" All of it is kept in {keep}." if keep else ""), flush=True)
        printing = asyncio.create_task(_print_when_told(stage))
        await stopped.wait()
        printing.cancel()
    finally:
        await desk.stop()
        await stage.close()


async def _print_when_told(stage: Stage) -> None:
    """Once the past is told, print how it ended in the first channel."""
    await stage.ready.wait()
    slack = stage.slack
    channel = next(iter(slack.world.workspaces[slack.team_id].channels.values()))
    print("\n".join(print_week.transcript(slack, channel, print_week.reader(slack, channel), last=LAST)), flush=True)


def run(scene: str | None, *, port: int = 0, keep: Path | None = None) -> None:
    """Serve until interrupted. Raises Unreadable or FileNotFoundError for a scene, Unusable for a folder."""
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(scene or SCENE, port=port, keep=keep))
