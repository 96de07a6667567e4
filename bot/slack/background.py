"""What is still shown to somebody when what they did has been acknowledged."""

import asyncio
from collections.abc import Coroutine

from bot.slack import deadline


class BackgroundTasks:
    """Keeps such work going, each with a time of its own, and waits for it when the bot stops."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def spawn(self, work: Coroutine[object, object, None]) -> asyncio.Task[None]:
        """Begin something; whoever waits for it after all must shield it."""
        task = asyncio.get_running_loop().create_task(_with_own_deadline(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def join(self) -> None:
        """Wait until all that was begun is done."""
        await asyncio.gather(*self._tasks, return_exceptions=True)


async def _with_own_deadline(work: Coroutine[object, object, None]) -> None:
    with deadline.start():
        await work
