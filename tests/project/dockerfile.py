"""Reads the Dockerfile and .dockerignore as far as Winsome's own need it, and plays a stage's steps in a folder.

It knows FROM, ENV, RUN in shell form, COPY, WORKDIR and the JSON forms of CMD and HEALTHCHECK; `#`, `!`, `*` and a
leading `**/` in .dockerignore. What else the two may hold, it refuses.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

from tests.project.paths import PROJECT

OWN_PATHS = re.compile(r"(?<![\w.])/(?=(?:opt|src|data|usr)\b)")
"""The beginning of each path that the Dockerfile makes or removes: played in a folder, they are all inside it."""


@dataclass(frozen=True)
class Step:
    """One instruction."""

    word: str
    rest: str

    def json_form(self) -> list[str]:
        """Return the words of `["a", "b"]`, after options such as --interval and CMD."""
        words = json.loads(self.rest[self.rest.index("[") :])
        assert isinstance(words, list)
        return words

    def options(self) -> dict[str, str]:
        """Return the options, such as {"from": "build"}."""
        return dict(re.findall(r"--([\w-]+)=(\S+)", self.rest.partition("[")[0]))

    def copied(self) -> tuple[list[str], str]:
        """Return the sources and the destination of a COPY."""
        *sources, destination = (word for word in self.rest.split() if not word.startswith("--"))
        return sources, destination


def stages(path: Path = PROJECT / "Dockerfile") -> list[list[Step]]:
    """Read the Dockerfile's stages, each beginning with its FROM."""
    lines = [line for line in path.read_text().splitlines() if line.strip() and not line.lstrip().startswith("#")]
    found: list[list[Step]] = []
    for line in re.sub(r"\\\n\s*", "", "\n".join(lines)).splitlines():
        word, _, rest = line.partition(" ")
        if word == "FROM":
            found.append([])
        found[-1].append(Step(word, rest.strip()))
    return found


def environment(stage: list[Step]) -> dict[str, str]:
    """Return the variables that a stage sets."""
    return {
        name: value
        for step in stage
        if step.word == "ENV"
        for name, _, value in (each.partition("=") for each in shlex.split(step.rest))
    }


def is_sent(path: str, ignored: Path = PROJECT / ".dockerignore") -> bool:
    """Whether a file (or a folder's files) of the project is sent to the build: the last line that matches decides."""
    whole = PurePosixPath(path)
    sent = True
    for line in ignored.read_text().split():
        assert "**" not in line.removeprefix("**/"), "such patterns are not known here"
        pattern = line.removeprefix("!")
        if any(_matches(part, pattern) for part in (whole, *whole.parents[:-1])):
            sent = line.startswith("!")
    return sent


def _matches(path: PurePosixPath, pattern: str) -> bool:
    if pattern.startswith("**/"):
        return fnmatchcase(path.name, pattern.removeprefix("**/"))
    return len(path.parts) == pattern.count("/") + 1 and fnmatchcase(str(path), pattern)


def play(stage: list[Step], root: Path) -> dict[str, str]:
    """Do in the folder `root` what `stage` does in an image, and return the environment that it ends with.

    Every path of its own is made inside `root`, the base image's Python is the one that runs the tests, and COPY --from
    finds what it wants, for all stages share `root`. Only root can give files to another user.
    """
    major, minor = sys.version_info[:2]
    python = f'python() {{ "{sys.base_prefix}/bin/python{major}.{minor}" "$@"; }}'  # it may be called python3 alone
    env = dict(os.environ)
    workdir = root
    for step in stage:
        inside = OWN_PATHS.sub(f"{root}/", step.rest)
        if step.word == "ENV":
            env |= {
                name: OWN_PATHS.sub(f"{root}/", value).replace("$PATH", env["PATH"])
                for name, value in environment([step]).items()
            }
        elif step.word == "WORKDIR":
            workdir = Path(inside)
            workdir.mkdir(parents=True, exist_ok=True)
        elif step.word == "RUN":
            command = inside if os.geteuid() == 0 else re.sub(r" -[og] \d+", "", inside)
            subprocess.run(f"{python}; {command}", shell=True, check=True, cwd=workdir, env=env)
        elif step.word == "COPY" and "from" not in step.options():
            sources, destination = Step("COPY", inside).copied()
            for source in sources:
                _copy(source, workdir / destination, as_folder=destination.endswith("/"))
    return env


def _copy(source: str, destination: Path, *, as_folder: bool) -> None:
    """Copy what is sent of `source`, a file or a folder's files, as COPY does."""
    found = PROJECT / source
    for file in [found] if found.is_file() else filter(Path.is_file, found.rglob("*")):
        if not is_sent(str(file.relative_to(PROJECT))):
            continue
        inside = Path(file.name) if as_folder else file.relative_to(found)
        target = destination / inside
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target)
