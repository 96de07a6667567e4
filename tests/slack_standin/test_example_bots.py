"""Bots in the manner of Bolt's public samples run on the stand-in as they would in Slack."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.__main__ import main
from slack_standin import Channel, Message, Person, StandIn, View

from .conftest import Running, bolt_app, client_of, standing
from .example_app import MANIFEST, form, register


@pytest.fixture
async def slack() -> AsyncIterator[StandIn]:
    async with standing(MANIFEST, event_retries=()) as one:
        yield one


@pytest.fixture
async def errands(running: Running, slack: StandIn) -> AsyncIterator[dict[str, list[str]]]:
    """The lists that the running example keeps."""
    app = bolt_app(slack)
    lists: dict[str, list[str]] = {}
    register(app, lists)
    async with running(slack, app):
        yield lists


def texts(messages: list[Message]) -> list[str]:
    return [message.plain() for message in messages]


def top(slack: StandIn, person: Person) -> View:
    view = slack.modal(person)
    assert view is not None
    return view


async def test_an_errand_from_a_command_stands_on_the_home_tab(
    slack: StandIn, errands: dict[str, list[str]], ana: Person, general: Channel
) -> None:
    await slack.slash(ana, general, "/errand buy milk")
    assert top(slack, ana).state.values["what"]["it"]["value"] == "buy milk"
    assert (await slack.submit(ana)).error is None
    await slack.wait_for(lambda: slack.home(ana))
    view = slack.home(ana)
    assert view is not None
    assert "buy milk" in str(view.blocks)
    await slack.press(ana, view, "done", "buy milk")
    assert errands == {ana.id: []}
    assert "Nothing to do." in str(view.blocks)


async def test_the_form_complains_helps_and_suggests(
    slack: StandIn, errands: dict[str, list[str]], ana: Person, general: Channel
) -> None:
    errands[ana.id] = ["dig"]
    await slack.shortcut(ana, "new")
    assert (await slack.submit(ana)).error == "invalid_input"
    await slack.fill(ana, "it", "dig", block_id="what")
    await slack.submit(ana)
    view = top(slack, ana)
    assert view.errors == {"what": "You have this one already."}
    await slack.press(ana, view, "help")
    assert top(slack, ana).body["title"]["text"] == "Help"
    await slack.close_view(ana)
    offered = await slack.suggest(ana, "project", "ga")
    assert [option["value"] for option in offered.payload["options"]] == ["garden", "garage"]
    await slack.fill(ana, "project", "garden")
    await slack.fill(ana, "it", "dig deeper", block_id="what")
    assert (await slack.submit(ana)).error is None
    assert errands[ana.id] == ["dig", "dig deeper"]


async def test_a_message_becomes_an_errand_in_its_thread(
    slack: StandIn, errands: dict[str, list[str]], ana: Person, ben: Person, general: Channel
) -> None:
    said = await slack.say(ben, general, "the sink drips")
    await slack.message_shortcut(ana, said, "from_message")
    await slack.submit(ana)
    await slack.wait_for(lambda: said.reply_count)
    assert texts(said.replies) == ["An errand: the sink drips"]


async def test_it_answers_to_its_name_and_to_a_greeting(
    slack: StandIn, errands: dict[str, list[str]], ana: Person, general: Channel
) -> None:
    asked = await slack.mention(ana, general, "how?")
    await slack.wait_for(lambda: asked.reply_count)
    assert texts(asked.replies) == ["@ana, use /errand."]
    dm = slack.open_dm(ana)
    await slack.say(ana, dm, "Hello there")
    await slack.wait_for(lambda: len(slack.posts(dm)) == 2)
    assert texts(slack.posts(dm)) == ["Hello there", "Hello @ana!"]


async def test_the_home_tab_is_there_when_it_is_opened(
    slack: StandIn, errands: dict[str, list[str]], ana: Person
) -> None:
    await slack.open_home(ana)
    await slack.wait_for(lambda: slack.home(ana))


async def test_a_bot_with_threads_instead_of_a_loop_runs_too(slack: StandIn, ana: Person, general: Channel) -> None:
    def started() -> SocketModeHandler:
        client = WebClient(token=slack.bot_token, base_url=slack.api_url)
        app = App(client=client, signing_secret=slack.signing_secret)

        @app.command("/errand")
        def command(ack: Any, body: dict[str, Any], client: WebClient) -> None:
            ack()
            client.views_open(trigger_id=body["trigger_id"], view=form())

        handler = SocketModeHandler(app, slack.app_token, web_client=client)
        handler.connect()  # type: ignore[no-untyped-call]  # Bolt leaves it untyped
        return handler

    handler = await asyncio.to_thread(started)
    try:
        await slack.wait_connected()
        assert (await slack.slash(ana, general, "/errand")).error is None
        await slack.wait_for(lambda: slack.modal(ana))
    finally:
        await asyncio.to_thread(handler.close)


# The command


def written(folder: Path, manifest: Any) -> Path:
    """The file of a manifest; what is text is written as it is."""
    file = folder / "manifest.json"
    file.write_text(manifest if isinstance(manifest, str) else json.dumps(manifest))
    return file


@asynccontextmanager
async def alone(tmp_path: Path, manifest: Any, *options: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """`winsome slack` in a process of its own."""
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "slack", "--manifest", str(written(tmp_path, manifest)), *options),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    try:
        yield child
    finally:
        if child.returncode is None:
            child.send_signal(signal.SIGTERM)
        await child.communicate()


async def test_any_bot_runs_on_the_stand_in_alone(tmp_path: Path) -> None:
    async with alone(tmp_path, MANIFEST, "--json") as child, aiohttp.ClientSession() as session:
        assert child.stdout is not None
        told = json.loads(await child.stdout.readline())
        slack = _Told(told)
        client, secret = client_of(slack), told["SLACK_SIGNING_SECRET"]
        app = AsyncApp(client=client, signing_secret=secret, process_before_response=True)
        register(app, {})

        async def do(verb: str, **args: Any) -> Any:
            async with session.post(f"{told['CONTROL_URL']}/{verb}", json=args) as answer:
                body = await answer.json()
            assert body["ok"], body
            return body["result"]

        from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler

        handler = AsyncSocketModeHandler(app, told["SLACK_APP_TOKEN"], web_client=client)
        await handler.connect_async()  # type: ignore[no-untyped-call]  # Bolt leaves it untyped
        await do("wait_connected")
        await do("shortcut", person="ana", callback_id="new")
        [view] = await do("modals", person="ana")
        assert view["title"]["text"] == "New errand"
        assert "what" in (await do("submit", person="ana"))["errors"]
        await do("fill", person="ana", action_id="it", block_id="what", value="sweep")
        assert (await do("submit", person="ana"))["error"] is None
        assert await do("modals", person="ana") == []
        assert "sweep" in str(await do("home", person="ana"))
        said = await do("say", person="ben", channel="general", text="thanks @ana", typed=True)
        await do("edit", person="ben", channel="general", ts=said["ts"], text="thanks!")
        file = await do("upload", person="ana", filename="a.txt", text="abc")
        assert file["size"] == 3
        changes = await do("changes", since=0, person="ana")
        assert {"view", "home", "message", "person", "channel"} <= {each["kind"] for each in changes["changes"]}
        await client.api_call("chat.postMessage", json={"channel": "#general", "text": "hi", "client_msg_id": "1"})
        await handler.close_async()  # type: ignore[no-untyped-call]  # Bolt leaves it untyped
    assert child.returncode == 0


async def test_a_strict_stand_in_finds_a_misspelled_argument(tmp_path: Path) -> None:
    async with alone(tmp_path, MANIFEST, "--json", "--strict-arguments") as child:
        assert child.stdout is not None
        client = client_of(_Told(json.loads(await child.stdout.readline())))
        with pytest.raises(SlackApiError, match="unknown argument: tetx"):
            await client.api_call("chat.postMessage", json={"channel": "#general", "tetx": "hi"})


class _Told:
    """What client_of needs of a stand-in, from its printed lines."""

    def __init__(self, told: dict[str, str]) -> None:
        self.bot_token, self.api_url = told["SLACK_BOT_TOKEN"], told["SLACK_API_URL"]


@pytest.mark.parametrize(
    ("manifest", "why"),
    [
        ("{", "it isn't JSON"),
        ({"features": {}}, "missing required field: display_information"),
        (MANIFEST | {"settings": {"socket_mode": True}}, "settings: additional field: socket_mode"),
        (
            MANIFEST | {"oauth_config": {"scopes": {"bot": ["commands"], "bot_optional": ["channels:history"]}}},
            "oauth_config.scopes.bot_optional: channels:history must be in `bot` as well",
        ),
        (MANIFEST | {"oauth_config": {}}, "commands and shortcuts need the bot scope `commands`"),
        (
            MANIFEST | {"features": {"slash_commands": [{"command": "errand", "description": "x"}]}},
            "features.slash_commands.0.command: is not of the expected form",
        ),
    ],
)
def test_what_is_wrong_with_a_manifest_is_told_in_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], manifest: Any, why: str
) -> None:
    assert main(["slack", "--manifest", str(written(tmp_path, manifest))]) == 1
    assert why in capsys.readouterr().err


async def test_http_goes_to_the_manifests_own_paths_at_the_bots_origin(ana: Person) -> None:
    from aiohttp import web

    paths = []

    async def take(request: web.Request) -> web.Response:
        paths.append(request.path)
        return web.Response()

    receiver = web.Application()
    receiver.router.add_post("/{rest:.*}", take)
    runner = web.AppRunner(receiver)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    manifest = json.loads(json.dumps(MANIFEST))
    manifest["features"]["slash_commands"][0]["url"] = "https://errands.example/commands"
    manifest["settings"]["interactivity"]["request_url"] = "https://errands.example/actions"
    manifest["settings"]["event_subscriptions"]["request_url"] = "https://errands.example/events"
    async with standing(manifest) as slack:
        slack.bot_origin = f"http://127.0.0.1:{runner.addresses[0][1]}"
        eve = slack.add_person("eve")
        general = slack.add_channel("general", members=[eve])
        await slack.slash(eve, general, "/errand")
        await slack.shortcut(eve, "new")
        await slack.open_home(eve)
    await runner.cleanup()
    assert paths == ["/commands", "/actions", "/events"]
