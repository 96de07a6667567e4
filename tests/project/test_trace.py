"""The script that lists the modules of a win's story still finds them."""

import re
import sys

import pytest

from tests.project import story
from tests.project.paths import run


@pytest.mark.deep
async def test_the_modules_of_the_story_are_traced() -> None:
    status, said = await run(sys.executable, "-m", "tests.trace")
    assert status == 0, said
    found = {module: steps.split(", ") for module, steps in re.findall(r"^  (\S+) +(.+)$", said, flags=re.MULTILINE)}
    assert "win" in found["services/wins.py"]
    assert "announcement" in found["views/announcement.py"]
    assert "cheer" in found["services/cheers.py"]
    assert "roundup" in found["services/roundups.py"]
    through_sockets = {"receivers/http.py"}  # the trace hands requests to the dispatcher
    assert {step.path for step in story.steps()} - through_sockets <= found.keys()
