"""A search finds exactly the wins that the table of permissions lets a person find, for every combination."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest
from sqlalchemy import Connection, insert, update

from bot.domain.consent import Consent, Preference
from bot.domain.found_wins import UnknownName
from bot.domain.permissions import Actor
from bot.domain.win_permissions import WinAction, may_with_win, reach_of_win, relation_to_win
from bot.domain.wins import CREDITED_ROLES, Mention, WinRole, parse_win
from bot.domain.workspaces import Workspace
from bot.services import search as service
from bot.services.search import Search
from bot.services.visibility import VisibleChannels
from bot.storage import channels, preferences, tables, win_search, wins, workspaces
from bot.storage.database import Database
from bot.storage.wins import NewWin

MONDAY = datetime(2030, 3, 4, 9, 0, tzinfo=UTC)
ME, OTHER = "UME", "UOTHER"
IN, PUBLIC, HIDDEN = "CIN", "CPUBLIC", "CHIDDEN"
WHERE = [*product((IN, PUBLIC, HIDDEN), (True, False)), (None, True)]
ROLES = [None, *WinRole]
ACTORS = {
    "member": Actor(ME, is_active=True),
    "admin": Actor(ME, is_active=True, is_admin=True),
    "guest": Actor(ME, is_active=True, is_guest=True),
    "stranger": Actor(ME, is_active=False),
}


@dataclass
class Slack:
    """Says who searches and where they are; None is no answer."""

    database: Database
    actor_said: Actor | None
    memberships_said: frozenset[str] | None
    no_longer_public: frozenset[str] = frozenset()

    async def actor_if_known(self, *_: Any) -> Actor | None:
        return self.actor_said

    async def memberships(self, *_: Any) -> frozenset[str] | None:
        return self.memberships_said

    async def visible(self, team_id: str, memberships: frozenset[str] | None, **_: Any) -> VisibleChannels:
        seen = {PUBLIC, *(memberships or ())}
        known = await self.database.read(lambda connection: channels.of_team(connection, team_id))
        visible = frozenset(each.channel_id for each in known if each.channel_id in seen)
        verified_ids = frozenset(seen) - self.no_longer_public
        return VisibleChannels(visible, memberships, is_complete=True, verified_ids=verified_ids)

    async def public_among(self, _team_id: str, channel_ids: Any) -> tuple[frozenset[str], bool]:
        return frozenset(channel_ids) - self.no_longer_public, True

    async def channel_named(self, _team_id: str, _user_id: str, name: str) -> str | None:
        return {"in": IN, "public": PUBLIC}.get(name)


def save_every_kind(connection: Connection) -> dict[int, Any]:
    """Save a win of every kind, and return for each id what it is."""
    workspaces.save(connection, Workspace("T1", None, "T1", "https://t1.test/", "UBOT"))
    channels.ensure_exist(connection, [("T1", channel_id) for channel_id in (IN, PUBLIC, HIDDEN)])
    kinds: dict[int, Any] = {}
    for (channel_id, is_private), author, role in product(WHERE, (ME, OTHER), ROLES):
        new = NewWin(
            parse_win("sought", []), "T1", channel_id, str(len(kinds)), Mention(author), MONDAY, is_private=is_private
        )
        (win_id,) = wins.add_all(connection, [new])
        assert win_id is not None
        if role is not None:
            person = {"win_id": win_id, "team_id": "T1", "user_id": ME, "role": role}
            connection.execute(insert(tables.win_people), person)
        kinds[win_id] = (channel_id, is_private, author, role)
    undone = next(iter(kinds))
    connection.execute(update(tables.wins).where(tables.wins.c.id == undone).values(undone_at=MONDAY))
    win_search.refresh(connection, tables.wins.c.team_id == "T1")
    del kinds[undone]
    return kinds


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = Database(database_url)
    yield opened
    await opened.close()


def searches(database: Database, actor: Actor | None, memberships: frozenset[str] | None) -> Search:
    slack: Any = Slack(database, actor, memberships)
    return Search(slack, slack, slack, database, lambda: MONDAY)


async def find_all(search: Search, typed: str, user_id: str = ME) -> set[int]:
    found_ids: set[int] = set()
    before = None
    while True:
        found = await search.find("T1", user_id, "T1", typed, before=before)
        found_ids |= {win.id for win in found.wins}
        if not found.has_more:
            return found_ids
        assert found.wins, "no page is empty while there are more"
        before = found.positions[-1]


async def test_a_search_finds_what_the_permissions_allow(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "PAGE_SIZE", 25)
    kinds = await database.write(save_every_kind)
    for who, memberships in product([*ACTORS, None], (frozenset({IN}), frozenset(), None)):
        actor = None if who is None else ACTORS[who]
        expected = set()
        for win_id, (channel_id, is_private, author, role) in kinds.items():
            relation = relation_to_win(
                ME,
                author_id=author,
                credited_ids=[ME] if role in CREDITED_ROLES else [],
                thanked_ids=[ME] if role is WinRole.THANKED else [],
                is_active=actor is None or actor.is_active,
                is_guest=actor is None or actor.is_guest,
            )
            is_in = channel_id in (memberships or ())
            reach = reach_of_win(
                channel_id, is_private=is_private, is_in=is_in, is_public=not is_in and channel_id == PUBLIC
            )
            if may_with_win(WinAction.FIND, relation, reach):
                expected.add(win_id)
        search = searches(database, actor, memberships)
        assert await find_all(search, "sought") == expected, (who, memberships)
        in_public = {win_id for win_id in expected if kinds[win_id][0] == PUBLIC}
        assert await find_all(search, "sought in #public") == in_public


async def test_what_slack_does_not_say_is_left_out_and_that_is_said(database: Database) -> None:
    await database.write(save_every_kind)
    for actor, memberships in product((ACTORS["member"], None), (frozenset({IN}), None)):
        found = await searches(database, actor, memberships).find("T1", ME, "T1", "sought")
        assert found.is_complete == (actor is not None and memberships is not None)


async def test_i_am_me(database: Database) -> None:
    await database.write(save_every_kind)
    search = searches(database, ACTORS["member"], frozenset({IN}))
    assert await find_all(search, "sought from:me") == await find_all(search, f"sought <@{ME}>") != set()


async def test_a_name_that_no_one_has_is_said(database: Database) -> None:
    await database.write(save_every_kind)
    search = searches(database, ACTORS["member"], frozenset())
    for typed in ("@zed", "in #hidden", "in #nowhere"):
        with pytest.raises(UnknownName):
            await search.find("T1", ME, "T1", typed)


async def test_a_page_of_a_channel_that_is_no_longer_public_makes_room_for_older_wins(database: Database) -> None:
    def save(connection: Connection) -> list[int | None]:
        workspaces.save(connection, Workspace("T1", None, "T1", "https://t1.test/", "UBOT"))
        channels.ensure_exist(connection, [("T1", channel_id) for channel_id in (IN, PUBLIC)])
        where = [IN, *[PUBLIC] * (service.PAGE_SIZE + 2), IN]
        new = [
            NewWin(parse_win("sought", []), "T1", channel_id, str(n), Mention(OTHER), MONDAY + timedelta(minutes=n))
            for n, channel_id in enumerate(where)
        ]
        return wins.add_all(connection, new)

    win_ids = await database.write(save)
    slack: Any = Slack(database, ACTORS["member"], frozenset({IN}), no_longer_public=frozenset({PUBLIC}))
    found = await Search(slack, slack, slack, database, lambda: MONDAY).find("T1", ME, "T1", "sought")
    assert [win.id for win in found.wins] == [win_ids[-1], win_ids[0]]
    assert not found.has_more


REASONS = {
    "never by name": (Preference.NEVER, None),
    "hasn't answered": (None, Consent.PENDING),
    "took their name out": (None, Consent.REFUSED),
    "named": (Preference.SHARE, None),
}
PEOPLE = {reason: Mention(f"UZED{number}", f"zed{number}") for number, reason in enumerate(REASONS)}


def save_wins_with(connection: Connection, reason: str, count: int) -> None:
    """Save wins that name someone in their text, and one for each way in which a win can name them besides."""
    zed, chloe, (preference, consent) = PEOPLE[reason], Mention("UCHLOE", "chloe"), REASONS[reason]
    if preference is not None:
        preferences.choose(connection, "T1", zed.user_id, preference)
    drafts = [
        replace(parse_win("sought thanks", [chloe]), thanked=(zed,), reason=f"Z{zed.typed_name[1:]} or @{zed.name}"),
        replace(parse_win("sought beside", [zed, chloe]), is_own=False),
        *[parse_win(f"sought with {zed.token}, Z{zed.typed_name[1:]} and <@UCHLOE>", [zed, chloe])] * count,
    ]
    consents = {zed.user_id: consent} if consent else {}
    new = [
        NewWin(draft, "T1", IN, f"{zed.user_id}{n}", Mention(OTHER), MONDAY, consents=consents)
        for n, draft in enumerate(drafts)
    ]
    wins.add_all(connection, new)


async def test_who_is_unnamed_is_found_by_the_author_and_by_themselves_alone(database: Database) -> None:
    count = service.PAGE_SIZE + 2

    def save(connection: Connection) -> None:
        workspaces.save(connection, Workspace("T1", None, "T1", "https://t1.test/", "UBOT"))
        channels.ensure_exist(connection, [("T1", IN)])
        for reason in REASONS:
            save_wins_with(connection, reason, count)

    await database.write(save)
    search = searches(database, ACTORS["member"], frozenset({IN}))
    for reason, zed in PEOPLE.items():
        for reader in (ME, OTHER, zed.user_id):
            reads_name = reason == "named" or reader != ME
            for typed, found in ((zed.token, count + 2), (f"{zed.name} sought", count + 1)):
                found_ids = await find_all(search, typed, reader)
                assert len(found_ids) == (found if reads_name else 0), (reason, reader, typed)
        assert (await search.find("T1", ME, "T1", zed.typed_name)).has_more == (reason == "named"), reason
    assert len(await find_all(search, "<@UCHLOE>")) == len(REASONS) * (count + 2)


async def test_names_that_are_not_read_leave_no_gap_between_those_that_are(database: Database) -> None:
    zed, earlier = PEOPLE["hasn't answered"], [MONDAY - timedelta(days=n) for n in (1, 2, 3)]

    def save(connection: Connection) -> None:
        workspaces.save(connection, Workspace("T1", None, "T1", "https://t1.test/", "UBOT"))
        channels.ensure_exist(connection, [("T1", IN)])
        save_wins_with(connection, "hasn't answered", 5 * service.PAGE_SIZE)
        named = parse_win(f"sought with {zed.token}", [zed])
        wins.add_all(connection, [NewWin(named, "T1", IN, str(at), Mention(OTHER), at) for at in earlier])

    await database.write(save)
    found = await searches(database, ACTORS["member"], frozenset({IN})).find("T1", ME, "T1", zed.typed_name)
    assert [win.created_at for win in found.wins] == earlier
    assert not found.has_more


async def test_a_held_win_is_found_by_its_author_and_the_people_in_it(database: Database) -> None:
    cases = product((IN, PUBLIC, HIDDEN), (WinRole.CREDITED, WinRole.THANKED, None), (True, False), [None, *Consent])

    def save(connection: Connection) -> dict[int | None, Any]:
        workspaces.save(connection, Workspace("T1", None, "T1", "https://t1.test/", "UBOT"))
        channels.ensure_exist(connection, [("T1", channel_id) for channel_id in (IN, PUBLIC, HIDDEN)])
        saved: dict[int | None, Any] = {}
        for channel_id, role, is_private, consent in cases:
            credited, thanked = ((Mention(ME),) if role is each else () for each in (WinRole.CREDITED, WinRole.THANKED))
            new = NewWin(
                replace(parse_win("sought", credited), thanked=thanked),
                *("T1", channel_id, str(len(saved)), Mention(OTHER), MONDAY),
                is_private=is_private,
                held_until=MONDAY + timedelta(days=14),
                consents={ME: consent} if consent else {},
            )
            saved[wins.add_all(connection, [new])[0]] = (channel_id, role, is_private)
        return saved

    saved = await database.write(save)
    for who, actor in ACTORS.items():
        expected = {
            win_id
            for win_id, (channel_id, role, is_private) in saved.items()
            if channel_id != HIDDEN and role is not None and not is_private and who != "stranger"
        }
        search = searches(database, actor, frozenset({IN}))
        assert await find_all(search, "sought") == expected, who
        if actor.is_active:
            assert await find_all(search, "sought", OTHER) == set(saved), "its author finds it anywhere"
