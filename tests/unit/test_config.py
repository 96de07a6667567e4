"""The settings: one error names everything that is wrong, and the example file names everything that there is."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from bot import config
from bot.config import Misconfigured, Settings, load, load_database_url

ROOT = Path(config.__file__).parents[1]
NO_FILE = Path("/nonexistent/.env")
GOOD = {"SLACK_BOT_TOKEN": "xoxb-1-secret", "SLACK_APP_TOKEN": "xapp-1-secret"}


def problems_of(environ: dict[str, str], dotenv: Path = NO_FILE) -> list[str]:
    with pytest.raises(Misconfigured) as refused:
        load(environ, dotenv)
    return refused.value.problems


def test_two_tokens_are_enough_for_socket_mode() -> None:
    settings = load(GOOD, NO_FILE)
    assert settings.app_token == "xapp-1-secret"
    assert settings.database_url == "sqlite:///winsome.db"
    assert (settings.host, settings.port, settings.health_port) == ("127.0.0.1", 3000, 3001)
    assert settings.slack_api_url == "https://slack.com/api/"


def test_a_signing_secret_instead_of_the_app_token_means_http() -> None:
    settings = load({"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": "s"}, NO_FILE)
    assert settings.app_token is None
    assert settings.signing_secret == "s"


def test_one_error_names_everything_that_is_wrong_and_where_to_get_it() -> None:
    wrong = {
        "SLACK_BOT_TOKEN": "xoxp-user-token",
        "SLACK_APP_TOKEN": "xoxb-not-this",
        "DATABASE_URL": "mysql://localhost/x",
        "PORT": "many",
        "HEALTH_PORT": "65536",
        "SLACK_API_URL": "https://evil.test/api/",
        "LOG_LEVEL": "LOUD",
        "WINS_PER_MINUTE": "-1",
        "WINS_PER_HOUR": "many",
    }
    problems = problems_of(wrong)
    for name in wrong:
        assert sum(problem.startswith(name) for problem in problems) == 1, name
    assert len(problems) == len(wrong)
    with pytest.raises(Misconfigured) as refused:
        load(wrong, NO_FILE)
    assert all(problem in str(refused.value) for problem in problems)
    assert "api.slack.com/apps" in str(refused.value)


def test_what_is_said_of_an_app_token_that_is_none_is_how_to_get_one() -> None:
    (problem,) = problems_of({**GOOD, "SLACK_APP_TOKEN": "xoxb-not-this"})
    assert problem.endswith(f". {config.NEW_TOKEN['SLACK_APP_TOKEN']}")


def test_without_anything_both_kinds_of_token_are_asked_for() -> None:
    problems = "\n".join(problems_of({}))
    assert "SLACK_BOT_TOKEN is missing" in problems
    assert "SLACK_APP_TOKEN or SLACK_SIGNING_SECRET is missing" in problems


@pytest.mark.parametrize("empty", ["", " ", "\t\n"])
def test_an_empty_value_counts_as_missing(empty: str) -> None:
    assert "SLACK_BOT_TOKEN is missing" in problems_of({**GOOD, "SLACK_BOT_TOKEN": empty})[0]
    both = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": empty, "SLACK_SIGNING_SECRET": empty}
    assert "SLACK_APP_TOKEN or SLACK_SIGNING_SECRET is missing" in problems_of(both)[0]
    others = dict.fromkeys(["DATABASE_URL", "HOST", "PORT", "HEALTH_PORT", "SLACK_API_URL", "LOG_LEVEL"], empty)
    assert vars(load(GOOD | others, NO_FILE)) == vars(load(GOOD, NO_FILE))


def test_an_empty_variable_does_not_hide_what_stands_in_the_file(tmp_path: Path) -> None:
    """As compose passes it on: SLACK_APP_TOKEN=${SLACK_APP_TOKEN:-}."""
    dotenv = tmp_path / ".env"
    dotenv.write_text("SLACK_BOT_TOKEN=xoxb-1\nSLACK_APP_TOKEN=xapp-1\n")
    assert load({"SLACK_APP_TOKEN": ""}, dotenv).app_token == "xapp-1"


def test_the_environment_goes_before_the_file(tmp_path: Path) -> None:
    dotenv = tmp_path / ".env"
    dotenv.write_text("SLACK_BOT_TOKEN=xoxb-file\nSLACK_APP_TOKEN=xapp-file\nPORT=4000\n")
    settings = load({"SLACK_BOT_TOKEN": "xoxb-environment"}, dotenv)
    assert (settings.bot_token, settings.app_token, settings.port) == ("xoxb-environment", "xapp-file", 4000)


def test_spaces_around_a_value_are_dropped() -> None:
    assert load({**GOOD, "SLACK_BOT_TOKEN": "  xoxb-1\n"}, NO_FILE).bot_token == "xoxb-1"


@pytest.mark.parametrize("quote", ["'", '"'])
def test_quotes_around_a_value_are_dropped_wherever_it_comes_from(quote: str, tmp_path: Path) -> None:
    """`docker run --env-file` hands them on, and a signing secret in quotes would refuse every request."""
    quoted = {name: f"{quote}{value}{quote}" for name, value in GOOD.items()}
    quoted |= {"SLACK_SIGNING_SECRET": f" {quote}s{quote}\r", "PORT": f"{quote}4000{quote}"}
    (tmp_path / ".env").write_text("".join(f"{name}={value.strip()}\n" for name, value in quoted.items()))
    for settings in (load(quoted, NO_FILE), load({}, tmp_path / ".env")):
        assert (settings.bot_token, settings.app_token) == ("xoxb-1-secret", "xapp-1-secret")
        assert (settings.signing_secret, settings.port) == ("s", 4000)
    empty = {**GOOD, "SLACK_BOT_TOKEN": f"{quote}xoxb-{quote}", "SLACK_APP_TOKEN": f"{quote}{quote}"}
    assert "SLACK_BOT_TOKEN is missing" in problems_of(empty)[0]
    assert load(GOOD | {"SLACK_SIGNING_SECRET": quote}, NO_FILE).signing_secret == quote


def test_a_file_that_can_not_be_read_is_named_in_words() -> None:
    unreadable = Path("/proc/self/mem")  # by anyone, root included
    assert problems_of(GOOD, unreadable) == [
        "/proc/self/mem can't be read (Input/output error). Let the user that runs Winsome read it."
    ]


@pytest.mark.parametrize("port", ["-1", "65536", "3000.0", "0x10", "٣٠٠٠", "³", "1e3", "+1", "3 000", "9" * 5000])
def test_a_port_is_a_number_up_to_65535(port: str) -> None:
    for name in ("PORT", "HEALTH_PORT"):
        assert problems_of({**GOOD, name: port})[0].startswith(f"{name} must be a number")


@pytest.mark.parametrize(
    "url",
    [
        *("winsome.db", "sqlite://", "sqlite:///", "sqlite:///:memory:", "sqlite+aiosqlite:///x.db", "mysql://x/y"),
        *("postgres://x/y", "postgresql://x/y", "postgresql+asyncpg://x/y", "postgresql+psycopg2://x/y", "file:x.db"),
    ],
)
def test_a_database_is_a_file_or_a_postgresql(url: str) -> None:
    assert problems_of({**GOOD, "DATABASE_URL": url})[0].startswith("DATABASE_URL")
    with pytest.raises(Misconfigured, match="DATABASE_URL"):
        load_database_url({"DATABASE_URL": url}, NO_FILE)


def test_a_database_url_that_cannot_be_read_is_named_without_its_password() -> None:
    problems = problems_of({**GOOD, "DATABASE_URL": "postgresql+psycopg://winsome:hunter2@localhost:port/x"})
    assert problems[0].startswith("DATABASE_URL")
    assert "hunter2" not in "".join(problems)


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("sqlite:///nowhere/winsome.db", "no such folder"),
        ("sqlite:////nonexistent/winsome.db", "no such folder"),
        ("sqlite:////tmp", "names a folder"),
        ("sqlite:///winsome.db?mode=memory", "options after a question mark"),
        (f"sqlite:///{'x' * 300}/winsome.db", "no such folder"),
        ("postgresql+psycopg://winsome:hunter2@localhost:/winsome", "can't be read as an address"),
        ("postgresql+psycopg://winsome:hunter2@db..example.com/winsome", "can't be read as an address"),
        ("postgresql+psycopg://winsome:p@hunter2@localhost/winsome", "write @ as %40"),
        ("postgresql+psycopg://winsome:p/hunter2@localhost/winsome", "/ as %2F"),
        ("postgresql+psycopg://winsome:p#hunter2@localhost/winsome", "# as %23"),
        ("postgresql+psycopg://winsome:hunter2@localhost", "doesn't name a database"),
        ("postgresql+psycopg://winsome:hunter2@localhost/", "doesn't name a database"),
    ],
)
def test_a_database_that_can_not_be_meant_is_refused_in_words(url: str, problem: str) -> None:
    (told,) = problems_of(GOOD | {"DATABASE_URL": url})
    assert told.startswith("DATABASE_URL")
    assert problem in told
    assert "hunter2" not in told


def test_a_host_is_a_name_that_can_be_looked_up() -> None:
    for host in ("winsome..example.com", "x" * 64):
        assert problems_of(GOOD | {"HOST": host}) == [
            f"HOST must be a name or an address of this machine, such as 127.0.0.1, not {host!r}."
        ]
    for host in ("0.0.0.0", "::", "localhost", "winsome.example.com"):
        assert load(GOOD | {"HOST": host}, NO_FILE).host == host


def test_a_password_may_hold_anything_that_is_written_as_an_address_has_it() -> None:
    url = "postgresql+psycopg://winsome:p%40%2F%23%25@localhost/winsome"
    assert load_database_url({"DATABASE_URL": url}, NO_FILE) == url
    assert load_database_url({"DATABASE_URL": "postgresql+psycopg:///winsome"}, NO_FILE).endswith("///winsome")


@pytest.mark.parametrize("rest", ["1 2", "1\n2", "1\tSLACK_APP_TOKEN=xapp-1", "1\u2026", "1\x7f"])
def test_a_token_is_in_one_piece(rest: str) -> None:
    """As it isn't where a quote has no end: the next lines belong to the value then."""
    for name, start in (("SLACK_BOT_TOKEN", "xoxb-"), ("SLACK_APP_TOKEN", "xapp-")):
        (told,) = problems_of(GOOD | {name: start + rest})
        assert told.startswith(f"{name} doesn't start with {start}, or has a space, a line break")


@pytest.mark.parametrize("seconds", ["0", "14.9", "3601", "nan", "inf", "-60", "a minute", "1e999"])
def test_the_settle_time_is_longer_than_a_request_and_ends(seconds: str) -> None:
    (told,) = problems_of(GOOD | {"SETTLE_SECONDS": seconds})
    assert told == f"SETTLE_SECONDS must be a number from 15 to 3600, not {seconds!r}."


def test_beside_a_slack_on_this_machine_the_settle_time_may_be_short() -> None:
    here = GOOD | {"SLACK_API_URL": "http://127.0.0.1:4000/api/"}
    assert load(here | {"SETTLE_SECONDS": "0.5"}, NO_FILE).settle_seconds == 0.5
    assert len(problems_of(here | {"SETTLE_SECONDS": "0"})) == 1


@pytest.mark.parametrize("hours", ["0", "721", "1e12", "nan"])
def test_the_grace_ends(hours: str) -> None:
    (told,) = problems_of(GOOD | {"GRACE_HOURS": hours})
    assert told == f"GRACE_HOURS must be a number above 0, up to 720, not {hours!r}."


def test_a_value_in_the_file_is_taken_as_it_is_written(tmp_path: Path) -> None:
    secret = "a${HOME}b$c%d#e"
    (tmp_path / ".env").write_text(f"SLACK_SIGNING_SECRET={secret}\nSLACK_BOT_TOKEN='xoxb-$1'\n")
    settings = load({}, tmp_path / ".env")
    assert (settings.signing_secret, settings.bot_token) == (secret, "xoxb-$1")


def test_a_file_that_is_no_text_is_named_in_words(tmp_path: Path) -> None:
    dotenv = tmp_path / ".env"
    dotenv.write_bytes("SLACK_BOT_TOKEN=xoxb-ü".encode("latin-1"))
    with pytest.raises(Misconfigured, match=r"\.env"):
        load({}, dotenv)


def test_the_database_url_is_read_without_any_token(tmp_path: Path) -> None:
    assert load_database_url({}, NO_FILE) == "sqlite:///winsome.db"
    url = f"sqlite:///{tmp_path}/w.db"
    assert load_database_url({"DATABASE_URL": url}, NO_FILE) == url


def test_no_secret_shows_in_what_settings_say_of_themselves() -> None:
    password = "postgresql+psycopg://winsome:hunter2@localhost/x"
    settings = load({**GOOD, "SLACK_SIGNING_SECRET": "signing-secret", "DATABASE_URL": password}, NO_FILE)
    for said in (repr(settings), str(settings), f"{settings}", f"{[settings]!r}", f"{settings:}"):
        assert not re.search("secret|xoxb|xapp|hunter2", said)


def test_no_secret_shows_in_an_error() -> None:
    wrong = {"SLACK_BOT_TOKEN": "hunter2", "SLACK_APP_TOKEN": "hunter2", "DATABASE_URL": "mysql://x:hunter2@y/z"}
    assert "hunter2" not in "\n".join(problems_of(wrong))


# .env.example


def example_lines() -> list[str]:
    return (ROOT / ".env.example").read_text().splitlines()


def in_example() -> set[str]:
    found = (re.fullmatch(r"(?:# )?([A-Z_]{3,})=.*", line) for line in example_lines())
    return {line[1] for line in found if line}


def test_the_example_names_what_the_settings_read_and_nothing_else() -> None:
    source = Path(config.__file__).read_text()
    read = set(re.findall(r"\"([A-Z][A-Z_]*[A-Z])\"", source)) - set(config.LOG_LEVELS)
    assert in_example() == read
    assert len(read) == len(fields(Settings)), "a name for each setting"


def test_the_examples_values_are_the_defaults() -> None:
    values = dict(line.split("=", 1) for line in example_lines() if re.match(r"[A-Z_]+=", line))
    defaults = {field.name.upper(): str(field.default) for field in fields(Settings)}
    for name in ("DATABASE_URL", "HOST", "PORT", "HEALTH_PORT", "LOG_LEVEL"):
        assert values[name] == defaults[name]


def test_an_example_that_was_filled_in_is_accepted(tmp_path: Path) -> None:
    text = (ROOT / ".env.example").read_text().replace("=xoxb-", "=xoxb-1").replace("=xapp-", "=xapp-1")
    dotenv = tmp_path / ".env"
    dotenv.write_text(text)
    assert load({}, dotenv).app_token == "xapp-1"


def test_an_example_that_was_only_copied_is_told_to_be_filled_in(tmp_path: Path) -> None:
    problems = "\n".join(problems_of({}, ROOT / ".env.example"))
    assert "SLACK_BOT_TOKEN" in problems
    assert "SLACK_APP_TOKEN" in problems
