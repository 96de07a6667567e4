"""The bot in the storm: the real one, whose client uses the token of the workspace that a channel or person is in."""

import json
import os
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

TOKENS: dict[str, str] = json.loads(os.environ.get("STORM_TOKENS", "{}"))


class MultiWorkspaceClient(AsyncWebClient):
    """A client that picks its token by what a request is about."""

    async def api_call(self, api_method: str, **options: Any) -> AsyncSlackResponse:
        arguments = options.get("json") or options.get("params") or {}
        token = TOKENS.get(arguments.get("channel") or arguments.get("user") or "")
        if token is not None:
            options["headers"] = {**(options.get("headers") or {}), "Authorization": f"Bearer {token}"}
        return await super().api_call(api_method, **options)


def main() -> None:
    from bot import app, config

    app.AsyncWebClient = MultiWorkspaceClient  # type: ignore[attr-defined]
    app.run(config.load())


if __name__ == "__main__":
    main()
