"""Names that were replaced do not come back, and prose is plain English: docs/glossary.md has the words that stay."""

import io
import re
import subprocess
import tokenize
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.project.paths import PROJECT

NAMES = """
    AnswerByUrl AskLater CannotAsk ChangedMeanwhile Entered Expecting FrequentInsert Happening IsAway Lacking LookUp
    NotAhead NotChosen NotDone NotKnownYet NotReleased Orphaned Oversight Paged RuleIsUnknown ScheduleIsImpossible
    SetupForm TargetIsNotKnown TargetIsNotYours Turned ViewPress
    announce_all are_stopped asked_for_by before_its_time bring_home by_its_key due_if_set forget_before forget_requests
    going_on in_turns is_resting is_sending_in is_sound is_told kept_home last_before_its_time last_of longest_unasked
    new_key not_through of_setup offer_anew oldest_owed place_of put_on_ledger read_rule read_turned reminds_really
    rests_already retry_refused saved_unseen seen_requests set_up_logging stay_home survey_all tell_change tell_news
    tell_roundup to_remind took_over view_press went_private with_last without_notes write_due_reminders
    write_due_roundups write_reminder write_roundup
    Courier OpenSetup author_label block_cards block_data block_elements block_inputs block_rules block_table by_button
    by_reaction came_back cannot_see catch_up change_defaults control_acts control_finding control_verbs in_a_window
    is_done looked_for nobody_listens offer_once roundup_place set_up_by surveyed_at take_your_time team_life
    told_in told_on unposted view_rules what_needs_you
    _announce_by_url _carry_out _introduce _may_go _open_door _put_off _take_turn _write_down
"""
RETIRED_NAMES = frozenset(NAMES.split())
"""Whole identifiers that were replaced by plainer ones."""

RETIRED_PARTS = frozenset(
    {
        *(
            "complaints",
            "desk",
            "door",
            "doors",
            "fate",
            "foretold",
            "fuse",
            "gate",
            "heed",
            "hurried",
            "hurry",
            "oversight",
        ),
        *(
            "owe",
            "owes",
            "patience",
            "poster",
            "seam",
            "shelf",
            "sight",
            "staged",
            "standings",
            "surveyed",
            "turnstile",
        ),
        *("turnstiles", "whereabouts", "wishes"),
    }
)
"""Words that no identifier contains, except the names of tests, which are sentences."""

STIFF = re.compile(
    r"\b(anew|but for|everybody|heed(?:s|ed)?|hitherto|mend(?:s|ed)?|nobody|owed|owes?|shall|somebody|"
    r"there(?:by|upon)|whoever)\b",
    re.IGNORECASE,
)
"""What a native speaker of plain technical English does not write."""

QUOTES_THEM = {"tests/project/test_words.py"}
CODE = ("bot/", "slack_standin/", "playground/", "tests/", "migrations/env.py")
PROSE = (".md", ".yaml", ".toml", "Makefile", "Dockerfile", ".env.example", ".ci/run")


def project_files() -> list[str]:
    """The files of the project, as far as people write them."""
    command = ["git", "-c", "safe.directory=*", "ls-files"]
    listed = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    if listed.returncode != 0:
        pytest.skip("this is no git clone")
    return [name for name in listed.stdout.split() if "/static/" not in name and name not in QUOTES_THEM]


def retired_names(path: str, source: str) -> Iterator[str]:
    """The retired names in a Python file, and of the file and its folders."""
    yield from filter(retired, Path(path).with_suffix("").parts)
    if any(map(retired, re.findall(r"\w+", source))):  # in few files, and to find out whether it is a name takes long
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type == tokenize.NAME and retired(token.string):
                yield token.string


@cache
def retired(name: str) -> bool:
    parts = {part.lower() for part in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)}
    return name in RETIRED_NAMES or (not name.startswith("test_") and not parts.isdisjoint(RETIRED_PARTS))


def stiff_lines(path: str, source: str) -> Iterator[str]:
    """The lines of prose (in Python: comments and docstrings) that hold a stiff word."""
    if not STIFF.search(source):
        return
    if path.endswith(".py"):
        tokens = tokenize.generate_tokens(io.StringIO(source).readline)
        lines = [
            (token.start[0] + offset, line)
            for token in tokens
            if token.type == tokenize.COMMENT or token.string.startswith('"""')
            for offset, line in enumerate(token.string.splitlines())
        ]
    else:
        lines = list(enumerate(source.splitlines(), 1))
    for number, line in lines:
        if found := STIFF.search(line):
            yield f"{path}:{number}: {found[0]}"


def test_no_retired_name_comes_back() -> None:
    found = {
        f"{path}: {name}"
        for path in project_files()
        if path.startswith(CODE) and path.endswith(".py")
        for name in retired_names(path, (PROJECT / path).read_text())
    }
    assert sorted(found) == []


def test_prose_has_no_stiff_words() -> None:
    found = [
        line
        for path in project_files()
        if path.endswith((".py", *PROSE)) and (PROJECT / path).exists()
        for line in stiff_lines(path, (PROJECT / path).read_text())
    ]
    assert found == []


@pytest.mark.parametrize(
    "source", ["class SetupForm: ...", "def look(owes): ...", "Poster().wake()", "import whereabouts"]
)
def test_a_retired_name_is_found(source: str) -> None:
    assert list(retired_names("bot/app.py", source))


@pytest.mark.parametrize("source", ["compose = enqueue", "def test_what_a_person_owes(): ...", "posted = wake_sender"])
def test_other_names_are_not(source: str) -> None:
    assert not list(retired_names("bot/app.py", source))


@pytest.mark.parametrize(
    ("path", "source"),
    [("a.md", "One\nWhoever reads this"), ("a.py", '"""One.\n\nSomebody else."""'), ("a.py", "x = 1  # mend it")],
)
def test_a_stiff_word_is_found(path: str, source: str) -> None:
    assert len(list(stiff_lines(path, source))) == 1


def test_names_and_data_are_not_prose() -> None:
    assert not list(stiff_lines("a.py", "nobody = 'deleted 400 lines nobody will miss'"))
