"""Channels that are renamed, archived, deleted, made private, given another id, or left by the bot: what becomes of the
wins in them, in one table.
"""

import itertools
from collections.abc import Awaitable, Callable
from typing import Any

from bot.slack.manifest import SAVE_MESSAGE_SHORTCUT
from bot.views import win_form
from bot.views.win_buttons import EDIT_IN_LIST, UNDO_IN_LIST
from tests.team import Team, shows, team

numbers = itertools.count(1)


class Scene:
    """A channel with Ben and Chloe in it, in which Ben has logged wins before it changed; Dmitri isn't in it, nor
    is Zoe, whom he credits."""

    def __init__(self, made: Team, name: str, zoe: Any) -> None:
        self.made = made
        self.zoe = zoe
        self.channel = made.slack.add_channel(name, members=[made.ben, made.chloe], creator=made.ana)
        made.configure(self.channel, made.ana)
        self.message: Any = None
        self.wins: list[tuple[str, Any]] = []

    async def begins(self, count: int) -> None:
        """Ben says something, and logs wins."""
        self.message = await self.made.slack.say(self.made.ben, self.channel, f"we shipped number {next(numbers)}")
        for _ in range(count):
            text = f"did word{next(numbers)}"
            await self.made.says(self.made.ben, f"/win {text} with @zoe", self.channel)
            message = await self.made.sees(f"ben: {text} with @zoe", channel=self.channel)
            await self.made.records(message)
            self.wins.append((text, message))

    def win(self) -> tuple[str, Any]:
        """A win that nothing was tried with, and its announcement."""
        return self.wins.pop()

    async def told_by(self, act: Awaitable[Any]) -> str:
        """What someone is told by what they press."""
        before = len(self.made.slack.ledger.calls("response_url"))
        await act
        told = self.made.slack.ledger.calls("response_url")[before:]
        return " / ".join(call.args["text"].partition("\n")[0] for call in told)


async def _finds(scene: Scene, person: Any) -> str:
    text, _ = scene.win()
    told = await scene.made.says(person, f"/wins search {text.split()[-1]}", scene.made.general)
    return "found" if text in told else "-"


async def _author_finds(scene: Scene) -> str:
    return await _finds(scene, scene.made.ben)


async def _member_finds(scene: Scene) -> str:
    return await _finds(scene, scene.made.chloe)


async def _other_finds(scene: Scene) -> str:
    return await _finds(scene, scene.made.dmitri)


async def _credited_sees(scene: Scene) -> str:
    text, _ = scene.win()
    return "seen" if text in await scene.made.says(scene.zoe, "/wins", scene.made.general) else "-"


async def _presses_in_list(scene: Scene, text: str, action_id: str) -> None:
    """Ben presses a button of a win in `/wins`, where wins that wait for his answer have other buttons."""
    ben, slack = scene.made.ben, scene.made.slack
    await scene.made.says(ben, "/wins", scene.made.general)
    listing = slack.seen_by(ben, scene.made.general)[-1]
    with_buttons = [
        line["text"]["text"]
        for line, block in itertools.pairwise(listing.blocks)
        if block["type"] == "actions" and any(button["action_id"] == action_id for button in block["elements"])
    ]
    index = [line.partition(" with ")[0] for line in with_buttons].index(text)
    await slack.press(ben, listing, action_id, index=index)


async def _deletes(scene: Scene) -> str:
    text, _ = scene.win()
    told = await scene.told_by(_presses_in_list(scene, text, UNDO_IN_LIST))
    return told.replace("Here's your text if you want to reuse it:", "").strip()


async def _edits(scene: Scene) -> str:
    slack, ben = scene.made.slack, scene.made.ben
    text, message = scene.win()
    await _presses_in_list(scene, text, EDIT_IN_LIST)
    await slack.fill(ben, win_form.TEXT, f"{text} again")
    await slack.submit(ben)
    if answer := slack.modal(ben):
        await slack.close_view(ben)
        return shows(answer).replace(scene.channel.id, "C")
    await slack.wait_for(lambda: f"{text} again" in message.text)
    return "shown"


async def _cheers(scene: Scene) -> str:
    _, message = scene.win()
    told = await scene.told_by(scene.made.slack.press(scene.made.chloe, message, "cheer"))
    return told or "shown"


async def _saves_message(scene: Scene) -> str:
    slack, chloe = scene.made.slack, scene.made.chloe
    await slack.message_shortcut(chloe, scene.message, SAVE_MESSAGE_SHORTCUT)
    await slack.submit(chloe)
    form = slack.modal(chloe)
    if form is None:
        return "saved"
    said = " ".join(form.errors.values()) or shows(form)
    await slack.close_view(chloe)
    return said


async def _chosen_in_form(scene: Scene) -> str:
    slack, ben = scene.made.slack, scene.made.ben
    await slack.slash(ben, scene.made.general, "/win")
    await slack.fill(ben, win_form.TEXT, f"elsewhere {next(numbers)}")
    await slack.fill(ben, win_form.CHANNEL, scene.channel.id)
    await slack.submit(ben)
    form = slack.modal(ben)
    if form is None:
        return "saved"
    said = " ".join(form.errors.values())
    await slack.fill(ben, win_form.CHANNEL, scene.made.general.id)
    await slack.submit(ben)
    return said


Change = Callable[[Team, Any], Awaitable[Any]]


async def _leave_and_hide(made: Team, channel: Any) -> None:
    await made.slack.remove_bot(channel)
    await made.slack.make_private(channel)


DELETED = "Win deleted. It won't be in any roundup. I'm removing it from the channel now."
KEEPS_OLD_TEXT = "Changes saved.\nI can't change the message in <#C>, so it keeps the old text."
NOT_IN_IT = "I'm not in that channel, so I can't post there. Type /invite @Winsome in it first."
ARCHIVED = "That channel is archived, so I can't post there. Unarchive it first."
FOUND = {
    "its author finds a win": "found",
    "a member finds it": "found",
    "someone else finds it": "found",
    "someone credited who isn't there sees it": "seen",
}
USUAL = FOUND | {
    "it is cheered": "shown",
    "it is edited": "shown",
    "it is deleted": DELETED,
    "a message there is saved": "saved",
    "it is chosen in the form": "saved",
}
TABLE: dict[str, tuple[Change, dict[str, str]]] = {
    "renamed": (lambda made, channel: made.slack.rename(channel, "new-name"), USUAL),
    "given a new id": (lambda made, channel: made.slack.change_channel_id(channel), USUAL),
    "made private": (
        lambda made, channel: made.slack.make_private(channel),
        USUAL | {"someone else finds it": "-", "someone credited who isn't there sees it": "-"},
    ),
    "archived": (
        lambda made, channel: made.slack.archive(channel),
        FOUND
        | {"it is cheered": "shown", "it is edited": KEEPS_OLD_TEXT, "it is deleted": DELETED}
        | {"a message there is saved": ARCHIVED},
    ),
    "deleted": (
        lambda made, channel: made.slack.delete_channel(channel),
        {"its author finds a win": "found", "a member finds it": "-", "someone else finds it": "-"}
        | {"someone credited who isn't there sees it": "-", "it is edited": KEEPS_OLD_TEXT, "it is deleted": DELETED},
    ),
    "left by the bot": (
        lambda made, channel: made.slack.remove_bot(channel),
        USUAL | {"it is edited": KEEPS_OLD_TEXT, "it is chosen in the form": NOT_IN_IT},
    ),
    "left by the bot and made private": (
        _leave_and_hide,
        {"its author finds a win": "found", "someone else finds it": "-", "it is deleted": DELETED}
        | {"someone credited who isn't there sees it": "-", "it is edited": KEEPS_OLD_TEXT},
    ),
}
"""What becomes of each act after each change, where Slack lets people do it."""
ACTS: dict[str, Callable[[Scene], Awaitable[str]]] = {
    "its author finds a win": _author_finds,
    "a member finds it": _member_finds,
    "someone else finds it": _other_finds,
    "someone credited who isn't there sees it": _credited_sees,
    "it is cheered": _cheers,
    "it is edited": _edits,
    "it is deleted": _deletes,
    "a message there is saved": _saves_message,
    "it is chosen in the form": _chosen_in_form,
}


USUAL_CHANGES = ("made private", "archived", "left by the bot")
"""Those that are tried in the usual size."""


async def test_each_change_leaves_the_wins_of_a_channel_as_people_expect(sqlite_url: str, *, is_deep: bool) -> None:
    async with team(sqlite_url) as made:
        zoe = made.slack.add_person("zoe")
        await made.slack.join(made.general, zoe)
        for name, (change, expected) in TABLE.items():
            if not (is_deep or name in USUAL_CHANGES):
                continue
            scene = Scene(made, name.replace(" ", "-"), zoe)
            await scene.begins(7)
            await change(made, scene.channel)
            assert {act: await ACTS[act](scene) for act in expected} == expected, name
