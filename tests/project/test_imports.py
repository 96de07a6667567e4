"""Imports point one way, and importing does nothing."""

import json
import pkgutil
import subprocess
import sys
import tomllib
from dataclasses import fields
from pathlib import Path

import bot
from bot.config import Settings
from tests.project.paths import BIN, PROJECT, run

PYPROJECT = tomllib.loads((PROJECT / "pyproject.toml").read_text())["tool"]
CONTRACTS = PYPROJECT["importlinter"]["contracts"]

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


def test_only_the_edge_is_left_out_of_the_contract_about_settings() -> None:
    (named,) = (each["source_modules"] for each in CONTRACTS if each["name"] == "Only the edge knows the settings")
    modules = {f"bot.{module.name}" for module in pkgutil.iter_modules(bot.__path__)}
    assert modules - set(named) == {"bot.__main__", "bot.app", "bot.cli", "bot.config"}


def test_every_package_of_the_wheel_is_held_to_contracts() -> None:
    packages = PYPROJECT["hatch"]["build"]["targets"]["wheel"]["packages"]
    assert set(packages) == {"bot", "migrations", "playground", "slack_standin"}
    assert set(packages) - {"migrations"} == set(PYPROJECT["importlinter"]["root_packages"])
    covered = {container for each in CONTRACTS if each.get("exhaustive") for container in each["containers"]}
    assert {"bot", "playground", "slack_standin"} <= covered


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
