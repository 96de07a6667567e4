"""Imports point one way, and importing does nothing."""

import json
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

from bot.config import Settings
from tests.project.paths import BIN, run

IMPORT_EVERYTHING = """
import importlib, json, os, pkgutil, sys, threading

did, importing = [], None
ASKING = {asking}
DOING = ("socket.", "sqlite3.", "subprocess.", "os.fork", "os.mkdir", "os.posix_spawn", "os.remove", "os.rename",
         "os.system", "_thread.start")

def heard(event, arguments):
    if event == "open":
        path, mode, flags = arguments
        writes = any(letter in (mode or "") for letter in "wax+") or flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
        if writes or str(path).endswith((".env", ".db")):
            did.append((importing, event, str(path)))
    elif event.startswith(DOING):
        did.append((importing, event, str(arguments)))

class Asked(type(os.environ)):
    def __getitem__(self, name):
        if name in ASKING:
            did.append((importing, "asked for a setting", name))
        return super().__getitem__(name)

sys.addaudithook(heard)
os.environ.__class__ = Asked

modules = []
for package in ("bot", "playground", "slack_standin"):
    imported = importlib.import_module(package)
    modules += [package, *(found.name for found in pkgutil.walk_packages(imported.__path__, package + "."))]
for importing in modules:
    importlib.import_module(importing)
print(json.dumps({{"modules": modules, "did": did, "threads": threading.active_count()}}))
"""


async def test_the_import_contracts_are_kept() -> None:
    status, said = await run(BIN / "lint-imports", "--no-cache")
    assert status == 0, said


def test_importing_does_nothing(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("SLACK_BOT_TOKEN=nobody-reads-this")
    settings = {name for field in fields(Settings) for name in (field.name.upper(), f"SLACK_{field.name.upper()}")}
    imported = subprocess.run(
        [sys.executable, "-I", "-B", "-W", "error", "-c", IMPORT_EVERYTHING.format(asking=settings)],
        env={"HOME": str(tmp_path)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert imported.returncode == 0, imported.stderr
    found = json.loads(imported.stdout)
    assert found["did"] == []
    assert found["threads"] == 1
    assert [path.name for path in tmp_path.iterdir()] == [".env"]
    assert {"bot.__main__", "bot.app", "bot.listeners.win", "slack_standin.api.server"} <= set(found["modules"])
