"""Small changes of the source, each of which a good suite notices: a comparison turned round, a call left out."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

TARGETS = (
    *("bot/services", "bot/outbox", "bot/receivers", "bot/storage"),
    *("bot/domain/permissions.py", "bot/domain/win_permissions.py"),
)
COMPARISONS: dict[type[ast.cmpop], tuple[str, str]] = {
    ast.Eq: ("==", "!="),
    ast.NotEq: ("!=", "=="),
    ast.Lt: ("<", "<="),
    ast.LtE: ("<=", "<"),
    ast.Gt: (">", ">="),
    ast.GtE: (">=", ">"),
    ast.Is: ("is", "is not"),
    ast.IsNot: ("is not", "is"),
    ast.In: ("in", "not in"),
    ast.NotIn: ("not in", "in"),
}
OPERATORS: dict[type[ast.operator], tuple[str, str]] = {
    ast.Add: ("+", "-"),
    ast.Sub: ("-", "+"),
    ast.BitAnd: ("&", "|"),
    ast.BitOr: ("|", "&"),
}
METHODS = {"is_": "is_not", "is_not": "is_", "in_": "not_in", "not_in": "in_", "min": "max", "max": "min"}
"""SQLAlchemy's, and the functions of these names."""
NOT_TARGETS = ("bot/storage/tables.py", "bot/storage/schema.py")
"""The tables are made by the migrations, which have tests of their own."""
LEFT_OUT = ("where", "order_by", "with_for_update", "on_conflict_do_nothing")
"""Parts of a query that a mutant goes without."""
IGNORED_CALLS = {"debug", "info", "warning", "exception", "error", "bind"}
"""Calls that log, which no test has to notice."""


@dataclass(frozen=True)
class Mutation:
    """A change of one place in a file: `before`, at `start`, becomes `after`."""

    path: str
    line: int
    start: int
    before: str
    after: str
    is_at_import: bool

    def __str__(self) -> str:
        before, after = (" ".join(text.split())[:70] for text in (self.before, self.after))
        return f"{self.path}:{self.line}  {before}  ->  {after or '(nothing)'}"

    def apply(self, root: Path) -> str:
        """Change the file below `root` and return what it held."""
        file = root / self.path
        source = file.read_text(encoding="utf-8")
        assert source.startswith(self.before, self.start), "the file is as it was when the mutation was found"
        file.write_text(source[: self.start] + self.after + source[self.start + len(self.before) :], encoding="utf-8")
        return source


def find_mutations(root: Path) -> list[Mutation]:
    """Return every mutation of the targets, in the order of their places."""
    found: list[Mutation] = []
    for target in TARGETS:
        whole = root / target
        for file in sorted(whole.rglob("*.py")) if whole.is_dir() else [whole]:
            if (path := file.relative_to(root).as_posix()) not in NOT_TARGETS:
                found += _Finder(path, file.read_text(encoding="utf-8")).mutations()
    return found


class _Finder:
    def __init__(self, path: str, source: str) -> None:
        self._path = path
        self._source = source
        self._starts = [0]
        for line in source.splitlines(keepends=True):
            self._starts.append(self._starts[-1] + len(line))
        self._lines = source.splitlines()

    def mutations(self) -> list[Mutation]:
        tree = ast.parse(self._source)
        self._functions = [
            range(node.body[0].lineno, (node.end_lineno or 0) + 1)
            for node in ast.walk(tree)
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        ]
        types = {part for node in ast.walk(tree) for part in _types_in(node)}
        nodes = [node for node in ast.walk(tree) if node not in types]
        found = {one for node in nodes for one in self._of(node) if one.before != one.after}
        return sorted(found, key=lambda one: (one.start, one.after))

    def _of(self, node: ast.AST) -> Iterator[Mutation]:
        match node:
            case ast.Compare(left=left, ops=[operator], comparators=[right]) if type(operator) in COMPARISONS:
                yield self._between(left, right, *COMPARISONS[type(operator)])
            case ast.BinOp(left=left, op=operator, right=right) if type(operator) in OPERATORS:
                if not isinstance(left, ast.Constant | ast.JoinedStr):  # text is glued, or a type is named
                    yield self._between(left, right, *OPERATORS[type(operator)])
            case ast.BoolOp(op=operator, values=[first, second, *_]):
                names = ("and", "or") if isinstance(operator, ast.And) else ("or", "and")
                yield self._between(first, second, *names)
            case ast.UnaryOp(op=ast.Not(), operand=operand) | ast.UnaryOp(op=ast.Invert(), operand=operand):
                yield self._replace(node, self._text(operand))
            case ast.Constant(value=True | False as value):
                yield self._replace(node, str(not value))
            case ast.Constant(value=int() as value):
                yield self._replace(node, str(value + 1))
            case ast.IfExp(test=test) | ast.If(test=test):
                yield self._replace(test, "True")
                yield self._replace(test, "False")
            case ast.Expr(value=ast.Call() | ast.Await() as call) if not _is_log(call):
                yield self._replace(node, "pass")
            case ast.Call(func=ast.Attribute(value=value, attr=name)):
                if name in METHODS:
                    yield self._replace(node.func, f"{self._text(value)}.{METHODS[name]}")
                if name in LEFT_OUT:
                    yield self._replace(node, self._text(value))

    def _offset(self, line: int, column: int) -> int:
        return self._starts[line - 1] + len(self._lines[line - 1].encode()[:column].decode())

    def _span(self, node: ast.AST) -> tuple[int, int]:
        assert isinstance(node, ast.expr | ast.stmt)
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return self._offset(node.lineno, node.col_offset), self._offset(node.end_lineno, node.end_col_offset)

    def _text(self, node: ast.AST) -> str:
        start, end = self._span(node)
        return self._source[start:end]

    def _replace(self, node: ast.AST, after: str) -> Mutation:
        start, end = self._span(node)
        return self._mutation(start, self._source[start:end], after)

    def _between(self, left: ast.AST, right: ast.AST, before: str, after: str) -> Mutation:
        end, start = self._span(left)[1], self._span(right)[0]
        at = self._source.index(before, end, start)
        return self._mutation(at, before, after)

    def _mutation(self, start: int, before: str, after: str) -> Mutation:
        line = self._source.count("\n", 0, start) + 1
        is_at_import = not any(line in lines for lines in self._functions)
        return Mutation(self._path, line, start, before, after, is_at_import)


def _types_in(node: ast.AST) -> Iterator[ast.AST]:
    for name in ("annotation", "returns"):
        if (annotation := getattr(node, name, None)) is not None:
            yield from ast.walk(annotation)


def _is_log(call: ast.expr) -> bool:
    return isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in IGNORED_CALLS
