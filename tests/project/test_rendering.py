"""Nothing is rendered while a transaction is open: what is given a connection names no language."""

import ast
from collections.abc import Iterator

import pytest

from tests.project.paths import PROJECT


def rendered(tree: ast.AST) -> Iterator[int]:
    """The lines that name the language of a view, its first parameter, inside of what is given a connection."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            given = {each.arg for each in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)}
            if "connection" in given:
                names = (each for each in ast.walk(node) if isinstance(each, ast.Name))
                yield from (each.lineno for each in names if each.id == "ENGLISH")


def test_nothing_is_rendered_in_a_transaction() -> None:
    paths = sorted((PROJECT / "bot").rglob("*.py"))
    assert paths
    found = [
        f"{path.relative_to(PROJECT)}:{line}"
        for path in paths
        for line in rendered(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert found == []


@pytest.mark.parametrize(
    "source",
    [
        "def load(connection, *, now):\n    return view.form(ENGLISH, find(connection), now=now)",
        "database.read(lambda connection: refusals.conflict(ENGLISH, find(connection)))",
    ],
)
def test_what_is_rendered_there_is_found(source: str) -> None:
    assert list(rendered(ast.parse(source)))


def test_what_is_rendered_after_it_is_not() -> None:
    source = "async def show():\n    return view.form(ENGLISH, await database.read(lambda connection: [connection]))"
    assert not list(rendered(ast.parse(source)))
