"""Modals and inputs in few words, and a small bot that answers them."""

from typing import Any

import pytest
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError

from slack_standin import StandIn

from .conftest import bolt_app


def plain(words: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": words}


def option(value: str) -> dict[str, Any]:
    return {"text": plain(value), "value": value}


def ask(block_id: str, element: dict[str, Any], **changes: Any) -> dict[str, Any]:
    element = {"action_id": "it", **element}
    return {"type": "input", "block_id": block_id, "label": plain(block_id), "element": element, **changes}


def words(**changes: Any) -> dict[str, Any]:
    return {"type": "plain_text_input", **changes}


def modal(*blocks: dict[str, Any], **changes: Any) -> dict[str, Any]:
    view = {"type": "modal", "title": plain("A win"), "submit": plain("Log"), "callback_id": "form"}
    return view | {"blocks": list(blocks)} | changes


async def error_of(call: Any) -> str:
    with pytest.raises(SlackApiError) as raised:
        await call
    return str(raised.value.response["error"])


def answering(slack: StandIn, *answers: dict[str, Any]) -> tuple[AsyncApp, list[dict[str, Any]]]:
    """A bot that answers one submission after another, and everything it hears."""
    app, heard, left = bolt_app(slack), [], list(answers)

    @app.view("form")
    async def submitted(ack: Any, body: dict[str, Any]) -> None:
        heard.append(body)
        await ack(**(left.pop(0) if left else {}))

    @app.view_closed("form")
    async def closed(ack: Any, body: dict[str, Any]) -> None:
        heard.append(body)
        await ack()

    @app.action("it")
    async def acted(ack: Any, body: dict[str, Any]) -> None:
        heard.append(body)
        await ack()

    return app, heard
