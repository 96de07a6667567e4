"""Lists the modules that someone has to read to follow a win: `python -m tests.trace`.

The bot runs on the stand-in Slack. For each of four steps (a /win, its announcement, a cheer, a roundup) it collects
the functions of `bot` that run then, and not while the bot is idle or does other things (Home, help, a change of
settings). Their modules are those to read. Two groups are listed apart, because their names say what they do: `storage`
and `slack` (queries and calls), and modules of which only functions run that call none of the bot's modules that they
import.
"""

import ast
import asyncio
import sys
import tempfile
import threading
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from types import CodeType, FrameType
from typing import Any
from unittest.mock import patch

from bot.views import cheer_buttons
from tests.team import FRIDAY_16_BERLIN, TIMING, Team, team

BOT = Path(__file__).resolve().parents[1] / "bot"
QUERIES_AND_CALLS = ("storage", "slack")


class Trace:
    """Records which functions of the bot run, and which call another module of it, in this and each later thread."""

    def __init__(self) -> None:
        self.steps: dict[str, set[str]] = {}
        self.callers: set[str] = set()
        self._other_things: set[CodeType] = set()
        self._ran: set[CodeType] = set()
        self._callees: defaultdict[CodeType, set[str]] = defaultdict(set)
        threading.setprofile(self._record)
        sys.setprofile(self._record)

    def _record(self, frame: FrameType, event: str, _: Any) -> None:
        if event == "call":
            self._ran.add(frame.f_code)
            if frame.f_back is not None:
                self._callees[frame.f_back.f_code].add(frame.f_code.co_filename)

    def exclude(self) -> None:
        """Leave out of all steps what ran until now."""
        self._other_things |= self._ran

    @asynccontextmanager
    async def step(self, name: str) -> AsyncIterator[None]:
        """Record what runs inside as the step `name`."""
        self._ran.clear()
        yield
        await asyncio.sleep(5 * TIMING.tick)
        modules = self.steps[name] = set()
        for code in self._ran - self._other_things:
            if (module := _module(code.co_filename)) is not None:
                modules.add(module)
                if {_module(path) for path in self._callees[code]} & _imports(module) - {"log.py"}:
                    self.callers.add(module)


def _module(path: str) -> str | None:
    return str(Path(path).relative_to(BOT)) if Path(path).is_relative_to(BOT) else None


@cache
def _imports(module: str) -> set[str]:
    """Return the modules of the bot that a module imports, and packages that may be meant."""
    tree = ast.parse((BOT / module).read_text(encoding="utf-8"))
    names = [
        name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module is not None
        for name in (node.module, *(f"{node.module}.{alias.name}" for alias in node.names))
    ]
    return {f"{name.removeprefix('bot.').replace('.', '/')}.py" for name in names}


async def trace() -> Trace:
    """Run the four steps."""
    found = Trace()
    with tempfile.TemporaryDirectory() as folder:
        async with team(f"sqlite:///{folder}/winsome.db") as made:
            await _do_other_things(made)
            found.exclude()
            with patch("bot.storage.lanes.next_in_lanes", _find_nothing):  # the sender finds nothing to post
                async with found.step("win"):
                    await made.says(made.ana, "/win fixed the flaky build")
            async with found.step("announcement"):
                message = await made.sees("fixed the flaky build")
            async with found.step("cheer"):
                await made.slack.press(made.ben, message, cheer_buttons.CHEER)
                await made.slack.wait_for(lambda: "Cheered by" in message.plain())
            async with found.step("roundup"):
                await made.it_is(FRIDAY_16_BERLIN)
                await made.sees("fixed the flaky build", times=2)
    sys.setprofile(None)
    return found


def _find_nothing(_connection: object, wanted: Sequence[Any]) -> list[None]:
    return [None for _ in wanted]


async def _do_other_things(made: Team) -> None:
    await made.says(made.ana, "/wins")
    await made.says(made.ana, "/wins help")
    await made.slack.open_home(made.ana)
    await made.says(made.ana, "/wins pause until 20 March")
    await made.says(made.ana, "/wins resume")
    await made.slack.wait_for(lambda: len(made.posts()) >= 2)


def main() -> None:
    """Print the modules and the steps in which they run."""
    found = asyncio.run(trace())
    every_module = set().union(*found.steps.values())
    queries_and_calls = {module for module in every_module if module.startswith(QUERIES_AND_CALLS)}
    to_read = every_module & found.callers - queries_and_calls
    leaves = every_module - to_read - queries_and_calls
    groups = {"to read": to_read, "called, calling nothing": leaves, "queries and calls to Slack": queries_and_calls}
    for title, modules in groups.items():
        print(f"{title}: {len(modules)}")
        for module in sorted(modules):
            print(f"  {module:<30} {', '.join(step for step, ran in found.steps.items() if module in ran)}")


if __name__ == "__main__":
    main()
