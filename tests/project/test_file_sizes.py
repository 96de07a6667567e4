"""A folder's listing is a table of contents: no file is a book, and none is there for a few lines."""

import pytest

from tests.project.paths import PROJECT

FEWEST, MOST = 11, 430
LONGER = {"bot/storage/tables.py"}
"""The tables, one after the other."""


@pytest.mark.parametrize("package", ["bot", "slack_standin", "playground"])
def test_every_file_has_a_size_that_is_read_at_once(package: str) -> None:
    sizes = {
        path.relative_to(PROJECT).as_posix(): len(path.read_text(encoding="utf-8").splitlines())
        for path in (PROJECT / package).rglob("*.py")
        if path.name != "__init__.py" and "node_modules" not in path.parts
    }
    assert sizes
    assert {path: size for path, size in sizes.items() if not FEWEST <= size <= MOST and path not in LONGER} == {}
