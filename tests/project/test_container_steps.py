"""Tries each step of the Dockerfile as far as that goes without a container engine.

What it says is held against the project in every run. RUN_CONTAINER_STEPS=1 also does what it says, in a folder: a
fresh environment, the hash-locked installation (which downloads, and takes a minute), then the image's own command and
health check. Where the tests run as root, the bot gets a root that is read-only except /data, no capabilities and the
image's user (if that one can reach this Python). What is left untried is the base image and the engine.
"""

import asyncio
import importlib
import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.project import dockerfile
from tests.project.paths import BIN, PROJECT, run
from tests.team import Team, team

BUILD, IMAGE = dockerfile.stages()


def the_last(word: str) -> dockerfile.Step:
    return [step for step in IMAGE if step.word == word][-1]


def health_command(python: str) -> list[str]:
    options, command = the_last("HEALTHCHECK").options(), the_last("HEALTHCHECK").json_form()
    assert options.keys() == {"interval", "timeout", "start-period", "retries"}
    assert command[:2] == ["python", "-c"]
    return [python, *command[1:]]


def test_every_stage_stands_on_a_slim_python_that_is_named_by_its_tag() -> None:
    assert BUILD[0].rest == "python:3.11-slim AS build"
    assert IMAGE[0].rest == "python:3.11-slim"


def test_what_is_copied_is_there_and_is_sent_to_the_build() -> None:
    sources = [
        source
        for step in BUILD + IMAGE
        if step.word == "COPY" and "from" not in step.options()
        for source in step.copied()[0]
    ]
    assert sources
    for source in sources:
        assert (PROJECT / source).exists(), f"the Dockerfile copies {source}, which is not there"
        assert dockerfile.is_sent(source), f".dockerignore keeps {source} from the build"


@pytest.mark.parametrize(
    "path",
    [
        ".env",
        ".git",
        ".venv/bin/python",
        "winsome.db",
        "tests/team.py",
        "bot/__pycache__/app.pyc",
        "requirements/dev.txt",
    ],
)
def test_what_is_secret_or_of_this_machine_is_not_sent(path: str) -> None:
    assert not dockerfile.is_sent(path)


def test_all_that_the_package_needs_is_sent() -> None:
    built = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    copied = {source for step in BUILD if step.word == "COPY" for source in step.copied()[0]}
    assert {"bot", "migrations", built["readme"], *built["license-files"]} <= copied
    assert not copied & {"slack_standin", "playground", "tests"}


def test_the_installation_is_locked_by_hash_and_fetches_nothing_else() -> None:
    assert [step.rest.partition("bin/pip ")[2] for step in BUILD + IMAGE if "bin/pip " in step.rest] == [
        "install --require-hashes -r requirements/build.txt",
        "--python /opt/winsome install --require-hashes -r requirements/run.txt",
        "wheel --no-build-isolation --no-deps --wheel-dir dist .",
        "--python /opt/winsome install --no-index --no-deps dist/*.whl",
    ]


def test_the_image_gets_what_runs_and_not_what_builds() -> None:
    assert [step.rest for step in IMAGE if step.word == "COPY"] == ["--from=build /opt/winsome /opt/winsome"]
    locked = (PROJECT / "requirements/run.txt").read_text()
    assert not [name for name in ("hatchling", "editables", "setuptools", "pip") if f"\n{name}==" in f"\n{locked}"]


def test_the_image_runs_as_a_user_with_a_number_who_is_not_root() -> None:
    user, _, group = the_last("USER").rest.partition(":")
    assert user.isdigit()
    assert group.isdigit()
    assert int(user) > 0
    assert int(group) > 0
    prepared = [step.rest for step in IMAGE if step.word == "RUN" and not step.rest.startswith("rm -rf /usr/local/")]
    assert prepared == [f"install -d -m 0700 -o {user} -g {group} /data"]


def test_the_image_writes_in_its_volume_alone() -> None:
    assert the_last("VOLUME").rest == "/data"
    assert the_last("WORKDIR").rest == "/data"
    told = dockerfile.environment(IMAGE)
    assert told["DATABASE_URL"] == "sqlite:////data/winsome.db"
    assert told["PYTHONDONTWRITEBYTECODE"] == "1"


def test_the_image_holds_no_secret() -> None:
    told = dockerfile.environment(BUILD) | dockerfile.environment(IMAGE)
    assert not [name for name in told if any(word in name for word in ("TOKEN", "SECRET", "PASSWORD"))]
    assert not [step for step in BUILD + IMAGE if step.word in ("ARG", "ADD")]


def test_the_image_is_stopped_politely() -> None:
    words = [step.word for step in IMAGE]
    assert "STOPSIGNAL" not in words  # SIGTERM, then
    assert "ENTRYPOINT" not in words
    assert the_last("CMD").rest.startswith("[")  # no shell between the signal and the bot


async def test_the_command_is_the_console_script() -> None:
    name, command = the_last("CMD").json_form()
    scripts = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]["scripts"]
    module, _, function = scripts[name].partition(":")
    assert callable(getattr(importlib.import_module(module), function))
    status, said = await run(BIN / name, command, "--help")
    assert status == 0, said


async def test_the_health_check_asks_a_running_bot(sqlite_url: str) -> None:
    async with team(sqlite_url, starts=False) as the_team:
        running = await the_team.bot_starts()
        asked = health_command(sys.executable)
        env = os.environ | {"HEALTH_PORT": running.health_url.rpartition(":")[2], "http_proxy": "http://127.0.0.1:9"}
        status, said = await run(*asked, env=env)
        assert status == 0, said
        await the_team.bot_stops()
        status, said = await run(*asked, env=env)
        assert status == 1
        assert "Connection refused" in said


async def test_the_health_check_fails_while_the_bot_stands_still() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = str(silent.getsockname()[1])
        status, said = await run(*health_command(sys.executable), env=os.environ | {"HEALTH_PORT": port})
    assert status == 1
    assert "timed out" in said


def test_the_health_check_asks_where_the_image_says() -> None:
    port = dockerfile.environment(IMAGE)["HEALTH_PORT"]
    assert f"'{port}'" in health_command("python")[2]
    assert the_last("EXPOSE").rest == dockerfile.environment(IMAGE)["PORT"]


@pytest.fixture
def root() -> Iterator[Path]:
    """The root of the image: a folder that every user can reach."""
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder).resolve()
        made.chmod(0o755)
        yield made


@pytest.mark.skipif(os.environ.get("RUN_CONTAINER_STEPS") != "1", reason="slow, and downloads: RUN_CONTAINER_STEPS=1")
@pytest.mark.timeout(900)
async def test_the_steps_make_a_bot_that_runs_as_it_would_in_the_image(root: Path) -> None:
    await asyncio.to_thread(dockerfile.play, BUILD, root)
    env = await asyncio.to_thread(dockerfile.play, IMAGE, root)
    database_url = env["DATABASE_URL"]
    assert database_url == f"sqlite:///{root}/data/winsome.db"

    installed = set((root / "opt").rglob("*"))
    user = the_user_who_runs(root)
    name, *arguments = the_last("CMD").json_form()

    async with team(database_url, starts=False) as the_team:
        env = operator_env(the_team, env)
        bot = await asyncio.create_subprocess_exec(
            *walled_in(root, user, [str(root / "opt/winsome/bin" / name), *arguments]), cwd=root / "data", env=env
        )
        try:
            await the_team.slack.wait_connected(timeout=30)
            await the_team.says(the_team.ana, "/win built the image, nearly")
            await the_team.sees("built the image, nearly")
            status, said = await run(*health_command(str(root / "opt/winsome/bin/python")), env=env)
            assert status == 0, said
            bot.send_signal(signal.SIGTERM)
            async with asyncio.timeout(10):
                assert await bot.wait() == 0
        finally:
            with suppress(ProcessLookupError):
                bot.kill()
    assert {path.name for path in (root / "data").iterdir()} <= {"winsome.db", "winsome.db.lock"}
    assert (root / "data/winsome.db").stat().st_uid == user
    assert set((root / "opt").rglob("*")) == installed


def operator_env(the_team: Team, image: dict[str, str]) -> dict[str, str]:
    """The environment of the image, and what an operator adds to it: here, the team's Slack."""
    return image | {
        "SLACK_BOT_TOKEN": the_team.slack.bot_token,
        "SLACK_APP_TOKEN": the_team.slack.app_token,
        "SLACK_API_URL": the_team.slack.api_url,
        "PORT": str(free_port()),
        "HEALTH_PORT": str(free_port()),
        "HOME": "/",  # what an engine tells a user who has a number and no name
    }


def the_user_who_runs(root: Path) -> int:
    """Who owns /data: the image's user, where we are root and that user can reach this Python; otherwise, we."""
    if os.geteuid() != 0:
        return os.geteuid()
    needed = {*root.parents, *Path(sys.base_prefix).parents}
    reachable = all(folder.stat().st_mode & 0o001 for folder in needed)
    user = int(the_last("USER").rest.partition(":")[0]) if reachable else 0
    os.chown(root / "data", user, user)
    return user


def walled_in(root: Path, user: int, command: list[str]) -> list[str]:
    """The command with what an engine would put around it: a root that is read-only except /data, no capabilities.

    Only root can build these walls (in a mount namespace, which goes with the process); others run the bare command.
    """
    if os.geteuid() != 0 or shutil.which("setpriv") is None or subprocess.call(["unshare", "--mount", "true"]) != 0:
        return command
    image, data = shlex.quote(str(root)), shlex.quote(str(root / "data"))
    walls = f"""
        set -e
        mount --make-rprivate /
        mount --bind {image} {image}
        mount --bind {data} {data}
        mount -o remount,bind,ro {image}
        mount -o remount,bind,ro /
        cd {data}
        if touch {image}/written 2>/dev/null; then exit 1; fi
        nothing="--clear-groups --no-new-privs --inh-caps=-all --bounding-set=-all"
        exec setpriv --reuid {user} --regid {user} $nothing "$@"
    """
    return ["unshare", "--mount", "sh", "-c", walls, "walls", *command]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port
