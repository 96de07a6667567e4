"""Scenarios are parsed and played."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from playground import launcher, scenario
from playground.player import Player
from slack_standin import StandIn
from tests.slack_standin.conftest import EVERYTHING, bolt_app, over_socket_mode, standing
from tests.slack_standin.modals import ask, modal, plain, words

WEEK = """
    starts 2030-03-04 in Europe/Berlin
    person ana "Ana Ruiz" in Europe/Berlin, owner
    person ben "Ben Okafor", admin
    person gina "Gina Guest", guest
    channel #general without the bot: ana, ben, gina
    Mon 09:00 ana invites the bot to #general
    Mon 09:05 ana presses "Start" on "Want me to?" in #general
"""


@pytest.fixture
async def slack() -> AsyncIterator[StandIn]:
    async with standing() as one:
        yield one


@pytest.mark.parametrize("name", scenario.names())
def test_each_scenario_can_be_read_and_uses_shortcuts_that_there_are(name: str) -> None:
    used = {step.action.name for step in scenario.load(name).steps if isinstance(step.action, scenario.Uses)}
    assert used <= {shortcut["name"] for shortcut in launcher.manifest()["features"]["shortcuts"]}
    assert used or name == "two-channels"


def test_people_are_owners_admins_and_guests() -> None:
    people = {line.name: line for line in scenario.read(WEEK).people}
    assert [name for name, line in people.items() if line.is_owner] == ["ana"]
    assert [name for name, line in people.items() if line.is_admin] == ["ben"]
    assert [name for name, line in people.items() if line.is_guest] == ["gina"]


def test_a_bot_is_invited_by_somebody() -> None:
    step, _ = scenario.read(WEEK).steps
    assert step.action == scenario.Invites("ana", "#general")
    with pytest.raises(scenario.InvalidScenario, match="ana invites ben"):
        scenario.read(WEEK + "Mon 10:00 ana invites ben to #general")


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("Mon 10:00 zoe says in #general: hello", "zoe isn't declared"),
        ("Mon 10:00 zoe submits the form", "zoe isn't declared"),
        ("Mon 10:00 ana says in #random: hello", "#random isn't declared"),
        ("channel #random: ana, zoe", "zoe isn't declared"),
        ("Mon 25:00 nothing happens", "25:00 isn't a time of day"),
        ('person zoe "Zoe Zane" in Mars/Base', "there is no time zone Mars/Base"),
        ("starts 2030-03-04 in Europe", "there is no time zone Europe"),
        ("starts 2030-02-30 in Europe/Berlin", "2030-02-30 isn't a date"),
    ],
)
def test_what_a_scenario_names_is_there(line: str, complaint: str) -> None:
    with pytest.raises(scenario.InvalidScenario, match=complaint):
        scenario.read(f"{WEEK}{line}\n")


def test_a_scenario_has_a_step() -> None:
    with pytest.raises(scenario.InvalidScenario, match="at least one step"):
        scenario.read('starts 2030-03-04 in Europe/Berlin\nperson ana "Ana Ruiz"\nchannel #general: ana\n')


async def test_whoever_invites_the_bot_presses_what_only_they_see(slack: StandIn) -> None:
    app = bolt_app(slack)
    pressed: list[dict[str, Any]] = []

    @app.event("member_joined_channel")
    async def invited(event: dict[str, Any], client: Any) -> None:
        if "inviter" in event:
            button = {"type": "button", "action_id": "start", "text": plain("Start")}
            await client.chat_postEphemeral(
                channel=event["channel"],
                user=event["inviter"],
                text="Want me to?",
                blocks=[
                    {"type": "section", "text": plain("Want me to?")},
                    {"type": "actions", "elements": [button]},
                ],
            )

    @app.action("start")
    async def start(ack: Any, body: dict[str, Any]) -> None:
        pressed.append(body)
        await ack()

    async def done() -> None:
        """Say that the bot has nothing pending."""

    play = Player(scenario.read(WEEK), slack)
    play.begin()
    async with over_socket_mode(slack, app):
        await play.play(done)
    assert [(each["user"]["id"], each["container"]["is_ephemeral"]) for each in pressed] == [
        (play.people["ana"].id, True)
    ]
    assert slack.bot_user_id in play.channels["#general"].members


async def test_people_answer_what_everybody_sees_also_where_they_were_told_the_same_later(slack: StandIn) -> None:
    app = bolt_app(slack)

    @app.command("/say")
    async def say(ack: Any, body: dict[str, Any], client: Any) -> None:
        await client.chat_postMessage(channel=body["channel_id"], text=f"ana: {body['text']}")
        await ack(f"Win saved: {body['text']}")

    async def done() -> None:
        """Say that the bot has nothing pending."""

    told = """
        starts 2030-03-04 in Europe/Berlin
        person ana "Ana Ruiz" in Europe/Berlin
        channel #general: ana
        Mon 09:00 ana types in #general: /say wrote it down
        Mon 09:01 ana reacts :tada: to "wrote it down" in #general
        Mon 09:02 ana answers "wrote it down" in #general: At last
    """
    play = Player(scenario.read(told), slack)
    play.begin()
    async with over_socket_mode(slack, app):
        await play.play(done)
    announced, saved, answered = slack.seen_by(play.people["ana"], play.channels["#general"])
    assert (announced.text, saved.text) == ("ana: wrote it down", "Win saved: wrote it down")
    assert answered.thread_ts == announced.ts
    assert list(announced.reactions) == ["tada"]


async def test_people_use_shortcuts_fill_in_forms_and_write_to_the_bot() -> None:
    heard: list[str] = []
    told = """
        starts 2030-03-04 in Europe/Berlin
        person ana "Ana Ruiz" in Europe/Berlin
        channel #general: ana
        Mon 09:00 ana says in #general: wrote it down
        Mon 09:01 ana uses "Repeat" on "wrote it down" in #general
        Mon 09:02 ana enters in "what": all of it
        Mon 09:02 ana submits the form
        Mon 09:03 ana uses "Say it" in #general
        Mon 09:04 ana says in their DM: hello
    """
    async with standing(EVERYTHING) as slack:
        app = bolt_app(slack)

        @app.shortcut("repeat")
        @app.shortcut("say")
        async def use(ack: Any, body: dict[str, Any], client: Any) -> None:
            heard.append(body.get("message", {}).get("text", "nothing"))
            await client.views_open(trigger_id=body["trigger_id"], view=modal(ask("what", words())))
            await ack()

        @app.view("form")
        async def submitted(ack: Any, view: dict[str, Any]) -> None:
            heard.append(view["state"]["values"]["what"]["it"]["value"])
            await ack()

        @app.message()
        async def said(event: dict[str, Any]) -> None:
            if event["channel_type"] == "im":
                heard.append(event["text"])

        async def done() -> None:
            """Say that the bot has nothing pending."""

        play = Player(scenario.read(told), slack)
        play.begin()
        async with over_socket_mode(slack, app):
            await play.play(done)
            await slack.wait_for(lambda: len(heard) == 4)
    assert heard == ["wrote it down", "all of it", "nothing", "hello"]
