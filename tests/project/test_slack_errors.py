"""What Slack's errors mean stands in one table."""

import ast

from bot.domain.slack_errors import ErrorMeaning
from bot.slack import errors
from tests.project.paths import PROJECT

TABLE = PROJECT / "bot" / "slack" / "errors.py"
ALSO_A_FIELD = {("bot/services/channel_directory.py", "is_archived"), ("bot/slack/answers.py", "is_archived")}
"""Slack's conversation object has a field of the same name."""


ERRORS = set(errors.ANY_METHOD).union(*errors.BY_METHOD.values())


def test_an_error_is_named_in_the_table_alone() -> None:
    elsewhere = {
        (path.relative_to(PROJECT).as_posix(), node.value)
        for path in (PROJECT / "bot").rglob("*.py")
        if path != TABLE
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and node.value in ERRORS
    }
    assert elsewhere == ALSO_A_FIELD


def test_an_error_may_mean_different_things_to_different_methods() -> None:
    assert errors.meaning("chat.postMessage", "channel_not_found") is ErrorMeaning.CHANNEL_NOT_FOUND
    assert errors.meaning("chat.update", "message_not_found") is ErrorMeaning.MESSAGE_GONE
    assert errors.meaning("chat.update", "channel_not_found") is ErrorMeaning.CHANNEL_NOT_FOUND
    assert errors.meaning("users.info", "user_not_found") is ErrorMeaning.USER_UNKNOWN
    assert errors.meaning("views.publish", "user_not_found") is ErrorMeaning.VIEW_REFUSED
    assert errors.meaning("chat.delete", "ratelimited") is ErrorMeaning.RATE_LIMITED
    assert errors.meaning("chat.postMessage", "msg_too_long") is None


def test_errors_are_found_by_what_they_mean() -> None:
    meanings = (ErrorMeaning.CHANNEL_ARCHIVED, ErrorMeaning.MISSING_SCOPE)
    assert errors.with_meaning("chat.postMessage", *meanings) == {"is_archived", "missing_scope"}
    assert errors.with_meaning("chat.update", *meanings) == {"is_archived", "is_inactive", "missing_scope"}
