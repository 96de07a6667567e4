"""What an answer says that brought nothing: why, and for how long Slack wants to be left alone.

It says the latter in whole seconds (docs.slack.dev, rate-limits).
"""

from collections.abc import Mapping


def retry_after(headers: Mapping[str, str] | None) -> float | None:
    """Return the seconds that an answer's `headers` ask for; None where they ask for none."""
    headers = headers or {}
    value = str(headers.get("Retry-After") or headers.get("retry-after") or "")
    return float(value) if value.isascii() and value.isdigit() else None


def retry_after_of(error: Exception) -> float:
    """Return the seconds that Slack asked for with an error of its client's; 0 where it did not say so."""
    return retry_after(getattr(getattr(error, "response", None), "headers", None)) or 0.0


def error_code(error: Exception) -> str:
    """Return Slack's own name of an error of its client's; where it gave none, what kind of error it is."""
    data = getattr(getattr(error, "response", None), "data", None)  # a string where the answer was no JSON
    code = data.get("error") if isinstance(data, dict) else None
    return code if isinstance(code, str) and code else type(error).__name__
