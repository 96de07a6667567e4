"""Modals and Home tabs as Slack keeps them: a stack of up to three modals for each person, a Home tab for each.

Source: docs.slack.dev/surfaces/modals, /reference/views.
"""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from slack_standin.block_kit.input_state import State
from slack_standin.block_kit.interactive import with_ids
from slack_standin.model.ids import Ids

MAX_STACKED = 3
_DEFAULTS: dict[str, Any] = {"private_metadata": "", "callback_id": "", "external_id": ""}
_MODAL_DEFAULTS: dict[str, Any] = {
    "submit": None,
    "close": None,
    "clear_on_close": False,
    "notify_on_close": False,
    "submit_disabled": False,
}


@dataclass(eq=False)
class View:
    """A modal or a Home tab of one person; `body` is the bot's view, with ids in its blocks."""

    id: str
    team_id: str
    person: str
    kind: Literal["modal", "home"]
    app_id: str
    bot_id: str
    body: dict[str, Any]
    root_view_id: str = ""
    previous_view_id: str | None = None
    channel: str | None = None
    """The channel in which it was opened."""
    hash: str = ""
    state: State = field(default_factory=State, repr=False)
    errors: dict[str, str] = field(default_factory=dict)
    """Errors under inputs, by block_id: from Slack's client or from the bot."""
    trouble: str | None = None
    """Shown on top if the bot's answer didn't come or can't be used."""
    is_open: bool = True
    is_submitting: bool = False
    version: int = 0

    @property
    def blocks(self) -> list[dict[str, Any]]:
        """The blocks, with ids."""
        blocks: list[dict[str, Any]] = self.body["blocks"]
        return blocks

    @property
    def external_id(self) -> str:
        """The bot's own name for it, empty if there is none."""
        return str(self.body.get("external_id", ""))

    def to_slack(self, *, with_state: bool = True) -> dict[str, Any]:
        """The view object of answers and payloads; only some payloads have what was entered."""
        defaults = _DEFAULTS if self.kind == "home" else _DEFAULTS | _MODAL_DEFAULTS
        return (
            defaults
            | self.body
            | {
                "id": self.id,
                "team_id": self.team_id,
                "state": {"values": self.state.values if with_state else {}},
                "hash": self.hash,
                "root_view_id": self.root_view_id,
                "previous_view_id": self.previous_view_id,
                "app_id": self.app_id,
                "app_installed_team_id": self.team_id,
                "bot_id": self.bot_id,
            }
        )


class Views:
    """The views of one workspace."""

    def __init__(self, team_id: str, app_id: str, bot_id: str, ids: Ids, new_id: Callable[[], str]) -> None:
        self._owner = (app_id, bot_id)
        self._team_id = team_id
        self._ids = ids
        self._new_id = new_id
        self._stacks: dict[str, list[View]] = {}
        self._homes: dict[str, View] = {}

    def stack(self, person_id: str) -> list[View]:
        """The modals that a person has open, the visible one last."""
        return self._stacks.get(person_id, [])

    def home(self, person_id: str) -> View | None:
        """The Home tab published for a person."""
        return self._homes.get(person_id)

    @property
    def homes(self) -> list[View]:
        """All Home tabs."""
        return list(self._homes.values())

    def put_home(self, view: View) -> None:
        """Restore a saved Home tab."""
        self._homes[view.person] = view

    def find(self, view_id: str) -> View | None:
        """An open modal or a Home tab, by id."""
        return next((view for view in self._all() if view.id == view_id), None)

    def find_external(self, external_id: str) -> View | None:
        """An open modal or a Home tab, by the bot's own name for it."""
        return next((view for view in self._all() if external_id and view.external_id == external_id), None)

    def open(self, person_id: str, body: dict[str, Any], channel: str | None) -> View:
        """Open a modal; whatever the person had open is gone."""
        self.clear(person_id)
        return self._put(person_id, body, channel)

    def push(self, under: View, body: dict[str, Any]) -> View:
        """Put a modal on top of another."""
        return self._put(under.person, body, under.channel)

    def publish(self, person_id: str, body: dict[str, Any]) -> View:
        """Show a Home tab; it keeps its id from the first time on."""
        view = self._homes.get(person_id)
        if view is None:
            view = self._homes[person_id] = self._new(person_id, "home", None)
        return self.replace(view, body)

    def replace(self, view: View, body: dict[str, Any]) -> View:
        """Replace a view's content; input is kept where the ids are the same."""
        view.body = body | {"blocks": with_ids(body["blocks"], self._new_id)}
        view.hash = f"{int(time.time())}.{secrets.token_urlsafe(6)}"
        view.errors, view.trouble = {}, None
        view.state.adopt(view.blocks, view.channel)
        return view

    def close(self, view: View) -> None:
        """Take a modal, and whatever is above it, from the stack."""
        stack = self.stack(view.person)
        while view.is_open and view in stack:
            stack.pop().is_open = False

    def clear(self, person_id: str) -> None:
        """Close all modals of a person."""
        for view in self._stacks.pop(person_id, []):
            view.is_open = False

    def _put(self, person_id: str, body: dict[str, Any], channel: str | None) -> View:
        stack = self._stacks.setdefault(person_id, [])
        view = self._new(person_id, "modal", channel)
        if stack:
            view.root_view_id, view.previous_view_id = stack[0].id, stack[-1].id
        stack.append(view)
        return self.replace(view, body)

    def _new(self, person_id: str, kind: Literal["modal", "home"], channel: str | None) -> View:
        view_id = self._ids.make("V")
        return View(view_id, self._team_id, person_id, kind, *self._owner, {"blocks": []}, view_id, channel=channel)

    def _all(self) -> list[View]:
        return [*self._homes.values(), *(view for stack in self._stacks.values() for view in stack)]
