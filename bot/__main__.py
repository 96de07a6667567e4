"""The command line: run, playground, slack, migrate, doctor, deliveries, manifest."""

import argparse
import asyncio
import gc
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from bot import config


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return the exit status: 0 is success, 1 is failure, 2 is wrong settings."""
    options = _parser().parse_args(arguments)
    do: Callable[[argparse.Namespace], int] = options.do
    try:
        return do(options)
    except config.Misconfigured as error:
        print("Winsome can't start with these settings:", file=sys.stderr)
        for problem in error.problems:
            print(f"  - {problem}", file=sys.stderr)
        print("Settings come from the environment and from .env. See .env.example for all of them.", file=sys.stderr)
        print("To try Winsome without a Slack account: winsome playground", file=sys.stderr)
        return 2
    except ModuleNotFoundError as error:
        if error.name != "playground":
            raise
        print("The playground isn't part of this installation. It comes with the source: make run", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="winsome", description="A Slack bot for celebrating small wins.")
    commands = parser.add_subparsers(required=True, metavar="command")

    def command(name: str, do: Callable[[argparse.Namespace], int], description: str) -> argparse.ArgumentParser:
        subparser = commands.add_parser(name, help=description, description=description)
        subparser.set_defaults(do=do)
        return subparser

    command("run", _run, "run the bot in your workspace")
    playground = command("playground", _playground, "try the bot here, without a Slack account")
    playground.add_argument("--script", help="play this week instead of the sample team's: a built-in one, or a file")
    playground.add_argument("--once", action="store_true", help="play a week, print it and exit, without the page")
    playground.add_argument(
        "--keep", metavar="DIR", type=Path, help="keep the playground in this folder and continue from there next time"
    )
    playground.add_argument("--port", type=_port, default=0, help="the port of the page; any free one by default")
    slack = command("slack", _slack, "start a stand-in Slack for any app manifest, without the bot")
    slack.add_argument("--manifest", metavar="FILE", type=Path, required=True, help="the app manifest, as JSON")
    slack.add_argument("--port", type=_port, default=0, help="the port of the API; any free one by default")
    slack.add_argument(
        "--control-port", type=_port, default=0, help="the port of the control API; any free one by default"
    )
    slack.add_argument(
        "--deliver", metavar="URL", help="deliver requests over HTTP to this URL instead of through Socket Mode"
    )
    slack.add_argument("--empty", action="store_true", help="start without Ana, Ben, #general and #secret")
    slack.add_argument(
        "--strict-arguments",
        action="store_true",
        help="refuse API arguments that a method doesn't have, which Slack ignores",
    )
    slack.add_argument("--json", action="store_true", help="print addresses and tokens as one line of JSON")
    command("migrate", _migrate, "update the database schema")
    command("doctor", _doctor, "check tokens, scopes, database and clock, and say how to fix what is wrong")
    deliveries = command(
        "deliveries", _deliveries, "list messages that are pending or stuck, with the reason, and resolve them"
    )
    resolve = deliveries.add_mutually_exclusive_group()
    resolve.add_argument("--there", metavar="KEY", help="the message is in Slack, and stays as it is")
    resolve.add_argument("--post", metavar="KEY", help="post the message, or try again to update or delete it")
    manifest = command("manifest", _manifest, "print the Slack app manifest")
    manifest.add_argument(
        "--http", metavar="URL", type=_https_url, help="use HTTP at this https URL instead of Socket Mode"
    )
    return parser


def _port(text: str) -> int:
    if text.isascii() and text.isdigit() and len(text) < 10 and int(text) <= 65535:
        return int(text)
    raise argparse.ArgumentTypeError(f"a port is a number from 0 to 65535, not {text!r}")


def _https_url(text: str) -> str:
    try:
        parts = urlsplit(text)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme == "https" and parts.hostname and " " not in text:
        return text
    raise argparse.ArgumentTypeError(
        f"Slack sends requests to an https URL, such as https://winsome.example.com/slack/events, not to {text!r}"
    )


def _run(_: argparse.Namespace) -> int:
    settings = config.load()
    gc.disable()  # until the bot serves: objects made at start live as long as the process

    from bot import app, log  # noqa: PLC0415 - the other commands start without the bot
    from bot.receivers.connections import CannotListen  # noqa: PLC0415
    from bot.slack.clients import TokenRefused  # noqa: PLC0415
    from bot.storage.database import AlreadyRunning, FileUnusable  # noqa: PLC0415
    from bot.storage.leader_election import SharedSessions  # noqa: PLC0415
    from bot.storage.schema import CannotUseSchema  # noqa: PLC0415

    log.set_up(settings.log_level)
    try:
        app.run(settings)
    except (AlreadyRunning, CannotListen, CannotUseSchema, FileUnusable, SharedSessions) as refusal:
        print(refusal, file=sys.stderr)
        return 1
    except TokenRefused as refusal:
        advice = config.NEW_TOKEN[refusal.setting]
        print(f"Slack refuses {refusal.setting} ({refusal.error}). {advice}", file=sys.stderr)
        return 1
    return 0


def _playground(options: argparse.Namespace) -> int:
    from playground import print_week, scenario, serve_page  # noqa: PLC0415
    from playground.data_dir import UnusableFolder  # noqa: PLC0415

    try:
        if options.once:
            print_week.run(options.script or "a-good-week")
        else:
            serve_page.run(options.script, port=options.port, keep=options.keep)
    except (FileNotFoundError, scenario.InvalidScenario) as error:
        print(f"I can't play that: {error}. Built-in weeks: {', '.join(scenario.names())}", file=sys.stderr)
        return 1
    except UnusableFolder as error:
        print(f"I can't keep the playground there: {error}.", file=sys.stderr)
        return 1
    except print_week.Unfinished as error:
        advice = "Try again when this machine has less to do; in a script of your own, check its steps."
        print(f"I can't play the week to its end: {error}. {advice}", file=sys.stderr)
        return 1
    except serve_page.UnusablePort as error:
        print(f"I can't open the page: {error}. Choose another --port, or leave it out.", file=sys.stderr)
        return 1
    return 0


def _slack(options: argparse.Namespace) -> int:
    from playground import serve_slack  # noqa: PLC0415

    slack_options = serve_slack.Options(
        options.port,
        options.control_port,
        options.deliver,
        as_json=options.json,
        empty=options.empty,
        strict_arguments=options.strict_arguments,
    )
    try:
        serve_slack.run(serve_slack.read(options.manifest), slack_options, lambda words: print(words, flush=True))
    except serve_slack.InvalidManifest as refusal:
        print(f"I can't create an app from {options.manifest}:", file=sys.stderr)
        for problem in refusal.problems:
            print(f"  - {problem}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"I can't start: {error}", file=sys.stderr)
        return 1
    return 0


def _migrate(_: argparse.Namespace) -> int:
    from contextlib import closing, nullcontext  # noqa: PLC0415 - the other commands start without the database

    from bot.storage import schema  # noqa: PLC0415
    from bot.storage.database import AlreadyRunning, FileUnusable, acquire_lock  # noqa: PLC0415

    url = config.load_database_url()
    try:
        lock = acquire_lock(url)
        with nullcontext() if lock is None else closing(lock):
            schema.migrate(url)
            print(f"The database is at schema {schema.current(url)}.")
    except (AlreadyRunning, FileUnusable, schema.CannotUseSchema) as refusal:
        print(refusal, file=sys.stderr)
        return 1
    return 0


def _doctor(_: argparse.Namespace) -> int:
    settings = config.load()

    from bot.cli import doctor  # noqa: PLC0415

    async def examine() -> bool:
        all_ok = True
        async for finding in doctor.examine(settings):
            print(f"{'ok  ' if finding.is_ok else 'FIX '} {finding.subject}: {finding.message}")
            if finding.advice:
                print(f"       {finding.advice}")
            all_ok = all_ok and finding.is_ok
        return all_ok

    return 0 if asyncio.run(examine()) else 1


def _deliveries(options: argparse.Namespace) -> int:
    from datetime import UTC, datetime  # noqa: PLC0415 - the other commands start without the bot

    from bot.cli import deliveries  # noqa: PLC0415
    from bot.storage import schema  # noqa: PLC0415

    url = config.load_database_url()
    key = options.post if options.there is None else options.there
    try:
        schema.check(url)
        if key is not None:
            deliveries.resolve_stuck(url, key, is_posted=options.there is not None, now=datetime.now(UTC))
            print("Done. A running bot picks it up within seconds.")
            return 0
        lines = list(deliveries.list_stuck(url, now=datetime.now(UTC)))
    except (deliveries.CannotResolve, schema.CannotUseSchema) as refusal:
        print(refusal, file=sys.stderr)
        return 1
    print("\n".join(lines) if lines else "No message is pending or stuck.")
    return 0


def _manifest(options: argparse.Namespace) -> int:
    from bot.slack.manifest import manifest  # noqa: PLC0415

    print(json.dumps(manifest(request_url=options.http), indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
