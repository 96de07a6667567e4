"""What people enter into modals and menus: validation, submissions, acknowledgements, closing."""

import asyncio
from typing import Any

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from slack_standin import Channel, Person, StandIn

from .conftest import Running, bolt_app, over_socket_mode
from .modals import answering, ask, modal, option, plain, words


async def test_a_submission_carries_every_input(
    running: Running, slack: StandIn, client: AsyncWebClient, trigger: Any, *, ana: Person, general: Channel
) -> None:
    app, heard = answering(slack)
    several = {"type": "multi_static_select", "options": [option("a"), option("b")]}
    form = modal(
        ask("words", words()),
        ask("number", {"type": "number_input", "is_decimal_allowed": False}),
        ask("mail", {"type": "email_text_input"}),
        ask("link", {"type": "url_text_input"}),
        ask("rich", {"type": "rich_text_input"}),
        ask("day", {"type": "datepicker", "initial_date": "2030-01-02"}),
        ask("time", {"type": "timepicker"}),
        ask("moment", {"type": "datetimepicker"}),
        ask("one", {"type": "static_select", "options": [option("a")]}),
        ask("several", several),
        ask("boxes", {"type": "checkboxes", "options": [option("a"), option("b")]}, optional=True),
        ask("radio", {"type": "radio_buttons", "options": [option("a")]}),
        ask("who", {"type": "users_select"}),
        ask("where", {"type": "conversations_select", "default_to_current_conversation": True}),
        ask("wheres", {"type": "multi_channels_select"}, optional=True),
        private_metadata="kept",
    )
    entered = {
        "words": "hello",
        "number": "7",
        "mail": "ana@example.com",
        "link": "https://example.com",
        "rich": "bold",
        "time": "09:30",
        "moment": 1893456000,
        "one": "a",
        "several": ["a", "b"],
        "radio": "a",
        "who": ana.id,
    }
    async with running(slack, app):
        await client.views_open(trigger_id=await trigger(), view=form)
        for block_id, value in entered.items():
            assert await slack.fill(ana, "it", value, block_id=block_id) is None
        answer = await slack.submit(ana)
    assert answer.error is None
    assert slack.modals(ana) == []
    [body] = heard
    assert sorted(body) == [
        "api_app_id",
        "enterprise",
        "is_enterprise_install",
        "response_urls",
        "team",
        "token",
        "trigger_id",
        "type",
        "user",
        "view",
    ]
    values = {block_id: actions["it"] for block_id, actions in body["view"]["state"]["values"].items()}
    assert values["words"] == {"type": "plain_text_input", "value": "hello"}
    assert values["number"]["value"] == "7"
    assert values["rich"]["rich_text_value"]["elements"][0]["elements"][0]["text"] == "bold"
    assert values["day"]["selected_date"] == "2030-01-02"
    assert values["time"]["selected_time"] == "09:30"
    assert values["moment"]["selected_date_time"] == 1893456000
    assert values["one"] == {"type": "static_select", "selected_option": option("a")}
    assert values["several"]["selected_options"] == [option("a"), option("b")]
    assert values["boxes"]["selected_options"] == []
    assert values["who"]["selected_user"] == ana.id
    assert values["where"]["selected_conversation"] == general.id
    assert values["wheres"] == {"type": "multi_channels_select", "selected_channels": []}
    assert body["view"]["private_metadata"] == "kept"


@pytest.mark.parametrize(
    ("element", "value", "complaint"),
    [
        (words(), None, "required"),
        (words(min_length=3), "ab", "at least 3"),
        (words(max_length=3), "abcd", "no more than 3"),
        ({"type": "number_input", "is_decimal_allowed": False}, "seven", "valid number"),
        ({"type": "number_input", "is_decimal_allowed": False}, "1.5", "whole number"),
        ({"type": "number_input", "is_decimal_allowed": True, "min_value": "2"}, "1.5", "at least 2"),
        ({"type": "number_input", "is_decimal_allowed": True, "max_value": "1"}, "1.5", "at most 1"),
        ({"type": "email_text_input"}, "ana at home", "email"),
        ({"type": "url_text_input"}, "example", "URL"),
        ({"type": "multi_users_select", "max_selected_items": 1}, ["ana", "parrot"], "up to 1"),
    ],
)
async def test_slack_complains_before_it_submits(
    slack: StandIn,
    client: AsyncWebClient,
    trigger: Any,
    *,
    ana: Person,
    element: dict[str, Any],
    value: Any,
    complaint: str,
) -> None:
    await client.views_open(trigger_id=await trigger(), view=modal(ask("a", element)))
    if element["type"] == "multi_users_select":
        value = [ana.id, slack.bot_user_id]
    await slack.fill(ana, "it", value)
    before = len(slack.ledger.deliveries("interactive"))
    assert (await slack.submit(ana)).error == "invalid_input"
    view = slack.modal(ana)
    assert view is not None
    assert complaint in view.errors["a"]
    assert len(slack.ledger.deliveries("interactive")) == before


async def test_the_bot_answers_with_errors_an_update_and_a_further_modal(
    running: Running, slack: StandIn, client: AsyncWebClient, trigger: Any, ana: Person
) -> None:
    form = modal(ask("win", words()))
    second = modal(ask("win", words()), ask("more", words(), optional=True))
    app, heard = answering(
        slack,
        {"response_action": "errors", "errors": {"win": "Too modest"}},
        {"response_action": "update", "view": second},
        {"response_action": "push", "view": modal(title=plain("Sure?"))},
        {"response_action": "clear"},
    )
    async with running(slack, app):
        await client.views_open(trigger_id=await trigger(), view=form)
        await slack.fill(ana, "it", "hi")
        await slack.submit(ana)
        view = slack.modal(ana)
        assert view is not None
        assert view.errors == {"win": "Too modest"}
        await slack.submit(ana)
        assert slack.modal(ana) is view
        assert view.errors == {}
        assert view.state.values["win"]["it"]["value"] == "hi"
        assert "more" in view.state.values
        await slack.submit(ana)
        assert [each.body["title"]["text"] for each in slack.modals(ana)] == ["A win", "Sure?"]
        await slack.submit(ana)
    assert slack.modals(ana) == []
    assert len(heard) == 4


@pytest.mark.parametrize(
    ("response", "error"),
    [
        ({"response_action": "errors", "errors": {"nowhere": "?"}}, "invalid_errors"),
        ({"response_action": "errors", "errors": {"note": "?"}}, "invalid_errors"),
        ({"response_action": "update", "view": {"type": "modal"}}, "invalid_update"),
        ({"response_action": "explode"}, "invalid_response_action"),
    ],
)
async def test_an_answer_that_cannot_be_used_is_trouble(
    slack: StandIn, client: AsyncWebClient, trigger: Any, *, ana: Person, response: Any, error: str
) -> None:
    app, _ = answering(slack, response)
    note = {"type": "section", "block_id": "note", "text": plain("a note")}
    async with over_socket_mode(slack, app):
        await client.views_open(trigger_id=await trigger(), view=modal(note))
        assert (await slack.submit(ana)).error == error
    view = slack.modal(ana)
    assert view is not None
    assert "trouble" in str(view.trouble)


async def test_a_submission_waits_three_seconds(
    slack: StandIn, client: AsyncWebClient, trigger: Any, ana: Person
) -> None:
    app = bolt_app(slack)
    slack.world.ack_timeout = 0.3

    @app.view("form")
    async def late(ack: Any) -> None:
        await asyncio.sleep(0.5)
        await ack()

    async with over_socket_mode(slack, app):
        await client.views_open(trigger_id=await trigger(), view=modal())
        assert (await slack.submit(ana)).error == "operation_timeout"
    assert slack.modal(ana) is not None


async def test_closing_is_told_to_who_asked(slack: StandIn, client: AsyncWebClient, trigger: Any, ana: Person) -> None:
    app, heard = answering(slack)
    async with over_socket_mode(slack, app):
        await client.views_open(trigger_id=await trigger(), view=modal(notify_on_close=True))
        [told] = await slack.close_view(ana)
        assert told.status == 200
        await client.views_open(trigger_id=await trigger(), view=modal(notify_on_close=True, clear_on_close=True))
        await slack.close_view(ana)
        await client.views_open(trigger_id=await trigger(), view=modal())
        assert await slack.close_view(ana) == []
    assert [(body["type"], body["is_cleared"]) for body in heard] == [("view_closed", False), ("view_closed", True)]
    with pytest.raises(ValueError, match="no modal open"):
        await slack.submit(ana)


async def test_inputs_that_dispatch_are_told_as_they_change(
    slack: StandIn, client: AsyncWebClient, trigger: Any, ana: Person
) -> None:
    app, heard = answering(slack)
    letters = {"trigger_actions_on": ["on_character_entered"]}
    view = modal(
        ask("enter", words(), dispatch_action=True),
        ask("letter", words(dispatch_action_config=letters), dispatch_action=True),
        ask("menu", {"type": "static_select", "options": [option("a")]}, dispatch_action=True),
    )
    async with over_socket_mode(slack, app):
        await client.views_open(trigger_id=await trigger(), view=view)
        assert await slack.fill(ana, "it", "a", block_id="enter") is None
        await slack.fill(ana, "it", "ab", block_id="enter", enter=True)
        await slack.fill(ana, "it", "c", block_id="letter")
        await slack.fill(ana, "it", "a", block_id="menu")
    actions = [body["actions"][0] for body in heard]
    assert [(action["block_id"], action.get("value")) for action in actions] == [
        ("enter", "ab"),
        ("letter", "c"),
        ("menu", None),
    ]
    assert actions[2]["selected_option"] == option("a")
    assert heard[0]["container"] == {"type": "view", "view_id": heard[0]["view"]["id"]}
    assert heard[2]["view"]["state"]["values"]["letter"]["it"]["value"] == "c"
    assert "message" not in heard[0]
    assert "channel" not in heard[0]


async def test_a_chosen_conversation_brings_an_address_to_answer_there(
    slack: StandIn, client: AsyncWebClient, trigger: Any, ana: Person, secret: Channel
) -> None:
    app, heard = answering(slack)
    menu = {"type": "conversations_select", "response_url_enabled": True}
    async with over_socket_mode(slack, app):
        await client.views_open(trigger_id=await trigger(), view=modal(ask("where", menu)))
        await slack.fill(ana, "it", secret.id)
        await slack.submit(ana)
    [place] = heard[0]["response_urls"]
    assert (place["block_id"], place["action_id"], place["channel_id"]) == ("where", "it", secret.id)
    async with aiohttp.ClientSession() as session:
        await session.post(place["response_url"], json={"text": "here", "response_type": "in_channel"})
    assert [message.plain() for message in slack.posts(secret)] == ["here"]


async def test_every_input_that_dispatches_is_told_and_keeps_its_value_over_an_update(
    slack: StandIn, client: AsyncWebClient, trigger: Any, *, ana: Person, general: Channel
) -> None:
    options = {"options": [option("a"), option("b")]}
    elements: list[tuple[dict[str, Any], Any, str]] = [
        ({"type": "radio_buttons"} | options, "a", "selected_option"),
        ({"type": "checkboxes"} | options, ["a"], "selected_options"),
        ({"type": "static_select"} | options, "b", "selected_option"),
        ({"type": "multi_static_select"} | options, ["a", "b"], "selected_options"),
        ({"type": "timepicker"}, "09:30", "selected_time"),
        ({"type": "datepicker"}, "2030-03-07", "selected_date"),
        ({"type": "conversations_select"}, general.id, "selected_conversation"),
        ({"type": "multi_users_select"}, [ana.id], "selected_users"),
    ]
    fields = [ask(element["type"], element, dispatch_action=True) for element, _, _ in elements]
    app, heard = answering(slack)
    async with over_socket_mode(slack, app):
        opened = await client.views_open(trigger_id=await trigger(), view=modal(*fields))
        for element, value, name in elements:
            await slack.fill(ana, "it", value, block_id=element["type"])
            [action] = heard[-1]["actions"]
            assert (action["type"], bool(action[name])) == (element["type"], True)
        before = slack.modals(ana)[-1].state.values
        note = {"type": "section", "text": plain("now with a note")}
        await client.views_update(view_id=opened["view"]["id"], view=modal(note, *reversed(fields)))
        assert slack.modals(ana)[-1].state.values == before
    assert len(heard) == len(elements)


async def test_menus_in_messages_remember_each_person(
    slack: StandIn, client: AsyncWebClient, ana: Person, ben: Person, general: Channel
) -> None:
    app, heard = answering(slack)
    menu = {"type": "static_select", "action_id": "it", "options": [option("a"), option("b")]}
    await client.chat_postMessage(
        channel=general.id, text="pick", blocks=[{"type": "actions", "block_id": "row", "elements": [menu]}]
    )
    [post] = slack.posts(general)
    async with over_socket_mode(slack, app):
        await slack.press(ana, post, "it", "b")
        await slack.press(ben, post, "it", "a")
    assert [body["state"]["values"]["row"]["it"]["selected_option"]["value"] for body in heard] == ["b", "a"]


async def test_nobody_uses_what_they_do_not_see(
    slack: StandIn, client: AsyncWebClient, trigger: Any, *, ana: Person, ben: Person, general: Channel
) -> None:
    await client.views_open(trigger_id=await trigger(), view=modal(ask("win", words())))
    view = slack.modal(ana)
    assert view is not None
    with pytest.raises(ValueError, match="ben doesn't see this view"):
        await slack.fill(ben, "it", "mine", on=view)
    button = {"type": "button", "text": plain("Go"), "action_id": "it"}
    row = [{"type": "actions", "elements": [button]}]
    await client.chat_postEphemeral(channel=general.id, user=ana.id, text="psst", blocks=row)
    with pytest.raises(ValueError, match="ben doesn't see this message"):
        await slack.press(ben, slack.seen_by(ana, general)[-1], "it")


async def test_a_modal_is_submitted_once_at_a_time(
    slack: StandIn, client: AsyncWebClient, trigger: Any, ana: Person
) -> None:
    app, tried_again = bolt_app(slack), asyncio.Event()

    @app.view("form")
    async def slow(ack: Any) -> None:
        await tried_again.wait()
        await ack()

    async with over_socket_mode(slack, app):
        await client.views_open(trigger_id=await trigger(), view=modal())
        first = asyncio.create_task(slack.submit(ana))
        await slack.wait_for(lambda: slack.modals(ana)[-1].is_submitting)
        with pytest.raises(ValueError, match="submitted already"):
            await slack.submit(ana)
        tried_again.set()
        assert (await first).error is None
    assert slack.modal(ana) is None


async def test_the_feed_tells_who_sees_a_modal_that_it_changed(
    slack: StandIn, client: AsyncWebClient, *, ana: Person, ben: Person, general: Channel
) -> None:
    start = slack.world.feed.number
    typed = await slack.slash(ana, general, "/say x")
    await client.views_open(trigger_id=typed.request.payload["trigger_id"], view=modal())
    kinds = {change.kind for change in slack.changes_since(start, ana) or []}
    assert {"view", "ledger", "ephemeral"} <= kinds
    assert {change.kind for change in slack.changes_since(start, ben) or []} == {"ledger"}
