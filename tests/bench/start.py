"""Row 8: how long it takes from starting the process to its first ack."""

import ast
import socket
import subprocess
import sys
import time
from pathlib import Path

import bot
from tests.bench.children import LINE, Bench, winsome_command
from tests.bench.figures import Figure
from tests.bench.load import Requests

ROWS = (8,)
OURS = {"bot", "migrations"}
APART = {"playground", "doctor.py"}
"""Parts of the bot's folder that the running bot does not import."""


def measure(bench: Bench, *, rounds: int) -> list[Figure]:
    raise NotImplementedError
