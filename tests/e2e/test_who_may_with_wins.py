"""Who may do what with a win: the table (tests/domain/test_win_permissions.py) tried through each way in.

What someone sends is what Slack would send of them, signed by Slack, so that nothing but the bot can refuse it.
"""

import itertools
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
from sqlalchemy import Connection, select

from bot.domain.consent import Preference
from bot.domain.win_permissions import WinAction
from bot.domain.wins import Mention, parse_win
from bot.listeners.edit_form_state import EditFormState, Origin
from bot.listeners.win_form_state import WinFormState
from bot.services.wins import SaveWin, save_all
from bot.storage import deliveries as delivery_queries
from bot.storage import joining
from bot.storage.database import engine
from bot.storage.tables import unsaved_wins, win_cheers, win_people, wins
from bot.storage.wins import NewWin
from bot.views import edit_win, win_form
from bot.views.announcement import JOIN
from bot.views.cheer_buttons import CHEER
from bot.views.credited_win import DECLINE, LEAVE
from bot.views.ephemeral import UNDO
from bot.views.joining import REMOVE
from bot.views.win_buttons import UNDO_IN_LIST
from tests.domain.test_win_permissions import TABLE
from tests.team import Team, team

WHO = (
    *("author", "author, a guest", "author for others", "credited", "joined", "credited, a guest", "thanked"),
    *("admin", "channel owner", "member", "guest", "stranger"),
)
AUTHORS = ("author", "author, a guest", "author for others")
IN_PUBLIC, NOT_IN_PUBLIC = "public, in it", "public, not in it"
IN_PRIVATE, NOT_IN_PRIVATE = "private, in it", "private, not in it"
PRIVATE = "made private"
WHERE = (IN_PUBLIC, NOT_IN_PUBLIC, IN_PRIVATE, NOT_IN_PRIVATE, PRIVATE)
EVERYWHERE = ("author", "credited", "member", "guest", "stranger")
"""Those who try everything in each place, also in the usual size."""
EMOJI = "trophy"

numbers = itertools.count(1)


@dataclass(frozen=True)
class TriedWin:
    """A win that someone tries something with."""

    id: int
    key: str
    channel_id: str
    text: str


class Scene:
    """The team, four channels, and everyone by what they are to a win."""

    def __init__(self, made: Team) -> None:
        self.made = made
        slack = made.slack
        add = slack.add_person
        self.people = {
            "author": made.ben,
            "author, a guest": add("gwen", guest=True),
            "author for others": add("nora"),
            "credited": made.chloe,
            "joined": add("joe"),
            "credited, a guest": add("gil", guest=True),
            "thanked": add("tara"),
            "admin": made.ana,
            "channel owner": made.dmitri,
            "member": add("mia"),
            "guest": add("gus", guest=True),
        }
        everyone, zoe = list(self.people.values()), add("zoe")
        self.channels = {
            IN_PUBLIC: slack.add_channel("in", members=everyone, creator=made.dmitri),
            NOT_IN_PUBLIC: slack.add_channel("out", members=[zoe], creator=zoe),
            IN_PRIVATE: slack.add_channel("secret", members=everyone, creator=made.dmitri, private=True),
            NOT_IN_PRIVATE: slack.add_channel("other-secret", members=[zoe], creator=zoe, private=True),
        }
        self.channels[PRIVATE] = self.channels[IN_PUBLIC]
        for channel in set(self.channels.values()):
            made.configure(channel, made.dmitri, win_emoji=EMOJI)
        for who in ("credited", "credited, a guest"):  # so that a win saved for them is announced
            made.prefers(self.people[who], Preference.SHARE)
        self._engine = engine(made.database_url, writes=True)

    def user(self, who: str) -> dict[str, str]:
        """The user of a payload."""
        if who == "stranger":
            return {"id": "U0STRANGER", "team_id": "T0GLOBEX"}
        return {"id": self.people[who].id, "team_id": self.made.slack.team_id}

    def write(self, work: Callable[[Connection], Any]) -> Any:
        """Run `work` in a transaction of its own."""
        with self._engine.begin() as connection:
            return work(connection)

    def win(self, who: str, where: str, *, is_private: bool = False) -> TriedWin:
        """Log a win that `who` has their part in."""
        author_role = who if who in AUTHORS else "author"
        ids = {role: person.id for role, person in self.people.items()}
        credited = [Mention(ids["credited"]), Mention(ids["credited, a guest"])]
        draft = replace(
            parse_win(f"did it in word{next(numbers)}", credited),
            thanked=(Mention(ids["thanked"]),),
            is_own=author_role != "author for others",
        )
        new = NewWin(
            draft,
            self.made.slack.team_id,
            self.channels[where].id,
            f"test:{next(numbers)}",
            Mention(ids[author_role]),
            self.made.clock.now(),
            is_private=is_private or where == PRIVATE,
        )

        def save(connection: Connection) -> TriedWin:
            (saved,) = save_all(connection, [SaveWin(new, None, is_known_author=True)])
            joining.join(connection, new.team_id, saved.id, ids["joined"])
            announcement = delivery_queries.of_win(connection, saved.id)
            key = announcement.key if announcement else ""
            return TriedWin(saved.id, key, self.channels[where].id, draft.text)

        found: TriedWin = self.write(save)
        return found

    def fingerprint(self, win: TriedWin) -> Any:
        """All that someone could have changed of a win."""
        return self.write(
            lambda connection: [
                connection.execute(select(wins).where(wins.c.id == win.id)).all(),
                connection.execute(select(win_people).where(win_people.c.win_id == win.id)).all(),
                connection.execute(select(win_cheers).where(win_cheers.c.win_id == win.id)).all(),
            ]
        )

    async def acts_in_view(self, who: str, win: TriedWin, callback_id: str, **rest: Any) -> None:
        """Do something in the form of a win that was perhaps meant for someone else."""
        view = {
            "id": f"V{next(numbers)}",
            "type": "modal",
            "callback_id": callback_id,
            "private_metadata": EditFormState(win.id, 0, Origin.ANNOUNCEMENT).encode(),
            "blocks": [],
            "state": {"values": {name: {name: value} for name, value in rest.pop("values", {}).items()}},
        }
        payload = {
            "type": "view_submission",
            "team": {"id": self.made.slack.team_id, "domain": "acme"},
            "user": self.user(who),
            "view": view,
            "container": {"type": "view", "view_id": view["id"]},
            "trigger_id": f"{next(numbers)}.1.{'0' * 32}",
        }
        await self.made.slack.deliver_raw(payload | rest, kind="interactive")

    async def presses(self, who: str, win: TriedWin, action_id: str, value: str) -> None:
        """Press a button on a message in the win's channel, that was perhaps meant for someone else."""
        slack = self.made.slack
        payload = {
            "type": "block_actions",
            "team": {"id": slack.team_id, "domain": "acme"},
            "user": self.user(who),
            "container": {
                "type": "message",
                "message_ts": f"19{next(numbers):08}.000001",
                "channel_id": win.channel_id,
            },
            "response_url": f"{slack.origin}/actions/none",
            "trigger_id": f"{next(numbers)}.1.{'0' * 32}",
            "actions": [
                {"type": "button", "action_id": action_id, "block_id": "b", "value": value}
                | {"action_ts": f"19{next(numbers):08}.000001"}
            ],
        }
        await slack.deliver_raw(payload, kind="interactive")

    async def types(self, who: str, command: str, text: str) -> str:
        """Send a command as Slack would; returns what they are told."""
        payload = {
            "team_id": self.made.slack.team_id,
            "channel_id": self.made.general.id,
            "user_id": self.user(who)["id"],
            "command": command,
            "text": text,
            "response_url": f"{self.made.slack.origin}/commands/none",
            "trigger_id": f"{next(numbers)}.1.{'0' * 32}",
        }
        answer = await self.made.slack.deliver_raw(payload, kind="slash_commands")
        return str((answer.payload or {}).get("text", ""))


Attempt = Callable[[Scene, str, str], Awaitable[bool]]
"""attempt(scene, who, where): whether they got what they asked for."""


def pressing(action_id: str, value: Callable[[Scene, TriedWin], str]) -> Attempt:
    """A way in: a button that changes a win."""

    async def attempt(scene: Scene, who: str, where: str) -> bool:
        win = scene.win(who, where)
        before = scene.fingerprint(win)
        await scene.presses(who, win, action_id, value(scene, win))
        return bool(scene.fingerprint(win) != before)

    return attempt


def pressing_in_form(action_id: str, *, is_private: bool = False) -> Attempt:
    """A way in: a button in the form in which a win is edited."""

    async def attempt(scene: Scene, who: str, where: str) -> bool:
        win = scene.win(who, where, is_private=is_private)
        before = scene.fingerprint(win)
        action = {"type": "button", "action_id": action_id, "block_id": "b", "value": str(win.id)}
        action |= {"action_ts": f"19{next(numbers):08}.000001"}
        await scene.acts_in_view(who, win, edit_win.CALLBACK_ID, type="block_actions", actions=[action])
        return bool(scene.fingerprint(win) != before)

    return attempt


async def _edit(scene: Scene, who: str, where: str) -> bool:
    win = scene.win(who, where)
    values = {
        win_form.TEXT: {"type": "plain_text_input", "value": f"in other words {next(numbers)}"},
        win_form.WHOSE: {"type": "multi_users_select", "selected_users": [scene.made.ana.id]},
        win_form.KIND: {"type": "radio_buttons", "selected_option": {"value": "win"}},
    }
    before = scene.fingerprint(win)
    await scene.acts_in_view(who, win, edit_win.CALLBACK_ID, values=values)
    return bool(scene.fingerprint(win) != before)


async def _search(scene: Scene, who: str, where: str) -> bool:
    win = scene.win(who, where)
    return win.text in await scene.types(who, "/wins", f"search {win.text.split()[-1]}")


async def _list(scene: Scene, who: str, where: str) -> bool:
    win = scene.win(who, where)
    return win.text in await scene.types(who, "/wins", "")


async def _save_for_another(scene: Scene, who: str, where: str) -> bool:
    is_private = where == PRIVATE
    values = {
        win_form.TEXT: {"type": "plain_text_input", "value": f"found it {next(numbers)}"},
        win_form.WHOSE: {"type": "multi_users_select", "selected_users": [scene.made.ana.id]},
        win_form.KIND: {"type": "radio_buttons", "selected_option": {"value": "win"}},
        win_form.AUDIENCE: {
            "type": "radio_buttons",
            "selected_option": {"value": win_form.ONLY_ME if is_private else win_form.IN_CHANNEL},
        },
        win_form.CHANNEL: {"type": "conversations_select", "selected_conversation": scene.channels[where].id},
    }
    view = {
        "id": f"V{next(numbers)}",
        "type": "modal",
        "callback_id": win_form.CALLBACK_ID,
        "private_metadata": WinFormState(None).encode(),
        "blocks": [],
        "state": {"values": {name: {name: value} for name, value in values.items()}},
    }
    payload = {
        "type": "view_submission",
        "team": {"id": scene.made.slack.team_id, "domain": "acme"},
        "user": scene.user(who),
        "view": view,
        "trigger_id": f"{next(numbers)}.1.{'0' * 32}",
    }
    count = select(wins.c.id)
    before = scene.write(lambda connection: len(connection.execute(count).all()))
    await scene.made.slack.deliver_raw(payload, kind="interactive")
    return bool(scene.write(lambda connection: len(connection.execute(count).all())) != before)


async def _suggest(scene: Scene, who: str, where: str) -> bool:
    message = await scene.made.slack.say(scene.made.ana, scene.channels[where], f"we did it {next(numbers)}")
    event = {
        "type": "reaction_added",
        "user": scene.user(who)["id"],
        "reaction": EMOJI,
        "item": {"type": "message", "channel": message.channel, "ts": message.ts},
        "item_user": scene.made.ana.id,
        "event_ts": f"19{next(numbers):08}.000001",
    }
    payload = {
        "type": "event_callback",
        "team_id": scene.made.slack.team_id,
        "event_id": f"Ev{next(numbers)}",
        "event": event,
        "authorizations": [],
    }
    await scene.made.slack.deliver_raw(payload)
    query = select(unsaved_wins.c.id).where(unsaved_wins.c.source_ts == message.ts)
    return scene.write(lambda connection: connection.execute(query).first()) is not None


WAYS_IN: dict[str, tuple[WinAction, Attempt]] = {
    "Cheer": (WinAction.CHEER, pressing(CHEER, lambda _, win: win.key)),
    "I was part of this": (WinAction.JOIN, pressing(JOIN, lambda _, win: win.key)),
    "Remove, in the note to the author": (
        WinAction.REMOVE_JOINED,
        pressing(REMOVE, lambda scene, win: f"{win.id}:{scene.people['joined'].id}"),
    ),
    "Undo": (WinAction.UNDO, pressing(UNDO, lambda _, win: str(win.id))),
    "Delete in /wins": (WinAction.DELETE, pressing(UNDO_IN_LIST, lambda _, win: str(win.id))),
    "Delete in the form": (WinAction.DELETE, pressing_in_form(edit_win.DELETE)),
    "Make private": (WinAction.MAKE_PRIVATE, pressing_in_form(edit_win.MAKE_PRIVATE)),
    "Share again": (WinAction.SHARE_AGAIN, pressing_in_form(edit_win.SHARE_AGAIN, is_private=True)),
    "the form in which it is edited": (WinAction.EDIT, _edit),
    "Not this one, in /wins": (WinAction.ANSWER, pressing(DECLINE, lambda _, win: f"{win.id}:0")),
    "Remove me, in /wins": (WinAction.LEAVE, pressing(LEAVE, lambda _, win: str(win.id))),
    "/wins": (WinAction.SEE, _list),
    "/wins search": (WinAction.FIND, _search),
    "the form": (WinAction.SAVE_FOR_ANOTHER, _save_for_another),
    "the channel's emoji": (WinAction.SUGGEST, _suggest),
}
ON_A_MESSAGE = (IN_PUBLIC, IN_PRIVATE)
PLACES: dict[WinAction, tuple[str, ...]] = {
    **dict.fromkeys([WinAction.CHEER, WinAction.JOIN, WinAction.SUGGEST], ON_A_MESSAGE),
    WinAction.MAKE_PRIVATE: WHERE[:-1],  # it is so already, in the last
    WinAction.SHARE_AGAIN: WHERE[:-1],  # each is private there
}
"""Where an action is tried, if not everywhere: Slack shows a message only to those who are in its channel."""


def is_allowed(action: WinAction, who: str, where: str) -> bool:
    """What the table says. Before a win is saved it has no author, and the list has only wins that someone is in."""
    if action is WinAction.SEE and who in ("admin", "channel owner", "member", "guest"):
        return False
    is_about_message = action in (WinAction.SAVE_FOR_ANOTHER, WinAction.SUGGEST)
    row = "member" if is_about_message and who not in ("guest", "stranger") else who
    return where in TABLE[row].get(action, ())


@pytest.mark.parametrize("way_in", WAYS_IN)
async def test_each_way_in_lets_in_who_may_and_no_one_else(sqlite_url: str, way_in: str, *, is_deep: bool) -> None:
    action, attempt = WAYS_IN[way_in]
    async with team(sqlite_url) as made:
        scene = Scene(made)
        for who, where in itertools.product(WHO, PLACES.get(action, WHERE)):
            if not is_deep and who not in EVERYWHERE and where != IN_PUBLIC:
                continue
            assert await attempt(scene, who, where) is is_allowed(action, who, where), (way_in, who, where)


def test_every_action_has_a_way_in() -> None:
    assert {action for action, _ in WAYS_IN.values()} == set(WinAction)
