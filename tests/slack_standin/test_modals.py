"""Modals open, stack and are found again as Slack's do."""

from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from slack_standin import Person, StandIn

from .modals import ask, error_of, modal, plain, words


async def test_a_modal_opens_for_whose_trigger_it_is(
    slack: StandIn, client: AsyncWebClient, trigger: Any, ana: Person, ben: Person
) -> None:
    opened = await client.views_open(trigger_id=await trigger(), view=modal(ask("win", words())))
    view = slack.modal(ana)
    assert view is not None
    assert slack.modal(ben) is None
    assert opened["view"] == view.to_slack()
    assert (opened["view"]["root_view_id"], opened["view"]["previous_view_id"]) == (view.id, None)
    assert opened["view"]["state"] == {"values": {"win": {"it": {"type": "plain_text_input", "value": None}}}}


async def test_triggers_are_good_once(slack: StandIn, client: AsyncWebClient, trigger: Any) -> None:
    used = await trigger()
    await client.views_open(trigger_id=used, view=modal())
    assert await error_of(client.views_open(trigger_id=used, view=modal())) == "exchanged_trigger_id"
    assert await error_of(client.views_open(trigger_id="1.2.x", view=modal())) == "invalid_trigger_id"


async def test_triggers_last_three_seconds(
    client: AsyncWebClient, trigger: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("slack_standin.model.triggers.LIFETIME", 0.0)
    assert await error_of(client.views_open(trigger_id=await trigger(), view=modal())) == "expired_trigger_id"


@pytest.mark.parametrize(
    ("view", "why"),
    [
        (modal(title=plain("x" * 25)), "/view/title/text"),
        (modal(private_metadata="x" * 3001), "/view/private_metadata"),
        (modal(ask("a", words()), ask("a", words())), "duplicate block_id"),
        ({"type": "modal", "title": plain("x"), "blocks": [ask("a", words())]}, "submit is required"),
        (modal({"type": "markdown", "text": "no"}), "unsupported block type: markdown"),
        (modal(*[{"type": "divider"}] * 101), "no more than 100"),
        ({"type": "home", "blocks": []}, "unsupported view type: home"),
        (modal(colour="red"), "additional field: colour"),
    ],
)
async def test_a_view_that_slack_would_refuse_is_refused(
    client: AsyncWebClient, trigger: Any, view: dict[str, Any], why: str
) -> None:
    unused = await trigger()
    with pytest.raises(SlackApiError) as raised:
        await client.views_open(trigger_id=unused, view=view)
    assert raised.value.response["error"] == "invalid_arguments"
    assert any(why in each for each in raised.value.response["response_metadata"]["messages"])
    await client.views_open(trigger_id=unused, view=modal())


async def test_a_view_has_a_size(client: AsyncWebClient, trigger: Any) -> None:
    big = modal(*[{"type": "section", "text": plain("x" * 3000)}] * 90)
    assert await error_of(client.views_open(trigger_id=await trigger(), view=big)) == "view_too_large"


async def test_views_are_found_by_id_hash_and_external_id(
    slack: StandIn, client: AsyncWebClient, trigger: Any, ana: Person
) -> None:
    view = (await client.views_open(trigger_id=await trigger(), view=modal(external_id="mine")))["view"]
    updated = await client.views_update(view_id=view["id"], hash=view["hash"], view=modal(external_id="mine"))
    assert updated["view"]["hash"] != view["hash"]
    stale = client.views_update(external_id="mine", hash=view["hash"], view=modal())
    assert await error_of(stale) == "hash_conflict"
    assert await error_of(client.views_update(view_id="V0", view=modal())) == "not_found"
    again = client.views_open(trigger_id=await trigger(), view=modal(external_id="mine"))
    assert await error_of(again) == "duplicate_external_id"
    await slack.close_view(ana)
    assert await error_of(client.views_update(view_id=view["id"], view=modal())) == "not_found"


async def test_three_modals_stack_and_no_more(
    slack: StandIn, client: AsyncWebClient, trigger: Any, ana: Person
) -> None:
    button = {"type": "button", "text": plain("More"), "action_id": "it"}
    view = modal({"type": "actions", "elements": [button]})
    await client.views_open(trigger_id=await trigger(), view=view)
    for depth in (2, 3):
        top = slack.modal(ana)
        assert top is not None
        pressed = await slack.press(ana, top, "it")
        pushed = await client.views_push(trigger_id=pressed.request.payload["trigger_id"], view=view)
        assert pushed["view"]["previous_view_id"] == top.id
        assert len(slack.modals(ana)) == depth
    top = slack.modal(ana)
    assert top is not None
    pressed = await slack.press(ana, top, "it")
    again = client.views_push(trigger_id=pressed.request.payload["trigger_id"], view=view)
    assert await error_of(again) == "push_limit_reached"
    assert await error_of(client.views_push(trigger_id=await trigger(), view=view)) == "not_found"
    await slack.close_view(ana)
    assert len(slack.modals(ana)) == 2
    await slack.close_view(ana, everything=True)
    assert slack.modals(ana) == []
