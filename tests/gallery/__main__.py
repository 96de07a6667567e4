"""The gallery: `make gallery` renders its weeks to text, and takes pictures of them on the playground's page."""

import asyncio
import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

from slack_bolt.app.async_app import AsyncApp

from bot.storage import schema
from bot.views.format import Message
from playground import launcher
from playground.server.server import PlaygroundServer
from tests.browser import browser
from tests.browser.browser import Window
from tests.browser.conftest import channel
from tests.browser.sandboxes import SmallBotSandbox, open_sandbox
from tests.gallery.later import LATER, Later
from tests.gallery.weeks import CHANNEL, WEEKS, Week, messages_of, team_in, text_of
from tests.project.paths import PROJECT
from tests.slack_standin.conftest import client_of

GALLERY = PROJECT / "docs" / "gallery"
LOOKS: dict[str, dict[str, Any]] = {
    "light": {"viewport": {"width": 1000, "height": 2000}, "color_scheme": "light"},
    "dark": {"viewport": {"width": 1000, "height": 2000}, "color_scheme": "dark"},
    "narrow": {"viewport": {"width": 390, "height": 3000}, "color_scheme": "light"},
}


class Wall(SmallBotSandbox):
    """A sandbox whose bot does nothing: its messages are posted in its name."""

    def register_listeners(self, app: AsyncApp) -> None:
        """Listen for nothing."""


def render_all() -> dict[Week | Later, list[Message]]:
    """Return the messages of each week's roundup, the looks back and the note."""
    rendered: dict[Week | Later, list[Message]] = {}
    examples: tuple[Week | Later, ...] = (*WEEKS, *LATER)
    with tempfile.TemporaryDirectory() as folder:
        migrated = Path(folder) / "migrated.db"
        schema.migrate(f"sqlite:///{migrated}")
        for number, example in enumerate(examples):
            url = f"sqlite:///{shutil.copyfile(migrated, Path(folder) / f'{number}.db')}"
            if isinstance(example, Week):
                rendered[example] = messages_of(example, url)
                continue
            with team_in(url) as connection:
                rendered[example] = example.messages(connection)
    return rendered


async def take_pictures(rendered: dict[Week | Later, list[Message]]) -> None:
    """Take a picture of each week's first message: light, dark, and on a narrow screen."""
    async with open_sandbox(Wall(launcher.manifest())) as sandbox, browser.chromium() as chromium:
        server = PlaygroundServer(sandbox)
        try:
            base, _, key = (await server.start()).partition("?")
            await sandbox.ready.wait()
            sandbox.slack.limits.enabled = False
            for week, messages in rendered.items():
                channel_id = channel(sandbox, "general").id
                first = json.loads(json.dumps(messages[0]).replace(CHANNEL, channel_id))
                await client_of(sandbox.slack).chat_postMessage(channel=channel_id, **first, parse="none")
                for look, options in LOOKS.items():
                    context = await chromium.new_context(reduced_motion="reduce", locale="en-GB", **options)
                    window = await Window(await context.new_page()).opens(f"{base}?{key}#/ana/general")
                    await window.page.get_by_label("Hide getting started").click()
                    shown = window.page.locator("main .message").last
                    await shown.wait_for()
                    await window.page.mouse.move(5, 5)
                    await shown.screenshot(path=GALLERY / f"{week.name}-{look}.png")
                    await context.close()
        finally:
            await server.stop()


def main() -> None:
    """Write the text of each week, and take its pictures."""
    GALLERY.mkdir(parents=True, exist_ok=True)
    rendered = render_all()
    for week, messages in rendered.items():
        (GALLERY / f"{week.name}.txt").write_text(text_of(week.title, messages), encoding="utf-8")
    asyncio.run(take_pictures(rendered))


if __name__ == "__main__":
    main()
