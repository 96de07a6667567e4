"""Climbs on both databases: who may know of one, what its steps are, and what becomes of it when they come and go."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, select, update

from bot.domain.climbs import MAX_STEPS, Climb, NextStepOf, StepError, StepRefused
from bot.domain.deliveries import DeliveryKind, DeliveryState, PendingOp
from bot.domain.permissions import Actor
from bot.domain.roundup_composition import REST, Section, SectionKind
from bot.domain.wins import MAX_CLIMB_NAME_LENGTH, Mention, Win, parse_win
from bot.domain.workspaces import Workspace
from bot.outbox.kinds import KINDS
from bot.services import climb_steps, climbs, win_privacy
from bot.services import wins as win_services
from bot.services.climbs import ClimbGone, ClimbReader, ClimbResult
from bot.services.wins import SaveWin, save_all
from bot.storage import channel_id_change, channels, deletion, deliveries, roundups, tables, wins, workspaces
from bot.storage import climbs as queries
from bot.storage.database import engine
from bot.storage.deliveries import Delivery, select_all
from bot.storage.wins import NewWin
from tests.databases import Databases
from tests.single import create_roundup, load_part

NOW = datetime(2030, 3, 8, 15, 0, tzinfo=UTC)
ANA, BEN, CHLOE = "UANA", "UBEN", "UCHLOE"
numbers = count(1)


@dataclass
class Scene:
    """Wins in C1 and C2, each a minute after the last."""

    connection: Connection
    minutes: int = 0

    def win(
        self,
        author: str = ANA,
        channel_id: str | None = "C1",
        *,
        step_of: NextStepOf | None = None,
        is_held: bool = False,
    ) -> int:
        """Log a win. One that is held waits for someone's consent."""
        self.minutes += 1
        created_at = NOW + timedelta(minutes=self.minutes)
        held_until = created_at + timedelta(days=14) if is_held else None
        draft, key = parse_win(f"did {self.minutes}", []), f"form:{next(numbers)}"
        is_private = channel_id is None
        new = NewWin(draft, "T1", channel_id, key, Mention(author), created_at, is_private, held_until=held_until)
        (logged,) = save_all(self.connection, [SaveWin(new, None, is_known_author=False)])
        if step_of is not None:
            climb_steps.join(self.connection, step_of, team_id="T1", win_id=logged.id, now=created_at)
        return logged.id

    def climb(self, name: str = "Faster builds") -> tuple[int, int, int]:
        """Let Ben take the next step after a win of Ana's; returns both, and the climb."""
        first = self.win()
        second = self.win(BEN, step_of=NextStepOf(win_id=first, name=name))
        return first, second, self.id_of(second)

    def id_of(self, win_id: int) -> int:
        """The climb that a win is in."""
        return queries.climb_ids_of(self.connection, [win_id])[win_id]

    def stored(self, climb_id: int) -> Climb | None:
        return queries.by_id(self.connection, "T1", climb_id)

    def load(self, win_id: int) -> Win:
        found = wins.by_id(self.connection, "T1", win_id)
        assert found is not None
        return found

    def page(self, climb_id: int, user_id: str = CHLOE, first: int = 0) -> list[int]:
        """The steps (ids) on a page."""
        page, _ = climbs.load_page(
            self.connection, team_id="T1", climb_id=climb_id, reader=reader(user_id), first=first
        )
        return [win.id for win in page.steps]

    def release(self, win_id: int) -> None:
        """Let a held win be shared."""
        self.connection.execute(update(tables.wins).where(tables.wins.c.id == win_id).values(held_until=None))
        climb_steps.show(self.connection, "T1", win_id, now=NOW)

    def undo(self, win_id: int) -> None:
        author = self.load(win_id).author.user_id
        win_services.undo(self.connection, team_id="T1", win_id=win_id, user_id=author, is_outsider=False, now=NOW)

    def make_private(self, win_id: int) -> None:
        author = self.load(win_id).author.user_id
        win_privacy.make_private(self.connection, team_id="T1", user_id=author, win_id=win_id, is_outsider=False)

    def share_again(self, win_id: int) -> None:
        share = partial(win_privacy.share_again, team_id="T1", user_id=self.load(win_id).author.user_id)
        share(self.connection, win_id=win_id, is_outsider=False, now=NOW)

    def mark(self, climb_id: int, user_id: str = ANA) -> ClimbResult:
        who = reader(user_id)
        return climbs.mark_reached(self.connection, team_id="T1", climb_id=climb_id, reader=who, now=NOW)

    def take_back(self, climb_id: int, user_id: str = ANA) -> ClimbResult:
        return climbs.take_back(self.connection, team_id="T1", climb_id=climb_id, reader=reader(user_id))

    def rename(self, climb_id: int, name: str, user_id: str = ANA) -> ClimbResult:
        who = reader(user_id)
        return climbs.rename(self.connection, team_id="T1", climb_id=climb_id, reader=who, name=name, now=NOW)

    def lines(self) -> list[Delivery]:
        kind = tables.deliveries.c.kind == DeliveryKind.CLIMB_REACHED
        return select_all(self.connection, kind)

    def refused(self, step_of: NextStepOf, author: str = ANA, channel_id: str | None = "C1") -> StepError:
        """Why a new win can't be the next step of that."""
        win_id = self.win(author, channel_id)
        with pytest.raises(StepRefused) as refusal:
            climb_steps.join(self.connection, step_of, team_id="T1", win_id=win_id, now=NOW)
        return refusal.value.error

    def checked(
        self, step_of: NextStepOf, *, memberships: tuple[str, ...], channel_id: str | None = "C1"
    ) -> StepError | None:
        """What the form tells Ana about her choice."""
        check = partial(climb_steps.check, team_id="T1", author_id=ANA, channel_id=channel_id)
        try:
            check(self.connection, step_of, memberships=memberships)
        except StepRefused as refusal:
            return refusal.error
        return None


def reader(user_id: str, *, is_active: bool = True) -> ClimbReader:
    return ClimbReader(Actor(user_id, is_active=is_active))


@pytest.fixture
def scene(database_url: str) -> Iterator[Scene]:
    opened = engine(database_url, writes=True)
    with opened.connect() as connection:
        workspaces.save(connection, Workspace("T1", None, "Acme", "https://acme.test/", "UBOT"))
        yield Scene(connection)
        connection.rollback()
    opened.dispose()


def test_a_step_that_goes_leaves_the_rest_whole_and_the_last_one_takes_the_climb_with_it(scene: Scene) -> None:
    first, second, climb_id = scene.climb()
    third = scene.win(CHLOE, step_of=NextStepOf(climb_id=climb_id))
    assert scene.page(climb_id) == [first, second, third]
    assert scene.mark(climb_id) is ClimbResult.DONE
    scene.undo(second)
    assert scene.page(climb_id) == [first, third]
    assert scene.load(third).climb is not None
    scene.undo(first)
    assert scene.page(climb_id) == [third]
    assert scene.mark(climb_id) is ClimbResult.NOT_ALLOWED, "she has no step in it any more"
    assert scene.mark(climb_id, CHLOE) is ClimbResult.NO_CHANGE
    scene.undo(third)
    assert scene.stored(climb_id) is None
    (line,) = scene.lines()
    assert line.state is DeliveryState.CANCELLED
    assert KINDS[line.kind].load(scene.connection, line, now=NOW) is None


def test_no_one_learns_of_a_climb_whose_second_step_waits(scene: Scene) -> None:
    first = scene.win()
    waiting = scene.win(BEN, step_of=NextStepOf(win_id=first, name="Ben's secret"), is_held=True)
    climb_id = scene.id_of(waiting)
    assert scene.load(first).climb is None
    with pytest.raises(ClimbGone):
        scene.page(climb_id)
    assert scene.page(climb_id, BEN) == [first, waiting]
    assert scene.refused(NextStepOf(climb_id=climb_id)) is StepError.GONE
    assert scene.mark(climb_id, BEN) is ClimbResult.NOT_ALLOWED, "the channel would be told of it"
    assert scene.rename(climb_id, "Mine", ANA) is ClimbResult.GONE
    assert scene.rename(climb_id, "Still a secret", BEN) is ClimbResult.DONE

    scene.release(waiting)
    assert scene.load(first).climb == scene.load(waiting).climb is not None
    assert scene.page(climb_id) == [first, waiting]
    assert scene.mark(climb_id) is ClimbResult.DONE


def test_a_win_in_a_climb_that_no_one_knows_of_can_begin_another_one(scene: Scene) -> None:
    first = scene.win()
    waiting = scene.win(BEN, step_of=NextStepOf(win_id=first, name="Ben's secret"), is_held=True)
    assert scene.refused(NextStepOf(win_id=first)) is StepError.NO_NAME, "she must not notice"
    second = scene.win(CHLOE, step_of=NextStepOf(win_id=first, name="Chloe's"))
    assert scene.page(scene.id_of(second)) == [first, second]
    scene.release(waiting)
    assert scene.load(waiting).climb is None
    assert scene.page(scene.id_of(second)) == [first, second]


def test_who_chooses_a_win_that_is_in_a_climb_by_now_joins_that(scene: Scene) -> None:
    first, second, climb_id = scene.climb()
    third = scene.win(CHLOE, step_of=NextStepOf(win_id=first, name="Another name"))
    assert scene.page(climb_id) == [first, second, third]
    found = scene.stored(climb_id)
    assert found is not None
    assert found.name == "Faster builds"


def test_what_is_hidden_is_left_out_for_others_and_comes_back(scene: Scene) -> None:
    first, second, climb_id = scene.climb()
    waiting = scene.win(CHLOE, step_of=NextStepOf(climb_id=climb_id), is_held=True)
    assert scene.page(climb_id, ANA) == [first, second]
    assert scene.page(climb_id, CHLOE) == [first, second, waiting]
    assert scene.mark(climb_id, CHLOE) is ClimbResult.NOT_ALLOWED, "it would tell that she has a step in it"
    scene.make_private(second)
    assert scene.page(climb_id, ANA) == [first]
    assert scene.page(climb_id, BEN) == [first, second]
    assert scene.mark(climb_id) is ClimbResult.DONE
    scene.make_private(first)
    with pytest.raises(ClimbGone):
        scene.page(climb_id, "UDMITRI")
    found = scene.stored(climb_id)
    assert found is not None
    assert not found.is_reached, "no one else can see what is reached"
    scene.share_again(second)
    assert scene.page(climb_id, "UDMITRI") == [second]
    scene.release(waiting)
    assert scene.page(climb_id, "UDMITRI") == [second, waiting]


def test_nothing_crosses_a_channel_or_a_private_border(scene: Scene) -> None:
    first, _, climb_id = scene.climb()
    private = scene.win(channel_id=None)
    alone = scene.win(channel_id=None, step_of=NextStepOf(win_id=private, name="Mine"))
    own_id = scene.id_of(alone)
    assert scene.page(own_id, ANA) == [private, alone]
    with pytest.raises(ClimbGone):
        scene.page(own_id, BEN)
    assert scene.mark(own_id) is ClimbResult.DONE
    assert scene.lines() == [], "there is no one to tell"
    for step in (NextStepOf(climb_id=climb_id), NextStepOf(win_id=first, name="x")):
        assert scene.refused(step, channel_id="C2") is StepError.OTHER_CHANNEL
        assert scene.refused(step, channel_id=None) is StepError.PRIVATE_BORDER
    for step in (NextStepOf(climb_id=own_id), NextStepOf(win_id=private, name="x")):
        assert scene.refused(step) is StepError.PRIVATE_BORDER
        assert scene.refused(step, BEN) is StepError.GONE
        assert scene.refused(step, BEN, None) is StepError.GONE


def test_the_form_tells_no_one_what_is_in_a_channel_that_they_are_not_in(scene: Scene) -> None:
    first, _, climb_id = scene.climb()
    for step in (NextStepOf(climb_id=climb_id), NextStepOf(win_id=first, name="x")):
        assert scene.checked(step, memberships=("C1",)) is None
        assert scene.checked(step, memberships=("C2",)) is StepError.NOT_IN_CHANNEL
        assert scene.checked(step, memberships=("C2",), channel_id="C2") is StepError.GONE
        assert scene.checked(step, memberships=("C1", "C2"), channel_id="C2") is StepError.OTHER_CHANNEL
        assert scene.checked(step, memberships=(), channel_id=None) is StepError.GONE
    assert scene.checked(NextStepOf(climb_id=99), memberships=("C1",)) is StepError.GONE
    for nothing in (NextStepOf(climb_id=99), NextStepOf(win_id=scene.win(is_held=True), name="x")):
        assert scene.checked(nothing, memberships=("C2",)) is StepError.NOT_IN_CHANNEL, "as for what is there"


def test_what_is_gone_or_hidden_can_not_be_chosen_and_does_not_say_why(scene: Scene) -> None:
    undone, private, held = scene.win(), scene.win(), scene.win(is_held=True)
    scene.undo(undone)
    scene.make_private(private)
    for win_id in (undone, private, held, 99_999):
        assert scene.refused(NextStepOf(win_id=win_id, name="x")) is StepError.GONE
    first, second = scene.win(), scene.win()
    with pytest.raises(StepRefused) as later:
        climb_steps.join(scene.connection, NextStepOf(win_id=second, name="x"), team_id="T1", win_id=first, now=NOW)
    assert later.value.error is StepError.GONE
    with pytest.raises(StepRefused):
        climb_steps.join(scene.connection, NextStepOf(win_id=first, name="x"), team_id="T1", win_id=first, now=NOW)


@pytest.mark.parametrize(
    ("name", "error"),
    [("", StepError.NO_NAME), (" \u200b\n", StepError.NO_NAME), ("x" * 61, StepError.LONG_NAME)],
)
def test_a_climb_has_a_name_of_its_own(scene: Scene, name: str, error: StepError) -> None:
    first, _, climb_id = scene.climb(" Faster \n builds ")
    found = scene.stored(climb_id)
    assert found is not None
    assert found.name == "Faster builds"
    other = scene.win()
    assert scene.refused(NextStepOf(win_id=other, name=name)) is error
    with pytest.raises(StepRefused):
        scene.rename(climb_id, name)
    assert scene.rename(climb_id, "y" * MAX_CLIMB_NAME_LENGTH) is ClimbResult.DONE
    climb = scene.load(first).climb
    assert climb is not None
    assert climb.name == "y" * MAX_CLIMB_NAME_LENGTH


def test_a_climb_has_two_hundred_steps_at_most(scene: Scene) -> None:
    first, _, climb_id = scene.climb()
    more = [scene.win(BEN) for _ in range(MAX_STEPS - 2)]
    scene.connection.execute(update(tables.wins).where(tables.wins.c.id.in_(more)).values(climb_id=climb_id))
    for step in (NextStepOf(climb_id=climb_id), NextStepOf(win_id=first, name="x")):
        assert scene.refused(step) is StepError.FULL
    assert scene.checked(NextStepOf(climb_id=climb_id), memberships=("C1",)) is StepError.FULL
    last = scene.page(climb_id, first=10_000)
    assert last == more[-len(last) :]
    scene.undo(more[0])
    assert scene.win(step_of=NextStepOf(climb_id=climb_id))


def test_steps_of_others_that_wait_do_not_fill_a_climb_and_find_no_room_in_a_full_one(scene: Scene) -> None:
    _, _, climb_id = scene.climb()
    more = [scene.win(BEN) for _ in range(MAX_STEPS - 3)]
    scene.connection.execute(update(tables.wins).where(tables.wins.c.id.in_(more)).values(climb_id=climb_id))
    on = NextStepOf(climb_id=climb_id)
    waiting = scene.win(CHLOE, step_of=on, is_held=True)
    assert scene.checked(on, memberships=("C1",)) is None, "Ana sees one step fewer than that"
    last = scene.win(step_of=on)
    assert scene.refused(on) is StepError.FULL
    scene.release(waiting)
    assert scene.load(waiting).is_shared
    assert waiting not in queries.climb_ids_of(scene.connection, [waiting])
    assert scene.page(climb_id, first=10_000)[-1] == last


def test_the_channel_is_told_once_that_a_climb_is_reached_and_no_more_once_that_is_taken_back(scene: Scene) -> None:
    _, _, climb_id = scene.climb()
    assert scene.mark(climb_id, CHLOE) is ClimbResult.NOT_ALLOWED
    assert [scene.mark(climb_id, who) for who in (ANA, ANA, BEN)] == [
        *(ClimbResult.DONE, ClimbResult.NO_CHANGE, ClimbResult.NO_CHANGE)
    ]
    (line,) = scene.lines()
    assert (line.channel_id, line.pending_op) == ("C1", PendingOp.POST)
    assert scene.take_back(climb_id, CHLOE) is ClimbResult.NOT_ALLOWED
    assert [scene.take_back(climb_id, who) for who in (BEN, ANA)] == [ClimbResult.DONE, ClimbResult.NO_CHANGE]
    assert scene.lines()[0].state is DeliveryState.CANCELLED
    assert scene.mark(climb_id, BEN) is ClimbResult.DONE
    first, second = scene.lines()
    loads = [KINDS[each.kind].load(scene.connection, each, now=NOW) for each in (first, second)]
    assert loads[0] is None, "only the latest says so"
    assert loads[1] is not None


def test_a_roundup_that_says_that_a_climb_is_reached_says_so_no_more_once_that_is_taken_back(scene: Scene) -> None:
    first, second, climb_id = scene.climb()
    scene.mark(climb_id)
    channel = channels.lock(scene.connection, "T1", "C1")
    create_roundup(scene.connection, channel, [[first, second]], target_channel_id="C1", due_at=NOW, now=NOW)
    part = roundups.part_with(scene.connection, second)
    assert part is not None
    deliveries.mark_posted(scene.connection, part.id, "9.000001")
    told = load_part(scene.connection, part.roundup_id or 0, 0)
    assert told is not None
    assert told.steps[second].is_last
    assert scene.take_back(climb_id) is ClimbResult.DONE
    part = roundups.part_with(scene.connection, second)
    assert part is not None
    assert part.pending_op is PendingOp.UPDATE


@pytest.mark.parametrize("change", ["undone", "private", "shared again", "in another climb"])
def test_a_roundup_says_which_step_a_win_is_also_after_an_earlier_one_comes_or_goes(scene: Scene, change: str) -> None:
    first, second, climb_id = scene.climb()
    channel = channels.lock(scene.connection, "T1", "C1")
    later = NOW + timedelta(days=1)
    if change == "shared again":
        scene.make_private(first)
    create_roundup(scene.connection, channel, [[second]], target_channel_id="C1", due_at=later, now=later)
    part = roundups.part_with(scene.connection, second)
    assert part is not None
    deliveries.mark_posted(scene.connection, part.id, "9.000001")
    if change == "undone":
        scene.undo(first)
    elif change == "private":
        scene.make_private(first)
    elif change == "shared again":
        scene.share_again(first)
    else:
        other = NextStepOf(win_id=scene.win(), name="Fewer builds")
        scene.connection.execute(update(tables.wins).where(tables.wins.c.id == other.win_id).values(created_at=NOW))
        climb_steps.join(scene.connection, other, team_id="T1", win_id=first, now=later)
    assert queries.shared_steps(scene.connection, [climb_id])[second].number == (2 if change == "shared again" else 1)
    part = roundups.part_with(scene.connection, second)
    assert part is not None
    assert part.pending_op is PendingOp.UPDATE


def test_a_roundup_says_nothing_in_its_thread_of_a_climb_that_no_one_knows_of(scene: Scene) -> None:
    first, second, _ = scene.climb()
    channel = channels.lock(scene.connection, "T1", "C1")
    sections = dict.fromkeys((first, second), Section(SectionKind.CLIMBS))
    create = partial(create_roundup, scene.connection, channel, [[first], [second]], sections=sections)
    roundup_id = create(target_channel_id="C1", due_at=NOW, now=NOW)
    climb_steps.leave(scene.connection, "T1", second)
    scene.win(CHLOE, step_of=NextStepOf(win_id=second, name="Chloe's secret"), is_held=True)
    told = load_part(scene.connection, roundup_id, 0)
    assert told is not None
    assert [each.section for each in told.thread] == [REST]


def test_a_stranger_can_do_nothing_with_a_climb(scene: Scene) -> None:
    _, _, climb_id = scene.climb()
    stranger = reader(ANA, is_active=False)
    with pytest.raises(ClimbGone):
        climbs.load_page(scene.connection, team_id="T1", climb_id=climb_id, reader=stranger)
    rename = partial(climbs.rename, team_id="T1", climb_id=climb_id, name="x", now=NOW)
    mark = partial(climbs.mark_reached, climb_id=climb_id, now=NOW)
    assert rename(scene.connection, reader=stranger) is ClimbResult.GONE
    assert mark(scene.connection, team_id="T1", reader=stranger) is ClimbResult.GONE
    assert mark(scene.connection, team_id="T2", reader=reader(ANA)) is ClimbResult.GONE, "of another workspace"


def test_a_climb_moves_with_its_channel_and_is_deleted_with_its_last_win(scene: Scene) -> None:
    first, second, climb_id = scene.climb()
    scene.mark(climb_id)
    channel_id_change.apply(scene.connection, "T1", "C1", "C9")
    found = scene.stored(climb_id)
    assert found is not None
    assert found.channel_id == "C9"
    assert scene.win(channel_id="C9", step_of=NextStepOf(climb_id=climb_id))
    deletion.delete_wins(scene.connection, tables.wins.c.id == first)
    assert scene.page(climb_id)[0] == second
    deletion.delete_wins(scene.connection, tables.wins.c.climb_id == climb_id)
    assert scene.stored(climb_id) is None
    assert scene.lines() == []


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["start", "continue", "undo", "hide", "show", "hold", "release", "move", "leave"]),
        st.integers(0, 40),
        st.integers(0, 40),
    ),
    max_size=25,
)


@settings(max_examples=20, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=STEPS)
def test_whatever_people_do_the_steps_of_a_climb_are_wins_of_one_place_in_the_order_of_time(
    all_databases: Databases, steps: list[tuple[str, int, int]]
) -> None:
    opened = engine(all_databases.sqlite(), writes=True)
    with opened.connect() as connection:
        workspaces.save(connection, Workspace("T1", None, "Acme", "https://acme.test/", "UBOT"))
        scene = Scene(connection)
        places, people = ("C1", "C2", None), (ANA, BEN)
        ids = [scene.win(who, where) for where in places for who in people]
        known_public: set[int] = set()
        for action, one, other in steps:
            take(scene, ids, action, one, other)
            check(scene, ids, known_public)
        connection.rollback()
    opened.dispose()


def take(scene: Scene, ids: list[int], action: str, one: int, other: int) -> None:
    """Take a step, if it can be taken."""
    target, author = ids[one % len(ids)], (ANA, BEN)[other % 2]
    where = scene.load(target).channel_id
    climb_ids = sorted(set(queries.climb_ids_of(scene.connection, ids).values()))
    start = NextStepOf(win_id=target, name=f"climb {other}")
    go_on = NextStepOf(climb_id=climb_ids[other % len(climb_ids)]) if climb_ids else start
    new: NextStepOf | None = {"start": start, "continue": go_on, "hold": start}.get(action)
    savepoint = scene.connection.begin_nested()
    try:
        if new is not None:
            ids.append(scene.win(author, where, step_of=new, is_held=action == "hold" and where is not None))
        elif action == "move":
            climb_steps.join(scene.connection, go_on, team_id="T1", win_id=target, now=NOW)
        elif action == "leave":
            climb_steps.leave(scene.connection, "T1", target)
        elif action == "release":
            scene.release(target)
        else:
            {"undo": scene.undo, "hide": scene.make_private, "show": scene.share_again}[action](target)
        savepoint.commit()
    except StepRefused:
        savepoint.rollback()


def check(scene: Scene, ids: list[int], known_public: set[int]) -> None:
    climb_ids = set(scene.connection.scalars(select(tables.climbs.c.id)))
    assert climb_ids == set(queries.climb_ids_of(scene.connection, ids).values()), "none is empty"
    for climb_id in climb_ids:
        climb = scene.stored(climb_id)
        assert climb is not None
        steps = [scene.load(win_id) for win_id in queries.step_ids(scene.connection, climb_id)]
        assert {win.channel_id for win in steps} == {climb.channel_id}
        assert steps == sorted(steps, key=lambda win: (win.created_at, win.id))
        if climb.channel_id is None:
            assert {win.author.user_id for win in steps} == {climb.created_by}
        shared = [win for win in steps if win.is_shared]
        known_public |= {climb_id} if len(shared) > 1 else set()
        is_known = climb_id in known_public
        assert {win.climb is not None for win in steps} == {is_known or climb.channel_id is None}
        assert (is_known and bool(shared)) == can_open(scene, climb_id)


def can_open(scene: Scene, climb_id: int) -> bool:
    try:
        return bool(scene.page(climb_id, "UDMITRI"))
    except ClimbGone:
        return False
