"""Commands of `winsome`, as processes of their own."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.__main__ import main
from tests.forks import forkserver

KEPT = {name: os.environ[name] for name in ("PATH", "HOME", "VIRTUAL_ENV") if name in os.environ}
"""What a command finds in its environment beside what a test says."""
SECONDS = 100.0
"""For a command to end."""


def winsome(*words: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Type `winsome ...` in a folder, with nothing in the environment but this.

    The process is forked from one that has imported the bot. If it doesn't end, it is ended with all that it started:
    the playground has the bot in another process.
    """
    with TemporaryDirectory() as said:
        stdout, stderr = Path(said, "stdout"), Path(said, "stderr")
        arguments = (words, folder, _environment(environment), stdout, stderr)
        process = forkserver.Process(target=_be_command, args=arguments)
        process.start()
        try:
            process.join(SECONDS)
            assert process.exitcode is not None, f"{words} didn't end in {SECONDS} seconds"
        finally:
            if process.exitcode is None:
                _kill(process.pid)
        return subprocess.CompletedProcess(words, process.exitcode, stdout.read_text(), stderr.read_text())


def fresh_winsome(*words: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Type `winsome ...` as `winsome` does, in a process that imports the bot itself, as an operator's does."""
    with subprocess.Popen(
        [sys.executable, "-m", "bot", *words],
        cwd=folder,
        env=_environment(environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            stdout, stderr = process.communicate(timeout=SECONDS)
        except BaseException:
            _kill(process.pid)
            raise
    return subprocess.CompletedProcess(words, process.returncode, stdout, stderr)


def _environment(said: Mapping[str, str]) -> dict[str, str]:
    """Return what is said, and a free port: other processes run bots at the same time."""
    return {**KEPT, "PYTHONPATH": str(Path(__file__).parents[1]), "HEALTH_PORT": "0", **said}


def _be_command(words: Sequence[str], folder: Path, environment: Mapping[str, str], stdout: Path, stderr: Path) -> None:
    os.setsid()
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    for path, number in ((stdout, 1), (stderr, 2)):
        with path.open("wb") as file:
            os.dup2(file.fileno(), number)
    sys.exit(main(words))


def _kill(group: int | None) -> None:
    assert group is not None, "it was started"
    with suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)
