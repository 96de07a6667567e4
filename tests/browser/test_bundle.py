"""The committed bundle is what the sources give."""

import hashlib
import os
import re
import shutil
from pathlib import Path

import pytest

from playground.server.server import static
from tests.project.paths import PROJECT, run

PAGE = PROJECT / "playground/page"
OLDEST_NODE = (20, 19)


async def _why_not() -> str | None:
    if shutil.which("npm") is None or shutil.which("node") is None:
        return "npm is not installed: whether the page's bundle is up to date is not checked"
    _, said = await run("node", "--version")
    if tuple(int(part) for part in said.strip().lstrip("v").split(".")[:2]) < OLDEST_NODE:
        return f"node {said.strip()} is too old to build the page: whether its bundle is up to date is not checked"
    return None


def test_only_a_submit_button_submits_a_form() -> None:
    sources = sorted((PAGE / "src").rglob("*.tsx"))
    buttons = [tag for each in sources for tag in re.findall(r"<button\b[^{]*?(?=[{>])", each.read_text())]
    assert len(buttons) > 20
    assert [tag for tag in buttons if 'type="' not in tag] == []


def test_the_committed_bundle_was_built_from_these_sources() -> None:
    """By a digest that the build leaves (playground/page/build/sources.ts): a build of its own takes a minute."""
    digest = hashlib.sha256()
    paths = {path.relative_to(PAGE).as_posix(): path for path in PAGE.rglob("*") if path.is_file()}
    for name in sorted(name for name in paths if not name.startswith("node_modules/")):
        digest.update(f"{name}\0".encode() + paths[name].read_bytes())
    assert (static() / "sources.sha256").read_text() == f"{digest.hexdigest()}\n", (
        "run `make page` and commit its files"
    )


@pytest.mark.deep
@pytest.mark.timeout(300)
async def test_the_committed_bundle_is_what_the_sources_give(tmp_path: Path) -> None:
    if (why := await _why_not()) is not None:
        pytest.skip(why)
    server = tmp_path / "playground" / "page"
    shutil.copytree(PAGE, server, ignore=shutil.ignore_patterns("node_modules"))
    if (PAGE / "node_modules").is_dir():
        (server / "node_modules").symlink_to(PAGE / "node_modules")
    else:
        status, said = await run("npm", "ci", cwd=server, env=dict(os.environ))
        if status != 0:
            pytest.skip(f"npm can't fetch what the page is built with, so its bundle is not checked: {said[-300:]}")
    status, said = await run("npm", "run", "build", cwd=server, env=dict(os.environ))
    assert status == 0, said
    built = {path.name: path.read_bytes() for path in (tmp_path / "playground/server/static").iterdir()}
    kept = {path.name: path.read_bytes() for path in static().iterdir()}
    assert built.keys() == kept.keys()
    stale = sorted(name for name in kept if kept[name] != built[name])
    assert not stale, f"the bundle is stale ({', '.join(stale)}): run `make page` and commit what it gives"
