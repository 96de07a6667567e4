"""Builds the image with a container engine and tries it against the stand-in Slack. `make image` runs it; it is slow,
and downloads, so `make test` skips it.
"""

import asyncio
import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.project import image
from tests.project.test_container_steps import health_command, operator_env
from tests.team import team

CONTENTS = """
import importlib.util, json, os, pathlib, sys
absent = ["pip", "setuptools", "hatchling", "editables", "slack_standin", "playground", "tests"]
print(json.dumps({
    "user": os.getuid(),
    "installed by mistake": [name for name in absent if importlib.util.find_spec(name)],
    "caches": [str(path) for path in pathlib.Path("/").glob("*/.cache")],
    "environments": sorted(path.name for path in pathlib.Path("/opt").iterdir()),
}))
"""


@pytest.mark.skipif(os.environ.get("RUN_IMAGE") != "1", reason="slow, and downloads: make image")
@pytest.mark.timeout(1800)
async def test_the_image_holds_the_bot_alone_and_saves_a_win(tmp_path: Path) -> None:
    engine = image.engine()
    await asyncio.to_thread(image.build, engine)
    print(f"\nbuilt with {engine}: {image.size(engine)}")

    async with team(f"sqlite:///{tmp_path}/unused.db", starts=False) as the_team:
        with image.container(engine, operator_env(the_team, {})) as command:
            contents = await asyncio.to_thread(subprocess.check_output, [*command, "python", "-c", CONTENTS])
            assert json.loads(contents) == {
                "user": 10001,
                "installed by mistake": [],
                "caches": [],
                "environments": ["winsome"],
            }
            playground = await asyncio.to_thread(subprocess.call, [*command, "winsome", "playground"])
            assert playground == 1
            bot = await asyncio.create_subprocess_exec(*command, "winsome", "run")
            try:
                await the_team.slack.wait_connected(timeout=60)
                await the_team.says(the_team.ana, "/win built the image")
                await the_team.sees("built the image")
                healthy = await asyncio.to_thread(subprocess.call, [*command, *health_command("python")])
                assert healthy == 0
                assert "built the image" in await the_team.says(the_team.ana, "/wins")
            finally:
                bot.terminate()
                await bot.wait()
