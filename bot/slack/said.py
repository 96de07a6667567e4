"""What Slack said when it refused a request, if it was Slack at all: a proxy's page is no answer of its own."""

from slack_sdk.errors import SlackApiError


def error_of(error: SlackApiError) -> str | None:
    """Return Slack's name for what is wrong ("channel_not_found"), or None where its answer has none."""
    data = getattr(error.response, "data", error.response)
    name = data.get("error") if isinstance(data, dict) else None
    return name if isinstance(name, str) else None
