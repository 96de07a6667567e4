"""Starting the real bot on a stand-in Slack, as a child process whose clock follows the stand-in's.

This is the only file of the playground that imports the bot. Run as a module it is that child.
"""

import asyncio
import os
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from playground.bot_status import URL_FILE

CLOCK_FILE = "WINSOME_CLOCK_FILE"
HURRY = "WINSOME_HURRY"
TICK = 0.2
HURRIED_TICK = 0.05
PATIENCE = 10.0
"""Seconds that the child has to stop by itself."""


def manifest() -> dict[str, Any]:
    """Return the bot's app manifest for Socket Mode."""
    from bot.slack import manifest as bot_manifest  # noqa: PLC0415 - the parent imports the bot for nothing else

    return bot_manifest.manifest()


@asynccontextmanager
async def bot(environment: Mapping[str, str], *, clock_file: Path, folder: Path) -> AsyncIterator[int]:
    """Run the bot in `folder` with these settings, yield its process id, and stop it as an operator would."""
    async with process(environment, clock_file=clock_file, folder=folder) as child:
        yield child.pid


@asynccontextmanager
async def process(
    environment: Mapping[str, str], *, clock_file: Path, folder: Path, hurried: bool = False, log: Path | None = None
) -> AsyncIterator[Process]:
    """Run the bot as `bot` does, and yield its process.

    A `hurried` one does not pace itself as Slack's rate limits ask, for a past that is told in seconds, until
    `take_your_time`. What it logs goes to the file `log`, or where this process's words go.
    """
    hurry = {HURRY: str(_hurry(folder))} if hurried else {}
    if hurried:
        _hurry(folder).touch()
    with log.open("ab") if log else nullcontext() as written:
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "playground.launcher",
            cwd=folder,
            env={**_without_settings(os.environ), **environment, **hurry, CLOCK_FILE: str(clock_file)},
            stdout=written,
            stderr=written,
        )
    try:
        yield child
    finally:
        if child.returncode is None:
            child.terminate()
            try:
                async with asyncio.timeout(PATIENCE):
                    await child.wait()
            except TimeoutError:
                child.kill()
                await child.wait()


def take_your_time(child: Process, *, folder: Path) -> None:
    """Let a hurried bot start again at its usual pace: within its process, for Python takes a while to start."""
    _hurry(folder).unlink()
    child.terminate()


def _hurry(folder: Path) -> Path:
    """The file that is there for as long as a bot in `folder` has to hurry."""
    return folder / "hurry"


def _without_settings(environ: Mapping[str, str]) -> dict[str, str]:
    """Leave out what is meant for a bot in a real workspace."""
    meant_for_it = (
        "SLACK_",
        "DATABASE_URL",
        "HOST",
        "PORT",
        "HEALTH_PORT",
        "LOG_LEVEL",
        "SETTLE_SECONDS",
        "GRACE_HOURS",
    )
    return {name: value for name, value in environ.items() if not name.startswith(meant_for_it)}


def _moved(clock_file: Path) -> datetime:
    """Read the stand-in's clock: real time, and the offset that its file holds in seconds."""
    try:
        offset = float(clock_file.read_text())
    except FileNotFoundError:
        offset = 0.0
    return datetime.now(UTC) + timedelta(seconds=offset)


def main() -> None:
    """Be the child: the real bot, with nothing changed but its clock and, in a hurry, its pace."""
    from bot import app, config, log  # noqa: PLC0415

    clock_file = Path(os.environ[CLOCK_FILE])
    settings = config.load()
    log.set_up(settings.log_level)
    run = partial(
        app.run,
        settings,
        clock=lambda: _moved(clock_file),
        has_status=True,
        on_start=lambda running: Path(URL_FILE).write_text(running.health_url),
    )
    timing = app.Timing(tick=TICK)
    if HURRY in os.environ:
        run(timing=app.Timing(HURRIED_TICK, per_workspace=dict.fromkeys(timing.per_workspace, 0.0), per_channel=0.0))
        if Path(os.environ[HURRY]).exists():
            return  # it was stopped in the middle of the past
    run(timing=timing)


if __name__ == "__main__":
    main()
