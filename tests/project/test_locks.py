"""The lock files name one version of each package, with its hashes and without an address."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.project.paths import PROJECT

LOCKS = sorted((PROJECT / "requirements").glob("*.txt"))
_ENTRY = re.compile(
    r"""
    (?P<name>[a-z0-9][a-z0-9.-]*)(\[[a-z0-9,-]+\])?==(?P<version>[0-9][0-9a-zA-Z.!+]*)  # one version
    (\ ;\ [^\\]+)?                                                                  # a marker
    (\ \\\n\ \ \ \ --hash=sha256:[0-9a-f]{64})+                                       # and at least one hash
    """,
    re.VERBOSE,
)


def entries(lock: Path) -> Iterator[str]:
    """Each requirement with its options, as pip joins the lines."""
    for entry in re.split(r"\n(?! )", lock.read_text().rstrip("\n")):
        if not entry.startswith("#"):
            yield entry


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: str(lock.name))
def test_each_package_has_one_version_and_its_hashes_and_no_address(lock: Path) -> None:
    found = list(entries(lock))
    assert len(found) > 5
    for entry in found:
        assert _ENTRY.fullmatch(entry), entry.partition("\n")[0]


def test_the_locks_agree_on_versions_and_hashes() -> None:
    seen: dict[str, set[str]] = {}
    for lock in LOCKS:
        for entry in entries(lock):
            name = entry.partition(" ")[0]
            hashes = set(re.findall(r"sha256:[0-9a-f]+", entry))
            assert seen.setdefault(name, hashes) == hashes, f"{name} in {lock.name}"


def test_every_installation_asks_for_hashes() -> None:
    for path in ("Makefile", "Dockerfile", "docs/running.md"):
        for line in (PROJECT / path).read_text().splitlines():
            if "pip install" in line and "-r requirements" in line:
                assert "--require-hashes" in line, f"{path}: {line}"
