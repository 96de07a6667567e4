"""Processes forked from one that has imported the bot and the playground, which saves what each start would import."""

import multiprocessing

forkserver = multiprocessing.get_context("forkserver")
forkserver.set_forkserver_preload(
    [
        "bot.__main__",
        "bot.app",
        "bot.cli.deliveries",
        "bot.cli.doctor",
        "playground.print_week",
        "playground.serve_page",
        "tests.chaos.bots",
        "tests.commands",
        "alembic.command",
        "sqlalchemy.dialects.postgresql.psycopg",
        "sqlalchemy.dialects.sqlite.pysqlite",
    ]
)
