"""External selects ask the bot for their options as a person types."""

from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from slack_standin import Person, StandIn

from .conftest import MANIFEST, Running, bolt_app, over_http, over_socket_mode, standing
from .modals import answering, ask, modal, option, plain


async def test_external_menus_ask_the_bot(
    running: Running, slack: StandIn, client: AsyncWebClient, trigger: Any, ana: Person
) -> None:
    app = bolt_app(slack)
    asked: list[dict[str, Any]] = []

    @app.options("it")
    async def offer(ack: Any, body: dict[str, Any]) -> None:
        asked.append(body)
        await ack(options=[option(f"{body['value']}-{number}") for number in range(2)])

    menu = {"type": "external_select", "min_query_length": 2}
    async with running(slack, app):
        await client.views_open(trigger_id=await trigger(), view=modal(ask("menu", menu)))
        with pytest.raises(ValueError, match="no option"):
            await slack.fill(ana, "it", "ab-1")
        assert (await slack.suggest(ana, "it", "a")).error == "too_short"
        answer = await slack.suggest(ana, "it", "ab")
        assert [each["value"] for each in answer.payload["options"]] == ["ab-0", "ab-1"]
        await slack.fill(ana, "it", "ab-1")
    [body] = asked
    assert (body["type"], body["block_id"], body["container"]["type"]) == ("block_suggestion", "menu", "view")
    view = slack.modal(ana)
    assert view is not None
    assert view.state.values["menu"]["it"]["selected_option"]["value"] == "ab-1"


async def test_external_menus_open_with_groups_before_a_letter_is_typed(
    running: Running, slack: StandIn, client: AsyncWebClient, trigger: Any, ana: Person
) -> None:
    app, heard = answering(slack)

    @app.options("it")
    async def offer(ack: Any) -> None:
        await ack(option_groups=[{"label": plain("Europe"), "options": [option("Berlin"), option("Cairo")]}])

    menu = {"type": "external_select", "min_query_length": 0}
    async with running(slack, app):
        await client.views_open(trigger_id=await trigger(), view=modal(ask("menu", menu, dispatch_action=True)))
        assert (await slack.suggest(ana, "it", "")).error is None
        await slack.fill(ana, "it", "Cairo")
    assert heard[0]["actions"][0]["selected_option"] == option("Cairo")


async def test_what_an_external_menu_offered_earlier_stays_chosen(
    slack: StandIn, client: AsyncWebClient, trigger: Any, ana: Person
) -> None:
    app = bolt_app(slack)

    @app.options("it")
    async def offer(ack: Any, payload: dict[str, Any]) -> None:
        await ack(options=[option(payload["value"])])

    menu = {"type": "multi_external_select", "min_query_length": 1, "initial_options": [option("first")]}
    async with over_socket_mode(slack, app):
        await client.views_open(trigger_id=await trigger(), view=modal(ask("menu", menu)))
        for chosen in (["first", "a"], ["first", "a", "b"], ["a", "b"]):
            await slack.suggest(ana, "it", chosen[-1])
            await slack.fill(ana, "it", chosen)
        with pytest.raises(ValueError, match="no option 'first'"):
            await slack.fill(ana, "it", ["first", "b"])
    held = slack.modals(ana)[-1].state.values["menu"]["it"]["selected_options"]
    assert [each["value"] for each in held] == ["a", "b"]


async def test_over_http_external_menus_need_an_address_in_the_manifest() -> None:
    settings = MANIFEST["settings"] | {"interactivity": {"is_enabled": True}}
    async with standing(MANIFEST | {"settings": settings}) as slack:
        app = bolt_app(slack)

        @app.command("/say")
        async def show(ack: Any, body: dict[str, Any], client: Any) -> None:
            await client.views_open(
                trigger_id=body["trigger_id"],
                view=modal(ask("menu", {"type": "external_select", "min_query_length": 0})),
            )
            await ack()

        @app.options("it")
        async def offer(ack: Any) -> None:
            await ack(options=[option("a")])

        someone = slack.add_person("dora")
        place = slack.add_channel("general", members=[someone])
        async with over_socket_mode(slack, app):
            await slack.slash(someone, place, "/say x")
            assert (await slack.suggest(someone, "it")).error is None
        async with over_http(slack, app):
            await slack.slash(someone, place, "/say x")
            assert (await slack.suggest(someone, "it")).error == "dispatch_failed"
