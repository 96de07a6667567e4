"""Where the project stands, for the tests that read it as it is, and how its commands are run beside a test."""

import asyncio
import sys
from collections.abc import Mapping
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent


async def run(*command: str | Path, env: Mapping[str, str] | None = None, cwd: Path = PROJECT) -> tuple[int, str]:
    """Run a command without stopping this event loop; return its exit status and all that it said."""
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=cwd,
        env=env,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, output.decode(errors="replace")
