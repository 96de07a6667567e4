"""What every test may ask for: databases, and teams with the real bot in a stand-in Slack.

`pytest --deep` runs each conversation in each deployment and takes the large sizes; see docs/testing.md.
"""

import itertools
import warnings
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, settings

from tests import examples
from tests.databases import KINDS, Databases, databases, share_compiled_statements
from tests.query_plans import PlanReader
from tests.signed_client import SignedClient, open_signed_client
from tests.team import TIMING, Team, share_argument_names, team


class Deployment(NamedTuple):
    """What a conversation runs on: a kind of database, and the way in which Slack's requests reach the bot."""

    database: str
    transport: str


USUAL = [Deployment("sqlite", "in_process")]
REAL = {"every_deployment": Deployment("postgresql", "socket"), "over_http": Deployment("sqlite", "http")}
"""Where a conversation with one of these marks runs too: real sockets, and both databases."""
DEEP_TIMEOUT = 600
"""Seconds that a test may take with `--deep`, if it isn't marked with others."""
DEEP = [*USUAL, *itertools.starmap(Deployment, itertools.product(KINDS, ("socket", "http")))]
TESTS = Path(__file__).resolve().parent


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--deep", action="store_true", help="every conversation in every deployment, and large sizes")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Say how many examples Hypothesis tries, and let it measure none: on a busy machine each may take long.

    Large sizes have more time, too.
    """
    settings.register_profile(
        "busy",
        settings.default,
        max_examples=examples.ALL if config.option.deep else examples.USUAL,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
    settings.load_profile("busy")
    if config.option.deep and config.option.timeout is None:
        config.option.timeout = DEEP_TIMEOUT


def pytest_sessionstart(session: pytest.Session) -> None:
    """Let each process of a run of all tests begin with other files, before it collects them in order.

    pytest rewrites the asserts of each file the first time, which takes as long as hundreds of tests. All processes
    would do so with the same file at the same time; like this, each finds what the others have written.
    """
    process = getattr(session.config, "workerinput", None)
    if process is None or {Path(each).resolve() for each in session.config.args} != {TESTS}:
        return
    number, count = int(process["workerid"].removeprefix("gw")), process["workercount"]
    for path in sorted(TESTS.glob("*/test_*.py"))[number::count]:
        # What is wrong with a file is told when it is collected.
        with suppress(Exception), warnings.catch_warnings(action="error"):
            import_module(f"{TESTS.name}.{path.parent.name}.{path.stem}")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is marked `deep`, unless it is asked for, and mix the folders."""
    if not config.option.deep:
        deep = [item for item in items if item.get_closest_marker("deep")]
        config.hook.pytest_deselected(items=deep)
        items[:] = [item for item in items if not item.get_closest_marker("deep")]
    items[:] = _spread_folders(items)


def _spread_folders(items: list[pytest.Item]) -> list[pytest.Item]:
    """Spread each folder's files evenly over the run: conversations wait while others need the processor."""
    in_folder = Counter(item.path.parent for item in items)
    in_file = Counter(item.path for item in items)
    before: Counter[Path] = Counter()
    middle: dict[Path, float] = {}
    for path, count in in_file.items():
        middle[path] = (before[path.parent] + count / 2) / in_folder[path.parent]
        before[path.parent] += count
    return sorted(items, key=lambda item: middle[item.path])


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Choose the deployments of each conversation."""
    if "deployment" in metafunc.fixturenames:
        marked = [REAL[mark] for mark in REAL if metafunc.definition.get_closest_marker(mark)]
        deployments = DEEP if metafunc.config.option.deep else [*USUAL, *marked]
        metafunc.parametrize("deployment", deployments, ids="-".join)


@pytest.fixture(scope="session")
def is_deep(request: pytest.FixtureRequest) -> bool:
    """Whether the large sizes are asked for."""
    return bool(request.config.option.deep)


@pytest.fixture(scope="session")
def all_databases(testrun_uid: str, worker_id: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    share_compiled_statements()
    share_argument_names()
    folder = tmp_path_factory.getbasetemp()
    template = (folder if worker_id == "master" else folder.parent) / "template.db"
    with databases(shared=testrun_uid, name=f"{worker_id}_", template=template) as made:
        yield made


@pytest.fixture(scope="session")
def plan_reader() -> PlanReader:
    reader = PlanReader()
    reader.start()
    return reader


@pytest.fixture(autouse=True)
def reads_no_whole_table(plan_reader: PlanReader) -> Iterator[None]:
    """Fail if the bot ran a statement, for the first time, that reads all rows of a table that grows."""
    plan_reader.found.clear()
    yield
    assert plan_reader.found == []


@pytest.fixture(autouse=True)
def fresh_databases(all_databases: Databases) -> Iterator[None]:
    """Let go of a test's databases after all else of it."""
    yield
    all_databases.take_back()


@pytest.fixture(params=KINDS)
def database_url(request: pytest.FixtureRequest, all_databases: Databases) -> str:
    """A fresh, migrated database: the test runs on each kind."""
    return all_databases.make(request.param)


@pytest.fixture
def sqlite_url(all_databases: Databases) -> str:
    """A fresh, migrated SQLite file, where the database makes no difference."""
    return all_databases.sqlite()


@pytest.fixture
def quick_posts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let bots that start after this post, update and delete as fast as they can: ask for it before `the_team`."""
    quick = dict.fromkeys((method for method in TIMING.per_workspace if method.startswith("chat.")), 0.0)
    monkeypatch.setattr("tests.team.TIMING", replace(TIMING, per_workspace={**TIMING.per_workspace, **quick}))


@pytest.fixture
def team_url(deployment: Deployment, all_databases: Databases, monkeypatch: pytest.MonkeyPatch) -> str:
    """A fresh, migrated database of the deployment, whose transport every team of the test uses."""
    monkeypatch.setattr("tests.team.TRANSPORT", deployment.transport)
    return all_databases.make(deployment.database)


@pytest.fixture
async def the_team(team_url: str) -> AsyncIterator[Team]:
    """The team in the test's deployment: its requests enter the bot directly, unless the test is marked."""
    async with team(team_url) as made:
        yield made


@pytest.fixture(params=["socket", "http"])
async def the_team_both_ways(request: Any, sqlite_url: str) -> AsyncIterator[Team]:
    """The team over Socket Mode and over HTTP, where the transport may make a difference."""
    async with team(sqlite_url, transport=request.param) as made:
        yield made


@pytest.fixture
async def http_team(sqlite_url: str) -> AsyncIterator[Team]:
    """The team over HTTP."""
    async with team(sqlite_url, transport="http") as made:
        yield made


@pytest.fixture
async def signed_client(http_team: Team) -> AsyncIterator[SignedClient]:
    """A client that signs requests to the team's bot as Slack does."""
    assert http_team.slack.request_url is not None
    async with open_signed_client(http_team.slack.request_url, http_team.slack.signing_secret) as client:
        yield client
