"""Settings from the environment and a .env file. One error lists everything that is missing or wrong."""

import math
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from dotenv import dotenv_values

SLACK_API_URL = "https://slack.com/api/"
LOOPBACK = ("127.0.0.1", "localhost", "::1")
PLACEHOLDERS = ("", "xoxb-", "xapp-")
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
LEAST_SETTLE_SECONDS = 15.0
"""A request may take 10 seconds, and Slack's history shows a message a moment later."""
MOST_SETTLE_SECONDS = 3600.0
MOST_GRACE_HOURS = 30 * 24.0
_MALFORMED = "doesn't start with {}, or has a space, a line break or another character that no token has"
_OAUTH_PAGE = "api.slack.com/apps -> your app -> OAuth & Permissions -> Bot User OAuth Token"
_APP_LEVEL_PAGE = "api.slack.com/apps -> your app -> Basic Information -> App-Level Tokens"
NEW_TOKEN = {
    "SLACK_BOT_TOKEN": f"Copy it again from {_OAUTH_PAGE}.",
    "SLACK_APP_TOKEN": f"Create one under {_APP_LEVEL_PAGE}, with the scope connections:write.",
}
"""By setting, how to get a token in place of one that can't be right."""


@dataclass(frozen=True, repr=False)
class Settings:
    """The settings. There is no repr, because some of them are secret.

    The bot uses Socket Mode if there is an app-level token, and HTTP otherwise. `wins_per_minute` and `wins_per_hour`
    are the most that one person may save; 0 means no limit.
    """

    bot_token: str
    app_token: str | None = None
    signing_secret: str | None = None
    database_url: str = "sqlite:///winsome.db"
    host: str = "127.0.0.1"
    port: int = 3000
    health_port: int = 3001
    settle_seconds: float = 60.0
    grace_hours: float = 24.0
    wins_per_minute: int = 10
    wins_per_hour: int = 60
    slack_api_url: str = SLACK_API_URL
    log_level: str = "INFO"


class Misconfigured(Exception):
    """The settings can't be used. `problems` has one sentence for each thing that is missing or wrong."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def load(environ: Mapping[str, str] | None = None, dotenv: Path = Path(".env")) -> Settings:
    """Read the settings from `environ` (by default this process's) and then from the file `dotenv`.

    Raises Misconfigured with every problem at once.
    """
    values = _values(environ, dotenv)
    problems: list[str] = []
    settings = Settings(
        bot_token=_bot_token(values, problems),
        app_token=_app_token(values, problems),
        signing_secret=values.get("SLACK_SIGNING_SECRET"),
        database_url=_database_url(values, problems),
        host=_host(values, problems),
        port=_port(values, "PORT", Settings.port, problems),
        health_port=_port(values, "HEALTH_PORT", Settings.health_port, problems),
        settle_seconds=_settle_seconds(values, problems),
        grace_hours=_number(values, "GRACE_HOURS", Settings.grace_hours, problems, most=MOST_GRACE_HOURS),
        wins_per_minute=_count(values, "WINS_PER_MINUTE", Settings.wins_per_minute, problems),
        wins_per_hour=_count(values, "WINS_PER_HOUR", Settings.wins_per_hour, problems),
        slack_api_url=_slack_api_url(values, problems),
        log_level=_log_level(values, problems),
    )
    if settings.app_token is None and settings.signing_secret is None:
        problems.append(
            "SLACK_APP_TOKEN or SLACK_SIGNING_SECRET is missing. For Socket Mode set SLACK_APP_TOKEN: "
            f"{_APP_LEVEL_PAGE} (scope connections:write). "
            "For HTTP set SLACK_SIGNING_SECRET: Basic Information -> App Credentials -> Signing Secret."
        )
    if problems:
        raise Misconfigured(problems)
    return settings


def load_database_url(environ: Mapping[str, str] | None = None, dotenv: Path = Path(".env")) -> str:
    """Read DATABASE_URL alone, for commands that don't need Slack. Raises Misconfigured."""
    problems: list[str] = []
    url = _database_url(_values(environ, dotenv), problems)
    if problems:
        raise Misconfigured(problems)
    return url


def _values(environ: Mapping[str, str] | None, dotenv: Path) -> dict[str, str]:
    """Return every setting that has a value. Empty values and the placeholders of .env.example count as absent."""
    try:
        from_file = dotenv_values(dotenv, interpolate=False)  # a password may hold ${...}
    except UnicodeDecodeError:
        raise Misconfigured([f"{dotenv} isn't a UTF-8 text file. Save it as UTF-8."]) from None
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise Misconfigured([f"{dotenv} can't be read ({reason}). Let the user that runs Winsome read it."]) from None
    values: dict[str, str] = {}
    for source in (from_file, os.environ if environ is None else environ):
        cleaned = ((name, _clean(value or "")) for name, value in source.items())
        values |= {name: value for name, value in cleaned if value not in PLACEHOLDERS}
    return values


def _clean(value: str) -> str:
    """Return a value without spaces around it, and without quotes: `docker run --env-file` hands them on."""
    value = value.strip()
    is_quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "'\""
    return value[1:-1].strip() if is_quoted else value


def _bot_token(values: dict[str, str], problems: list[str]) -> str:
    token = values.get("SLACK_BOT_TOKEN", "")
    if not token:
        problems.append(f"SLACK_BOT_TOKEN is missing. Copy it from {_OAUTH_PAGE}.")
    elif not _is_token(token, "xoxb-"):
        problems.append(f"SLACK_BOT_TOKEN {_MALFORMED.format('xoxb-')}. Copy the bot's own token from {_OAUTH_PAGE}.")
    return token


def _app_token(values: dict[str, str], problems: list[str]) -> str | None:
    token = values.get("SLACK_APP_TOKEN")
    if token is not None and not _is_token(token, "xapp-"):
        problems.append(f"SLACK_APP_TOKEN {_MALFORMED.format('xapp-')}. {NEW_TOKEN['SLACK_APP_TOKEN']}")
    return token


def _is_token(value: str, start: str) -> bool:
    return value.startswith(start) and value.isascii() and value.isprintable() and " " not in value


def _database_url(values: dict[str, str], problems: list[str]) -> str:
    url = values.get("DATABASE_URL", Settings.database_url)
    if not url.startswith(("sqlite:///", "postgresql+psycopg://")):
        problems.append(
            "DATABASE_URL must start with sqlite:/// (a file, for example sqlite:///winsome.db) or with "
            "postgresql+psycopg:// (for example postgresql+psycopg://winsome:secret@localhost/winsome)."
        )
    elif not _is_readable(url):
        problems.append(
            "DATABASE_URL can't be read as an address. Check it for typing errors, for example in the port. In a "
            "password, write @ as %40, / as %2F, ? as %3F, # as %23 and % as %25."
        )
    elif url.startswith("sqlite:///"):
        problems += _sqlite_problems(url.removeprefix("sqlite:///"))
    elif not urlsplit(url).path.strip("/"):
        problems.append("DATABASE_URL doesn't name a database. It comes last: postgresql+psycopg://.../winsome.")
    return url


def _sqlite_problems(name: str) -> Iterator[str]:
    if name in ("", ":memory:"):
        yield "DATABASE_URL doesn't name a file, and wins kept in memory are lost. Use sqlite:///winsome.db."
        return
    path, question_mark, _ = name.partition("?")
    if question_mark:
        yield "DATABASE_URL has options after a question mark, which a file doesn't take. Leave them out."
    elif os.path.isdir(path):  # noqa: PTH112 - Path's own raises errors of names that are too long, or not allowed
        yield f"DATABASE_URL names a folder, {path}. Put the name of a file after it: sqlite:///{path}/winsome.db."
    elif not os.path.isdir(Path(path).parent):  # noqa: PTH112
        yield (
            f"DATABASE_URL names a file in {Path(path).parent}, and there is no such folder. Create it, or check the "
            "slashes: sqlite:///winsome.db is in the folder that Winsome is started in, sqlite:////var/... is not."
        )


def _is_readable(url: str) -> bool:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return False
    is_whole = parts.netloc.count("@") <= 1 and not parts.netloc.endswith(":")
    return is_whole and _is_host(parts.hostname or "")


def _is_host(name: str) -> bool:
    """Whether a name can be looked up: Python's resolver raises errors of its own for one that can't."""
    try:
        name.encode("idna")
    except UnicodeError:
        return False
    return True


def _host(values: dict[str, str], problems: list[str]) -> str:
    host = values.get("HOST", Settings.host)
    if not _is_host(host):
        problems.append(f"HOST must be a name or an address of this machine, such as 127.0.0.1, not {host!r}.")
    return host


def _port(values: dict[str, str], name: str, default: int, problems: list[str]) -> int:
    value = values.get(name, str(default))
    if value.isascii() and value.isdigit() and len(value) < 10 and int(value) <= 65535:
        return int(value)
    problems.append(f"{name} must be a number from 0 to 65535 (0 picks a free port), not {value!r}.")
    return default


def _number(
    values: dict[str, str], name: str, default: float, problems: list[str], *, least: float = 0.0, most: float
) -> float:
    value = values.get(name, str(default))
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    if number > 0 and least <= number <= most:
        return number
    allowed = f"from {least:g} to {most:g}" if least else f"above 0, up to {most:g}"
    problems.append(f"{name} must be a number {allowed}, not {value!r}.")
    return default


def _settle_seconds(values: dict[str, str], problems: list[str]) -> float:
    is_real_slack = values.get("SLACK_API_URL", SLACK_API_URL) == SLACK_API_URL
    least = LEAST_SETTLE_SECONDS if is_real_slack else 0.0
    default = Settings.settle_seconds
    return _number(values, "SETTLE_SECONDS", default, problems, least=least, most=MOST_SETTLE_SECONDS)


def _count(values: dict[str, str], name: str, default: int, problems: list[str]) -> int:
    value = values.get(name, str(default))
    if value.isascii() and value.isdigit() and len(value) < 10:
        return int(value)
    problems.append(f"{name} must be a whole number (0 means no limit), not {value!r}.")
    return default


def _slack_api_url(values: dict[str, str], problems: list[str]) -> str:
    url = values.get("SLACK_API_URL", SLACK_API_URL)
    try:
        parts = urlsplit(url)
        is_loopback = parts.scheme in ("http", "https") and parts.hostname in LOOPBACK and not parts.username
    except ValueError:
        is_loopback = False
    if url != SLACK_API_URL and not (is_loopback and _is_readable(url) and url.endswith("/")):
        problems.append(
            "SLACK_API_URL can only point to a Slack on this machine, such as http://127.0.0.1:4000/api/ "
            "(with the slash at the end). Leave it out for the real Slack."
        )
    return url


def _log_level(values: dict[str, str], problems: list[str]) -> str:
    level = values.get("LOG_LEVEL", Settings.log_level).upper()
    if level not in LOG_LEVELS:
        problems.append(f"LOG_LEVEL must be one of {', '.join(LOG_LEVELS)}, not {level!r}.")
    return level
