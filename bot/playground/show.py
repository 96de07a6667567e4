"""`winsome playground`: plays a week in a stand-in Slack with the real bot in it, and prints what people would see."""

import asyncio
import contextlib
import signal
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.playground import launcher, script
from bot.playground.play import Play
from bot.playground.standin import Channel, Clock, Message, Person, StandIn

EMOJI = {
    "clap": "👏",
    "sparkles": "✨",
    "tada": "🎉",
    "raised_hands": "🙌",
    "heart": "❤️",
    "wave": "👋",
}
WIDTH = 78


async def playground(name: str, *, stay: bool) -> None:
    """Play the script `name` and print its channels; then stay until interrupted, if asked to."""
    week = script.load(name)
    with tempfile.TemporaryDirectory(prefix="winsome-") as folder:
        clock_file = Path(folder) / "clock"
        slack = StandIn(launcher.manifest(), clock=Clock(clock_file))
        await slack.start()
        try:
            play = Play(week, slack)
            play.begin()
            print("A stand-in Slack is running, and the real bot is starting in it ...", flush=True)
            async with launcher.bot(_environment(slack, folder), clock_file=clock_file, folder=Path(folder)):
                await slack.wait_connected(timeout=30)
                print(f"Playing {name!r}: a week in a few seconds.\n", flush=True)
                await play.play()
                for channel in play.channels.values():
                    print("\n".join(transcript(slack, channel, _reader(play, channel))), flush=True)
                if stay:
                    await _stay(slack)
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


async def _stay(slack: StandIn) -> None:
    print(f"The bot goes on running. A program can act in this Slack at {slack.control_url} (docs/stand-in.md).")
    print("Press Ctrl-C to stop.", flush=True)
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    await stopped.wait()


def _reader(play: Play, channel: Channel) -> Person:
    """Whose eyes we look through: the first member of the channel."""
    return next(person for person in play.people.values() if person.id in channel.members)


def transcript(slack: StandIn, channel: Channel, reader: Person) -> Iterator[str]:
    """Yield the lines of a channel as `reader` sees it, in their zone."""
    title = f"#{channel.name}, as {reader.real_name} sees it "
    yield f"\n{title}{'─' * max(0, WIDTH - len(title))}"
    zone = ZoneInfo(reader.tz or "UTC")
    day = ""
    for message in slack.seen_by(reader, channel):
        at = datetime.fromtimestamp(float(message.ts), UTC).astimezone(zone)
        if f"{at:%A %-d %B}" != day:
            day = f"{at:%A %-d %B}"
            yield f"\n{day:^{WIDTH}}"
        yield from _shown(message, at, reader)


def _shown(message: Message, at: datetime, reader: Person) -> Iterator[str]:
    lines = [line for line in _with_emoji(message.plain()).splitlines() if line.strip()]
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


def run(name: str, *, stay: bool) -> None:
    """Play and print, until it is over or interrupted."""
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(playground(name, stay=stay))
