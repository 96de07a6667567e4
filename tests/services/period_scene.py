"""A channel through two years: some people win, cheer and thank in one week of it, and others are there without that.

What the others do lies outside of that week, is hidden, or is taken back. With another `absent_team`, they do the same
things in another workspace, so that ids are the same and nothing else is: no one may notice.
"""

import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, select, true

from bot.domain.channel_settings import ChannelSettings, WorkspaceDefaults
from bot.domain.climbs import NextStepOf
from bot.domain.consent import Preference
from bot.domain.editions import Edition
from bot.domain.permissions import Actor
from bot.domain.recurrence import Weekday, Weekly
from bot.domain.schedules import Schedule
from bot.domain.wins import Mention, WinKind, parse_win
from bot.domain.workspaces import Workspace
from bot.services import (
    climb_steps,
    credit_notes,
    editions,
    joining,
    look_backs,
    reminders,
    roundups,
    workspace_roundups,
)
from bot.services import climbs as climb_services
from bot.services import wins as win_services
from bot.services.wins import SaveWin, save_all
from bot.storage import channels, cheers, climbs, deliveries, due_channels, preferences, tables, users, workspaces
from bot.storage import credit_notes as note_queries
from bot.storage import look_backs as look_back_queries
from bot.storage.users import User
from bot.storage.wins import NewWin
from tests.services.consent_scene import Scene, Shown

TEAM, ELSEWHERE = "T1", "T2"
PLACES = {TEAM: ("C1", "CALL"), ELSEWHERE: ("X1", "XALL")}
"""The channel, and the one with the workspace's roundup, of each workspace."""
PRESENT = ("Abelard", "Brunhild", "Clotilde", "Dagobert")
ADMIN, ONLOOKER = "Gundula", "Isolde"
"""They look at it all, and the onlooker does nothing else."""
OF_LAST_YEAR = "Hildegard"
"""She has a win then, in both cases, so that the channel has had a roundup."""
TAGS = ("ops", "docs", "speed", "pages")
GRACE = timedelta(hours=24)
HOUR = timedelta(hours=1)

LAST_YEAR = datetime(2029, 12, 26, 9, tzinfo=UTC)
MONDAY = datetime(2030, 3, 4, 9, tzinfo=UTC)
THURSDAY, FRIDAY = datetime(2030, 3, 7, 16, tzinfo=UTC), datetime(2030, 3, 8, 16, tzinfo=UTC)
NEXT_MONDAY = datetime(2030, 3, 11, 10, tzinfo=UTC)
APRIL_1 = datetime(2030, 4, 1, 16, tzinfo=UTC)
NEW_YEAR = datetime(2031, 1, 1, 16, tzinfo=UTC)
A_YEAR_LATER = datetime(2031, 3, 5, 10, tzinfo=UTC)


class Absent(StrEnum):
    """Someone who has nothing in the week, and why."""

    MEMBER = "Quirin"
    WON_BEFORE = "Wendelin"
    CHEERED_BEFORE = "Xaverius"
    UNDID = "Yolanda"
    THANKED_IN_UNDONE = "Zacharias"
    KEEPS_PRIVATE = "Ottokar"
    WAITS = "Pankratius"
    WAITED_FOR = "Rosalinde"
    TOOK_CHEER_BACK = "Sieglinde"
    LEFT = "Theodolinde"
    WON_ON_APRIL_1 = "Ulrike"
    WON_ON_NEW_YEAR = "Veronika"


@dataclass(frozen=True)
class Said:
    """A win of the week: people are numbers in PRESENT."""

    author: int
    credited: tuple[int, ...] = ()
    thanked: tuple[int, ...] = ()
    cheered_by: tuple[int, ...] = ()
    joined_by: tuple[int, ...] = ()
    is_learning: bool = False
    tags: tuple[str, ...] = ()
    is_step: bool = False

    @property
    def people(self) -> set[str]:
        """Those who have a win, a cheer or thanks by it; of a cheer on one's own win there is none."""
        return {PRESENT[each] for each in {self.author, *self.credited, *self.thanked, *self.joined_by}} | {
            PRESENT[each] for each in self.cheered_by
        }


@dataclass(frozen=True)
class Week:
    """What is said in the week, and who cheers its whole roundup."""

    said: tuple[Said, ...]
    cheered_by: tuple[int, ...] = ()

    @property
    def people(self) -> set[str]:
        """Those who have something in it."""
        cheerers = {PRESENT[each] for each in self.cheered_by}
        return cheerers.union(*(each.people for each in self.said))


def user_id(name: str) -> str:
    return f"U0{name.upper()}"


def mention(name: str) -> Mention:
    return Mention(user_id(name), name.lower())


@dataclass
class Period(Scene):
    """The workspaces, and all that their Slack was ever told to show."""

    absent_team: str = TEAM
    outputs: dict[str, list[str]] = field(default_factory=dict)
    """All that was shown of the week: each message as it was posted and updated, and each screen, by what it is."""
    win_ids: list[int] = field(default_factory=list)
    climb_id: int | None = None
    hours: int = 0

    def __post_init__(self) -> None:
        self.now = LAST_YEAR
        for team_id, (channel_id, everyone) in PLACES.items():
            name = f"Acme {team_id}"
            workspaces.save(self.connection, Workspace(team_id, None, name, f"https://{team_id}.test/", "UBOT"))
            channels.ensure_exist(self.connection, {(team_id, channel_id), (team_id, everyone)})
            self._configure(team_id, channel_id)
        for name in (*PRESENT, OF_LAST_YEAR, ADMIN, ONLOOKER):
            self._knows(TEAM, name)
        for name in Absent:
            self._knows(self.absent_team, name)
        for name in (*PRESENT, Absent.LEFT, Absent.THANKED_IN_UNDONE):
            preferences.choose(self.connection, self._team_of(name), user_id(name), Preference.SHARE)
        preferences.choose(self.connection, self.absent_team, user_id(Absent.WAITED_FOR), Preference.ASK)

    def _team_of(self, name: str) -> str:
        return self.absent_team if name in set(Absent) else TEAM

    def _configure(self, team_id: str, channel_id: str) -> None:
        schedule = Schedule(Weekly((Weekday.FRIDAY,)), date(2029, 12, 1), time(16), "UTC")
        settings = ChannelSettings(
            schedule, wants_reminder=True, editions=frozenset(Edition), joins_workspace_roundup=True
        )
        channel = channels.lock(self.connection, team_id, channel_id)
        channels.save_settings(self.connection, channel, settings, user_id=user_id(ADMIN), now=self.now)
        is_it = (tables.channels.c.team_id == team_id) & (tables.channels.c.channel_id == channel_id)
        self.connection.execute(tables.channels.update().where(is_it).values(is_private=False))
        defaults = WorkspaceDefaults(zone="UTC", roundup_channel_id=PLACES[team_id][1])
        due_at = workspace_roundups.next_due(self.connection, team_id, defaults, now=self.now)
        workspaces.set_defaults(self.connection, team_id, defaults, roundup_due_at=due_at, expected_revision=0)

    def _knows(self, team_id: str, name: str) -> None:
        url = f"https://avatars.slack-edge.com/{name}_48.png"
        is_admin = name == ADMIN
        user = User(team_id, user_id(name), name, "UTC", True, is_admin, False, avatar_url=url)
        users.save(self.connection, user, now=self.now)
        preferences.set_look_back(self.connection, team_id, user_id(name), wants_look_back=True)

    # What people do.

    def says(self, name: str, text: str, *, is_private: bool = False, **rest: Any) -> int:
        """Let someone save a win an hour after the last one."""
        self.now += HOUR
        self.hours += 1
        team_id = self._team_of(name)
        credited = rest.pop("credited", ())
        draft = parse_win(f"{text} {self.hours} {' '.join(each.token for each in credited)}".strip(), credited)
        new = NewWin(
            replace(draft, **rest),
            team_id,
            PLACES[team_id][0],
            f"win {self.hours}",
            mention(name),
            self.now,
            is_private=is_private,
        )
        (logged,) = save_all(self.connection, [SaveWin(new, None, is_known_author=True)])
        self.settle()
        return logged.id

    def cheers(self, name: str, table: Any, subject_id: int, *, is_active: bool = True) -> None:
        self.now += timedelta(minutes=1)
        about: dict[str, Any] = {"team_id": TEAM, "subject_id": subject_id, "user_id": user_id(name)}
        cheers.record(
            self.connection,
            table,
            **about,
            source=cheers.BUTTON,
            is_active=is_active,
            event_ts=f"{self.now.timestamp():.6f}",
        )

    def _joins(self, name: str, win_id: int, *, and_leaves: bool = False) -> None:
        found = deliveries.of_win(self.connection, win_id)
        assert found is not None
        press = joining.Press(TEAM, found.channel_id, found.ts or "", found.key)
        actor = Actor(user_id(name), is_active=True)
        joining.join(self.connection, press, actor, now=self.now)
        self.settle()
        if and_leaves:
            joining.leave(self.connection, press, actor.user_id)
            self.settle()

    def tick(self, now: datetime) -> None:
        """Let the bot do what is due, as its jobs do."""
        self.now = now
        connection = self.connection
        for team_id, channel_id in due_channels.reminders_due(connection, now):
            reminders.create_due(connection, team_id=team_id, channel_id=channel_id, now=now)
        for due in due_channels.roundups_due(connection, now, limit=9):
            roundups.create_due(connection, channel_keys=[(due.team_id, due.channel_id)], grace=GRACE, now=now)
        for due in due_channels.editions_due(connection, now, limit=9):
            editions.create_due(connection, team_id=due.team_id, channel_id=due.channel_id, grace=GRACE, now=now)
        for team_id, _ in workspaces.with_due_roundup(connection, now):
            asked = workspace_roundups.channels_to_tell(connection, team_id, now=now)
            workspace_roundups.create_due(connection, team_id=team_id, asked=asked, grace=GRACE, now=now)
        self.settle()
        for posted in note_queries.posted_without_notes(connection, limit=9):
            credit_notes.add_due(connection, [posted], now=now)
        for person in note_queries.people_due(connection, now, limit=99):
            credit_notes.send_due(connection, *person, now=now)
        self.settle()

    def happens(self, week: Week, screens: Mapping[str, "Screen"]) -> None:
        """Let all of it happen; people look at the screens on the day before the roundup."""
        first = self.says(OF_LAST_YEAR, "closed the old year")
        self.says(Absent.WON_BEFORE, "closed it too")
        if self.absent_team == TEAM:
            self.cheers(Absent.CHEERED_BEFORE, tables.win_cheers, first)
        for day in (28, 31):
            self.tick(LAST_YEAR.replace(day=day, hour=16))
        self.tick(datetime(2030, 1, 1, 16, tzinfo=UTC))
        self.tick(datetime(2030, 3, 1, 16, tzinfo=UTC))
        already_said = set(self.messages)
        self._week_happens(week)
        after = len(self.history)
        self.tick(THURSDAY)
        for name, screen in screens.items():
            self.outputs[name] = [json.dumps(each, ensure_ascii=False) for each in screen(self)]
        self.tick(FRIDAY)
        self._roundup_is_cheered(week)
        self.tick(NEXT_MONDAY)
        self.tick(datetime(2030, 3, 29, 16, tzinfo=UTC))
        self.now = APRIL_1 - 7 * HOUR
        april = self.says(Absent.WON_ON_APRIL_1, "a fresh month")
        self.tick(APRIL_1)
        self.tick(datetime(2030, 4, 5, 16, tzinfo=UTC))
        self.tick(datetime(2030, 12, 27, 16, tzinfo=UTC))
        self.now = NEW_YEAR - 7 * HOUR
        january = self.says(Absent.WON_ON_NEW_YEAR, "a fresh year")
        self.tick(NEW_YEAR)
        self.tick(datetime(2031, 1, 3, 16, tzinfo=UTC))
        self.tick(A_YEAR_LATER)
        for person in look_back_queries.people_due(self.connection, self.now, limit=99):
            look_backs.send_due(self.connection, *person, now=self.now)
        deliveries.request_updates(self.connection, true(), can_wait=False)
        self.settle()
        hidden = already_said | self._keys_about({april, january})
        for each in self.history[after:]:
            if each.key not in hidden and each.place in {*PLACES[TEAM], *map(user_id, (*PRESENT, ADMIN, ONLOOKER))}:
                self.outputs.setdefault(self._output(each), []).append(each.everything)

    def _week_happens(self, week: Week) -> None:
        self.now = MONDAY
        last_step = None
        for each in week.said:
            win_id = self.says(
                PRESENT[each.author],
                "moved" + "".join(f" #{tag}" for tag in each.tags),
                credited=tuple(mention(PRESENT[number]) for number in each.credited if number != each.author),
                thanked=tuple(mention(PRESENT[number]) for number in each.thanked),
                reason="time" if each.thanked else None,
                kind=WinKind.LEARNING if each.is_learning else WinKind.WIN,
            )
            self.win_ids.append(win_id)
            for number in each.cheered_by:
                self.cheers(PRESENT[number], tables.win_cheers, win_id)
            for number in each.joined_by:
                self._joins(PRESENT[number], win_id)
            if each.is_step:
                self._climbs(win_id, last_step)
                last_step = win_id
        if self.climb_id is not None:
            reader = climb_services.ClimbReader(Actor(user_id(PRESENT[week.said[0].author]), is_active=True))
            climb_services.mark_reached(
                self.connection, team_id=TEAM, climb_id=self.climb_id, reader=reader, now=self.now
            )
        self._absent_do_what_they_do()
        self.settle()

    def _climbs(self, win_id: int, last_step: int | None) -> None:
        if last_step is not None:
            first = NextStepOf(win_id=last_step, name="Faster builds")
            step = first if self.climb_id is None else NextStepOf(self.climb_id)
            climb_steps.join(self.connection, step, team_id=TEAM, win_id=win_id, now=self.now)
            self.climb_id = climbs.climb_ids_of(self.connection, [win_id])[win_id]

    def _absent_do_what_they_do(self) -> None:
        undone = self.says(Absent.UNDID, "never mind", thanked=(mention(Absent.THANKED_IN_UNDONE),))
        win_services.undo(
            self.connection, team_id=self.absent_team, win_id=undone, user_id=user_id(Absent.UNDID), is_outsider=False,
            now=self.now,
        )  # fmt: skip
        self.says(Absent.KEEPS_PRIVATE, "for me alone", is_private=True)
        self.says(Absent.WAITS, "well done", credited=(mention(Absent.WAITED_FOR),), is_own=False)
        if self.win_ids and self.absent_team == TEAM:
            for is_active in (True, False):
                self.cheers(Absent.TOOK_CHEER_BACK, tables.win_cheers, self.win_ids[0], is_active=is_active)
            self._joins(Absent.LEFT, self.win_ids[0], and_leaves=True)

    def _roundup_is_cheered(self, week: Week) -> None:
        rows = tables.roundups.c
        is_of_week = (rows.team_id == TEAM) & (rows.due_at == FRIDAY)
        for roundup_id in self.connection.scalars(select(rows.id).where(is_of_week)).all():
            for number in week.cheered_by:
                self.cheers(PRESENT[number], tables.roundup_cheers, roundup_id)
            if self.absent_team == TEAM:
                for is_active in (True, False):
                    self.cheers(Absent.TOOK_CHEER_BACK, tables.roundup_cheers, roundup_id, is_active=is_active)
        deliveries.request_updates(self.connection, tables.deliveries.c.roundup_id.is_not(None), can_wait=True)
        self.settle()

    def _keys_about(self, win_ids: Collection[int]) -> set[str]:
        """Return the keys of what tells of these wins: their announcements, the roundups of their own weeks."""
        rows, items = tables.deliveries.c, tables.roundup_items.c
        kinds = tables.roundups.c.kind
        of_wins = select(rows.key).where(rows.win_id.in_(win_ids))
        in_roundups = (
            select(rows.key)
            .join(tables.roundup_items, items.roundup_id == rows.roundup_id)
            .join(tables.roundups, tables.roundups.c.id == rows.roundup_id)
            .where(items.win_id.in_(win_ids), kinds.not_in(["monthly", "quarterly", "yearly"]))
        )
        notes_of = select(rows.key).where(rows.recipient_id.in_([user_id(each) for each in Absent]))
        return {
            *self.connection.scalars(of_wins),
            *self.connection.scalars(in_roundups),
            *self.connection.scalars(notes_of),
        }

    def _output(self, message: Shown) -> str:
        """Return what a message is: its kind, and that of its roundup."""
        rows, kind = tables.deliveries.c, tables.roundups.c.kind
        query = select(kind, rows.part).join(tables.deliveries, rows.roundup_id == tables.roundups.c.id)
        found = self.connection.execute(query.where(rows.key == message.key)).first()
        if found is None:
            return message.kind
        return f"{found.kind} {message.kind}, {'part 1' if found.part == 0 else 'thread'}"


def without_keys(everything: str) -> str:
    """Return what is shown without the keys and timestamps that differ each time."""
    return re.sub(r"\b[0-9a-f]{32}\b|\b\d{10}\.\d{6}\b|\bp\d{16}\b", "…", everything)


@contextmanager
def in_a_branch(connection: Connection, **options: Any) -> Iterator[Period]:
    """Open workspaces of which nothing is stored in the end."""
    with connection.begin_nested() as savepoint:
        yield Period(connection, **options)
        savepoint.rollback()


Screen = Callable[[Period], Iterator[object]]
"""What each of several people sees."""
