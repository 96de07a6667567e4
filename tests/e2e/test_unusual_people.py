"""Guests, people who left, apps, people of other organizations and of sibling workspaces, people with a new name: what
each of them meets, and what others meet who name them, in one table.
"""

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select

from bot.domain.deliveries import DeliveryKind, DeliveryState
from bot.domain.wins import Win
from bot.slack.manifest import SAVE_MESSAGE_SHORTCUT
from bot.storage import wins as win_queries
from bot.storage.database import engine
from bot.storage.tables import deliveries, unsaved_wins, users, win_people
from bot.views import credited_win, win_form
from slack_standin.delivery import payloads
from tests.e2e.test_capture import lets_it_listen
from tests.e2e.test_home import opens_home
from tests.e2e.test_preferences import prefers
from tests.e2e.test_win_form import holds
from tests.team import TIMING, Team, shows, team

EMOJI = "trophy"
numbers = itertools.count(1)


class Scene:
    """#general with all of them in it, who are `people` by what they are."""

    def __init__(self, made: Team) -> None:
        self.made = made
        slack = made.slack
        labs, globex = (slack.add_workspace(name, installed=False) for name in ("Acme Labs", "Globex"))
        slack.add_enterprise("Acme Group", slack.world.workspace_of(made.ana), labs)
        slack.add_enterprise("Globex Group", globex)
        self.people = {
            "guest": slack.add_person("gus", guest=True),
            "left": slack.add_person("lea"),
            "app": slack.add_person("robot", is_bot=True),
            "stranger": slack.add_person("sam", workspace=globex),
            "sibling": slack.add_person("gina", workspace=labs),
            "renamed": slack.add_person("rita"),
        }
        for who, person in self.people.items():
            if who in ("stranger", "sibling"):
                slack.share_channel(made.general, person)
            else:
                made.general.members.append(person.id)

    async def settles(self) -> None:
        """Let one leave, and another take a new name."""
        made = self.made
        made.configure(made.general, made.ana, win_emoji=EMOJI)
        lets_it_listen(made)
        self.old_message = await made.slack.say(self.people["left"], made.general, "what I did before I left")
        await made.slack.deactivate(self.people["left"])
        await made.slack.change_person(self.people["renamed"], display_name="Rita the Second")

    def count(self, column: Any, **values: Any) -> int:
        """How many rows have these values."""
        reads = engine(self.made.database_url, writes=False)
        query = select(column).where(*(column.table.c[name] == value for name, value in values.items()))
        with reads.connect() as connection:
            found = len(connection.execute(query).all())
        reads.dispose()
        return found

    def latest_win(self) -> Win:
        """What Ana saved last."""
        reads = engine(self.made.database_url, writes=False)
        with reads.connect() as connection:
            (win,) = win_queries.latest_of(connection, self.made.slack.team_id, self.made.ana.id, limit=1)
        reads.dispose()
        return win

    async def announced(self, text: str = "fixed it") -> Any:
        """Ana logs a win; returns its announcement."""
        text = f"{text} {next(numbers)}"
        await self.made.says(self.made.ana, f"/win {text}")
        message = await self.made.sees(f"ana: {text}")
        await self.made.records(message)
        return message

    async def answer(self, person: Any, before: int) -> str:
        """What someone was told privately since."""
        told = [message for message in self.made.slack.seen_by(person, self.made.general) if message.ephemeral_to]
        return " / ".join(message.plain() for message in told[before:])


Act = Callable[[Scene, Any], Awaitable[str]]


async def _named(scene: Scene, person: Any) -> str:
    told = await scene.made.says(scene.made.ana, f"/win did number {next(numbers)} with @{person.name}")
    return told.partition(" · ")[2]


async def _hears(scene: Scene, person: Any) -> str:
    """Whether someone has got a message about a win that they are in, once the bot has done with all of them."""
    await scene.made.says(scene.made.ana, f"/win did number {next(numbers)} with @{person.name}")
    count = partial(scene.count, deliveries.c.id, kind=DeliveryKind.CREDIT, recipient_id=person.id)
    for _ in range(100):
        sent, cancelled = count(state=DeliveryState.POSTED), count(state=DeliveryState.CANCELLED)
        if sent + cancelled == count() > 0:
            return "told" if sent else "-"
        await asyncio.sleep(TIMING.tick)
    return "still waiting"


async def _form(scene: Scene, person: Any, field: str) -> str:
    slack, ana = scene.made.slack, scene.made.ana
    await slack.slash(ana, scene.made.general, "/win")
    await slack.fill(ana, win_form.TEXT, f"did number {next(numbers)}")
    await slack.fill(ana, field, [person.id])
    before = scene.count(win_people.c.win_id)
    await slack.submit(ana)
    form = slack.modal(ana)
    if form is None:
        return "saved" if scene.count(win_people.c.win_id) > before else "saved without"
    said = " ".join(form.errors.values())
    await slack.fill(ana, field, [scene.made.ben.id])
    await slack.submit(ana)
    return said


async def _whose(scene: Scene, person: Any) -> str:
    return await _form(scene, person, win_form.WHOSE)


async def _thanked(scene: Scene, person: Any) -> str:
    return await _form(scene, person, win_form.THANKED)


async def _message(scene: Scene, person: Any) -> Any:
    if person.deleted:
        return scene.old_message
    return await scene.made.slack.say(person, scene.made.general, f"we did number {next(numbers)}")


async def _saved_message(scene: Scene, person: Any) -> str:
    slack, ana = scene.made.slack, scene.made.ana
    await slack.message_shortcut(ana, await _message(scene, person), SAVE_MESSAGE_SHORTCUT)
    (whose,) = holds(slack.modal(ana), win_form.WHOSE)
    await slack.close_view(ana)
    return "theirs" if whose == person.id else "of who saves it" if whose == ana.id else str(whose)


async def _suggested(scene: Scene, person: Any) -> str:
    message = await _message(scene, person)
    await scene.made.slack.react(scene.made.ana, scene.made.general, message.ts, EMOJI)
    return "suggested" if scene.count(unsaved_wins.c.id, source_ts=message.ts) else "-"


async def _suggests(scene: Scene, person: Any) -> str:
    message = await scene.made.slack.say(scene.made.ben, scene.made.general, f"number {next(numbers)}")
    await scene.made.slack.react(person, scene.made.general, message.ts, EMOJI)
    return "suggested" if scene.count(unsaved_wins.c.id, source_ts=message.ts) else "-"


async def _mentions(scene: Scene, person: Any) -> str:
    slack = scene.made.slack
    message = await slack.mention(person, scene.made.general, f"did number {next(numbers)}")

    def is_heard() -> bool:
        told = [sent for sent in slack.ledger.events("app_mention") if sent.payload["event"]["ts"] == message.ts]
        return any(sent.error is None for sent in told)

    await slack.wait_for(is_heard)
    return "answered" if scene.count(unsaved_wins.c.id, source_ts=message.ts) else "-"


async def _presses(scene: Scene, person: Any, action_id: str) -> str:
    message = await scene.announced()
    seen = scene.made.slack.seen_by(person, scene.made.general)
    before = len([each for each in seen if each.ephemeral_to])
    await scene.made.slack.press(person, message, action_id)
    if told := await scene.answer(person, before):
        return told
    await scene.made.slack.wait_for(lambda: " · With " in message.text or "Cheered by " in message.text)
    return str(message.text.partition(" · With ")[2] or message.text.partition("Cheered by ")[2])


async def _cheers(scene: Scene, person: Any) -> str:
    return await _presses(scene, person, "cheer")


async def _joins(scene: Scene, person: Any) -> str:
    return await _presses(scene, person, "join_win")


async def _reacts(scene: Scene, person: Any) -> str:
    message = await scene.announced()
    await scene.made.slack.react(person, scene.made.general, message.ts, "tada")
    # Who reacts is looked up behind the scenes.
    await scene.made.until(lambda: scene.count(users.c.user_id, user_id=person.id) > 0)
    return "counted" if person.id in scene.latest_win().cheered_by.first else "-"


async def _logs(scene: Scene, person: Any) -> str:
    text = f"did number {next(numbers)}"
    await scene.made.slack.slash(person, scene.made.general, f"/win {text}")
    return str((await scene.made.sees(f": {text}")).text.partition(":")[0])


async def _reads(scene: Scene, person: Any) -> str:
    text = f"did number {next(numbers)}"
    await scene.made.says(scene.made.ana, f"/win {text} with @{person.name}")
    await scene.made.sees(f"ana: {text} with")
    return "listed" if text in await scene.made.says(person, "/wins") else "-"


async def _waits(scene: Scene, person: Any) -> str:
    """Ana saves what someone wrote; returns its text, which waits for them."""
    message = await _message(scene, person)
    await scene.made.slack.message_shortcut(scene.made.ana, message, SAVE_MESSAGE_SHORTCUT)
    text = f"wrote number {next(numbers)}"
    await scene.made.slack.fill(scene.made.ana, win_form.TEXT, text)
    await scene.made.slack.submit(scene.made.ana)
    assert scene.made.slack.modal(scene.made.ana) is None
    return text


async def _answers(scene: Scene, person: Any) -> str:
    text = await _waits(scene, person)
    await scene.made.says(person, "/wins")
    listed = await scene.made.sees(f"{text}\n", person=person)
    await scene.made.slack.press(person, listed, credited_win.SHARE, value=f"{scene.latest_win().id}:0")
    return str((await scene.made.sees(f": {text}")).text.partition(":")[0])


async def _forges_a_yes(scene: Scene, person: Any) -> str:
    slack, text = scene.made.slack, await _waits(scene, person)
    view = await opens_home(scene.made, scene.made.ben)
    trigger = payloads.trigger(slack.world, slack.world.workspace_of(scene.made.ben), scene.made.ben, view=view.id)
    value = f"{scene.latest_win().id}:0"
    payload = {
        "type": "block_actions",
        "team": {"id": slack.team_id, "domain": "acme"},
        "user": {"id": person.id, "team_id": person.team_id},
        "view": view.to_slack(),
        **trigger,
        "actions": [{"type": "button", "action_id": credited_win.SHARE, "value": value, "action_ts": "1.000001"}],
    }
    assert (await slack.deliver_raw(payload, kind="interactive")).error is None
    told = slack.modal(scene.made.ben)  # whose Home it is
    await slack.close_view(scene.made.ben, everything=True)
    assert scene.latest_win().is_held, text
    return shows(told)


async def _chooses(scene: Scene, person: Any) -> str:
    await prefers(scene.made, person, "never")
    text = f"did number {next(numbers)}"
    await scene.made.says(scene.made.ana, f"/win {text} with @{person.name}")
    return str((await scene.made.sees(f"ana: {text}")).text.partition(" with ")[2])


NOT_IN_IT = "You're not in this win anymore, so there's nothing you need to do."
INSTALLED = "Winsome isn't installed in your workspace, so nothing was saved. Ask a workspace admin to install it."
NO_APPS = "Apps can't be chosen here. Choose people."
TABLE: dict[str, tuple[Act, dict[str, str]]] = {
    "is named in /win": (
        _named,
        {"guest": "With gus", "left": "With lea", "app": "", "stranger": "With sam", "sibling": "With gina"},
    ),
    "hears of the wins they are in": (
        _hears,
        {"guest": "-", "left": "-", "app": "-", "stranger": "-", "renamed": "told"},
    ),
    "is chosen in the form as whose win it is": (
        _whose,
        {"guest": "saved", "app": NO_APPS, "stranger": "saved", "sibling": "saved", "renamed": "saved"},
    ),
    "is chosen in the form as who made it possible": (
        _thanked,
        {"guest": "saved", "app": NO_APPS, "stranger": "saved", "sibling": "saved", "renamed": "saved"},
    ),
    "wrote a message that is saved": (
        _saved_message,
        dict.fromkeys(["guest", "left", "stranger", "sibling", "renamed"], "theirs"),
    ),
    "wrote a message that gets the emoji": (
        _suggested,
        {"guest": "suggested", "left": "-", "app": "-", "stranger": "-", "sibling": "suggested"},
    ),
    "gives a message the emoji": (
        _suggests,
        {"guest": "suggested", "app": "-", "stranger": "-", "sibling": "suggested"},
    ),
    "mentions the bot": (
        _mentions,
        {"guest": "answered", "app": "-", "stranger": "-", "sibling": "answered", "renamed": "answered"},
    ),
    "presses Cheer": (
        _cheers,
        {"guest": "gus", "stranger": INSTALLED, "sibling": "gina", "renamed": "Rita the Second"},
    ),
    "reacts": (
        _reacts,
        {"guest": "counted", "app": "-", "stranger": "-", "sibling": "counted"},
    ),
    "presses I was part of this": (
        _joins,
        {"guest": "gus", "stranger": INSTALLED, "sibling": "gina", "renamed": "Rita the Second"},
    ),
    "reads the wins they are in": (_reads, dict.fromkeys(["guest", "sibling", "renamed"], "listed")),
    "answers for a win of theirs": (_answers, {"guest": "gus", "sibling": "gina", "renamed": "Rita the Second"}),
    "forges an answer": (_forges_a_yes, {"left": NOT_IN_IT, "stranger": NOT_IN_IT}),
    "chooses never to be named": (_chooses, dict.fromkeys(["guest", "sibling", "renamed"], "a teammate")),
    "types /win": (_logs, {"guest": "gus", "sibling": "gina", "renamed": "Rita the Second"}),
}
"""What becomes of each act, for those who can do it: Slack lets no one do anything who has left, and gives no
commands to people of other organizations.
"""


@pytest.mark.parametrize("name", TABLE)
async def test_each_of_them_is_treated_sensibly(sqlite_url: str, name: str) -> None:
    act, expected = TABLE[name]
    async with team(sqlite_url, starts=False) as made:
        scene = Scene(made)
        await made.bot_starts()
        await scene.settles()
        assert {who: await act(scene, scene.people[who]) for who in expected} == expected
