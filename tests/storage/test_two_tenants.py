"""Two workspaces in one database: no function of the storage reads or changes a row of the other one.

Users, channels and messages have the same ids in both, as Slack's are unique in a workspace only, and each function is
also asked for rows by the ids that they have in the other workspace. What it answers is what it answers where there is
no other workspace, and the rows of the other one stay as they are.
"""

import importlib
import inspect
import pkgutil
import random
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, select, update

from bot import storage
from bot.domain.audit_log import AuditAction
from bot.domain.channel_settings import ChannelSettings, WorkspaceDefaults
from bot.domain.consent import Consent, Preference
from bot.domain.deliveries import DeliveryKind, DeliveryState
from bot.domain.entered_win import EnteredWin
from bot.domain.permissions import Actor
from bot.domain.schedules import FRIDAY_AFTERNOON, Schedule
from bot.domain.wins import Mention, MessageSource, parse_win
from bot.domain.workspaces import Workspace
from bot.services import channel_settings, roundups
from bot.storage import (
    cheers,
    climbs,
    deliveries,
    idempotency,
    lanes,
    owner_alerts,
    preferences,
    tables,
    unsaved_wins,
    users,
    wins,
    workspaces,
)
from bot.storage.channels import ConversationInfo
from bot.storage.database import engine
from bot.storage.enqueue import NewDelivery, enqueue
from bot.storage.tables import metadata, win_cheers
from bot.storage.users import User
from bot.storage.win_search import Reader
from bot.storage.wins import NewWin
from tests.single import mark_sending

MONDAY = datetime(2030, 3, 4, 9, 0, tzinfo=UTC)
FRIDAY = MONDAY + timedelta(days=4, hours=10)
OURS, THEIRS = "T1", "T2"
CHANNELS = ["C1", "C2"]
PEOPLE = ["UANA", "UBEN", "UCHLOE"]
ADMIN = Actor("UANA", is_active=True, is_admin=True)
SOURCE = MessageSource("C1", "1900000000.000001")
SETTINGS = ChannelSettings(
    Schedule(FRIDAY_AFTERNOON[0], MONDAY.date(), FRIDAY_AFTERNOON[1], "Europe/Berlin"), manager_ids=frozenset({"UBEN"})
)
SHOWN_BY_NUMBER = {"audit_log.add", "climbs.add", "unsaved_wins.add"}
"""They return the id of a new row, which is another one where there are more rows."""
OF_OUR_ROWS = {"cheers.record", "joining.join"}
"""They write a row about one that the caller has read as its workspace's."""
MODULES = [each.name for each in pkgutil.iter_modules(storage.__path__)]


def _functions() -> Iterator[tuple[str, Callable[..., Any]]]:
    """Every public function of the storage that is about one workspace."""
    for module_name in MODULES:
        module = importlib.import_module(f"{storage.__name__}.{module_name}")
        for name, function in inspect.getmembers(module, inspect.isfunction):
            parameters = inspect.signature(function).parameters
            is_its_own = function.__module__ == module.__name__ and not name.startswith("_")
            if is_its_own and "connection" in parameters and {"team_id", "lane", "keys", "wanted"} & parameters.keys():
                yield f"{module_name}.{name}", function


FUNCTIONS = dict(_functions())


def _fill(connection: Connection, team_id: str, rng: random.Random) -> None:
    """Let a workspace do what there is to do, some of it at random."""
    workspaces.save(connection, Workspace(team_id, None, team_id, f"https://{team_id}.slack.com/", "UBOT"))
    for number, user_id in enumerate(PEOPLE):
        user = User(
            team_id, user_id, f"{user_id} of {team_id}", "UTC", is_active=True, is_admin=number == 0, is_guest=False
        )
        users.save(connection, user, now=MONDAY)
        preferences.choose(connection, team_id, user_id, rng.choice(list(Preference)))
    users.add_bots(connection, team_id, ["UROBOT"])
    for channel_id in CHANNELS:
        channel_settings.change(connection, ADMIN, team_id, channel_id, SETTINGS, now=MONDAY)
    climb_id = climbs.add(connection, team_id, "C1", name=f"a climb of {team_id}", created_by="UANA", now=MONDAY)
    drafts = []
    for number in range(rng.randint(6, 12)):
        author, other = rng.sample(PEOPLE, 2)
        draft = parse_win(
            f"step {number} of {team_id} with <@{other}> #tag{number % 3}", [Mention(other, other.lower())]
        )
        drafts.append(
            NewWin(
                draft,
                team_id,
                rng.choice([*CHANNELS, None]),
                f"request {number}",
                Mention(author, author.lower()),
                MONDAY - timedelta(days=rng.choice([0, 1, 365])),
                consents={other: rng.choice(list(Consent))},
            )
        )
    for number, win_id in enumerate(filter(None, wins.add_all(connection, drafts))):
        if number % 3 == 0:
            connection.execute(update(tables.wins).where(tables.wins.c.id == win_id).values(climb_id=climb_id))
        new = NewDelivery(team_id, "C1", MONDAY, win_id=win_id)
        (key,) = enqueue(connection, DeliveryKind.ANNOUNCEMENT, [new])
        found = deliveries.by_key(connection, team_id, key)
        assert found is not None
        mark_sending(connection, found, now=MONDAY)
        if number % 2:
            deliveries.mark_posted(connection, found.id, f"190000000{number % 10}.{number:06}")
        elif number % 4:
            deliveries.mark_finished(connection, found.id, DeliveryState.NEEDS_REVIEW, "odd")
        enqueue(
            connection, DeliveryKind.CREDIT, [NewDelivery(team_id, "UBEN", MONDAY, win_id=win_id, recipient_id="UBEN")]
        )
        cheer: Any = {
            "user_id": rng.choice(PEOPLE),
            "source": "button",
            "is_active": True,
            "event_ts": "1900000000.000001",
        }
        cheers.record(connection, win_cheers, team_id=team_id, subject_id=win_id, **cheer)
    roundups.post_now(connection, ADMIN, team_id, "C2", up_to=10**9, now=MONDAY + timedelta(hours=1))
    unsaved_wins.add(
        connection, team_id, "UANA", "C1", EnteredWin(text=f"nearly, in {team_id}"), source=SOURCE, now=MONDAY
    )
    owner_alerts.opt_out(connection, team_id, rng.choice(PEOPLE))
    idempotency.run_once(connection, team_id, "a request", now=MONDAY, work=lambda _: {"by": team_id})


@dataclass(frozen=True)
class Worlds:
    """A database in which our workspace is alone, and one in which there is another, too.

    Every change is undone, so that all tests use them, and `theirs` are the rows of the other workspace in each.
    """

    alone: Connection
    shared: Connection
    theirs: dict[Connection, dict[str, list[Any]]]


@pytest.fixture(scope="module", params=range(2))
def worlds(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, all_databases: Any
) -> Iterator[Worlds]:
    url = all_databases.sqlite()
    folder: Path = tmp_path_factory.mktemp("tenants")
    alone, shared = folder / "alone.db", folder / "shared.db"
    shutil.copyfile(url.removeprefix("sqlite:///"), alone)
    for path, team_id in ((alone, OURS), (shared, THEIRS)):
        if path == shared:
            shutil.copyfile(alone, shared)
        with _connected(path) as connection:
            _fill(connection, team_id, random.Random(f"{request.param} {team_id}"))
            connection.commit()
    with _connected(alone) as first, _connected(shared) as second:
        theirs = {}
        for each in (first, second):
            with _undone(each):
                theirs[each] = _rows(each, THEIRS)
        yield Worlds(first, second, theirs)


@contextmanager
def _connected(path: Path) -> Iterator[Connection]:
    made = engine(f"sqlite:///{path}", writes=True)
    with made.connect() as connection:
        yield connection
    made.dispose()


@contextmanager
def _undone(connection: Connection) -> Iterator[Connection]:
    """Undo in the end what is done meanwhile."""
    try:
        yield connection
    finally:
        connection.rollback()


def _rows(connection: Connection, team_id: str) -> dict[str, list[Any]]:
    return {
        table.name: sorted(map(repr, connection.execute(select(table).where(table.c.team_id == team_id))))
        for table in metadata.sorted_tables
        if table.name != "win_search"
    }


def _ids(connection: Connection, table: str, team_id: str, column: str = "id") -> list[Any]:
    columns = metadata.tables[table].c
    return list(
        connection.execute(select(columns[column]).where(columns.team_id == team_id).order_by(columns.id)).scalars()
    )


def _arguments(connection: Connection, owner: str) -> dict[str, Any]:
    """What a function may be asked about, by the name of its parameter: rows have the ids that they have in `owner`."""
    win_ids, climb_ids = _ids(connection, "wins", owner), _ids(connection, "climbs", owner)
    roundup_ids, keys = _ids(connection, "roundups", owner), _ids(connection, "deliveries", owner, "key")
    return {
        "action": AuditAction.SETTINGS_CHANGED,
        "actor": ADMIN,
        "actor_id": "UANA",
        "author_id": "UANA",
        "before": win_ids[-1],
        "channel_id": "C1",
        "channel_ids": CHANNELS,
        "climb_id": climb_ids[0],
        "climb_ids": climb_ids,
        "created_by": "UANA",
        "defaults": WorkspaceDefaults(zone="Asia/Tokyo"),
        "delivery_id": None,
        "due_at": FRIDAY,
        "end": FRIDAY,
        "entered": EnteredWin(text="entered"),
        "event_ts": "1900000009.000001",
        "expected_revision": 0,
        "idempotency_key": "request 1",
        "info": ConversationInfo(creator="UBEN", is_private=True, unavailable_reason=None),
        "is_active": False,
        "key": keys[0],
        "keys": [(OURS, each) for each in (*CHANNELS, *PEOPLE)],
        "lane": (OURS, "C1"),
        "limit": 50,
        "is_quiet": False,
        "name": "a new climb",
        "new_id": "C9",
        "now": FRIDAY,
        "old_id": "C1",
        "parts": [win_ids[:2]],
        "consents": list(Consent),
        "message_ts": "1900000001.000001",
        "preference": Preference.NEVER,
        "public_since": MONDAY,
        "reader": Reader("UANA", CHANNELS),
        "reader_id": "UANA",
        "roundup_due_at": FRIDAY,
        "roundup_id": roundup_ids[0],
        "roundup_ids": roundup_ids,
        "settings": SETTINGS,
        "since": MONDAY - timedelta(days=400),
        "source": SOURCE,
        "start": MONDAY - timedelta(days=400),
        "subject_id": win_ids[0],
        "table": win_cheers,
        "team_id": OURS,
        "terms": [["step"]],
        "ts": "1900000001.000001",
        "unsaved_id": _ids(connection, "unsaved_wins", owner)[0],
        "until": FRIDAY,
        "user_id": "UANA",
        "user_ids": PEOPLE,
        "viewer_id": "UBEN",
        "wanted": [lanes.Wanted((OURS, each)) for each in (*CHANNELS, "UBEN")],
        "wanted_names": ["UANA of T1", "UANA of T2"],
        "wants_look_back": True,
        "wants_messages": False,
        "win_id": win_ids[0],
        "win_ids": win_ids,
        "work": lambda _: {"by": "now"},
        "zone": "UTC",
        "post_errors": ["odd"],
        "change_errors": ["odd"],
    }


DIFFERENTLY: dict[str, dict[str, Any]] = {
    "audit_log.latest": {"before_id": None},
    "cheers.record": {"source": "button"},
    "idempotency.run_once": {"key": "a request"},
    "win_search.find": {"before": None, "terms": [["step"]]},
}


def _asked(function: Callable[..., Any], name: str, arguments: dict[str, Any]) -> Callable[[Connection], str]:
    """Bind what a function is asked, and return how it answers, as text."""
    given: dict[str, Any] = {}
    for parameter in list(inspect.signature(function).parameters.values())[1:]:
        values = arguments | DIFFERENTLY.get(name, {})
        if parameter.name in values:
            given[parameter.name] = values[parameter.name]
        else:
            assert parameter.default is not parameter.empty, f"{name}: what is {parameter.name}?"

    def answer(connection: Connection) -> str:
        try:
            found = function(connection, **given)
        except Exception as error:  # noqa: BLE001 - also how it refuses must not depend on others
            return type(error).__name__
        return repr(sorted(found, key=repr) if isinstance(found, set | frozenset) else found)

    return answer


@pytest.mark.parametrize("name", FUNCTIONS)
def test_no_other_workspace_is_read_or_changed(worlds: Worlds, name: str) -> None:
    for owner in (OURS,) if name in OF_OUR_ROWS else (OURS, THEIRS):
        with _undone(worlds.shared) as connection:
            answer = _asked(FUNCTIONS[name], name, _arguments(connection, owner))
        answers, changed = [], []
        for world in (worlds.alone, worlds.shared):
            with _undone(world) as connection:
                answers.append(answer(connection))
                theirs = _rows(connection, THEIRS)
                assert theirs == worlds.theirs[world], f"{name} changed rows of another workspace"
                changed.append(_rows(connection, OURS))
        if name not in SHOWN_BY_NUMBER:
            assert answers[0] == answers[1], f"asked with the ids of {owner}"
            assert changed[0] == changed[1]
        assert THEIRS not in answers[1].replace(f"UANA of {THEIRS}", "")


def test_both_workspaces_have_rows_in_every_table(worlds: Worlds) -> None:
    empty: set[str] = set()
    with _undone(worlds.shared) as connection:
        for team_id in (OURS, THEIRS):
            empty |= {table for table, rows in _rows(connection, team_id).items() if not rows}
    assert empty <= {"roundup_cheers", "roundup_notes"}
