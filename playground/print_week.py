"""`winsome playground --once`: plays a scenario with the real bot and prints the channels."""

import asyncio
import contextlib
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from playground import launcher, scenario
from playground.bot_status import BotStatus
from playground.player import Player
from slack_standin import Channel, Clock, Message, Person, StandIn

EMOJI = {
    "clap": "👏",
    "sparkles": "✨",
    "tada": "🎉",
    "gear": "⚙️",
    "lock": "🔒",
    "point_down": "👇",
    "raised_hands": "🙌",
    "heart": "❤️",
    "wave": "👋",
}
WIDTH = 78
CONNECT_TIMEOUT = 30.0
"""Seconds that the bot may take to start and connect."""


class Unfinished(Exception):
    """A week that could not be played to its end; `args` say why."""


async def playground(name: str) -> None:
    """Play the scenario `name` and print its channels. Raises Unfinished."""
    week = scenario.load(name)
    with tempfile.TemporaryDirectory(prefix="winsome-") as folder:
        clock_file = Path(folder) / "clock"
        slack = StandIn(launcher.manifest(), clock=Clock(clock_file))
        await slack.start()
        try:
            slack.world.workspaces[slack.team_id].install(slack.world.manifest.scopes)
            play = Player(week, slack)
            play.begin()
            print("A stand-in Slack is running, and the real bot is starting in it ...", flush=True)
            async with launcher.bot(_environment(slack, folder), clock_file=clock_file, folder=Path(folder)):
                try:
                    await slack.wait_connected(timeout=CONNECT_TIMEOUT)
                except TimeoutError:
                    raise Unfinished(f"Winsome didn't start within {CONNECT_TIMEOUT:g} seconds") from None
                print(f"Playing {name!r}. A week takes a few seconds.\n", flush=True)
                try:
                    await play.play(BotStatus(Path(folder), slack.clock.now).wait_until_idle)
                except TimeoutError:
                    raise Unfinished("what a step waits for didn't come in time") from None
                for channel in play.channels.values():
                    print("\n".join(transcript(slack, channel, reader(slack, channel))), flush=True)
        finally:
            await slack.stop()


def _environment(slack: StandIn, folder: str) -> dict[str, str]:
    return {
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_APP_TOKEN": slack.app_token,
        "SLACK_API_URL": slack.api_url,
        "DATABASE_URL": f"sqlite:///{folder}/winsome.db",
        "HEALTH_PORT": "0",
        "LOG_LEVEL": "WARNING",
    }


def reader(slack: StandIn, channel: Channel) -> Person:
    """Return the person whose view is printed: the first member of the channel who is no app."""
    people = slack.world.workspace_of(channel).people
    return next(people[each] for each in channel.members if not people[each].is_bot)


def transcript(slack: StandIn, channel: Channel, reader: Person, *, last: int = 1000) -> Iterator[str]:
    """Yield the lines of the `last` messages that `reader` sees in a channel, in their time zone."""
    title = f"#{channel.name}, as {reader.real_name} sees it "
    yield f"\n{title}{'─' * max(0, WIDTH - len(title))}"
    zone = ZoneInfo(reader.tz or "UTC")
    day = ""
    for message in slack.seen_by(reader, channel)[-last:]:
        at = datetime.fromtimestamp(float(message.ts), UTC).astimezone(zone)
        if f"{at:%A %-d %B}" != day:
            day = f"{at:%A %-d %B}"
            yield f"\n{day:^{WIDTH}}"
        author = slack.world.workspace_of(channel).people.get(message.user or "")
        yield from _lines_of(message, at, reader, author)


def _lines_of(message: Message, at: datetime, reader: Person, author: Person | None) -> Iterator[str]:
    said = message.plain() if author is None or author.is_bot else f"{author.real_name}: {message.plain()}"
    lines = [line for line in _with_emoji(said).splitlines() if line.strip()]
    if message.ephemeral_to:
        lines.append(f"(only {reader.real_name} sees this)")
    reactions = "  ".join(f"{_with_emoji(f':{name}:')} {len(users)}" for name, users in message.reactions.items())
    if reactions:
        lines.append(reactions)
    indent = "    ↳ " if message.is_reply else ""
    for number, line in enumerate(lines):
        yield f"{f'{at:%H:%M}' if number == 0 else '':6} {indent}{line}"


def _with_emoji(text: str) -> str:
    for name, sign in EMOJI.items():
        text = text.replace(f":{name}:", sign)
    return text.replace("*", "")


def run(name: str) -> None:
    """Play and print until done or interrupted. Raises Unfinished."""
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(playground(name))
