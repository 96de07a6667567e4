"""The command line, typed as an operator would: what it prints, and how it ends."""

import asyncio
import json
import os
import re
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from unittest.mock import patch

import psycopg
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from sqlalchemy.engine import make_url

from bot.__main__ import main
from bot.cli import doctor
from bot.config import NEW_TOKEN, Settings
from playground import print_week
from tests.commands import KEPT, fresh_winsome, winsome
from tests.databases import Databases
from tests.project.paths import PROJECT
from tests.team import FRIDAY_16_BERLIN, Team, team
from tests.unit.test_config import in_example

pytestmark = pytest.mark.xdist_group("commands")  # one process imports the bot for all of them


@pytest.fixture
def here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Type `winsome ...` in this process, which need not import the bot again, for a command tried as a process too."""

    def typed(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        capsys.readouterr()
        with monkeypatch.context() as at, patch.dict(os.environ, {**KEPT, **environment}, clear=True):
            at.chdir(tmp_path)
            status = main(words)
        said = capsys.readouterr()
        return subprocess.CompletedProcess(words, status, said.out, said.err)

    return typed


def settings(made: Team, **changes: str) -> dict[str, str]:
    """The environment of a bot in that team's Slack."""
    return {
        "SLACK_BOT_TOKEN": made.slack.bot_token,
        "SLACK_APP_TOKEN": made.slack.app_token,
        "SLACK_API_URL": made.slack.api_url,
        "DATABASE_URL": made.database_url,
        **changes,
    }


async def asked(*words: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return await asyncio.to_thread(winsome, *words, folder=folder, **environment)


def test_without_tokens_run_refuses_and_points_to_the_playground(tmp_path: Path) -> None:
    ended = fresh_winsome("run", folder=tmp_path)
    assert ended.returncode == 2
    assert "SLACK_BOT_TOKEN is missing" in ended.stderr
    assert "SLACK_APP_TOKEN or SLACK_SIGNING_SECRET is missing" in ended.stderr
    assert "winsome playground" in ended.stderr
    assert not list(tmp_path.iterdir())
    unit = (PROJECT / "docs/running.md").read_text()
    assert f"\nRestartPreventExitStatus={ended.returncode}\n" in unit, "systemd would start it for ever"


def test_the_playground_plays_a_week_and_prints_the_roundup(tmp_path: Path) -> None:
    ended = fresh_winsome("playground", "--once", folder=tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert "This week's wins: " in ended.stdout
    assert len(re.findall(r" \[👏\]$", ended.stdout, re.MULTILINE)) == 6, "a button beside each win"
    assert "Ana: fixed the flaky build with @Ben #quality" in ended.stdout
    assert "With Chloe · Cheered by Dmitri" in ended.stdout
    assert "wrong channel" not in ended.stdout
    assert ended.stderr == ""
    printed = [re.sub(r"^(\(\w+\) )+", "", line.strip()) for line in ended.stdout.splitlines()]  # without faces
    (week,) = re.findall(r"^```\n(09:12 .*?)^```", (PROJECT / "README.md").read_text(), re.MULTILINE | re.DOTALL)
    assert [line for line in week.splitlines() if line.strip() not in ("...", *printed)] == []


def test_the_settings_of_a_bot_in_a_real_workspace_do_not_reach_the_playground(tmp_path: Path) -> None:
    ended = winsome("playground", "--once", folder=tmp_path, **dict.fromkeys(in_example(), "nonsense"))
    assert ended.returncode == 0, ended.stderr
    assert "This week's wins: " in ended.stdout


@pytest.mark.deep
def test_the_other_week_has_two_fridays_and_a_channel_without_the_bot(tmp_path: Path) -> None:
    ended = winsome("playground", "--once", "--script", "two-channels", folder=tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.count("This week's wins: ") == 2
    assert "said no to a meeting" not in ended.stdout
    assert "the demo survived the conference network" in ended.stdout


def test_without_the_playgrounds_package_it_says_where_the_playground_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "playground", None)
    assert main(["playground"]) == 1
    assert "make run" in capsys.readouterr().err


def test_a_script_that_can_not_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("starts 2030-03-04 in UTC\nMon 09:00 ana dances\n")
    ended = winsome("playground", "--script", "mine.txt", folder=tmp_path)
    assert ended.returncode == 1
    assert "ana dances" in ended.stderr
    assert "a-good-week" in ended.stderr


def test_a_week_in_which_the_bot_never_answers_ends_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, here: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    monkeypatch.setattr(print_week, "CONNECT_TIMEOUT", 0.001)
    ended = here("playground", "--once")
    assert ended.returncode == 1
    assert ended.stderr.startswith(
        "I can't play the week to its end: Winsome didn't start within 0.001 seconds. Try again when"
    )
    assert len(ended.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["playground", "--port", "65536"], "a port is a number from 0 to 65535, not '65536'"),
        (["playground", "--port", "9" * 5000], "a port is a number from 0 to 65535"),
        (["slack", "--manifest", "x", "--control-port", "-1"], "a port is a number from 0 to 65535, not '-1'"),
        (["manifest", "--http", "http://winsome.test/slack/events"], "Slack sends requests to an https URL"),
        (["manifest", "--http", "winsome.test"], "Slack sends requests to an https URL"),
        (["manifest", "--http", "https:///slack/events"], "Slack sends requests to an https URL"),
        (["manifest", "--http", "https://[/"], "Slack sends requests to an https URL"),
        (["manifest", "--http", ""], "Slack sends requests to an https URL"),
    ],
)
def test_an_option_that_can_not_be_meant_is_refused(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2
    assert said in " ".join(capsys.readouterr().err.split())


def test_a_folder_with_other_things_in_it_is_not_taken_to_keep_a_playground_in(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("all of it")
    ended = winsome("playground", "--keep", ".", folder=tmp_path)
    assert ended.returncode == 1
    assert "holds other files" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_port_that_is_taken_is_not_the_playgrounds(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        ended = winsome("playground", "--port", str(other.getsockname()[1]), folder=tmp_path)
    assert ended.returncode == 1
    assert "address already in use. Choose another --port" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_migrate_and_manifest_need_no_tokens(
    tmp_path: Path, here: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    ended = winsome("migrate", folder=tmp_path, DATABASE_URL="sqlite:///here.db")
    assert "The database is at schema" in ended.stdout
    assert (tmp_path / "here.db").exists()
    socket_mode = json.loads(winsome("manifest", folder=tmp_path).stdout)
    assert socket_mode["settings"]["socket_mode_enabled"] is True
    http = json.loads(here("manifest", "--http", "https://winsome.test/slack/events").stdout)
    assert http["features"]["slash_commands"][0]["url"] == "https://winsome.test/slack/events"


async def test_migrate_refuses_what_is_in_use_or_newer_in_one_sentence(sqlite_url: str, tmp_path: Path) -> None:
    async with team(sqlite_url) as made:
        ended = await asked("migrate", folder=tmp_path, DATABASE_URL=made.database_url)
        assert (ended.returncode, ended.stdout) == (1, "")
        assert ended.stderr.startswith("Another Winsome is running on")
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    for command in ("migrate", "run"):
        ended = await asked(command, folder=tmp_path, **settings(made))
        assert ended.returncode == 1
        assert ended.stderr.startswith("The database is at schema 9999")
        assert len(ended.stderr.splitlines()) == 1


async def test_only_its_owner_reads_the_database(tmp_path: Path) -> None:
    path = tmp_path / "winsome.db"
    lock = tmp_path / "winsome.db.lock"
    lock.touch(mode=0o644)
    url = f"sqlite:///{path}"
    before = os.umask(0)
    try:
        assert fresh_winsome("migrate", folder=tmp_path, DATABASE_URL=url).returncode == 0  # it inherits the mask
        assert _modes(tmp_path) == {"winsome.db": 0o600, "winsome.db.lock": 0o600}
        for each in (path, lock):
            each.chmod(0o666)
        async with team(url) as made:
            await made.says(made.ana, "/win kept private")
            assert _modes(tmp_path) == dict.fromkeys(
                ("winsome.db", "winsome.db-shm", "winsome.db-wal", "winsome.db.lock"), 0o600
            )
    finally:
        os.umask(before)


def _modes(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()}


async def test_the_doctor_finds_everything_well_beside_a_running_bot(database_url: str, tmp_path: Path) -> None:
    async with team(database_url, transport="socket") as made:
        made.clock.move_to(datetime.now(UTC), force=True)  # the doctor goes by the machine's
        ended = await asked("doctor", folder=tmp_path, **settings(made))
        assert ended.returncode == 0, ended.stdout + ended.stderr
        assert "FIX" not in ended.stdout
        assert f"ok   bot token: works in Acme ({made.slack.team_id})" in ended.stdout
        for subject in ("bot token", "scopes", "clock", "app token", "database"):
            assert f"ok   {subject}:" in ended.stdout


async def test_the_doctor_says_which_way_slack_reaches_the_bot(sqlite_url: str) -> None:
    async with team(sqlite_url, starts=False) as made:
        both: dict[str, str | None] = {"app_token": made.slack.app_token, "signing_secret": made.slack.signing_secret}
        said = []
        for unused in ({"signing_secret": None}, {"app_token": None}, {}):
            found = [finding async for finding in doctor.examine(made.settings(**both | unused))]
            (way,) = [finding for finding in found if finding.subject in ("app token", "connection")]
            assert way.is_ok
            said.append(way.message)
    assert said[0] == "opens Socket Mode connections"
    assert "SLACK_SIGNING_SECRET can't be checked from here" in said[1]
    assert (
        said[2]
        == "opens Socket Mode connections. SLACK_SIGNING_SECRET isn't used then: for HTTP, leave out SLACK_APP_TOKEN"
    )


async def test_the_doctor_says_what_to_do_about_each_finding(all_databases: Databases, tmp_path: Path) -> None:
    async with team(all_databases.postgresql(migrated=False), starts=False) as made:
        ended = await asked("doctor", folder=tmp_path, **settings(made, SLACK_APP_TOKEN="xapp-wrong"))
        assert ended.returncode == 1
        assert "FIX  app token: Slack says" in ended.stdout
        assert f"{NEW_TOKEN['SLACK_APP_TOKEN']} Turn on Socket Mode." in ended.stdout
        assert "FIX  database: has no tables yet\n       Run `winsome migrate`" in ended.stdout
        assert re.search(r"FIX  clock: is -\d+ s off Slack's\n +Sync this machine's clock", ended.stdout)
        wrong = await asked("doctor", folder=tmp_path, **settings(made, SLACK_BOT_TOKEN="xoxb-wrong"))
        assert "FIX  bot token: Slack says invalid_auth" in wrong.stdout


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        ("token_revoked", "Copy SLACK_BOT_TOKEN again"),
        ("internal_error", "That isn't about the token. Wait a few minutes"),
        (
            "team_access_not_granted",
            "The token is right, but the workspace or its organization doesn't let the bot do anything.",
        ),
    ],
)
async def test_the_doctor_blames_the_token_only_for_what_is_about_it(database_url: str, code: str, advice: str) -> None:
    async with team(database_url, starts=False) as made:
        made.slack.fault("auth.test", "error", times=None, name=code)
        found = [finding async for finding in doctor.examine(made.settings())]
    assert (found[0].subject, found[0].message) == ("bot token", f"Slack says {code}")
    assert found[0].advice.startswith(advice)


@pytest.mark.parametrize("date", ["soon", "", "Mon, 04 Mar 2030 08:00:00 -0000", f"{'9' * 5000} Mar 2030 08:00:00 GMT"])
async def test_the_doctor_goes_on_where_a_date_of_slacks_can_not_be_read(sqlite_url: str, date: str) -> None:
    async def answers(_request: web.Request) -> web.Response:
        told = {"ok": True, "team_id": "T1", "team": "Acme", "user_id": "U1", "url": "https://acme.slack.com/"}
        return web.json_response(told, headers={"Date": date})

    slack = web.Application()
    slack.router.add_route("*", "/api/{method}", answers)
    async with TestServer(slack) as server:
        api_url = str(server.make_url("/api/"))
        given = Settings("xoxb-1", "xapp-1", database_url=sqlite_url, slack_api_url=api_url)
        found = {finding.subject: finding async for finding in doctor.examine(given)}
    assert found["clock"].message == "can't be compared with Slack's: its answers have no Date that can be read"
    assert found["database"].is_ok


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_run_refuses_what_can_not_work_in_one_sentence(
    all_databases: Databases, tmp_path: Path, kind: str
) -> None:
    async with team(all_databases.make(kind, migrated=kind == "sqlite"), starts=kind == "sqlite") as made:
        ended = await asked("run", folder=tmp_path, **settings(made, HEALTH_PORT="0"))
        assert ended.returncode == 1
        expected = "Another Winsome is running" if kind == "sqlite" else "Run `winsome migrate`"
        assert expected in ended.stderr
        assert "Traceback" not in ended.stderr


@pytest.mark.parametrize(("token", "value"), [("SLACK_BOT_TOKEN", "xoxb-wrong"), ("SLACK_APP_TOKEN", "xapp-wrong")])
async def test_a_token_that_slack_refuses_is_told_in_one_sentence(
    sqlite_url: str, tmp_path: Path, token: str, value: str
) -> None:
    async with team(sqlite_url, transport="socket", starts=False) as made:
        ended = await asked("run", folder=tmp_path, **settings(made, HEALTH_PORT="0", **{token: value}))
        assert ended.returncode == 1
        assert f"\nSlack refuses {token} (invalid_auth). {NEW_TOKEN[token]}\n" in f"\n{ended.stderr}"
        assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("command", ["run", "migrate", "deliveries"])
def test_a_database_that_is_not_there_is_told_in_one_sentence(
    tmp_path: Path, here: Callable[..., subprocess.CompletedProcess[str]], command: str
) -> None:
    url = "postgresql+psycopg://winsome:secret@127.0.0.1:1/winsome"
    tokens = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1", "SLACK_API_URL": "http://127.0.0.1:1/api/"}
    # What runs for long changes its whole process.
    typed = partial(winsome, folder=tmp_path) if command == "run" else here
    ended = typed(command, DATABASE_URL=url, **tokens)
    assert ended.returncode == 1
    assert ended.stderr.startswith("The database can't be reached (connection failed:")
    assert ended.stderr.endswith("Check DATABASE_URL, and that the database is running.\n")
    assert len(ended.stderr.splitlines()) == 1
    assert "secret" not in ended.stderr


NOWHERE = {
    "SLACK_BOT_TOKEN": "xoxb-1",
    "SLACK_APP_TOKEN": "xapp-1",
    "SLACK_API_URL": "http://127.0.0.1:1/api/",
}


@pytest.mark.parametrize("command", ["run", "migrate", "deliveries"])
def test_a_database_url_with_an_unknown_option_is_told_in_one_sentence(tmp_path: Path, command: str) -> None:
    url = "postgresql+psycopg://winsome:secret@127.0.0.1:1/winsome?ssl=true"
    ended = winsome(command, folder=tmp_path, **NOWHERE | {"DATABASE_URL": url})
    assert ended.returncode == 1
    assert ended.stderr.startswith(
        'The database can\'t be reached (invalid connection option "ssl"). Check DATABASE_URL'
    )
    assert len(ended.stderr.splitlines()) == 1


@pytest.mark.parametrize("command", ["run", "migrate", "deliveries"])
def test_a_file_that_is_no_database_is_told_in_one_sentence(tmp_path: Path, command: str) -> None:
    (tmp_path / "notes.txt").write_text("no database at all\n" * 100)
    ended = winsome(command, folder=tmp_path, **NOWHERE | {"DATABASE_URL": "sqlite:///notes.txt"})
    assert ended.returncode == 1
    assert ended.stderr == (
        "The database can't be used (file is not a database). Check that DATABASE_URL names the right one, and that "
        "Winsome may read and write there.\n"
    )
    found = winsome("doctor", folder=tmp_path, **NOWHERE | {"DATABASE_URL": "sqlite:///notes.txt"})
    assert "FIX  database: can't be read (file is not a database)" in found.stdout


@pytest.mark.parametrize("command", ["run", "migrate"])
def test_a_database_file_that_can_not_be_opened_is_told_in_one_sentence(tmp_path: Path, command: str) -> None:
    (tmp_path / "winsome.db.lock").mkdir()  # which no user can open as a file, root included
    ended = winsome(command, folder=tmp_path, **NOWHERE)
    assert ended.returncode == 1
    assert re.match(r"Winsome can't open \S+/winsome\.db \(Is a directory\)\. The user that it runs as", ended.stderr)
    assert len(ended.stderr.splitlines()) == 1


async def test_a_database_that_takes_no_writes_is_told_in_one_sentence(
    all_databases: Databases, tmp_path: Path
) -> None:
    async with team(all_databases.postgresql(), starts=False) as made:
        url = make_url(made.database_url)
        address = url.set(drivername="postgresql").render_as_string(hide_password=False)
        setting = f'ALTER DATABASE "{url.database}" {{}} default_transaction_read_only'
        with psycopg.connect(address, autocommit=True) as owner:
            owner.execute(f"{setting.format('SET')} = on".encode())
            try:
                ended = await asked("run", folder=tmp_path, **settings(made, HEALTH_PORT="0"))
                found = await asked("doctor", folder=tmp_path, **settings(made))
            finally:
                owner.execute(setting.format("RESET").encode())
        assert ended.returncode == 1
        assert "The database can't be used (cannot execute INSERT in a read-only transaction). " in ended.stderr
        assert "Traceback" not in ended.stderr
        assert found.returncode == 1
        assert "FIX  database: can't be written (cannot execute INSERT in a read-only transaction)" in found.stdout


async def test_a_port_that_is_in_use_is_told_in_one_sentence(sqlite_url: str, tmp_path: Path) -> None:
    async with team(sqlite_url, starts=False) as made:
        in_use = await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", 0)
        port = str(in_use.sockets[0].getsockname()[1])
        ended = await asked("run", folder=tmp_path, **settings(made, HEALTH_PORT=port))
        in_use.close()
        assert ended.returncode == 1
        said = f"Winsome can't listen on 127.0.0.1:{port} (another program uses it). Check HOST, PORT and HEALTH_PORT."
        assert ended.stderr.splitlines()[-1] == said
        assert "Traceback" not in ended.stderr


def test_the_doctor_tells_a_network_that_is_down_from_wrong_settings(tmp_path: Path) -> None:
    tokens = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1", "SLACK_API_URL": "http://127.0.0.1:1/api/"}
    ended = winsome("doctor", folder=tmp_path, **tokens)
    assert ended.returncode == 1
    assert ended.stdout.count("Check that this machine reaches slack.com") == 2
    assert "App-Level Tokens" not in ended.stdout
    assert "ok   database: has no tables yet. `winsome run` takes care of that" in ended.stdout
    assert not list(tmp_path.iterdir()), "nothing is changed"


def test_deliveries_of_a_database_without_tables_says_what_to_do_and_creates_none(
    tmp_path: Path, here: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    ended = here("deliveries")
    assert ended.returncode == 1
    assert re.match(r"The database \S+/winsome\.db has no Winsome tables yet", ended.stderr)
    assert "If that isn't the right file, check DATABASE_URL and the folder you're in." in ended.stderr
    assert not list(tmp_path.iterdir())


def test_deliveries_of_a_database_that_something_else_holds_says_so(sqlite_url: str, tmp_path: Path) -> None:
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as other:
        other.execute("BEGIN IMMEDIATE")
        ended = winsome("deliveries", "--post", "a-key", folder=tmp_path, DATABASE_URL=sqlite_url)
    assert ended.returncode == 1
    assert ended.stderr.startswith("The database can't be used (database is locked). ")
    assert len(ended.stderr.splitlines()) == 1
    nothing = winsome("deliveries", "--there", "", folder=tmp_path, DATABASE_URL=sqlite_url)
    assert (nothing.returncode, nothing.stdout) == (1, "")
    assert nothing.stderr.startswith("No delivery has the key")


def test_deliveries_says_that_a_refused_change_can_be_tried_again(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["deliveries", "--help"])
    assert "post the message, or try again to update or delete it" in " ".join(capsys.readouterr().out.split())


async def test_deliveries_lists_what_is_stuck_and_resolves_it_beside_a_running_bot(
    the_team: Team, tmp_path: Path, here: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    async def types(*words: str) -> subprocess.CompletedProcess[str]:
        return await asyncio.to_thread(here, *words, DATABASE_URL=the_team.database_url)

    said = await asked("deliveries", folder=tmp_path, DATABASE_URL=the_team.database_url)
    assert (said.returncode, said.stdout) == (0, "No message is pending or stuck.\n")
    await the_team.says(the_team.ana, "/win fixed the build")
    await the_team.sees("ana: fixed the build")
    the_team.slack.fault("chat.postMessage", "http_500_before", times=1)
    await the_team.it_is(FRIDAY_16_BERLIN)
    note = await the_team.sees("Do you see it there?", channel=the_team.slack.open_dm(the_team.ana))

    said = await types("deliveries")
    key, kind, where, state = said.stdout.split()[:4]
    assert (kind, where, state) == ("roundup", f"{the_team.slack.team_id}/{the_team.general.id}", "needs_review")
    assert "may be posted, and the bot can't read the channel to check" in said.stdout

    said = await types("deliveries", "--post", key)
    assert said.returncode == 0, said.stderr
    await the_team.sees_roundup(1)
    await the_team.slack.wait_for(lambda: "It was posted." in note.text)
    said = await types("deliveries", "--there", key)
    assert said.returncode == 1
    assert "This delivery is in state posted, but --there is for needs_review and unknown" in said.stderr
    said = await types("deliveries", "--post", "nonsense")
    assert "No delivery has the key nonsense" in said.stderr
