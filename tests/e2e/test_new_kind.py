"""A new kind of message is one class and one registration: here is one that Winsome does not have."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import Connection, select

from bot.domain.deliveries import DeliveryState
from bot.domain.wins import Mention
from bot.outbox.kinds import KINDS, Audience, Context, Kind, Reader
from bot.storage import deliveries, tables
from bot.storage.database import engine
from bot.storage.deliveries import Delivery
from bot.storage.enqueue import NewDelivery, enqueue
from bot.views.format import Message, name, paragraph
from bot.views.translations import ENGLISH
from tests.e2e.test_health import fetched
from tests.team import MONDAY, TIMING, Team, team


@dataclass(frozen=True)
class Verse:
    """A line for a user, who is named in it."""

    user_id: str

    @property
    def user_ids(self) -> tuple[str, ...]:
        """The user."""
        return (self.user_id,)


class Poem(Kind[Verse]):
    """Praises its recipient."""

    name = "poem"

    def load(self, connection: Connection, delivery: Delivery, *, now: datetime) -> Verse | None:  # noqa: ARG002 - a kind may need less
        return None if delivery.recipient_id is None else Verse(delivery.recipient_id)

    def render(self, subject: Verse, context: Context) -> Message:
        return paragraph(f"An ode to {name(ENGLISH, Mention(subject.user_id), context.names)}")


class Portrait(Poem):
    """The same, with the user's face in the middle of it."""

    name = "portrait"
    has_pictures = True

    def render(self, subject: Verse, context: Context) -> Message:
        praise = super().render(subject, context)
        faces = [{"type": "image", "image_url": url, "alt_text": "ben"} for url in context.faces.values()]
        return praise | {"blocks": [*praise["blocks"], *({"type": "context", "elements": [face]} for face in faces)]}


class Whisper(Poem):
    """The same, for one person's eyes."""

    name = "whisper"
    audience = Audience.RECIPIENT_IN_CHANNEL


class Letter(Poem):
    """The same, in a direct message to someone who may look into the channel of their latest win."""

    name = "letter"
    audience = Audience.RECIPIENT
    channel_id = ""

    def reader_of(self, subject: Verse) -> Reader:
        return Reader(subject.user_id, self.channel_id)


@pytest.fixture(autouse=True)
def registered(monkeypatch: pytest.MonkeyPatch) -> None:
    for kind in (Poem(), Portrait(), Whisper(), Letter()):
        monkeypatch.setitem(KINDS, kind.name, kind)


def add(team: Team, kind: str, *, to: Any = None) -> None:
    """Enqueue a message of this kind for Ben in #general, or a direct message `to` someone."""
    writing_engine = engine(team.database_url, writes=True)
    with writing_engine.begin() as connection:
        recipient_id = (to or team.ben).id
        where = recipient_id if to else team.general.id
        new = NewDelivery(team.general.team_id, where, MONDAY, recipient_id=recipient_id)
        enqueue(connection, kind, [new])
    writing_engine.dispose()


def state(team: Team, kind: str) -> Any:
    reading_engine = engine(team.database_url, writes=False)
    with reading_engine.connect() as connection:
        found = connection.execute(select(tables.deliveries.c.state).where(tables.deliveries.c.kind == kind))
        states = found.scalars().all()
    reading_engine.dispose()
    return states[0]


async def test_a_new_kind_is_posted_and_found_again_after_an_unknown_outcome(the_team: Team) -> None:
    await the_team.bot_stops()
    the_team.lets_the_bot_read()
    await the_team.bot_starts()
    await the_team.says(the_team.ana, "/win the first")
    await the_team.sees("the first")
    the_team.slack.fault("chat.postMessage", "http_500_after", times=1)
    add(the_team, "poem")
    await the_team.sees("An ode to ben")
    await the_team.until(lambda: state(the_team, "poem") is DeliveryState.POSTED)
    assert len(the_team.slack.ledger.calls("conversations.history")) == 1
    assert the_team.posts().count("An ode to ben") == 1


async def test_a_new_kind_for_one_person_is_seen_by_them_alone(the_team: Team) -> None:
    await the_team.says(the_team.ana, "/win the first")
    await the_team.sees("the first")
    add(the_team, "whisper")
    await the_team.sees("An ode to ben", person=the_team.ben)
    assert "An ode to ben" not in the_team.posts()
    await the_team.until(lambda: state(the_team, "whisper") is DeliveryState.POSTED)


async def test_a_kind_that_a_newer_release_has_left_behind_waits_and_holds_up_nothing(the_team: Team) -> None:
    add(the_team, "riddle")
    await the_team.says(the_team.ana, "/win after a downgrade")
    await the_team.sees("ana: after a downgrade")
    assert state(the_team, "riddle") is DeliveryState.PENDING


async def test_what_a_channel_shows_is_told_to_those_who_may_read_it_as_slack_says_then(
    the_team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    slack, ana, ben = the_team.slack, the_team.ana, the_team.ben
    monkeypatch.setattr("bot.services.readers.RETRY_SECONDS", TIMING.tick)
    secret = slack.add_channel("secret", members=[ana], creator=ana, private=True)
    await slack.slash(ana, secret, "/invite @winsome")
    guest = slack.add_person("gus", guest=True)
    await slack.join(the_team.general, guest)
    for channel, person in ((secret, ben), (the_team.general, guest)):
        monkeypatch.setattr(Letter, "channel_id", channel.id)
        add(the_team, "letter", to=person)
        await the_team.until(lambda person=person: states_to(the_team, person) == [DeliveryState.CANCELLED])  # type: ignore[misc]
        assert the_team.posts(slack.open_dm(person)) == []

    monkeypatch.setattr(Letter, "channel_id", secret.id)
    slack.fault("users.conversations", "http_500_before", times=3)
    add(the_team, "letter", to=ana)
    await the_team.sees("An ode to ana", channel=slack.open_dm(ana))
    assert len(slack.ledger.calls("users.conversations")) > 3, "it waited until Slack answered"


def states_to(team: Team, person: Any) -> list[Any]:
    reading_engine = engine(team.database_url, writes=False)
    with reading_engine.connect() as connection:
        query = select(tables.deliveries.c.state).where(tables.deliveries.c.recipient_id == person.id)
        states = list(connection.scalars(query))
    reading_engine.dispose()
    return states


def has_face(message: Any) -> bool:
    return "https://avatars.slack-edge.com/" in str(message.blocks)


def requests_update(team: Team, kind: str) -> None:
    """Let someone have acted on the message of this kind."""
    writing_engine = engine(team.database_url, writes=True)
    with writing_engine.begin() as connection:
        deliveries.request_updates(connection, tables.deliveries.c.kind == kind, can_wait=False)
    writing_engine.dispose()


async def test_a_message_that_slack_refuses_with_pictures_is_posted_once_without_them(the_team: Team) -> None:
    slack = the_team.slack
    slack.fault("chat.postMessage", "no_pictures", times=None)
    add(the_team, "poem")
    add(the_team, "portrait")
    await the_team.sees("An ode to ben", times=2)
    await the_team.until(lambda: state(the_team, "portrait") is DeliveryState.POSTED)
    assert [has_face(message) for message in slack.posts(the_team.general) if not message.is_notice] == [False, False]
    assert [call.answer["ok"] for call in slack.ledger.calls("chat.postMessage")] == [True, False, True]
    slack.clear_faults()
    updates = len(slack.ledger.calls("chat.update"))
    requests_update(the_team, "portrait")
    await slack.wait_for(lambda: len(slack.ledger.calls("chat.update")) == updates + 1)
    assert not has_face(slack.posts(the_team.general)[-1]), "it stays as it is, also once Slack would take them"


async def test_an_update_that_slack_refuses_with_pictures_is_made_without_them(the_team: Team) -> None:
    slack = the_team.slack
    add(the_team, "portrait")
    message = await the_team.sees("An ode to ben")
    assert has_face(message)
    await the_team.records(message)
    slack.fault("chat.update", "no_pictures", times=None)
    requests_update(the_team, "portrait")
    await slack.wait_for(lambda: not has_face(message))
    assert [call.answer["ok"] for call in slack.ledger.calls("chat.update")] == [False, True]
    assert len(slack.ledger.calls("chat.postMessage")) == 1
    assert state(the_team, "portrait") is DeliveryState.POSTED


async def test_a_message_that_slack_refuses_without_pictures_too_is_refused(the_team: Team) -> None:
    slack = the_team.slack
    slack.fault("chat.postMessage", "error", times=None, name="invalid_blocks")
    for kind in ("portrait", "poem"):
        add(the_team, kind)
    await the_team.until(lambda: state(the_team, "poem") is DeliveryState.REJECTED)
    assert state(the_team, "portrait") is DeliveryState.REJECTED
    assert len(slack.ledger.calls("chat.postMessage")) == 3, "it is tried without them once; a poem has none"


async def test_a_bot_that_stops_while_it_posts_without_pictures_posts_once(the_team: Team) -> None:
    slack = the_team.slack
    slack.fault("chat.postMessage", "no_pictures", times=None)
    slack.fault("chat.postMessage", "hang", times=1)
    add(the_team, "portrait")
    await slack.wait_for(lambda: slack.ledger.calls("chat.postMessage"))
    the_team.lets_the_bot_read()
    await the_team.bot_stops()
    await the_team.bot_starts()
    message = await the_team.sees("An ode to ben")
    await the_team.until(lambda: state(the_team, "portrait") is DeliveryState.POSTED)
    assert not has_face(message)
    assert the_team.posts().count("An ode to ben") == 1


async def test_operators_are_told_that_slack_refuses_pictures(
    sqlite_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with team(sqlite_url, starts=False) as made:
        running = await made.bot_starts()
        made.configure(made.general, made.ana)
        made.slack.fault("chat.postMessage", "no_pictures", times=None)
        add(made, "portrait")
        await made.sees("An ode to ben")
        await made.until(lambda: state(made, "portrait") is DeliveryState.POSTED)
        _, metrics = await fetched(f"{running.health_url}/metrics")
    for outcome in ("blocks_refused", "done"):
        assert f'winsome_requests_total{{method="chat.postMessage",outcome="{outcome}"}} 1.0' in metrics
    assert "sending it again without pictures" in caplog.messages
