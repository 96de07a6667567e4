"""Block Kit limits: composition objects and elements. One entry each.

Source: docs.slack.dev/reference/block-kit/composition-objects and /block-elements, @slack/types 3.2.0. Where sources
conflict the stricter number is used: option values of 75 characters, overflow menus of two options or more.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from slack_standin.block_kit.rules import Day, Flag, ListOf, Number, OneOf, Rule, Shape, String, Typed, problem

ID = String(255)
LINK = String(3000, pattern=r"[A-Za-z][A-Za-z0-9+.-]*:\S+")
STYLE = OneOf(("primary", "danger"))


def text(*kinds: str, most: int = 3000) -> Typed:
    """A text object of one of these kinds."""
    words = String(most)
    shapes = {
        "plain_text": Shape({"text": words, "emoji": Flag()}, ("text",)),
        "mrkdwn": Shape({"text": words, "verbatim": Flag()}, ("text",)),
    }
    return Typed({kind: shapes[kind] for kind in kinds}, "text type")


def plain(most: int) -> Typed:
    """A plain_text object of at most this many characters."""
    return text("plain_text", most=most)


def any_text(most: int) -> Typed:
    """A text object of either kind."""
    return text("plain_text", "mrkdwn", most=most)


CONFIRM = Shape(
    {"title": plain(100), "text": any_text(300), "confirm": plain(30), "deny": plain(30), "style": STYLE},
    ("title", "text", "confirm", "deny"),
)


def option(label: Typed, **further: Rule) -> Shape:
    """An option of a menu (composition-objects/option-object)."""
    return Shape({"text": label, "value": String(75), "description": plain(75), **further}, ("text", "value"))


OPTION = option(plain(75))
MARKED_OPTION = Shape(
    {"text": any_text(75), "value": String(75), "description": any_text(75)}, required=("text", "value")
)
OPTION_GROUP = Shape({"label": plain(75), "options": ListOf(OPTION, 1, 100)}, ("label", "options"))
SLACK_FILE = Shape({"id": ID, "url": LINK})


def exactly_one(*names: str) -> Callable[[Mapping[str, Any], str], Iterator[str]]:
    """A rule across fields: one of these and no more."""

    def across(value: Mapping[str, Any], at: str) -> Iterator[str]:
        if sum(name in value for name in names) != 1:
            yield problem(f"exactly one of {', '.join(names)} is required", at)

    return across


def _offered(value: Mapping[str, Any], at: str) -> Iterator[str]:
    """Initial options are among the options."""
    groups = [value, *_objects(value.get("option_groups"))]
    options = [option for group in groups for option in _objects(group.get("options"))]
    several = value.get("initial_options")
    for initial in [*([value["initial_option"]] if "initial_option" in value else []), *_objects(several)]:
        if initial not in options:
            yield problem("initial option is not among the options", at)
    values = [option.get("value") for option in options]
    if len(set(map(str, values))) < len(values):
        yield problem("option values must be unique", at)


def _select_across(value: Mapping[str, Any], at: str) -> Iterator[str]:
    yield from exactly_one("options", "option_groups")(value, at)
    yield from _offered(value, at)


def _objects(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _says_something(value: Mapping[str, Any], at: str) -> Iterator[str]:
    if not value:
        yield problem("at least one field is required", at)


COMMON: Mapping[str, Rule] = {"action_id": ID, "confirm": CONFIRM, "focus_on_load": Flag()}
_MENU: Mapping[str, Rule] = {**COMMON, "placeholder": plain(150)}
_FILTER = Shape(
    {
        "include": ListOf(OneOf(("im", "mpim", "private", "public")), 1, 4),
        "exclude_external_shared_channels": Flag(),
        "exclude_bot_users": Flag(),
    },
    across=_says_something,
)
_STATIC: Mapping[str, Rule] = {"options": ListOf(OPTION, 1, 100), "option_groups": ListOf(OPTION_GROUP, 1, 100)}
_CONVERSATIONS: Mapping[str, Rule] = {"default_to_current_conversation": Flag(), "filter": _FILTER}
_SEVERAL: Mapping[str, Rule] = {"max_selected_items": Number(1, 100)}
_TIME = String(5, pattern=r"([01][0-9]|2[0-3]):[0-5][0-9]")

ELEMENTS = Typed(
    {
        "button": Shape(
            {
                "text": plain(75),
                "action_id": ID,
                "url": LINK,
                "value": String(2000),
                "style": STYLE,
                "confirm": CONFIRM,
                "accessibility_label": String(75),
            },
            ("text",),
        ),
        "image": Shape(
            {"image_url": LINK, "slack_file": SLACK_FILE, "alt_text": String(2000)},
            ("alt_text",),
            exactly_one("image_url", "slack_file"),
        ),
        "overflow": Shape(
            {"action_id": ID, "options": ListOf(option(plain(75), url=LINK), 2, 5), "confirm": CONFIRM}, ("options",)
        ),
        "checkboxes": Shape(
            {**COMMON, "options": ListOf(MARKED_OPTION, 1, 10), "initial_options": ListOf(MARKED_OPTION, 1, 10)},
            ("options",),
            _offered,
        ),
        "radio_buttons": Shape(
            {**COMMON, "options": ListOf(MARKED_OPTION, 1, 10), "initial_option": MARKED_OPTION},
            ("options",),
            _offered,
        ),
        "static_select": Shape({**_MENU, **_STATIC, "initial_option": OPTION}, across=_select_across),
        "multi_static_select": Shape(
            {**_MENU, **_STATIC, **_SEVERAL, "initial_options": ListOf(OPTION, 1, 100)}, across=_select_across
        ),
        "external_select": Shape({**_MENU, "min_query_length": Number(), "initial_option": OPTION}),
        "multi_external_select": Shape(
            {**_MENU, **_SEVERAL, "min_query_length": Number(), "initial_options": ListOf(OPTION, 1, 100)}
        ),
        "users_select": Shape({**_MENU, "initial_user": ID}),
        "multi_users_select": Shape({**_MENU, **_SEVERAL, "initial_users": ListOf(ID, 1, 100)}),
        "conversations_select": Shape(
            {**_MENU, **_CONVERSATIONS, "initial_conversation": ID, "response_url_enabled": Flag()}
        ),
        "multi_conversations_select": Shape(
            {**_MENU, **_CONVERSATIONS, **_SEVERAL, "initial_conversations": ListOf(ID, 1, 100)}
        ),
        "channels_select": Shape({**_MENU, "initial_channel": ID, "response_url_enabled": Flag()}),
        "multi_channels_select": Shape({**_MENU, **_SEVERAL, "initial_channels": ListOf(ID, 1, 100)}),
        "datepicker": Shape({**_MENU, "initial_date": Day()}),
        "timepicker": Shape({**_MENU, "initial_time": _TIME, "timezone": String(100)}),
        "datetimepicker": Shape({**COMMON, "initial_date_time": Number(10**9, 10**10 - 1)}),
    },
    "element type",
)
