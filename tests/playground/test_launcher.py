"""The launcher starts the bot with settings of its own, and the bot ends with it."""

import asyncio
import json
import os
import re
import signal
import sys
from pathlib import Path

from playground import launcher
from tests.e2e.test_posting_once import bot_process, environment_of
from tests.project.paths import PROJECT
from tests.team import team

LAUNCHING = """
import asyncio, json, sys
from pathlib import Path
from playground import launcher

async def launch(environment, folder):
    log = folder / "bot.log"
    async with launcher.process(environment, clock_file=folder / "clock", folder=folder, log=log) as child:
        print(child.pid, flush=True)
        await asyncio.Event().wait()

asyncio.run(launch(json.loads(sys.argv[1]), Path(sys.argv[2])))
"""


def test_no_setting_of_a_bot_in_a_real_workspace_reaches_the_playgrounds() -> None:
    names = re.findall(r"^(?:# )?([A-Z_]+)=", (PROJECT / ".env.example").read_text(), re.MULTILINE)
    assert {"SLACK_BOT_TOKEN", "WINS_PER_HOUR", "SLACK_API_URL"} <= set(names)
    assert launcher.without_settings(dict.fromkeys(names, "1") | {"PATH": "/bin"}) == {"PATH": "/bin"}


async def test_a_bot_whose_launcher_is_killed_ends_and_the_next_one_can_start(sqlite_url: str, tmp_path: Path) -> None:
    async with team(sqlite_url, starts=False) as made:
        launching = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", LAUNCHING, json.dumps(environment_of(made)), str(tmp_path)),
            cwd=PROJECT,
            stdout=asyncio.subprocess.PIPE,
        )
        assert launching.stdout is not None
        process_id = int(await launching.stdout.readline())
        try:
            await made.slack.wait_connected(timeout=60)  # Python has to start, twice
            launching.kill()
            await launching.wait()
            await made.slack.wait_for(lambda: not made.slack.socket.connections)
        finally:
            if made.slack.socket.connections:
                os.kill(process_id, signal.SIGKILL)
        async with bot_process(made, tmp_path):
            assert "Win saved" in await made.says(made.ana, "/win begun anew")
