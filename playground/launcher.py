"""Starts the real bot on a stand-in Slack, as a child process whose clock follows the stand-in's.

This is the only file of the playground that imports the bot. Run as a module, it is that child process.
"""

import asyncio
import os
import sys
import threading
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from playground.bot_status import URL_FILE

CLOCK_FILE = "WINSOME_CLOCK_FILE"
FAST_FORWARD = "WINSOME_FAST_FORWARD"
TICK = 0.2
FAST_TICK = 0.05
STOP_TIMEOUT = 10.0
"""Seconds the child process has to stop on SIGTERM."""


def manifest() -> dict[str, Any]:
    """Return the bot's app manifest for Socket Mode."""
    from bot.slack import manifest as bot_manifest  # noqa: PLC0415 - the parent process imports nothing else of the bot

    return bot_manifest.manifest()


@asynccontextmanager
async def bot(environment: Mapping[str, str], *, clock_file: Path, folder: Path) -> AsyncIterator[int]:
    """Run the bot in `folder` with these settings, yield its process id, and stop it as an operator would."""
    async with process(environment, clock_file=clock_file, folder=folder) as child:
        yield child.pid


@asynccontextmanager
async def process(
    environment: Mapping[str, str],
    *,
    clock_file: Path,
    folder: Path,
    fast_forward: bool = False,
    log: Path | None = None,
) -> AsyncIterator[Process]:
    """Run the bot as `bot` does, and yield its process.

    With `fast_forward` it ignores Slack's rate limits until `end_fast_forward`, to replay weeks in seconds. It logs to
    the file `log`, or to this process's output.
    """
    pace = {FAST_FORWARD: str(_fast_forward_file(folder))} if fast_forward else {}
    if fast_forward:
        _fast_forward_file(folder).touch()
    with log.open("ab") if log else nullcontext() as written:
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "playground.launcher",
            cwd=folder,
            env={**without_settings(os.environ), **environment, **pace, CLOCK_FILE: str(clock_file)},
            stdin=PIPE,  # its end closes with this process: see `_end_with_launcher`
            stdout=written,
            stderr=written,
        )
    try:
        yield child
    finally:
        if child.returncode is None:
            child.terminate()
            try:
                async with asyncio.timeout(STOP_TIMEOUT):
                    await child.wait()
            except TimeoutError:
                child.kill()
                await child.wait()


def end_fast_forward(child: Process, *, folder: Path) -> None:
    """Restart the bot at its usual pace, within its process: starting Python takes a while."""
    _fast_forward_file(folder).unlink()
    child.terminate()


def _fast_forward_file(folder: Path) -> Path:
    """The file that exists while the bot in `folder` is to fast-forward."""
    return folder / "fast-forward"


def without_settings(environ: Mapping[str, str]) -> dict[str, str]:
    """Leave out the settings of a bot in a real workspace."""
    settings = (
        "SLACK_",
        "DATABASE_URL",
        "HOST",
        "PORT",
        "HEALTH_PORT",
        "LOG_LEVEL",
        "SETTLE_SECONDS",
        "GRACE_HOURS",
        "WINS_PER_",
    )
    return {name: value for name, value in environ.items() if not name.startswith(settings)}


def _stand_in_time(clock_file: Path) -> datetime:
    """Read the stand-in's clock: real time plus the offset in its file, in seconds."""
    try:
        offset = float(clock_file.read_text())
    except FileNotFoundError:
        offset = 0.0
    return datetime.now(UTC) + timedelta(seconds=offset)


def _end_with_launcher() -> None:
    """End this process, like a power cut, when the one that started it is gone, even if that was killed.

    Nothing is ever written to stdin, so reading it returns when its other end is closed.
    """
    os.read(sys.stdin.fileno(), 1)
    os._exit(1)


def main() -> None:
    """Run the real bot; only its clock differs and, while it fast-forwards, its pace."""
    threading.Thread(target=_end_with_launcher, daemon=True).start()

    from bot import app, config, log  # noqa: PLC0415

    clock_file = Path(os.environ[CLOCK_FILE])
    settings = config.load()
    log.set_up(settings.log_level)
    run = partial(
        app.run,
        settings,
        clock=lambda: _stand_in_time(clock_file),
        has_status=True,
        on_start=lambda running: Path(URL_FILE).write_text(running.health_url),
    )
    timing = app.Timing(tick=TICK)
    if FAST_FORWARD in os.environ:
        fast = app.Timing(FAST_TICK, per_workspace=dict.fromkeys(timing.per_workspace, 0.0), per_channel=0.0)
        run(timing=fast, ends_process=False)
        if Path(os.environ[FAST_FORWARD]).exists():
            return  # it was stopped during the replay
    run(timing=timing)


if __name__ == "__main__":
    main()
