"""States, kinds and the like are members of enums in the bot's code, never bare strings."""

import ast
from collections.abc import Iterator

import pytest

from tests.project.paths import PROJECT

COLUMNS = {"state", "kind", "pending_op", "unavailable_reason"}
"""The columns that hold members of an enum, and the attributes named after them."""
FOLDERS = ("cli", "domain", "outbox", "scheduling", "services", "storage")


def bare_values(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Each string that is compared with or given to one of `COLUMNS`, with its line."""
    for node in ast.walk(tree):
        values: list[ast.expr] = []
        match node:
            case ast.Compare(left=ast.Attribute(attr=name), comparators=others) if name in COLUMNS:
                values = others
            case ast.Call(func=ast.Attribute(value=ast.Attribute(attr=name), attr="in_"), args=others) if (
                name in COLUMNS
            ):
                values = others
            case ast.keyword(arg=name, value=other) if name in COLUMNS:
                values = [other]
            case ast.Dict(keys=keys, values=others):
                values = [
                    other
                    for key, other in zip(keys, others, strict=True)
                    if isinstance(key, ast.Constant) and key.value in COLUMNS
                ]
        for value in values:
            for each in ast.walk(value):
                if isinstance(each, ast.Constant) and isinstance(each.value, str):
                    yield each.lineno, each.value


def test_no_state_or_kind_is_a_bare_string() -> None:
    paths = [path for folder in FOLDERS for path in sorted((PROJECT / "bot" / folder).rglob("*.py"))]
    assert paths
    found = [
        f"{path.relative_to(PROJECT)}:{line}: {value!r}"
        for path in paths
        for line, value in bare_values(ast.parse(path.read_text()))
    ]
    assert found == []


@pytest.mark.parametrize(
    "source",
    [
        'delivery.state == "pending"',
        'deliveries.c.state.in_(("pending", "sending"))',
        'update(deliveries).values(state="pending")',
        'row = {"kind": "roundup"}',
    ],
)
def test_a_bare_string_is_found(source: str) -> None:
    assert list(bare_values(ast.parse(source)))
