"""The subcommands of `/wins` as people type them, also into the wrong place: `/win “Setup!”`, `/win /wins mine`."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from unicodedata import normalize

import regex

from bot.domain.text import words

Takes = Callable[[str], bool]
"""takes(rest): whether this can follow the subcommand."""

HELP = "help"

_EDGES = regex.compile(r"^[^\p{L}\p{N}]+|[^\p{L}\p{M}\p{N}]+$")
_SIGNS = regex.compile(r"[\s\p{P}\p{Sm}\p{Sk}]+")
_LAST_SIGNS = regex.compile(r"[[\s\p{Po}\p{Pe}\p{Pf}]--[)]]+$", regex.V1)  # a date may end with "(Berlin)"
_COMMANDS = frozenset({"win", "wins", "s"})
"""What people repeat by mistake, `/win /wins setup`, or split with a misplaced space, `/win s setup`."""
_POLITE = frozenset({"please", "pls", "me", "now", ""})
_ITS_OBJECT = _POLITE | {"it", "this", "the", "a", "my", "last", "win", "wins", "roundup", "channel", "here"}
"""Words that may follow a subcommand and don't change it: `post the roundup`."""
_SET_UP = regex.compile(r"\bset\s+up\b", regex.IGNORECASE)
_OTHER_NAMES = {
    **dict.fromkeys(["undo", "edit", "delete", "remove", "list", "show", "all"], ""),
    **dict.fromkeys(["settings", "config", "configure", "install"], "setup"),
    **dict.fromkeys(["stop", "skip", "mute"], "pause"),
    **dict.fromkeys(["unpause", "continue", "start"], "resume"),
    "find": "search",
    **dict.fromkeys(["preference", "prefs"], "preferences"),
    **dict.fromkeys(["h", "commands", "usage", "version"], HELP),
}
"""Other words that people type for a subcommand. Wins are edited and deleted in the list of `/wins` alone."""
_SIMILARITY, _SHORTEST = 0.75, 4
"""How similar to a subcommand (by difflib), and how long, a mistyped one has to be: "setpu" is one, "set" isn't."""


@dataclass(frozen=True)
class TypedCommand:
    """A subcommand, and what was typed after it."""

    name: str
    rest: str

    @property
    def text(self) -> str:
        """The text of a `/wins` that runs it."""
        return f"{self.name} {self.rest}".rstrip()


def read_command(text: str) -> TypedCommand:
    """Return the first word, in small letters and without signs around it, and the rest without signs at its end."""
    typed = words(text)
    for position, word in enumerate(typed, 1):
        if name := _plain(word):
            rest = " ".join(typed[position:])
            return TypedCommand(name, rest if rest[-1:].isalnum() else _LAST_SIGNS.sub("", rest))
    return TypedCommand("", "")


def after_name(text: str) -> str:
    """Return what follows the first word of `text`, unchanged."""
    typed = next((match for match in regex.finditer(r"\S+", text) if _plain(match[0])), None)
    return "" if typed is None else text[typed.end() :]


def misplaced_command(text: str, subcommands: Mapping[str, Takes]) -> TypedCommand | None:
    """Return the command that was probably meant by a `text` typed where a win belongs; None if it reads as a win."""
    # This runs for each win, so cheap checks come first.
    if not text[:1].isalnum() and _SIGNS.fullmatch(text):
        return TypedCommand(HELP, "")
    typed = read_command(_SET_UP.sub("setup", text) if "set" in text.casefold() else text)
    if not typed.name:
        return None
    while typed.name in _COMMANDS:
        typed = read_command(typed.rest)
    return typed if _is_command(typed, subcommands) else _guess(typed, subcommands)


def _is_command(typed: TypedCommand, subcommands: Mapping[str, Takes]) -> bool:
    takes = subcommands.get(typed.name)
    return takes is not None and (not typed.rest or takes(typed.rest))


def _guess(typed: TypedCommand, subcommands: Mapping[str, Takes]) -> TypedCommand | None:
    """Return the subcommand of a text that is one by another name, with a typing error, or with a polite word."""
    name = _OTHER_NAMES.get(typed.name, typed.name)
    if name in subcommands and _has_only(_ITS_OBJECT, typed.rest):
        return TypedCommand(name, "")
    if len(typed.name) < _SHORTEST or not _has_only(_POLITE, typed.rest):
        return None
    names = [name for name in subcommands if name and name[0] == typed.name[:1]]
    matches = get_close_matches(typed.name, names, n=1, cutoff=_SIMILARITY)
    return TypedCommand(matches[0], "") if matches else None


def _has_only(allowed: Collection[str], text: str) -> bool:
    return all(_plain(word) in allowed for word in words(text))


def _plain(word: str) -> str:
    if word.isascii() and word.isalnum():
        return word.lower()
    return _EDGES.sub("", normalize("NFKC", word)).casefold()
