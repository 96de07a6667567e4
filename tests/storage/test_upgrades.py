"""A filled database of each earlier schema keeps every row when it is migrated, under the names of today."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Connection, MetaData, create_engine, func, insert, select

from bot.domain.audit_log import AuditAction
from bot.domain.deliveries import DeliveryKind, DeliveryState, PendingOp
from bot.domain.roundups import RoundupKind
from bot.domain.wins import WinKind
from bot.storage import audit_log, credit_notes, deliveries, roundups, schema, tables, users, win_search, wins
from tests.databases import KINDS, Databases, schema_differences

MONDAY = datetime(2030, 3, 4, 9, 0, tzinfo=UTC)
FRIDAY = datetime(2030, 3, 8, 15, 0, tzinfo=UTC)
REVISIONS = ("0001", "0002", "0003", "0004")
CHANNEL: dict[str, Any] = {"team_id": "T1", "channel_id": "C1"}
DEFAULT_WIN: dict[str, Any] = {
    **CHANNEL,
    **dict.fromkeys(("request", "author_label", "link", "undone_at", "roundup_id", "roundup_part", "roundup_place")),
    "author_id": "UANA",
    "created_at": MONDAY,
}
IN_ROUNDUPS = {1: (1, 0, 1), 2: (1, 0, 0), 3: (1, 1, 0), 6: (1, 1, 1), 8: (1, 1, 2)}
"""(roundup, part, position) of each win that is in one."""
UNDONE = [5, 8]
OPEN = [4]
WINS: list[dict[str, Any]] = [
    *(
        {
            "id": win,
            "roundup_id": at[0],
            "roundup_part": at[1],
            "roundup_place": at[2],
            "undone_at": FRIDAY if win in UNDONE else None,
        }
        for win, at in IN_ROUNDUPS.items()
    ),
    {"id": 4, "request": "command:1", "author_label": "ana", "link": "https://a.test/"},
    {"id": 5, "undone_at": FRIDAY},
    {"id": 7, "channel_id": None},
]
STATES = ["pending", "sending", "posted", "unknown", "answered", "held", "parked", "cancelled", "deleted", "abandoned"]
NEW_STATES = {"answered": "posted_via_response_url", "held": "needs_review", "parked": "rejected"}
ACTIONS = {
    "set_up": AuditAction.CONFIGURED,
    "changed": AuditAction.SETTINGS_CHANGED,
    "took_over": AuditAction.OWNER_CHANGED,
    "posted": AuditAction.POSTED_EARLY,
    "decided": AuditAction.DELIVERY_RESOLVED,
    "defaults": AuditAction.DEFAULTS_CHANGED,
    "left": AuditAction.BOT_LEFT,
    "came_back": AuditAction.BOT_RETURNED,
    "new_id": AuditAction.CHANNEL_ID_CHANGED,
    "went_private": AuditAction.BECAME_PRIVATE,
}


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    engine = create_engine(url)
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def fill(connection: Connection, revision: str) -> None:
    """Store a workspace with something in every table and column that `revision` has."""
    old = MetaData()
    old.reflect(connection)

    def add(table: str, *rows: dict[str, Any]) -> None:
        connection.execute(insert(old.tables[table]), list(rows))

    add("workspaces", {"team_id": "T1", "name": "Acme", "url": "https://a.test/", "bot_user_id": "UB"})
    day = {"weekday": 4} if revision == "0001" else {"rule": "FREQ=WEEKLY;BYDAY=FR", "starts_on": MONDAY.date()}
    schedule = {**day, "local_time": "16:00", "zone": "Europe/Berlin", "next_due_at": FRIDAY}
    more = {"posts_in": "C2", "quiet": "line", "reminds": True, "managers": '["UBEN"]', "away": "archived"}
    more = {**more, "surveyed_at": MONDAY} if revision >= "0004" else {}
    add("channels", {**CHANNEL, **schedule, **more, "set_up_by": "UANA", "set_up_at": MONDAY})
    add("people", {"team_id": "T1", "user_id": "UANA", "name": "ana", "zone": "UTC", "looked_up_at": MONDAY})
    add("seen_requests", {"team_id": "T1", "key": "k", "answer": '{"text": "Undone: my words"}', "seen_at": MONDAY})
    posted_by = {"posted_by": None} if revision >= "0004" else {}
    past = {**CHANNEL, "created_at": MONDAY, **posted_by}
    early = [{**past, "id": 3, "due_at": MONDAY, "posted_by": "UANA"}] if revision >= "0004" else []
    add("roundups", {**past, "id": 1, "due_at": MONDAY.replace(hour=10)}, {**past, "id": 2, "due_at": FRIDAY}, *early)
    add("wins", *({**DEFAULT_WIN, "text": f"win {win['id']}", **win} for win in WINS))
    add("win_people", {"win_id": 4, "user_id": "UBEN", "role": "credited", "team_id": "T1", "label": "ben"})
    add("tags", {"win_id": 4, "tag": "build", "team_id": "T1"})
    cheer = {"user_id": "UBEN", "source": "button", "team_id": "T1", "changed_at_us": 7}
    add("win_cheers", {**cheer, "win_id": 1, "stands": True}, {**cheer, "win_id": 2, "stands": False})
    add("win_cheers", {**cheer, "win_id": 3, "source": "reaction:thumbsup", "stands": True})
    add("roundup_cheers", {**cheer, "roundup_id": 1, "stands": True})
    message = {**CHANNEL, "created_at": MONDAY, "win_id": None, "roundup_id": None, "part": 0, "todo": None}
    if revision >= "0004":
        message |= {"recipient": None, "told_in": None, "audit_id": None}
    by_state = [
        {**message, "id": number, "key": state, "kind": "roundup", "roundup_id": 2, "part": number, "state": state}
        for number, state in enumerate(STATES)
    ]
    announced = {**message, "kind": "announcement", "state": "posted", "todo": "update"}
    add("deliveries", *by_state, *({**announced, "id": 20 + n, "key": f"win-{n}", "win_id": n} for n in (1, 4)))
    if revision >= "0003":
        note = {**message, "id": 30, "key": "alert", "kind": "note", "state": "posted", "recipient": "UANA"}
        add("deliveries", note)
        connection.execute(
            old.tables["deliveries"].update().where(old.tables["deliveries"].c.key == "held"), {"told_in": 30}
        )
    if revision >= "0004":
        add("without_notes", {"team_id": "T1", "user_id": "UANA"})
        entry = {
            **CHANNEL,
            "actor_id": "UANA",
            "at": MONDAY,
            "before": '{"state": "held"}',
            "after": None,
            "told_in": None,
        }
        entries = [{**entry, "id": number, "kind": kind} for number, kind in enumerate(ACTIONS, 1)]
        left = list(ACTIONS).index("left")
        entries[left] |= {"before": None, "after": '{"away": "archived"}', "told_in": 30}
        add("audit", *entries)
        add(
            "deliveries",
            {**message, "id": 31, "key": "change", "kind": "change", "state": "posted", "audit_id": 2},
            {**message, "id": 32, "key": "offer", "kind": "offer", "state": "pending", "recipient": "UANA"},
        )


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("revision", REVISIONS)
def test_a_filled_database_of_an_earlier_schema_loses_nothing(
    all_databases: Databases, kind: str, revision: str
) -> None:
    url = all_databases.make(kind, migrated=False)
    schema.migrate(url, revision=revision)
    with connected(url) as connection:
        fill(connection, revision)
    schema.migrate(url)
    with connected(url) as connection:
        assert schema_differences(connection) == []
        check_wins(connection)
        check_deliveries(connection, revision)
        assert credit_notes.posted_without_notes(connection, limit=9) == [], "credits from before bring no messages"
        if revision >= "0004":
            check_settings(connection)
        known = users.by_id(connection, "T1", "UANA")
        assert known is not None
        assert known.name == "ana"
        assert rows(connection, "idempotency_keys") == [("T1", "k", None, MONDAY)]
        # What is new gets an id of its own.
        entry = audit_log.add(connection, AuditAction.CONFIGURED, **CHANNEL, actor_id="UANA", now=FRIDAY)
        assert entry.id == (11 if revision >= "0004" else 1)


def rows(connection: Connection, table: str) -> list[tuple[Any, ...]]:
    found = tables.metadata.tables[table]
    return [tuple(row) for row in connection.execute(select(found).order_by(*found.primary_key.columns))]


def check_wins(connection: Connection) -> None:
    assert [win.id for win in wins.open_in(connection, "T1", "C1")] == OPEN
    stored = connection.execute(select(tables.wins).order_by(tables.wins.c.id)).all()
    assert [(row.id, row.text, row.is_open, row.undone_at) for row in stored] == [
        (win, f"win {win}", win in OPEN, FRIDAY if win in UNDONE else None) for win in range(1, 9)
    ]
    assert [row.id for row in stored if row.is_private] == [7]
    assert {(row.kind, row.is_own, row.revision) for row in stored} == {(WinKind.WIN, True, 0)}
    assert (stored[3].idempotency_key, stored[3].author_name, stored[3].url) == ("command:1", "ana", "https://a.test/")
    assert rows(connection, "roundup_items") == [
        (roundup, part, position, None, None, win, win not in UNDONE, "T1")
        for win, (roundup, part, position) in sorted(IN_ROUNDUPS.items(), key=lambda item: item[1])
    ]
    assert [win.id for win in wins.of_roundup(connection, 1, 0)] == [2, 1]
    assert rows(connection, "win_people") == [(4, "UBEN", "credited", "T1", "ben", None, None)]
    assert rows(connection, "tags") == [(4, "build", "T1")]
    assert rows(connection, "win_cheers") == [
        (1, "UBEN", "button", "T1", True, 7),
        (2, "UBEN", "button", "T1", False, 7),
        (3, "UBEN", "reaction:thumbsup::any-tone", "T1", True, 7),
    ]
    assert rows(connection, "roundup_cheers") == [(1, "UBEN", "button", "T1", True, 7)]
    reader = win_search.Reader("UANA", ["C1"])
    for terms, expected in (([], {1, 2, 3, 4, 6, 7}), ([["win"], ["#build"], ["@UBEN"], ["/C1"]], {4})):
        found = win_search.find(connection, "T1", terms, reader, limit=20)
        assert {win_id for _, win_id in found} == expected, "those that aren't undone"


def check_deliveries(connection: Connection, revision: str) -> None:
    for state in STATES:
        delivery = deliveries.by_key(connection, "T1", state)
        assert delivery is not None
        assert (delivery.kind, delivery.state) == (DeliveryKind.ROUNDUP, DeliveryState(NEW_STATES.get(state, state)))
        assert (delivery.roundup_id, delivery.created_at) == (2, MONDAY)
        assert delivery.alert_id == (30 if state == "held" and revision >= "0003" else None)
    announcement = deliveries.of_win(connection, 4)
    assert announcement is not None
    assert (announcement.kind, announcement.pending_op) == (DeliveryKind.ANNOUNCEMENT, PendingOp.UPDATE)
    assert {delivery.key for delivery in roundups.unsent_due_before(connection, due_before=FRIDAY.replace(day=9))} == {
        "pending",
        "parked",
    }
    count = select(func.count()).select_from(tables.deliveries)
    assert connection.execute(count).scalar_one() == {"0003": 13, "0004": 15}.get(revision, 12)


def check_settings(connection: Connection) -> None:
    channel = connection.execute(select(tables.channels)).one()
    assert (channel.owner_id, channel.configured_at, channel.synced_at) == ("UANA", MONDAY, MONDAY)
    assert (channel.target_channel_id, channel.quiet_policy, channel.wants_reminder) == ("C2", "line", True)
    assert (channel.manager_ids, channel.unavailable_reason) == ('["UBEN"]', "archived")
    entries = connection.execute(select(tables.audit_log).order_by(tables.audit_log.c.id)).all()
    assert [entry.action for entry in entries] == list(ACTIONS.values())
    by_action = {entry.action: entry for entry in entries}
    assert by_action[AuditAction.DELIVERY_RESOLVED].before == '{"state": "needs_review"}'
    assert by_action[AuditAction.BOT_LEFT].after == '{"unavailable_reason": "archived"}'
    assert (by_action[AuditAction.BOT_LEFT].alert_id, by_action[AuditAction.BOT_LEFT].created_at) == (30, MONDAY)
    kinds = {key: deliveries.by_key(connection, "T1", key) for key in ("alert", "change", "offer")}
    assert {key: found and (found.kind, found.recipient_id, found.audit_id) for key, found in kinds.items()} == {
        "alert": (DeliveryKind.OWNER_ALERT, "UANA", None),
        "change": (DeliveryKind.SETTINGS_CHANGE, None, 2),
        "offer": (DeliveryKind.OFFER, "UANA", None),
    }
    assert rows(connection, "alert_opt_outs") == [("T1", "UANA")]
    roundup_kinds = connection.execute(select(tables.roundups.c.id, tables.roundups.c.kind)).all()
    assert dict(map(tuple, roundup_kinds)) == {
        1: RoundupKind.SCHEDULED,
        2: RoundupKind.SCHEDULED,
        3: RoundupKind.EARLY,
    }
