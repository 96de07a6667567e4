"""Row 8: how long it takes from starting the process to its first ack.

The floor is Python with the libraries that the bot's own files import, nothing of them used.
"""

import ast
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import bot
from tests.bench.children import HOST, Bench
from tests.bench.figures import Figure
from tests.bench.load import Requests, UnexpectedResponse

ROWS = (8,)
EXCLUDED = {"playground", "doctor.py"}
"""What of the bot's folder is not part of a running bot."""


def measure(bench: Bench, *, rounds: int) -> list[Figure]:
    """Measure importing the libraries in a fresh process, then the bot on a database that is migrated already."""
    figures = {
        kind: Figure(8, "start to first ack", kind, "importing its libraries", "ms", 1.5) for kind in bench.kinds
    }
    for number in range(rounds + 1):
        for kind, figure in figures.items():
            floor = _importing(libraries(without="psycopg" if kind == "sqlite" else None))
            ours = _first_ack(bench, bench.database(kind))
            if number > 0:  # the first time, files are read and compiled
                figure.floor.append(1000 * floor)
                figure.ours.append(1000 * ours)
    return list(figures.values())


def libraries(*, without: str | None) -> list[str]:
    """Every import of another's library in the bot's files, as it stands there; `without` is left out."""
    folder = Path(bot.__file__).parent
    found = {
        ast.unparse(statement)
        for path in sorted(folder.rglob("*.py"))
        if path.relative_to(folder).parts[0] not in EXCLUDED
        for statement, package in _imports(ast.parse(path.read_text()))
        if package not in {"bot", "migrations", without} and package not in sys.stdlib_module_names
    }
    return sorted(found)


def _imports(tree: ast.Module) -> Iterator[tuple[ast.stmt, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield node, node.names[0].name.partition(".")[0]
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            yield node, node.module.partition(".")[0]


def _importing(statements: list[str]) -> float:
    program = "\n".join([*statements, "print('ready', flush=True)"])
    started = time.perf_counter()
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        output = process.stdout.readline()
        took = time.perf_counter() - started
    assert output == b"ready\n", "every library can be imported"
    return took


def _first_ack(bench: Bench, database_url: str) -> float:
    started = time.perf_counter()
    with bench.winsome(database_url) as running:
        request = Requests(bench.load_options(running)).next()
        with socket.create_connection((HOST, int(running.url.split(":")[2].partition("/")[0]))) as connection:
            connection.sendall(request)
            answer = b""
            while b"Win saved" not in answer:
                received = connection.recv(65536)
                if not received:
                    raise UnexpectedResponse(answer)
                answer += received
            return time.perf_counter() - started
