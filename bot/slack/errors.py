"""The errors of Slack's API: one table of what each means, and how an error is read from a response.

Sources: the pages of the methods on docs.slack.dev (reference/methods) as of May 2026.
"""

from collections.abc import Mapping

from bot.domain.slack_errors import ErrorMeaning
from bot.slack import answers

RATELIMITED = "ratelimited"
MIN_RETRY_AFTER = 1.0
MAX_RETRY_AFTER = 3600.0
"""Seconds. Slack asks for a minute or less; after an hour one request tells whether it still means it."""

ANY_METHOD = {
    RATELIMITED: ErrorMeaning.RATE_LIMITED,
    "rate_limited": ErrorMeaning.RATE_LIMITED,
    # "It's possible some aspect of the operation succeeded" (chat.postMessage); the list is closed, see
    # docs/reliability.md.
    "internal_error": ErrorMeaning.OUTCOME_UNKNOWN,
    "fatal_error": ErrorMeaning.OUTCOME_UNKNOWN,
    "service_unavailable": ErrorMeaning.OUTCOME_UNKNOWN,
    "request_timeout": ErrorMeaning.OUTCOME_UNKNOWN,
    "invalid_auth": ErrorMeaning.INVALID_TOKEN,
    "not_authed": ErrorMeaning.INVALID_TOKEN,
    "account_inactive": ErrorMeaning.INVALID_TOKEN,
    "token_revoked": ErrorMeaning.INVALID_TOKEN,
    "token_expired": ErrorMeaning.INVALID_TOKEN,
    "org_login_required": ErrorMeaning.ACCESS_DENIED,
    "team_added_to_org": ErrorMeaning.ACCESS_DENIED,
    "ekm_access_denied": ErrorMeaning.ACCESS_DENIED,
    "team_access_not_granted": ErrorMeaning.ACCESS_DENIED,
    "missing_scope": ErrorMeaning.MISSING_SCOPE,
}
_POST = {
    "invalid_blocks": ErrorMeaning.BLOCKS_REFUSED,
    "not_in_channel": ErrorMeaning.NOT_IN_CHANNEL,
    "channel_not_found": ErrorMeaning.CHANNEL_NOT_FOUND,
    "is_archived": ErrorMeaning.CHANNEL_ARCHIVED,
    "restricted_action": ErrorMeaning.POSTING_RESTRICTED,
    "restricted_action_read_only_channel": ErrorMeaning.CHANNEL_READ_ONLY,
    "restricted_action_thread_only_channel": ErrorMeaning.THREADS_ONLY,
    "thread_not_found": ErrorMeaning.NO_THREAD,
    "cannot_reply_to_message": ErrorMeaning.NO_THREAD,
}
_CHANGE = {
    "invalid_blocks": ErrorMeaning.BLOCKS_REFUSED,
    "message_not_found": ErrorMeaning.MESSAGE_GONE,
    "channel_not_found": ErrorMeaning.CHANNEL_NOT_FOUND,
    "not_in_channel": ErrorMeaning.NOT_IN_CHANNEL,
    "is_inactive": ErrorMeaning.CHANNEL_ARCHIVED,
    "is_archived": ErrorMeaning.CHANNEL_ARCHIVED,
    "cant_update_message": ErrorMeaning.CHANGE_FORBIDDEN,
    "cant_delete_message": ErrorMeaning.CHANGE_FORBIDDEN,
    "compliance_exports_prevent_deletion": ErrorMeaning.CHANGE_FORBIDDEN,
    "edit_window_closed": ErrorMeaning.EDIT_WINDOW_CLOSED,
    # A change can be repeated, so it is, as long as Slack doesn't refuse it for good.
    "external_channel_migrating": ErrorMeaning.OUTCOME_UNKNOWN,
    "update_failed": ErrorMeaning.OUTCOME_UNKNOWN,
}
BY_METHOD = {
    "chat.postMessage": _POST,
    "chat.postEphemeral": _POST,
    "chat.update": _CHANGE,
    "chat.delete": _CHANGE,
    "chat.getPermalink": {
        "message_not_found": ErrorMeaning.MESSAGE_GONE,
        "channel_not_found": ErrorMeaning.CHANNEL_NOT_FOUND,
    },
    "conversations.info": {
        "channel_not_found": ErrorMeaning.CHANNEL_NOT_FOUND,
        "not_in_channel": ErrorMeaning.NOT_IN_CHANNEL,
    },
    "users.info": {
        "user_not_found": ErrorMeaning.USER_UNKNOWN,
        "user_not_visible": ErrorMeaning.USER_UNKNOWN,
        "users_not_found": ErrorMeaning.USER_UNKNOWN,
    },
    "views.publish": {
        "invalid_arguments": ErrorMeaning.VIEW_REFUSED,
        "user_not_found": ErrorMeaning.VIEW_REFUSED,
        "not_enabled": ErrorMeaning.VIEW_REFUSED,
        "view_too_large": ErrorMeaning.VIEW_REFUSED,
    },
}
POST_METHOD = "chat.postMessage"
"""The method whose errors `deliveries.error` keeps; those of chat.postEphemeral mean the same."""
UPDATE_METHOD = "chat.update"
"""The method whose errors `deliveries.error` keeps of a message in Slack; those of chat.delete mean the same."""


def meaning(method: str, error: str | None) -> ErrorMeaning | None:
    """Return what `error` means as an answer to `method`; None for an error that refuses the request and says no more.

    Such a request was certainly not done.
    """
    if error is None:
        return None
    return BY_METHOD.get(method, {}).get(error) or ANY_METHOD.get(error)


def with_meaning(method: str, *meanings: ErrorMeaning) -> frozenset[str]:
    """Return the errors of `method` that have one of these meanings."""
    table = ANY_METHOD | BY_METHOD.get(method, {})
    return frozenset(error for error, its_meaning in table.items() if its_meaning in meanings)


def retry_after(headers: Mapping[str, str] | None) -> float | None:
    """Return the seconds that a response's `headers` ask to wait, at most `MAX_RETRY_AFTER`; None if they ask for none.

    Slack gives whole seconds (docs.slack.dev, rate-limits). Anything else asks for nothing.
    """
    headers = headers or {}
    value = str(headers.get("Retry-After") or headers.get("retry-after") or "")
    if not (value.isascii() and value.isdigit()):
        return None
    return min(max(float(value), MIN_RETRY_AFTER), MAX_RETRY_AFTER)


def error_code(error: Exception) -> str:
    """Return Slack's own name of an error that its client raised; the type of the exception where it gave none."""
    return refusal(error) or type(error).__name__


def refusal(error: Exception) -> str | None:
    """Return the code with which Slack refused a request; None if it gave none, or could not be asked."""
    data = getattr(getattr(error, "response", None), "data", None)  # a string if the response was no JSON
    return answers.error(data)
