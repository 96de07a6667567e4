"""What README, ARCHITECTURE, CHANGELOG and the other documents say is held against the code."""

import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest
from dotenv import dotenv_values

from bot import config
from bot.listeners import LISTENERS
from bot.slack.manifest import OPTIONAL_SCOPES, SCOPES
from tests.project import story
from tests.project.paths import PROJECT, run

DOCUMENTS = [
    *("README.md", "ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"),
    *sorted(path.relative_to(PROJECT).as_posix() for path in (PROJECT / "docs").rglob("*.md")),
]
OF_THE_PAST = {"docs/trials.md"}
"""Names files as they were at the time."""
LOCKS = ["requirements/run.txt", "requirements/build.txt", "requirements/dev.txt"]
FENCED = re.compile(r"^```[^\n]*\n(.*?)^```", flags=re.MULTILINE | re.DOTALL)
OF_ONE_MACHINE = re.compile(r"(?<![\w./:$}-])/(root|home|Users|work)/\w")


def text(name: str) -> str:
    path = PROJECT / name
    assert path.exists(), f"{name} is not written yet"
    return path.read_text()


def code(name: str) -> str:
    """What stands in a document as code, in blocks or between backticks."""
    said = text(name)
    blocks = FENCED.findall(said)
    return "\n".join([*blocks, *re.findall(r"`([^`\n]+)`", FENCED.sub("", said))])


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_make_target_that_is_named_exists(name: str) -> None:
    targets = set(re.findall(r"^([a-z-]+):", text("Makefile"), flags=re.MULTILINE))
    named = set(re.findall(r"\bmake ([a-z-]+)", code(name)))
    assert named <= targets, f"{name} names make targets that the Makefile does not have"


@pytest.mark.parametrize("target", ["run", "test"])
def test_the_readme_says_how_to_begin(target: str) -> None:
    assert f"make {target}" in code("README.md"), f"README.md does not name `make {target}`"


async def test_every_command_that_is_named_exists() -> None:
    status, said = await run(sys.executable, "-m", "bot", "--help")
    assert status == 0, said
    commands = set(re.findall(r"^ {4}([a-z]+)", said, flags=re.MULTILINE))
    assert "run" in commands
    for name in DOCUMENTS:
        named = set(re.findall(r"(?:^|[\s/\"])(?<!exec )winsome ([a-z]+)", code(name), flags=re.MULTILINE))
        assert named <= commands, f"{name} names commands that winsome does not have"


@pytest.mark.parametrize("scope", SCOPES | OPTIONAL_SCOPES)
def test_the_readme_explains_every_scope(scope: str) -> None:
    lines = [line for line in text("README.md").splitlines() if f"`{scope}`" in line]
    assert lines, f"README.md does not name the scope `{scope}`"
    explained = max(len(re.findall(r"\w+", line.replace(f"`{scope}`", ""))) for line in lines)
    assert explained >= 4, f"README.md names the scope `{scope}` and does not say what it is for"


def test_the_readme_names_no_scope_that_is_not_asked_for() -> None:
    named = set(
        re.findall(
            r"`((?:app_mentions|channels|chat|groups|im|mpim|reactions|users|team|files):[a-z.]+)`", text("README.md")
        )
    )
    assert named <= SCOPES.keys() | OPTIONAL_SCOPES.keys()


def test_every_file_in_the_tree_of_the_architecture_exists() -> None:
    block = next(iter(FENCED.findall(text("ARCHITECTURE.md"))), "")
    paths = tree(block)
    assert len(paths) > 10, "ARCHITECTURE.md begins with the tree, in a block of its own"
    missing = [path for path in paths if not (PROJECT / path).exists()]
    assert not missing, f"ARCHITECTURE.md's tree names what is not there: {missing}"


def test_every_file_that_the_architecture_names_elsewhere_exists() -> None:
    named = re.findall(r"`(\w[\w./-]*(?:/|\.(?:py|md|toml|yaml|txt)))`", FENCED.sub("", text("ARCHITECTURE.md")))
    named += re.findall(r"^\| ([\w/]+\.py) \|", text("ARCHITECTURE.md"), flags=re.MULTILINE)
    missing = [path for path in named if not any((PROJECT / start / path).exists() for start in ("", "bot"))]
    assert not missing, f"ARCHITECTURE.md names what is not there: {missing}"


def test_all_that_people_can_do_has_a_row_in_the_architecture() -> None:
    rows = set(re.findall(r"^\| listeners/(\w+)\.py \|", text("ARCHITECTURE.md"), flags=re.MULTILINE))
    registered = {listener.__name__.rpartition(".")[2] for listener in LISTENERS}
    assert registered - rows == {"errors"}


def test_the_story_of_a_win_is_short() -> None:
    told = story.steps()
    assert [step.number for step in told] == list(range(1, len(told) + 1))
    assert len({step.path for step in told}) == len(told)
    assert 10 <= len(told) <= 16


@pytest.mark.parametrize("step", story.steps(), ids=lambda step: step.path)
def test_every_function_that_the_story_of_a_win_names_is_in_its_file(step: story.Step) -> None:
    source = text(f"bot/{step.path}")
    assert step.functions
    assert not [name for name in step.functions if not re.search(rf"\bdef {name}\(", source)]


@pytest.mark.parametrize("name", [each for each in DOCUMENTS if each not in OF_THE_PAST])
def test_every_file_that_a_document_names_exists(name: str) -> None:
    there = {f"/{each}" for each in tracked_files()}
    named = re.findall(r"`(\w[\w./-]*\.(?:py|md|toml|yaml|txt|tsx?))`", FENCED.sub("", text(name)))
    missing = [path for path in named if not any(each.endswith(f"/{path}") for each in there)]
    assert not missing, f"{name} names what is not there: {missing}"


def tracked_files() -> list[str]:
    """The files of the project, by git."""
    command = ["git", "-c", "safe.directory=*", "ls-files", "-z"]
    listed = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    if listed.returncode != 0:
        pytest.skip("this is no git clone")
    return [name for name in listed.stdout.split("\0") if name]


def tree(block: str) -> list[str]:
    """Read the paths of a drawn tree: how far a line is indented says which folder it is in."""
    found: list[str] = []
    folders: list[tuple[int, str]] = []
    for line in block.splitlines():
        drawn = re.sub(r"[│├└─|`]", " ", line)
        names = re.match(r"\s*((?:[\w.*-]+/?(?:[\w.-]+/?)*)(?:, [\w./-]+)*)", drawn)
        if names is None or not re.search(r"[./]", names[1]):
            continue
        depth = len(drawn) - len(drawn.lstrip())
        folders = [(at, folder) for at, folder in folders if at < depth]
        inside = folders[-1][1] if folders else ""
        paths = [f"{inside}{name}" for name in names[1].split(", ")]
        found += paths
        if paths[-1].endswith("/"):
            folders.append((depth, paths[-1]))
    return found


def test_a_tree_is_read_however_it_is_drawn() -> None:
    assert tree(
        "bot/\n  app.py   joins all\n  slack/   one file each\n    win.py, undo.py   words\ntests/  mirrors"
    ) == [
        "bot/",
        "bot/app.py",
        "bot/slack/",
        "bot/slack/win.py",
        "bot/slack/undo.py",
        "tests/",
    ]
    assert tree("bot/\n├── app.py  joins\n└── views/\n    └── format.py") == [
        "bot/",
        "bot/app.py",
        "bot/views/",
        "bot/views/format.py",
    ]


def test_the_changelog_has_a_place_for_what_is_not_released_yet() -> None:
    assert re.search(r"^## \[?Unreleased\]?", text("CHANGELOG.md"), flags=re.MULTILINE)


def test_the_example_of_the_settings_names_each_with_its_default(tmp_path: Path) -> None:
    assert dotenv_values(PROJECT / ".env.example")["SLACK_BOT_TOKEN"] == "xoxb-"
    filled_in = tmp_path / ".env"
    filled_in.write_text(text(".env.example").replace("=xoxb-", "=xoxb-1").replace("=xapp-", "=xapp-1"))
    shown = set(re.findall(r"^(?:# )?([A-Z_]+)=", text(".env.example"), flags=re.MULTILINE))
    known = {field.name.upper() for field in fields(config.Settings)}
    assert {name if name in known else name.removeprefix("SLACK_") for name in shown} == known
    defaults = config.Settings(bot_token="xoxb-1", app_token="xapp-1")
    assert config.load({}, filled_in) == defaults


def test_the_license_is_mit() -> None:
    assert text("LICENSE").startswith("MIT License\n")
    assert 'license = "MIT"' in text("pyproject.toml")


@pytest.mark.parametrize("name", LOCKS)
def test_every_requirement_is_locked_by_hash_and_no_index_is_named(name: str) -> None:
    locked = text(name)
    assert "://" not in locked
    assert "index" not in re.sub(r"--hash=\S+", "", locked)
    for requirement in re.split(r"\n(?=\S)", locked.strip()):
        assert re.match(r"[a-z0-9._-]+==\S+", requirement), requirement
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", requirement), f"{requirement} has no hash"


def test_what_runs_is_tested_in_the_same_version() -> None:
    run_by, built_by, tested_by = (
        {line.split(" ;")[0].split()[0] for line in text(name).splitlines() if "==" in line} for name in LOCKS
    )
    assert run_by | built_by <= tested_by


def test_no_file_speaks_of_the_machine_that_it_was_written_on() -> None:
    files = [PROJECT / name for name in tracked_files()]
    speaks = [path for path in files if path.is_file() and OF_ONE_MACHINE.search(path.read_text(errors="ignore"))]
    assert not speaks, [str(path.relative_to(PROJECT)) for path in speaks]


def test_links_between_the_documents_lead_somewhere() -> None:
    for name in DOCUMENTS:
        for link in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text(name)):
            if "://" not in link and not link.startswith("mailto:"):
                target = (PROJECT / name).parent / link
                assert target.exists(), f"{name} links to {link}, which is not there"
