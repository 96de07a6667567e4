"""The table of consent (tests/services/consent_table.py) through the form in which Ana edits a win.

Someone of each preference comes into a win in each way at each moment: while it waits for Dmitri, when #general has
read it, when its roundup has told it, and while Ana keeps it for herself after that.
"""

import itertools
import json
from contextlib import suppress
from typing import Any

import pytest

from bot.domain.consent import Preference
from bot.views import credit, edit_win
from tests.e2e.test_consent_ways_in import NAMES, Scene, numbers
from tests.e2e.test_edit import presses
from tests.services.consent_table import Moment, Named, Prefers, Read, at_first
from tests.team import FRIDAY_16_BERLIN, team

TOLD = (Moment.TOLD, Moment.TAKEN_BACK)
LATER = (Moment.ANNOUNCED, Moment.WAITS)
THEIRS = (Named.WHOSE, Named.THANKED_IN_THEIRS)
Cell = tuple[Moment, Named, Prefers]


class Edits:
    """What Ana does with her wins. Chloe prefers to share, and Dmitri asks to be asked."""

    def __init__(self, scene: Scene) -> None:
        self.scene, self.made, self.slack = scene, scene.made, scene.slack
        self.made.prefers(self.made.chloe, Preference.SHARE)
        self.made.prefers(self.made.dmitri, Preference.ASK)

    def waits_for(self, moment: Moment) -> list[str]:
        return [self.made.dmitri.id] if moment is Moment.WAITS else []

    async def saves(self, cell: Cell, text: str) -> None:
        """Ana saves a win of her own, or of Chloe's: the person in question isn't in it yet."""
        moment, named, _ = cell
        if named in THEIRS:
            await self.scene.opens()
            await self.scene.saves(TEXT=text, WHOSE=[self.made.chloe.id, *self.waits_for(moment)])
        elif moment is Moment.WAITS:
            await self.scene.opens()
            await self.scene.saves(TEXT=text, THANKED=self.waits_for(moment))
        else:
            await self.made.says(self.made.ana, f"/win {text}")
        await self.scene.answered(text, 0)

    async def opens(self, text: str) -> None:
        answer = await self.slack.press(self.made.ana, self.scene.told(text)[-1], "edit_win")
        assert answer.error is None, answer.error

    async def presses(self, text: str, action_id: str) -> None:
        await self.opens(text)
        await presses(self.made, action_id)

    async def edits(self, cell: Cell, text: str) -> None:
        """Ana puts the person into it."""
        moment, named, prefers = cell
        person_id = self.scene.people[prefers].id
        await self.opens(text)
        match named:
            case Named.IN_OWN:
                await self.scene.saves(WHOSE=[self.made.ana.id, person_id])
            case Named.THANKED_IN_OWN:
                await self.scene.saves(THANKED=[*self.waits_for(moment), person_id], REASON="the idea")
            case Named.WHOSE:
                await self.scene.saves(WHOSE=[person_id, *self.waits_for(moment)])
            case Named.THANKED_IN_THEIRS:
                await self.scene.saves(THANKED=[person_id], REASON="the idea")

    async def dmitri_says_yes(self, text: str) -> None:
        """He says yes to it as it is after the edit: his buttons have its revision."""
        dm = self.slack.open_dm(self.made.dmitri)

        def questions() -> list[Any]:
            return [each for each in self.slack.posts(dm) if text in each.plain() and ':1"' in json.dumps(each.blocks)]

        await self.slack.wait_for(lambda: len(questions()) == 1)
        assert self.told(text) == [], "it waits for him"
        answer = await self.slack.press(self.made.dmitri, questions()[0], credit.YES)
        assert answer.error is None, answer.error

    def told(self, text: str) -> list[str]:
        """What #general reads of a win, once for each message that tells it; not what follows the last in a roundup."""
        messages = [each.text or "" for each in self.slack.posts(self.made.general) if each.bot_id]
        pieces = [piece.partition("\n:")[0] for each in messages for piece in each.split("\n• ")]
        return [piece for piece in pieces if text in piece]

    def reads(self, text: str, name: str) -> set[Read | None]:
        """What #general reads of someone in a win: the same in all messages, in the end."""
        return {
            Read.NAME if name in each else Read.TEAMMATE if "teammate" in each.casefold() else None
            for each in self.told(text)
        }


@pytest.mark.deep
@pytest.mark.parametrize("named", Named)  # the wins of all of them leave no room for the edits in one roundup
async def test_each_preference_in_each_edit(quick_posts: None, sqlite_url: str, named: Named) -> None:
    async with team(sqlite_url) as made:
        scene = Scene(made)
        edits = Edits(scene)
        cells: list[Cell] = list(itertools.product((*TOLD, *LATER), [named], Prefers))
        texts = {cell: f"did number {next(numbers)}." for cell in cells}

        async def save_those(moments: tuple[Moment, ...]) -> None:
            for cell, text in texts.items():
                if cell[0] in moments:
                    await edits.saves(cell, text)

        async def are_told(times: int, moments: tuple[Moment, ...]) -> None:
            waited_for = [text for cell, text in texts.items() if cell[0] in moments]
            await made.slack.wait_for(lambda: all(len(edits.told(text)) == times for text in waited_for), timeout=60)

        await save_those(TOLD)
        await are_told(1, TOLD)
        await made.it_is(FRIDAY_16_BERLIN)
        await are_told(2, TOLD)
        await save_those(LATER)
        await are_told(1, (Moment.ANNOUNCED,))

        for cell, text in texts.items():
            if cell[0] is Moment.TAKEN_BACK:
                await edits.presses(text, edit_win.MAKE_PRIVATE)
            await edits.edits(cell, text)
            if cell[0] is Moment.TAKEN_BACK:
                await edits.presses(text, edit_win.SHARE_AGAIN)
            elif cell[0] is Moment.WAITS:
                await edits.dmitri_says_yes(text)

        table = {cell: at_first(named, prefers, moment) for cell in cells for moment, named, prefers in [cell]}
        expected = {
            cell: (set() if read is Read.NOTHING else {read}, is_asked) for cell, (read, is_asked) in table.items()
        }

        def found() -> dict[Cell, tuple[set[Read | None], bool]]:
            everyone_asked = scene.asked()

            def is_asked(cell: Cell) -> bool:
                person_id = scene.people[cell[2]].id
                return any(texts[cell] in text and person_id == user_id for text, user_id in everyone_asked)

            return {
                cell: (edits.reads(text, NAMES[cell[2]]), table[cell][1] and is_asked(cell))
                for cell, text in texts.items()
            }

        with suppress(TimeoutError):
            await made.slack.wait_for(lambda: found() == expected, timeout=60)
        assert {cell: each for cell, each in found().items() if each != expected[cell]} == {}
