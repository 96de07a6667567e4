"""The kinds of rules that the Block Kit limits are written in.

A rule yields the problems of a value as Slack words them in response_metadata.messages: a sentence and a JSON pointer.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol


class Rule(Protocol):
    """Something that a value must satisfy."""

    def problems(self, value: Any, at: str) -> Iterator[str]:
        """Yield what is wrong with the value at this JSON pointer."""


def problem(words: str, at: str) -> str:
    """Word a problem as Slack does."""
    return f"{words} [json-pointer:{at}]"


@dataclass(frozen=True)
class String:
    """Text of a length in characters, of a form if there is a pattern."""

    most: int
    least: int = 1
    pattern: str | None = None

    def problems(self, value: Any, at: str) -> Iterator[str]:
        """Yield what is wrong with a text."""
        if not isinstance(value, str):
            yield problem("must be a string", at)
        elif len(value) > self.most:
            yield problem(f"must be less than {self.most + 1} characters", at)
        elif len(value) < self.least:
            yield problem(f"must be more than {self.least - 1} characters", at)
        elif self.pattern and not re.fullmatch(self.pattern, value):
            yield problem("is not of the expected form", at)


@dataclass(frozen=True)
class Day:
    """A date that there is, as YYYY-MM-DD."""

    def problems(self, value: Any, at: str) -> Iterator[str]:
        """Yield a problem if it is no date."""
        if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d\d-\d\d", value, re.ASCII) or not _exists(value):
            yield problem("must be a date, as YYYY-MM-DD", at)


def _exists(day: str) -> bool:
    try:
        date.fromisoformat(day)
    except ValueError:
        return False
    return True


@dataclass(frozen=True)
class Flag:
    """true or false."""

    def problems(self, value: Any, at: str) -> Iterator[str]:
        """Yield a problem if it is not a boolean."""
        if not isinstance(value, bool):
            yield problem("must be a boolean", at)


@dataclass(frozen=True)
class Number:
    """A whole number within bounds."""

    least: int = 0
    most: int = 2**53

    def problems(self, value: Any, at: str) -> Iterator[str]:
        """Yield a problem if it is not an integer within the bounds."""
        if not isinstance(value, int) or isinstance(value, bool):
            yield problem("must be an integer", at)
        elif not self.least <= value <= self.most:
            yield problem(f"must be between {self.least} and {self.most}", at)


@dataclass(frozen=True)
class OneOf:
    """One of a few words."""

    words: tuple[str, ...]

    def problems(self, value: Any, at: str) -> Iterator[str]:
        """Yield a problem if it is any other value."""
        if value not in self.words:
            yield problem(f"must be one of: {', '.join(self.words)}", at)


@dataclass(frozen=True)
class ListOf:
    """A list with a number of items within bounds, each following one rule, and if `unique` each there once."""

    item: Rule
    least: int
    most: int
    unique: bool = False

    def problems(self, value: Any, at: str) -> Iterator[str]:
        """Yield what is wrong with the list and its items."""
        if not isinstance(value, list):
            yield problem("must be an array", at)
            return
        if len(value) > self.most:
            yield problem(f"no more than {self.most} items allowed", at)
        if len(value) < self.least:
            yield problem(f"no fewer than {self.least} items allowed", at)
        if self.unique and any(item in value[:number] for number, item in enumerate(value)):
            yield problem("the same item is there twice", at)
        for number, item in enumerate(value):
            yield from self.item.problems(item, f"{at}/{number}")


@dataclass(frozen=True)
class Shape:
    """An object: its allowed fields, its required fields, and a rule across them."""

    fields: Mapping[str, Rule]
    required: tuple[str, ...] = ()
    across: Callable[[Mapping[str, Any], str], Iterator[str]] | None = None

    def known(self, value: Mapping[str, Any]) -> dict[str, Any]:
        """The fields of an object that have a rule, and a value."""
        return {name: content for name, content in value.items() if name in self.fields and content is not None}

    def problems(self, value: Any, at: str) -> Iterator[str]:
        """Yield what is wrong with the fields and across them."""
        if not isinstance(value, dict):
            yield problem("must be an object", at)
            return
        for name in self.required:
            if name not in value:
                yield problem(f"missing required field: {name}", at)
        for name, content in value.items():
            rule = self.fields.get(name)
            if rule is None:
                yield problem(f"additional field: {name}", at)
            else:
                yield from rule.problems(content, f"{at}/{name}")
        if self.across:
            yield from self.across(value, at)


@dataclass(frozen=True)
class MapOf:
    """An object with names of one's own, up to a number of them, whose values all follow one rule."""

    item: Rule
    most: int
    name: Rule = field(default=String(255), repr=False)

    def problems(self, value: Any, at: str) -> Iterator[str]:
        """Yield what is wrong with the object, its names and its values."""
        if not isinstance(value, dict):
            yield problem("must be an object", at)
            return
        if len(value) > self.most:
            yield problem(f"no more than {self.most} fields allowed", at)
        for name, content in value.items():
            yield from self.name.problems(name, f"{at}/{name}")
            yield from self.item.problems(content, f"{at}/{name}")


@dataclass(frozen=True)
class Typed:
    """An object whose `type` decides its shape."""

    shapes: Mapping[str, Shape]
    noun: str = "type"
    _type: Rule = field(default=String(255), repr=False)

    def problems(self, value: Any, at: str) -> Iterator[str]:
        """Yield what is wrong with the object as one of its type."""
        if not isinstance(value, dict):
            yield problem("must be an object", at)
            return
        name = value.get("type")
        if name is None:
            yield problem("missing required field: type", at)
            return
        shape = self.shapes.get(name) if isinstance(name, str) else None
        if shape is None:
            yield problem(f"unsupported {self.noun}: {name}", f"{at}/type")
            return
        yield from Shape({"type": self._type} | dict(shape.fields), shape.required, shape.across).problems(value, at)

    def only(self, *names: str) -> "Typed":
        """The same, for some of the types."""
        return Typed({name: self.shapes[name] for name in names}, self.noun)
