"""The bot has no function that only tests call: such a test says nothing of the bot. Names are compared, no more."""

import ast
from collections import Counter
from collections.abc import Iterator

from tests.project.paths import PROJECT

LATER = {"delete_channel", "delete_workspace"}
"""The order of deletion: `tests/storage/test_deletion.py`. No command uses it yet."""


def functions(tree: ast.Module) -> Iterator[str]:
    """The public functions of a module and of its classes, without those of subclasses, which others may call."""
    scopes: list[ast.Module | ast.ClassDef] = [tree, *(each for each in tree.body if isinstance(each, ast.ClassDef))]
    for node in scopes:
        is_subclass = isinstance(node, ast.ClassDef) and bool(node.bases)
        for each in node.body:
            match each:
                case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) if not name.startswith("_"):
                    if not is_subclass:
                        yield name


def names_used(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr


def test_the_bot_calls_each_of_its_functions() -> None:
    trees = [ast.parse(path.read_text()) for path in sorted((PROJECT / "bot").rglob("*.py"))]
    used = Counter(name for tree in trees for name in names_used(tree))
    unused = {name for tree in trees for name in functions(tree) if not used[name]}
    assert unused == LATER


def test_a_function_that_no_one_calls_is_found() -> None:
    tree = ast.parse("def used(): pass\ndef unused(): used()\nclass Thing:\n    def unheard(self): self.used\n")
    used = set(names_used(tree))
    assert [name for name in functions(tree) if name not in used] == ["unused", "unheard"]
