"""How fast the page is, in a real Chromium: `python -m tests.browser.measure`.

The figures are in docs/playground.md and docs/benchmarks.md.

From the start of `winsome playground` to a page on which a win can be logged; how long someone who saves a win waits
besides typing it; opening a channel of 2,000 messages, and scrolling through all of it.
"""

import asyncio
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from playground.sandbox import Sandbox
from playground.server.server import PlaygroundServer
from tests.browser import browser
from tests.browser.browser import Window

MESSAGE_COUNT = 2_000
RUNS = 5
WINS = 40
KEY_DELAY = 50
"""Milliseconds between two keys of someone who types fast."""
FRAMES = """async () => {
    const list = document.querySelector("main .messages");
    const gaps = [];
    let last = performance.now();
    while (list.scrollTop > 0 && gaps.length < 2000) {
        list.scrollTop -= 120;
        await new Promise(requestAnimationFrame);
        const now = performance.now();
        gaps.push(now - last);
        last = now;
    }
    return gaps;
}"""


async def time_to_usable(chromium: Any) -> float:
    """Seconds from the process to a page on which a win that was typed at once is announced."""
    with tempfile.TemporaryDirectory() as folder:
        began = time.monotonic()
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "playground"),
            stdout=asyncio.subprocess.PIPE,
            env={"PYTHONPATH": str(Path.cwd()), "PATH": folder},
            cwd=folder,
        )
        try:
            assert child.stdout is not None, "it is a pipe"
            line = ""
            while "playground is open" not in line:
                line = (await child.stdout.readline()).decode()
                assert line, "the playground starts"
            address = line.split()[-1]
            window = await Window(await chromium.new_page()).opens(address)
            usable = time.monotonic() - began
            await window.types("/win saw it open")
            await window.sees("Ana: saw it open")
            await window.page.close()
            return usable
        finally:
            child.terminate()
            await child.wait()


async def waiting_for_a_win(window: Window, number: int) -> float:
    """Milliseconds from `/win` and a text to "Win saved", without those in which keys are pressed."""
    page = window.page
    await page.locator("#composer").click()
    await page.keyboard.type(f"/win fixed build {number}", delay=KEY_DELAY)
    began = time.monotonic()
    await page.keyboard.press("Enter")
    await window.sees(f"Win saved: fixed build {number}")
    return (time.monotonic() - began) * 1000


async def waiting_for_a_form(window: Window, number: int) -> float:
    """Milliseconds from `/win` alone, through the form, to "Win saved", without those in which keys are pressed."""
    page = window.page
    await page.locator("#composer").click()
    await page.keyboard.type("/win")
    await page.keyboard.press("Escape")
    began = time.monotonic()
    await page.keyboard.press("Enter")
    form = page.get_by_role("dialog", name="Save a win")
    await form.get_by_label("What happened?").wait_for()
    opened = time.monotonic()
    await page.keyboard.type(f"fixed form {number}", delay=KEY_DELAY)
    typed = time.monotonic()
    await form.get_by_role("button", name="Save win").click()
    await window.sees(f"Win saved: fixed form {number}")
    return (opened - began + time.monotonic() - typed) * 1000


async def save_wins(chromium: Any) -> None:
    """Save wins in each way, one after the other, and print how long that took."""
    sandbox = Sandbox()
    server = PlaygroundServer(sandbox)
    try:
        await sandbox.open(empty=True)
        await sandbox.ready.wait()
        window = await Window(await chromium.new_page()).opens(await server.start())
        for name, wait in (("/win and a text", waiting_for_a_win), ("the form", waiting_for_a_form)):
            waits = [await wait(window, number) for number in range(WINS)]
            print(
                f"{name}: waited besides typing, {WINS} wins: median {statistics.median(waits):.0f} ms, "
                f"p95 {statistics.quantiles(waits, n=20)[18]:.0f} ms, longest {max(waits):.0f} ms",
                flush=True,
            )
    finally:
        await server.stop()
        await sandbox.close()


async def open_busy_channel(chromium: Any, address: str) -> tuple[float, list[float]]:
    """Milliseconds until the last of many messages is drawn on a reloaded page, and the gaps between frames."""
    page = await chromium.new_page(viewport={"width": 1280, "height": 800})
    await page.goto(address)
    last = page.locator("main .message", has_text=f"Number {MESSAGE_COUNT - 1}:")
    await last.wait_for()
    began = time.monotonic()
    await page.reload()
    await last.wait_for()
    opened = (time.monotonic() - began) * 1000
    gaps: list[float] = await page.evaluate(FRAMES)
    assert await page.locator("main .message").count() >= MESSAGE_COUNT
    await page.close()
    return opened, gaps


async def fill(sandbox: Sandbox) -> None:
    """Let people talk a lot."""
    home = sandbox.slack.world.workspaces[sandbox.slack.team_id]
    general = home.channel_named("general")
    assert general is not None, "it is in the scene"
    people = [person for person in home.people.values() if person.id in general.members and not person.is_bot]
    for number in range(MESSAGE_COUNT):
        said = f"Number {number}: *one* more `thing` with <@{people[0].id}>, see <https://example.com|here> :tada:"
        await sandbox.slack.say(people[number % len(people)], general, said)


async def _several(times: int, once: Callable[[], Awaitable[float]]) -> str:
    figures = [await once() for _ in range(times)]
    return f"median {statistics.median(figures):.2f}, of {', '.join(f'{one:.2f}' for one in sorted(figures))}"


async def main() -> None:
    """Measure and print."""
    async with browser.chromium() as chromium:
        print(f"processors: {os.cpu_count()}, load before: {os.getloadavg()[0]:.1f}", flush=True)
        print(
            "seconds from the start to a usable page:",
            await _several(RUNS, lambda: time_to_usable(chromium)),
            flush=True,
        )
        await save_wins(chromium)
        sandbox = Sandbox()
        server = PlaygroundServer(sandbox)
        try:
            await sandbox.open(empty=True)
            await sandbox.ready.wait()
            await fill(sandbox)
            address = await server.start()
            print(f"a channel of {MESSAGE_COUNT} messages, page loaded anew:")
            for _ in range(RUNS):
                opened, gaps = await open_busy_channel(chromium, address)
                slow = statistics.quantiles(gaps, n=100)
                print(
                    f"  last message drawn after {opened:.0f} ms; scrolled to the first in {len(gaps)} frames: "
                    f"median {slow[49]:.0f} ms, 95 % under {slow[94]:.0f} ms, longest {max(gaps):.0f} ms",
                    flush=True,
                )
        finally:
            await server.stop()
            await sandbox.close()


if __name__ == "__main__":
    if (why := browser.missing()) is not None:
        sys.exit(f"Nothing is measured: {why}")
    asyncio.run(main())
