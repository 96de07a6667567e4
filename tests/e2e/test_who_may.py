"""Who may do what: each cell of the table (tests/domain/test_permissions.py) tried through each entry point to it.

Every act is first prepared as an admin would, with the real messages and forms; then someone does its last step. What
they send is what Slack would send of them, signed by Slack, so that nothing but the bot itself can refuse it.
"""

import itertools
import json
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select

from bot.domain.permissions import Action
from bot.storage.database import engine
from bot.storage.tables import audit_log, channels, deliveries, roundups, workspaces
from slack_standin.model.triggers import TriggerSource
from tests.domain.test_permissions import TABLE
from tests.team import FRIDAY_16_BERLIN, Team, shows, team

WHO = ("admin", "workspace owner", "creator", "manager", "owner", "member", "guest", "admin who left", "outsider")
"""Ana, Olga, Chloe, Ben, Dmitri, Mia, Gus, Lea, and someone whom Slack does not know."""
ROW = {who: "admin" if who == "workspace owner" else who for who in WHO}

SLACKS = ("synced_at", "creator", "is_private")
"""What Slack says of a channel, which is no one's change."""

numbers = itertools.count(1)


@dataclass
class Scene:
    """The team, a channel of Chloe's that Dmitri has set up and Ben may change, and everyone by what they are."""

    made: Team
    place: Any
    people: dict[str, str]

    def fingerprint(self) -> Any:
        """All that someone could have changed."""
        reads = engine(self.made.database_url, writes=False)
        columns = [column for column in channels.c if column.name not in SLACKS]
        with reads.connect() as connection:
            found = [
                list(connection.execute(select(*columns).order_by(channels.c.channel_id))),
                list(connection.execute(select(workspaces))),
                list(connection.execute(select(roundups.c.id))),
                list(connection.execute(select(audit_log.c.id))),
                list(connection.execute(select(deliveries.c.state).where(deliveries.c.kind == "roundup"))),
            ]
        reads.dispose()
        return found

    async def types(self, who: str, line: str) -> str:
        """Send a command as Slack would; returns what they are told."""
        command, _, text = line.partition(" ")
        payload = {
            "team_id": self.made.slack.team_id,
            "channel_id": self.place.id,
            "user_id": self.people[who],
            "user_name": "somebody",
            "command": command,
            "text": text,
            "response_url": f"{self.made.slack.origin}/commands/none",
            "trigger_id": f"{next(numbers)}.1.{'0' * 32}",
        }
        answer = await self.made.slack.deliver_raw(payload, kind="slash_commands")
        return str((answer.payload or {}).get("text", ""))

    async def presses(self, who: str, message: Any, action_id: str, **action: Any) -> None:
        """Press a button on a message that was meant for someone else, perhaps."""
        element = next(each for each in elements(message.blocks) if each["action_id"] == action_id)
        await self._acts(
            who,
            container={"type": "message", "message_ts": message.ts, "channel_id": message.channel},
            response_url=f"{self.made.slack.origin}/actions/none",
            actions=[element | {"block_id": "b", "action_ts": f"19{next(numbers):08}.000001"} | action],
        )

    async def uses(self, who: str, view: Any, action_id: str, value: str, **rest: Any) -> None:
        """Press a button in a view that was meant for someone else, perhaps."""
        await self._acts(
            who,
            container={"type": "view", "view_id": view.id},
            view=view.to_slack(),
            actions=[
                {"type": "button", "action_id": action_id, "block_id": "b", "value": value}
                | {"action_ts": f"19{next(numbers):08}.000001"}
            ],
            **rest,
        )

    async def _acts(self, who: str, **rest: Any) -> None:
        payload = {
            "type": "block_actions",
            "team": {"id": self.made.slack.team_id, "domain": "acme"},
            "user": {"id": self.people[who], "team_id": self.made.slack.team_id},
            "trigger_id": f"{next(numbers)}.1.{'0' * 32}",
        }
        await self.made.slack.deliver_raw(payload | rest, kind="interactive")

    async def submits(self, who: str, view: Any, kept: dict[str, Any] | None, values: dict[str, Any]) -> None:
        """Submit a form with what it keeps (None: as it is) and what is entered."""
        body = deepcopy(view.to_slack())
        if kept is not None:
            body["private_metadata"] = json.dumps(json.loads(body["private_metadata"]) | kept)
        body["state"] = {"values": {name: {name: value} for name, value in values.items()}}
        payload = {
            "type": "view_submission",
            "team": {"id": self.made.slack.team_id, "domain": "acme"},
            "user": {"id": self.people[who], "team_id": self.made.slack.team_id},
            "view": body,
            "trigger_id": f"{next(numbers)}.1.{'0' * 32}",
        }
        await self.made.slack.deliver_raw(payload, kind="interactive")

    async def asked(self, line: str, sees: str) -> Any:
        """Let Ana, who may, type a command; returns the message that she gets."""
        await self.made.says(self.made.ana, line, self.place)
        return await self.made.sees(sees, person=self.made.ana, channel=self.place)

    async def home(self) -> Any:
        """Let Ana open her Home."""
        await self.made.slack.open_home(self.made.ana)
        return self.made.slack.home(self.made.ana)

    async def form(self) -> Any:
        """Let Ana open the channel's settings."""
        await self.made.slack.slash(self.made.ana, self.place, "/wins setup")
        return self.made.slack.modal(self.made.ana)


Attempt = Callable[[str], Awaitable[bool]]
"""attempt(who): whether they got what they asked for."""
EntryPoint = Callable[[Scene], Awaitable[Attempt]]
"""entry_point(scene): the last step, once all that comes before it is done."""


def changing(act: Callable[[Scene], Awaitable[Callable[[str], Awaitable[Any]]]]) -> EntryPoint:
    """An entry point through which something is changed: what is prepared returns the last step."""

    async def entry_point(scene: Scene) -> Attempt:
        last_step = await act(scene)

        async def attempt(who: str) -> bool:
            before = scene.fingerprint()
            await last_step(who)
            return bool(scene.fingerprint() != before)

        return attempt

    return entry_point


def reading(look: Callable[[Scene, str], Awaitable[bool]]) -> EntryPoint:
    """An entry point through which something is read."""

    async def entry_point(scene: Scene) -> Attempt:
        return partial(look, scene)

    return entry_point


async def _setup_form(scene: Scene) -> Any:
    view = await scene.form()
    at = {"type": "timepicker", "selected_time": "09:00"}
    return lambda who: scene.submits(who, view, {"user": scene.people[who]}, {"at": at})


async def _naming(scene: Scene) -> Any:
    view = await scene.form()
    mia = {"type": "multi_users_select", "selected_users": [scene.people["member"]]}
    return lambda who: scene.submits(who, view, {"user": scene.people[who]}, {"managers": mia})


async def _typed_pause(scene: Scene) -> Any:
    return lambda who: scene.types(who, "/wins pause 2 weeks")


async def _resume(scene: Scene) -> Any:
    await scene.made.says(scene.made.ana, "/wins pause 2 weeks", scene.place)
    return lambda who: scene.types(who, "/wins resume")


async def _pause_button(scene: Scene) -> Any:
    message = await scene.asked("/wins pause", "How long should I pause roundups?")
    return lambda who: scene.presses(who, message, "pause_roundup")


async def _skip_button(scene: Scene) -> Any:
    message = await scene.asked("/wins pause", "How long should I pause roundups?")
    return lambda who: scene.presses(who, message, "skip_roundup")


async def _calendar(scene: Scene) -> Any:
    message = await scene.asked("/wins pause", "How long should I pause roundups?")
    return lambda who: scene.presses(who, message, "pause_until", selected_date="2030-04-02")


async def _post_button(scene: Scene) -> Any:
    await scene.made.says(scene.made.ben, "/win to be told", scene.place)
    await scene.made.sees("ben: to be told", channel=scene.place)
    message = await scene.asked("/wins post", "Post this win now?")
    return lambda who: scene.presses(who, message, "post_roundup_now")


async def _offer(scene: Scene) -> Any:
    made = scene.made
    scene.place = made.slack.add_channel("new", members=made.everybody, creator=made.chloe)
    await made.says(made.ana, "/win the first one here", scene.place)
    await made.sees("ana: the first one", channel=scene.place)
    message = await made.sees("Want me to?", person=made.ana, channel=scene.place)
    return lambda who: scene.presses(who, message, "accept_offer")


async def _note(scene: Scene) -> Any:
    made = scene.made
    await made.says(made.ben, "/win to be told", scene.place)
    await made.sees("ben: to be told", channel=scene.place)
    made.slack.fault("chat.postMessage", "http_500_before", times=1)
    await made.it_is(FRIDAY_16_BERLIN)
    note = await made.sees("Do you see it there?", channel=made.slack.open_dm(made.dmitri))
    return lambda who: scene.presses(who, note, "delivery_is_there")


async def _preview(scene: Scene, who: str) -> bool:
    await scene.made.says(scene.made.ben, "/win to be told", scene.place)
    return "Only visible to you" in await scene.types(who, "/wins preview")


async def _settings(scene: Scene, who: str) -> bool:
    person = scene.made.slack.world.workspaces[scene.made.slack.team_id].people.get(scene.people[who])
    if person is None or person.deleted:
        return False  # Slack itself lets no one open a form who is not there
    await scene.made.slack.slash(person, scene.place, "/wins setup")
    view = scene.made.slack.modal(person)
    return view is not None and "every friday at 16:00" in shows(view).lower()


async def _home(scene: Scene, who: str) -> bool:
    person = scene.made.slack.world.workspaces[scene.made.slack.team_id].people.get(scene.people[who])
    if person is None or person.deleted:
        return False  # Slack shows no Home to who is not there
    await scene.made.slack.open_home(person)
    view = scene.made.slack.home(person)
    assert view is not None
    return "Defaults for new channels" in shows(view)


async def _log(scene: Scene, who: str) -> bool:
    home = await scene.home()
    person = scene.made.slack.world.workspaces[scene.made.slack.team_id].people.get(scene.people[who])
    if person is None or person.deleted:
        await scene.uses(who, home, "home_audit", "newest")
        return False
    trigger = scene.made.slack.triggers.issue(TriggerSource(scene.made.slack.team_id, person.id))
    await scene.uses(who, home, "home_audit", "newest", trigger_id=trigger)
    view = scene.made.slack.modal(person)
    return view is not None and bool(view.body["title"]["text"] == "Change history")


async def _defaults(scene: Scene) -> Any:
    made = scene.made
    await made.slack.press(made.ana, await scene.home(), "home_defaults")
    view = made.slack.modal(made.ana)
    assert view is not None
    state = deepcopy(view.state.values)
    state["at"]["at"]["selected_time"] = "11:00"
    return lambda who: scene.submits(who, view, None, {name: next(iter(each.values())) for name, each in state.items()})


async def _switch_off(scene: Scene) -> Any:
    home = await scene.home()
    return lambda who: scene.uses(who, home, "home_switch_off", scene.place.id)


async def _take_over(scene: Scene) -> Any:
    home = await scene.home()
    return lambda who: scene.uses(who, home, "home_take_over", scene.place.id)


async def _decide_at_home(scene: Scene) -> Any:
    await _note(scene)
    home = await scene.home()
    (key,) = [element["value"] for element in elements(home.blocks) if element["action_id"] == "delivery_is_there"]
    return lambda who: scene.uses(who, home, "delivery_is_there", key)


def elements(blocks: list[Any]) -> list[Any]:
    """The buttons in blocks."""
    return [
        element
        for block in blocks
        for element in [*block.get("elements", []), block.get("accessory", {})]
        if "action_id" in element
    ]


ENTRY_POINTS: dict[str, tuple[Action, EntryPoint]] = {
    "the settings": (Action.SEE, reading(_settings)),
    "/wins preview": (Action.SEE, reading(_preview)),
    "the form": (Action.CHANGE, changing(_setup_form)),
    "/wins pause 2 weeks": (Action.CHANGE, changing(_typed_pause)),
    "/wins resume": (Action.CHANGE, changing(_resume)),
    "pause, a button": (Action.CHANGE, changing(_pause_button)),
    "skip, a button": (Action.CHANGE, changing(_skip_button)),
    "pause, in a calendar": (Action.CHANGE, changing(_calendar)),
    "post now, a button": (Action.CHANGE, changing(_post_button)),
    "an offer's button": (Action.CHANGE, changing(_offer)),
    "naming others in the form": (Action.ASSIGN_MANAGERS, changing(_naming)),
    "Home, switch it off": (Action.CHANGE, changing(_switch_off)),
    "Home, answer for it": (Action.CHANGE, changing(_take_over)),
    "Home, it is there": (Action.RESOLVE, changing(_decide_at_home)),
    "Home, every channel": (Action.OVERSEE, reading(_home)),
    "Home, what was changed": (Action.OVERSEE, reading(_log)),
    "Home, the defaults": (Action.OVERSEE, changing(_defaults)),
    "a note's button": (Action.RESOLVE, changing(_note)),
}


async def scene(made: Team) -> Scene:
    """Let everyone come."""
    slack = made.slack
    olga = slack.add_person("olga", is_owner=True)
    mia = slack.add_person("mia")
    gus = slack.add_person("gus", guest=True)
    lea = slack.add_person("lea", is_admin=True)
    members = [*made.everybody, olga, mia, gus, lea]
    place = slack.add_channel("place", members=members, creator=made.chloe)
    made.configure(place, made.dmitri, zone="Europe/Berlin", manager_ids=frozenset({made.ben.id, gus.id}))
    await slack.deactivate(lea)
    in_workspace = (made.ana, olga, made.chloe, made.ben, made.dmitri, mia, gus, lea)
    people = {who: person.id for who, person in zip(WHO[:-1], in_workspace, strict=True)}
    return Scene(made, place, people | {"outsider": "U0OUTSIDER"})


def is_allowed(who: str, entry_point: str) -> bool:
    """What the table says."""
    row = (
        "member" if entry_point == "an offer's button" and who in ("manager", "owner") else ROW[who]
    )  # no one is, there
    return ENTRY_POINTS[entry_point][0] in TABLE[row]


READING = ("the settings", "/wins preview", "Home, every channel", "Home, what was changed")
CHANGING = [entry_point for entry_point in ENTRY_POINTS if entry_point not in READING]


def cells() -> Iterator[Any]:
    """Everyone who may, at each entry point; one of them without --deep, in turns."""
    turns = Counter[str]()
    for entry_point in CHANGING:
        allowed = [who for who in WHO if is_allowed(who, entry_point)]
        usual = min(allowed, key=turns.__getitem__)
        turns[usual] += 1
        for who in allowed:
            yield pytest.param(who, entry_point, marks=() if who == usual else pytest.mark.deep)


@pytest.mark.parametrize(("who", "entry_point"), list(cells()))
async def test_each_entry_point_lets_in_who_may(team_url: str, who: str, entry_point: str) -> None:
    async with team(team_url) as made:
        attempt = await ENTRY_POINTS[entry_point][1](await scene(made))
        assert await attempt(who)


@pytest.mark.parametrize("entry_point", READING)
async def test_each_entry_point_shows_everyone_who_may_what_there_is(team_url: str, entry_point: str) -> None:
    async with team(team_url) as made:
        attempt = await ENTRY_POINTS[entry_point][1](await scene(made))
        allowed = [who for who in WHO if is_allowed(who, entry_point)]
        assert allowed
        for who in allowed:
            assert await attempt(who), who


@pytest.mark.parametrize("entry_point", ENTRY_POINTS)
async def test_no_entry_point_lets_anyone_else_in(team_url: str, entry_point: str) -> None:
    async with team(team_url) as made:
        attempt = await ENTRY_POINTS[entry_point][1](await scene(made))
        for who in WHO:
            if not is_allowed(who, entry_point):
                assert not await attempt(who), who


def test_every_action_has_an_entry_point() -> None:
    assert {act for act, _ in ENTRY_POINTS.values()} == set(Action)


async def test_a_refusal_names_who_can_help_and_tells_no_stranger(team_url: str) -> None:
    async with team(team_url) as made:
        place = await scene(made)
        assert (await place.types("member", "/wins post")).endswith(" ben and chloe can help.")
        assert "can help" not in await place.types("outsider", "/wins post")
        await place.types("admin", "/wins post")
        assert (await place.types("guest", "/wins post")).endswith(" ben, chloe, and ana can help.")


async def test_a_refusal_in_a_private_channel_names_only_its_members(the_team: Team) -> None:
    await the_team.says(the_team.ana, "/wins post")  # so the bot knows an admin
    secret = the_team.slack.add_channel("secret", private=True, members=[the_team.ben], creator=the_team.chloe)
    await the_team.slack.leave(secret, the_team.chloe)
    refused = "You don't have permission to change this roundup."
    said = await the_team.says(the_team.ben, "/wins post", secret)
    assert said == f"{refused} Ask the channel's creator or a workspace admin."
    await the_team.slack.join(secret, the_team.ana, by=the_team.ben)
    assert await the_team.says(the_team.ben, "/wins post", secret) == f"{refused} ana can help."
