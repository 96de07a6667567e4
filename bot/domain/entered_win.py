"""What someone has entered in the form of a win, before it is saved."""

import json
from dataclasses import asdict, dataclass, replace
from typing import Self

from bot.domain.climbs import NextStepOf
from bot.domain.markup import with_tokens
from bot.domain.wins import Mention, WinKind


@dataclass(frozen=True)
class EnteredWin:
    """The fields of the form. `whose` and `thanked` are user ids, `tags` without "#".

    `text` has mentions as tokens where it is kept, and as names in the form.

    `whose` is empty until the form asks for it; the win is the author's own then. `channel_id` is where it is to be
    shared, None if that is not chosen or it is for the author alone (`is_private`). `step_of` is what it is the next
    step of, if any.
    """

    text: str = ""
    whose: tuple[str, ...] = ()
    thanked: tuple[str, ...] = ()
    reason: str = ""
    tags: tuple[str, ...] = ()
    url: str = ""
    kind: WinKind = WinKind.WIN
    channel_id: str | None = None
    is_private: bool = False
    step_of: NextStepOf | None = None

    @property
    def written(self) -> str:
        """All that someone wrote in the form, each field on lines of its own, to be given back."""
        tags, climb_name = " ".join(f"#{tag}" for tag in self.tags), self.step_of.name if self.step_of else ""
        return "\n".join(filter(None, [self.text.strip(), self.reason.strip(), self.url, tags, climb_name.strip()]))

    def to_json(self) -> str:
        """Return the fields as a JSON object."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_json(cls, stored: str) -> Self:
        """Read what `to_json` returned."""
        fields = json.loads(stored)
        lists = {name: tuple(fields[name]) for name in ("whose", "thanked", "tags")}
        step_of = fields.get("step_of")  # not in what an earlier release stored
        entered = cls(**{**fields, **lists, "step_of": None if step_of is None else NextStepOf(**step_of)})
        return replace(entered, kind=WinKind(entered.kind))


@dataclass(frozen=True)
class OriginalText:
    """The text that a form was filled in with. `people` are those in it: the form shows their names, not their tokens.

    Of `text`, only what `only_people` returns is needed.
    """

    text: str = ""
    people: tuple[Mention, ...] = ()

    def with_tokens(self, entered: str) -> str:
        """Return what was entered, with tokens for the people whose names still stand in it."""
        return with_tokens(entered, self.text, {each.user_id: each.typed_name for each in self.people})


NO_TEXT = OriginalText()
