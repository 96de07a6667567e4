"""What the bot's views let people use: every button, field and modal that tells the bot something."""

import ast
import importlib
import pkgutil
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from bot import views
from bot.views import inputs

MAKERS = ("fields", "format")
"""The views that make parts of others; what they make is named where it is asked for."""


def offers() -> Iterator[tuple[str, str]]:
    """What the code of the views lets people use, as (action, view or options; id): by its calls of what makes buttons,
    fields and modals. A field that does not answer, and a modal that can only be closed, tell the bot nothing.
    """
    for found in pkgutil.iter_modules(views.__path__, f"{views.__name__}."):
        module = importlib.import_module(found.name)
        if found.name.rpartition(".")[2] in MAKERS:
            continue
        assert module.__file__ is not None
        for node in ast.walk(ast.parse(Path(module.__file__).read_text(encoding="utf-8"))):
            yield from _offers(node, partial(_value, vars(module)))


def _value(names_in: dict[str, Any], part: ast.expr) -> Any:
    return eval(compile(ast.Expression(part), "<views>", "eval"), dict(names_in))


def _offers(node: ast.AST, value: Callable[[ast.expr], Any]) -> Iterator[tuple[str, str]]:
    if isinstance(node, ast.Dict):
        for key, held in zip(node.keys, node.values, strict=True):
            if isinstance(key, ast.Constant) and key.value == "action_id":
                yield ("action", value(held))
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
        return
    given = {keyword.arg: keyword.value for keyword in node.keywords}
    answers = "answers" not in given or value(given["answers"])
    match node.func.id:
        case "button":
            yield ("action", value(given["action"]))
        case "field" | "select" | "radio" | "several" if answers:
            yield ("action", value(node.args[0]))
        case "zone":
            yield ("options", inputs.ZONE_ACTION_ID)
            if answers:
                yield ("action", inputs.ZONE_ACTION_ID)
        case "modal" if "submit" in given:
            yield ("view", value(node.args[0]))
