"""What is kept and answered when someone writes to the bot, or reacts with the emoji for wins: once, and privately."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import partial

import pytest
from sqlalchemy import Connection, select

from bot.domain.channel_settings import ChannelSettings
from bot.domain.deliveries import DeliveryKind
from bot.domain.schedules import FRIDAY_AFTERNOON, Schedule
from bot.domain.wins import Mention, MessageSource, parse_win
from bot.domain.workspaces import Workspace
from bot.outbox import render
from bot.services import suggestions
from bot.storage import channels, deliveries, saved_messages, tables, unsaved_wins, wins, workspaces
from bot.storage.database import engine
from bot.storage.deliveries import Delivery
from bot.storage.wins import NewWin
from tests.single import load_message

NOW = datetime(2030, 3, 8, 15, 0, tzinfo=UTC)
WORKSPACE = Workspace("T1", None, "Acme", "https://acme.test/", "UBOT", scopes="chat:write")
SETTINGS = ChannelSettings(Schedule(FRIDAY_AFTERNOON[0], date(2030, 3, 4), time(16), "UTC"), win_emoji="trophy")
REPLY = MessageSource("C1", "1900000000.000200", "1900000000.000100")
DIRECT = MessageSource("D1", "1900000000.000300")


@pytest.fixture
def connection(database_url: str) -> Iterator[Connection]:
    writing_engine = engine(database_url, writes=True)
    with writing_engine.begin() as opened:
        workspaces.save(opened, WORKSPACE)
        channel = channels.lock(opened, "T1", "C1")
        channels.save_settings(opened, channel, SETTINGS, user_id="UANA", now=NOW)
        yield opened
        opened.rollback()
    writing_engine.dispose()


def pending(connection: Connection) -> list[Delivery]:
    return deliveries.select_all(connection, tables.deliveries.c.id > 0)


def said(connection: Connection, delivery: Delivery) -> str:
    """What the delivery would post now; "" for nothing."""
    loaded = load_message(connection, delivery, now=NOW)
    message = render.render(
        delivery, loaded, permalink=lambda channel, ts: f"https://acme.test/{channel}/{ts}", now=NOW
    )
    return "" if message is None else str(message["text"])


def saves(connection: Connection, author: str, *, channel_id: str | None = "C1", is_private: bool = False) -> int:
    """Someone saves the reply as a win."""
    draft = parse_win("fixed the build", [])
    new = NewWin(draft, "T1", channel_id, f"key:{author}", Mention(author), NOW, is_private=is_private, source=REPLY)
    (win_id,) = wins.add_all(connection, [new])
    assert win_id is not None
    return win_id


answer = partial(suggestions.answer, team_id="T1", user_id="UBEN", now=NOW)
suggest = partial(suggestions.suggest, team_id="T1", author_id="UBEN", source=REPLY, now=NOW)


def test_a_mention_is_answered_in_its_thread_to_its_author_alone(connection: Connection) -> None:
    answer(connection, source=REPLY, text="fixed the build", is_direct=False)
    (delivery,) = pending(connection)
    loaded = load_message(connection, delivery, now=NOW)
    arguments = render.post_arguments(delivery, {"text": "x"}, parent_ts=loaded.parent_ts)
    assert render.method(delivery) == "chat.postEphemeral"
    assert (arguments["channel"], arguments["user"], arguments["thread_ts"]) == ("C1", "UBEN", REPLY.thread_ts)
    assert said(connection, delivery).startswith("Want to save that as a win?")


def test_what_is_written_directly_stays_private_and_links_to_nothing(connection: Connection) -> None:
    answer(connection, source=DIRECT, text="fixed the build", is_direct=True)
    (delivery,) = pending(connection)
    assert (delivery.channel_id, render.method(delivery)) == ("UBEN", "chat.postMessage")
    assert delivery.unsaved_win_id is not None
    unsaved = unsaved_wins.by_id(connection, "T1", "UBEN", delivery.unsaved_win_id)
    assert unsaved is not None
    assert (unsaved.entered.is_private, unsaved.channel_id, unsaved.linked_source) == (True, None, None)


def test_an_answer_to_what_was_saved_or_forgotten_meanwhile_is_not_posted(connection: Connection) -> None:
    answer(connection, source=REPLY, text="fixed the build", is_direct=False)
    unsaved_wins.purge_before(connection, NOW + timedelta(days=1))
    assert pending(connection) == []
    assert connection.execute(select(tables.unsaved_wins)).all() == []


def test_a_message_is_not_suggested_if_its_author_can_know_that_it_is_saved(connection: Connection) -> None:
    win_id = saves(connection, "UANA")
    suggest(connection)
    assert pending(connection) == []
    wins.undo(connection, win_id, now=NOW)
    suggest(connection)
    (delivery,) = pending(connection)
    assert "got a :trophy:" in said(connection, delivery)


@pytest.mark.parametrize(
    ("source", "in_thread"),
    [(REPLY, f"?thread_ts={REPLY.thread_ts}&amp;cid=C1"), (replace(REPLY, thread_ts=None), "")],
    ids=["reply", "message"],
)
def test_a_suggestion_links_to_the_message_which_was_not_read(
    connection: Connection, source: MessageSource, in_thread: str
) -> None:
    suggest(connection, source=source)
    (delivery,) = pending(connection)
    text = said(connection, delivery)
    assert text.startswith(f"<https://acme.test/C1/{REPLY.ts}{in_thread}|Your message> got a :trophy:.")
    assert "I haven't read it, so add what happened" in text


@pytest.mark.parametrize(("channel_id", "is_private"), [("C1", True), ("C2", False), (None, True)])
def test_a_win_that_its_author_kept_to_themselves_gives_nothing_away(
    connection: Connection, channel_id: str | None, is_private: bool
) -> None:
    channels.ensure_exist(connection, [("T1", "C2")])
    saves(connection, "UANA", channel_id=channel_id, is_private=is_private)
    suggest(connection)
    assert len(pending(connection)) == 1
    assert saved_messages.is_saved(connection, "T1", REPLY, reader_id="UANA")
    assert not saved_messages.is_saved(connection, "T2", REPLY, reader_id="UANA")


def test_a_suggestion_is_not_posted_once_the_channel_has_no_emoji(connection: Connection) -> None:
    suggest(connection)
    (delivery,) = pending(connection)
    channel = channels.lock(connection, "T1", "C1")
    channels.save_settings(connection, channel, replace(SETTINGS, win_emoji=None), user_id="UANA", now=NOW)
    assert said(connection, delivery) == ""


def test_people_are_welcomed_once_each_and_told_what_the_bot_can_read(connection: Connection) -> None:
    for user_id in ("UBEN", "UBEN", "UANA"):
        suggestions.welcome(connection, team_id="T1", user_id=user_id, now=NOW)
    welcomes = pending(connection)
    assert [(each.kind, each.recipient_id) for each in welcomes] == [
        (DeliveryKind.WELCOME, "UBEN"),
        (DeliveryKind.WELCOME, "UANA"),
    ]
    assert "To save one, type `/win`" in said(connection, welcomes[0])
    workspaces.save(connection, replace(WORKSPACE, scopes="chat:write,im:history"))
    assert "Tell me about one here" in said(connection, welcomes[0])
