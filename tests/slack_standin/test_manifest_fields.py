"""The stand-in takes and refuses each field of an app manifest as Slack's reference says."""

import re
from copy import deepcopy
from typing import Any

import pytest

from slack_standin import manifest_problems
from tests.manifest_reference import FIELDS, WHOLE, Field, parent

WRONG_TYPES: dict[str, list[Any]] = {
    "object": ["text", ["list"], None],
    "map": ["text", ["list"], None],
    "list": ["text", {"an": "object"}, None],
    "text": [5, ["list"], {"an": "object"}, None],
    "flag": ["true", 1, None],
    "number": ["1", 1.5, True, None],
}
SIZE = re.compile(r"(items|fields) allowed|must be (less|more) than|must be between")
EVERY = [pytest.param(field, id=field.path) for field in FIELDS]


def changed(field: Field, value: Any) -> list[str]:
    """What the stand-in says of a whole manifest with another value of one field."""
    manifest = deepcopy(WHOLE)
    container, key = parent(manifest, field.path)
    container[key] = value
    return manifest_problems(manifest)


def sized(field: Field, size: int) -> Any:
    """A value of this size, like the one in the whole manifest."""
    container, key = parent(deepcopy(WHOLE), field.path)
    value = container[key]
    match field.kind:
        case "text":
            return "x" * size
        case "number":
            return size
        case "map":
            return {f"name{number}": next(iter(value.values())) for number in range(size)}
        case _:
            return [like(value, number) for number in range(size)]


def like(items: list[Any], number: int) -> Any:
    """Another item like the first of a list: no two of them are the same."""
    if not items or isinstance(items[0], str):
        return f"{number}.example.com" if items and "." in items[0] and "/" not in items[0] else f"1.2.3.{number}"
    unlike = {"callback_id": f"id{number}", "command": f"/say{number}", "event_type": f"type{number}"}
    return items[0] | {name: value for name, value in unlike.items() if name in items[0]}


def names(field: Field) -> str:
    """A word of the place where a problem of the field is."""
    return field.path.removesuffix("[]").replace("[]", ".0").replace("*", "").rpartition(".")[2]


def test_a_manifest_with_everything_in_it_is_taken() -> None:
    assert manifest_problems(WHOLE) == []


@pytest.mark.parametrize("field", EVERY)
def test_a_field_has_its_type_and_size_and_is_there_if_required(field: Field) -> None:
    for wrong in WRONG_TYPES[field.kind]:
        assert any(names(field) in problem for problem in changed(field, wrong)), wrong
    manifest = deepcopy(WHOLE)
    container, key = parent(manifest, field.path)
    del container[key]
    missing = [problem for problem in manifest_problems(manifest) if problem.endswith(f"required field: {key}")]
    assert bool(missing) is field.required
    for size, is_wrong in (
        *([(field.most, False), (field.most + 1, True)] if field.most is not None else []),
        *([(field.least, False), (field.least - 1, True)] if field.least is not None else []),
    ):
        of_size = [problem for problem in changed(field, sized(field, size)) if SIZE.search(problem)]
        assert bool(of_size) is is_wrong, (size, of_size)


@pytest.mark.parametrize(
    ("field", "value"),
    [pytest.param(field, value, id=f"{field.path}={value}") for field in FIELDS for value in field.refused],
)
def test_a_value_of_another_form_is_refused(field: Field, value: str) -> None:
    assert any(names(field) in problem for problem in changed(field, value))


@pytest.mark.parametrize("field", [each for each in EVERY if each.values[0].kind == "object"])  # type: ignore[union-attr]
def test_a_field_that_slack_does_not_know_is_refused(field: Field) -> None:
    container, key = parent(deepcopy(WHOLE), field.path)
    assert any("unheard_of" in problem for problem in changed(field, container[key] | {"unheard_of": True}))


@pytest.mark.parametrize(
    ("path", "value", "problem"),
    [
        ("oauth_config.scopes.bot_optional", ["users:read"], "users:read must be in `bot` as well"),
        ("oauth_config.scopes.user_optional", ["users:read"], "users:read must be in `user` as well"),
        ("oauth_config.scopes.bot", ["chat:write", "reactions:read"], "need the bot scope `commands`"),
        ("oauth_config.scopes.bot", ["commands"], "reaction_added needs the bot scope reactions:read"),
        ("settings.event_subscriptions.bot_events", ["message.im"], "message.im needs the bot scope im:history"),
        ("settings.event_subscriptions.bot_events", ["app_mention"], "app_mention needs the bot scope"),
        ("settings.event_subscriptions.bot_events", ["member_joined_channel"], "channels:read or groups:read"),
        (
            "settings.event_subscriptions.bot_events",
            ["channel_history_changed"],
            "needs the bot scope channels:history",
        ),
        ("settings.event_subscriptions.bot_events", ["im_created"], "im_created needs the bot scope im:read"),
        ("settings.event_subscriptions.bot_events", ["email_domain_changed"], "needs the bot scope team:read"),
        ("settings.event_subscriptions.bot_events", ["reaction_added", "reaction_added"], "there twice"),
        ("settings.function_runtime", "", "functions need function_runtime"),
        ("settings.org_deploy_enabled", False, "functions need org_deploy_enabled"),
        ("settings.token_rotation_enabled", True, "doesn't rotate tokens"),
        ("features.shortcuts", [WHOLE["features"]["shortcuts"][0]] * 2, "say is there twice"),
        ("features.slash_commands", [WHOLE["features"]["slash_commands"][0]] * 2, "/say is there twice"),
    ],
)
def test_the_parts_fit_together(path: str, value: Any, problem: str) -> None:
    assert any(problem in each for each in changed(Field(path, "text"), value))


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ("settings.event_subscriptions.request_url", "Event Subscription requires either Request URL or Socket Mode"),
        ("settings.interactivity.request_url", "Interactivity requires a Request URL"),
    ],
)
def test_what_slack_sends_needs_a_way(path: str, problem: str) -> None:
    manifest = deepcopy(WHOLE)
    container, key = parent(manifest, path)
    del container[key]
    assert manifest_problems(manifest) == []
    manifest["settings"]["socket_mode_enabled"] = False
    assert any(problem in each for each in manifest_problems(manifest))


@pytest.mark.parametrize(
    "event", ["team_access_granted", "team_access_revoked", "assistant_thread_started", "function_executed"]
)
def test_some_events_need_no_scope(event: str) -> None:
    assert changed(Field("settings.event_subscriptions.bot_events", "list"), [event]) == []
