"""The story of a win in ARCHITECTURE.md: which files it goes through, and which functions are to be read there."""

import re
from typing import NamedTuple

from tests.project.paths import PROJECT


class Step(NamedTuple):
    """A file of the story (below `bot`), and the functions that are named."""

    number: int
    path: str
    functions: list[str]


def steps() -> list[Step]:
    """Return the numbered steps of "Follow a win"."""
    section = (PROJECT / "ARCHITECTURE.md").read_text().partition("\n## Follow a win\n")[2].partition("\n## ")[0]
    found = re.findall(r"^(\d+)\. `([\w/]+\.py)`, ([^:]+):", section, flags=re.MULTILINE)
    return [Step(int(number), path, re.findall(r"`(\w+)`", functions)) for number, path, functions in found]
