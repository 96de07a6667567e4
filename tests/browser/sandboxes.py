"""Sandboxes for the tests of the page: opened and closed, and with a small bot of the test's own in this process."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, TypeVar

from slack_bolt.app.async_app import AsyncApp

from playground.sandbox import Sandbox
from tests.slack_standin.conftest import bolt_app, over_socket_mode

S = TypeVar("S", bound=Sandbox)


@asynccontextmanager
async def open_sandbox(sandbox: S, *, empty: bool = True) -> AsyncIterator[S]:
    """A sandbox, without history if it begins `empty`, which is closed at the end."""
    try:
        await sandbox.open(empty=empty)
        yield sandbox
    finally:
        await sandbox.close()


class SmallBotSandbox(Sandbox):
    """A sandbox whose bot is a small one, in this process, with the listeners of `register_listeners`."""

    def __init__(self, manifest: dict[str, Any]) -> None:
        super().__init__()
        self.manifest = manifest
        self._small = AsyncExitStack()

    def register_listeners(self, app: AsyncApp) -> None:
        """Give the small bot its listeners."""
        raise NotImplementedError

    async def start_bot(self, *, fast_forward: bool = False) -> None:  # noqa: ARG002 - a small bot has no pace
        app = bolt_app(self.slack)
        self.register_listeners(app)
        await self._small.enter_async_context(over_socket_mode(self.slack, app))

    async def stop_bot(self) -> None:
        await self._small.aclose()
        self._small = AsyncExitStack()
