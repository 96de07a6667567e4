"""A roundup shows the faces of those whose wins it tells. If Slack refuses them, it comes without, once."""

from typing import Any

import pytest

from bot.domain.consent import Preference
from tests.team import FRIDAY_16_BERLIN, Team


def faces(message: Any) -> list[str]:
    """Whose faces a message shows, by what a screen reader says."""
    found: list[str] = []
    for block in message.blocks:
        found += [each["alt_text"] for each in block.get("elements", []) if each.get("type") == "image"]
    return found


def url_of(person: Any) -> str:
    """The address of someone's picture."""
    return str(person.profile(with_email=False)["image_48"])


async def the_roundup(team: Team) -> Any:
    """Let Ana and Chloe log wins, and Friday come."""
    await team.says(team.ana, "/win wrote a test with @ben")
    await team.says(team.chloe, "/win slept well")
    await team.sees("chloe: slept well")
    await team.it_is(FRIDAY_16_BERLIN)
    roundup = await team.sees("slept well", times=2)
    await team.records(roundup)
    return roundup


async def test_a_roundup_that_slack_refuses_with_faces_comes_once_without_them(the_team: Team) -> None:
    slack = the_team.slack
    slack.fault("chat.postMessage", "no_pictures", times=None)
    roundup = await the_roundup(the_team)
    assert faces(roundup) == []
    assert "image" not in str(roundup.blocks)
    slack.clear_faults()
    await slack.press(the_team.dmitri, roundup, action_id="cheer")
    await slack.wait_for(lambda: "dmitri" in roundup.text)
    assert faces(roundup) == [], "it stays as it is"
    posts = [call for call in slack.ledger.calls("chat.postMessage") if call.args["channel"] == the_team.general.id]
    assert [call.answer["ok"] for call in posts] == [True, True, False, True]


async def test_a_roundup_shows_the_faces_of_named_people_beside_their_names(the_team: Team) -> None:
    the_team.prefers(the_team.ben, Preference.NEVER)
    roundup = await the_roundup(the_team)
    assert set(faces(roundup)) == {"ana", "chloe"}
    shown = str(roundup.blocks)
    assert url_of(the_team.ana) in shown
    for person in (the_team.ben, the_team.dmitri):
        assert url_of(person) not in shown
        assert person.id not in shown


async def test_an_update_of_a_roundup_that_slack_refuses_with_faces_is_made_without_them(the_team: Team) -> None:
    slack = the_team.slack
    roundup = await the_roundup(the_team)
    assert faces(roundup)
    slack.fault("chat.update", "no_pictures", times=None)
    await slack.press(the_team.dmitri, roundup, action_id="cheer")
    await slack.wait_for(lambda: "dmitri" in roundup.text)
    assert faces(roundup) == []
    slack.clear_faults()
    await slack.press(the_team.ben, roundup, action_id="cheer")
    await slack.wait_for(lambda: "ben" in roundup.text.rpartition("dmitri")[2])
    assert faces(roundup) == []
    assert the_team.posts().count(roundup.text) == 1


async def test_someone_who_has_no_picture_has_a_name_and_the_others_keep_theirs(
    the_team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    profile = type(the_team.ana).profile
    chloe = the_team.chloe

    def without_picture(person: Any, *, with_email: bool) -> dict[str, Any]:
        given: dict[str, Any] = profile(person, with_email=with_email)
        return given if person is not chloe else {k: v for k, v in given.items() if not k.startswith("image_")}

    monkeypatch.setattr(type(the_team.ana), "profile", without_picture)
    roundup = await the_roundup(the_team)
    assert "chloe" not in faces(roundup)
    assert "ana" in faces(roundup)
    assert "chloe" in roundup.text
