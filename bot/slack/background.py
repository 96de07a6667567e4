"""Background tasks that update a view after the ack."""

import asyncio
from collections.abc import Coroutine

from bot.slack import deadline


class BackgroundTasks:
    """Runs the tasks, each with a deadline of its own, and waits for them when the bot stops."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def spawn(self, work: Coroutine[object, object, None]) -> asyncio.Task[None]:
        """Start a task. A caller that waits for it must shield it (asyncio.shield)."""
        task = asyncio.get_running_loop().create_task(_with_own_deadline(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def join(self) -> None:
        """Wait until all tasks are done."""
        await asyncio.gather(*self._tasks, return_exceptions=True)


async def _with_own_deadline(work: Coroutine[object, object, None]) -> None:
    with deadline.start():
        await work
