"""What the bot's views let people use: every button, field and modal that tells the bot something."""

import ast
import importlib
import pkgutil
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from bot import views
from bot.views import cheer_buttons, inputs, win_buttons

BUILDERS = ("inputs", "format", "win_buttons", "cheer_buttons")
"""The views that make parts of others; what they make is named where it is asked for."""

WITH_ONE_ID = {
    "climb_button": win_buttons.OPEN_CLIMB,
    "cheer_button": cheer_buttons.CHEER,
    "cheer_told_win_button": cheer_buttons.CHEER_TOLD_WIN,
    "cheer_listed_win_button": cheer_buttons.CHEER_LISTED_WIN,
}


def interactive_ids() -> Iterator[tuple[str, str]]:
    """What the code of the views lets people use, as (action, view or options; id): by its calls of what makes buttons,
    fields and modals. A field that does not answer, and a modal that can only be closed, tell the bot nothing.
    """
    for info in pkgutil.iter_modules(views.__path__, f"{views.__name__}."):
        module = importlib.import_module(info.name)
        if info.name.rpartition(".")[2] in BUILDERS:
            continue
        assert module.__file__ is not None
        for node in ast.walk(ast.parse(Path(module.__file__).read_text(encoding="utf-8"))):
            yield from _ids_in(node, partial(_evaluate, vars(module)))


def _evaluate(namespace: dict[str, Any], expression: ast.expr) -> Any:
    return eval(compile(ast.Expression(expression), "<views>", "eval"), dict(namespace))


def _ids_in(node: ast.AST, value: Callable[[ast.expr], Any]) -> Iterator[tuple[str, str]]:
    if isinstance(node, ast.Dict):
        yield from _ids_in_dict(node, value)
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
        return
    given = {keyword.arg: keyword.value for keyword in node.keywords}
    dispatches = "dispatch_action" not in given or value(given["dispatch_action"])
    match node.func.id:
        case "button" | "edit_button" | "delete_button" | "leave_button":
            yield from (("action", each) for each in _all_values(given["action_id"], value))
        case builder if builder in WITH_ONE_ID:
            yield ("action", WITH_ONE_ID[builder])
        case "thank_buttons":
            yield from (("action", each) for each in value(given["action_ids"]))
        case "field" | "select" | "radio" | "multi_select" if dispatches:
            yield ("action", value(node.args[0]))
        case "zone":
            yield ("options", inputs.ZONE_ACTION_ID)
            if dispatches:
                yield ("action", inputs.ZONE_ACTION_ID)
        case "suggested":
            yield ("options", value(node.args[0]))
            if dispatches:
                yield ("action", value(node.args[0]))
        case "modal" if "submit" in given:
            yield ("view", value(node.args[1]))


def _ids_in_dict(node: ast.Dict, value: Callable[[ast.expr], Any]) -> Iterator[tuple[str, str]]:
    given = {key.value: item for key, item in zip(node.keys, node.values, strict=True) if isinstance(key, ast.Constant)}
    if "action_id" in given:
        yield ("action", value(given["action_id"]))
        if isinstance(given.get("type"), ast.Constant) and value(given["type"]) == "external_select":
            yield ("options", value(given["action_id"]))


def _all_values(expression: ast.expr, value: Callable[[ast.expr], Any]) -> Iterator[Any]:
    """Yield what an expression may stand for: of one taken from a table, all that the table has."""
    if isinstance(expression, ast.Subscript):
        yield from value(expression.value).values()
    else:
        yield value(expression)
