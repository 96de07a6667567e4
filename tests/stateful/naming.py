"""The model of consent: whom wins name, and who has ever agreed. It is the rules in words, and knows no tables.

What may be read only grows, so that a message that is late says nothing forbidden. What messages say in the end is
compared with what the bot has stored.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from hypothesis import strategies as st

from bot.domain.consent import Preference
from bot.domain.wins import Draft, Mention, parse_win

NAMED = (4, 5)
"""The people of each workspace whom wins name. They log, join and cheer nothing, so a name of theirs is a win's."""
NAME = re.compile(r"u([45])(t[12])", re.IGNORECASE)
"""The names of the people whom wins name, and their ids."""
WIN = re.compile(r"win-(\d+)")


@dataclass(frozen=True)
class About:
    """Whom an author names: some in the text, some thanked. If it is not the author's own, it is that of the former."""

    mentioned: frozenset[int] = frozenset()
    thanked: frozenset[int] = frozenset()
    is_told_for_others: bool = False

    @property
    def is_own(self) -> bool:
        """Whether it is the author's own."""
        return not (self.mentioned and self.is_told_for_others)

    def draft(self, text: str, team_id: str) -> Draft:
        """Return the win that begins with `text`."""
        mentions, thanked = (
            [Mention(f"U{each}{team_id}", f"u{each}{team_id.lower()}") for each in sorted(people)]
            for people in (self.mentioned, self.thanked - self.mentioned)
        )
        with_people = " ".join([text, *(person.token for person in mentions)])
        return replace(parse_win(with_people, mentions), thanked=tuple(thanked), is_own=self.is_own)

    def people(self, team_id: str) -> dict[str, bool]:
        """Return whom it names, by user id: whether it is their win, and not the author's."""
        thanked = {f"U{each}{team_id}": False for each in self.thanked}
        return thanked | {f"U{each}{team_id}": not self.is_own for each in self.mentioned}


NO_ONE = About()
_some = st.frozensets(st.sampled_from(NAMED), max_size=2)
any_about = st.one_of(st.just(NO_ONE), st.builds(About, _some, _some, st.booleans()))


@dataclass
class Told:
    """A win, whom it names, and what may be read of it."""

    people: dict[str, bool] = field(default_factory=dict)
    ever_in_it: set[str] = field(default_factory=set)
    may_be_named: set[str] = field(default_factory=set)
    """Those who ever agreed, so that others may read their names."""
    said_yes: set[str] = field(default_factory=set)
    """Those of them who said so themselves."""
    agree: set[str] = field(default_factory=set)
    """Those of them who still do. Until its channel may read it, who hasn't said yes to it can choose to be asked."""
    may_be_read: bool = False
    """Whether its channel may ever have read it."""


class Naming:
    """What people have chosen, and all wins by their numbers."""

    def __init__(self) -> None:
        self.preferences: dict[str, Preference] = {}
        self.wins: dict[int, Told] = {}

    def names(self, number: int, people: dict[str, bool] | None = None) -> None:
        """An author saves, edits or shares a win with these people, or with those who are in it."""
        told = self.wins.setdefault(number, Told())
        told.people = told.people if people is None else people
        told.ever_in_it |= told.people.keys()
        for user_id, is_whose in told.people.items():
            chosen = self.preferences.get(user_id)
            if chosen is Preference.SHARE or (chosen is None and not is_whose):
                told.may_be_named.add(user_id)
                told.agree.add(user_id)
        self._note_what_may_be_read(told)

    def says_yes(self, number: int, user_id: str) -> None:
        """Someone agrees to a win."""
        told = self.wins[number]
        if user_id in told.people:
            self._agrees(told, user_id)
            self._note_what_may_be_read(told)

    def chooses(self, user_id: str, preference: Preference) -> None:
        """Someone chooses how to be named."""
        self.preferences[user_id] = preference
        for told in self.wins.values():
            if user_id in told.people and preference is Preference.SHARE:
                self._agrees(told, user_id)
            elif user_id in told.people and user_id not in told.said_yes:
                told.agree.discard(user_id)
            self._note_what_may_be_read(told)

    def takes_back(self, user_id: str, before: Preference | None) -> None:
        """What someone chose was not stored."""
        if before is None:
            del self.preferences[user_id]
        else:
            self.preferences[user_id] = before
        for told in self.wins.values():
            told.agree |= told.may_be_named & {user_id}

    def _agrees(self, told: Told, user_id: str) -> None:
        for people in (told.may_be_named, told.said_yes, told.agree):
            people.add(user_id)

    def _note_what_may_be_read(self, told: Told) -> None:
        told.may_be_read = told.may_be_read or all(
            user_id in told.agree or (not is_whose and self.preferences.get(user_id) is Preference.NEVER)
            for user_id, is_whose in told.people.items()
        )

    def wrongs(self, reader_id: str | None, message: dict[str, Any]) -> Iterator[str]:
        """Yield what is wrong with a message, as Slack is given it, for a channel or one reader."""
        found, elsewhere = named_in(message)
        beside = [self.wins[number] for number in found]
        if is_look_back(message):  # it thanks people without saying for which win
            beside = [told for told in self.wins.values() if told.may_be_read]
        for name in elsewhere - {reader_id}:
            if not any(name in told.may_be_named for told in beside):
                yield f"{name} is named without consent beside {sorted(found)}"
        for number, names in found.items():
            told = self.wins[number]
            if reader_id is None and not told.may_be_read:
                yield f"win-{number} is told without consent"
            if reader_id is not None and reader_id not in told.ever_in_it:
                yield f"win-{number} is told to {reader_id}, who is not in it"
            for name in names - told.may_be_named - {reader_id}:
                yield f"win-{number} names {name} without consent"


def is_look_back(message: dict[str, Any]) -> bool:
    """Whether a message is a look back of a channel."""
    return ":sunrise_over_mountains:" in (message.get("text") or "")


def named_in(message: dict[str, Any]) -> tuple[dict[int, set[str]], set[str]]:
    """Return the wins that a message tells, by number, with the ids of those whom it names with each; and of those whom
    it names with none.
    """
    text, blocks = message.get("text") or "", message.get("blocks") or []
    numbers = {int(number) for number in WIN.findall(text)}
    if len(numbers) == 1 and not is_look_back(message):  # all of it is about one win
        return {number: _names(json.dumps(message)) for number in numbers}, set()
    found: dict[int, set[str]] = {number: set() for number in numbers}
    elsewhere: set[str] = set()
    for pieces in (text.split("\n"), map(json.dumps, blocks)):
        current: list[int] = []
        for piece in pieces:
            if WIN.search(piece):
                current = [int(number) for number in WIN.findall(piece)]
            elif ":raised_hands:" in piece or '"divider"' in piece:  # the wins end here
                current = []
            for names in [found[number] for number in current] or [elsewhere]:
                names.update(_names(piece))
    return found, elsewhere


def _names(text: str) -> set[str]:
    return {f"U{number}{team.upper()}" for number, team in NAME.findall(text)}
