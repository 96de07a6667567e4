"""Undo, on each side of the announcement, of the roundup, and of who may."""

from copy import deepcopy
from datetime import timedelta
from typing import Any

import pytest

from tests.team import FRIDAY_16_BERLIN, Team


async def saved(team: Team, text: str, person: Any = None, channel: Any = None) -> Any:
    """Someone logs a win; returns the private answer with its Undo button."""
    await team.says(person or team.ana, f"/win {text}", channel)
    return await team.sees(f"Win saved: {text}", person=person or team.ana, channel=channel)


@pytest.mark.every_deployment
async def test_an_undone_win_disappears_from_the_channel_and_its_words_come_back(the_team: Team) -> None:
    answer = await saved(the_team, "shipped it, with @ben")
    await the_team.sees("ana: shipped it")
    await the_team.slack.press(the_team.ana, answer, action_id="undo_win")

    undone = await the_team.sees("Win deleted.", person=the_team.ana)
    assert "shipped it, with @ben" in undone.plain()
    await the_team.slack.wait_for(lambda: not the_team.posts())
    await the_team.it_is(FRIDAY_16_BERLIN + timedelta(hours=1))
    await the_team.says(the_team.ben, "/win the only one")
    await the_team.sees("ben: the only one")
    assert len(the_team.posts()) == 1


async def test_undo_before_the_announcement_was_posted_cancels_it(the_team: Team) -> None:
    the_team.slack.fault("chat.postMessage", "rate_limited", times=1, retry_after=3)  # announcements wait
    await the_team.says(the_team.ben, "/win another one")
    await the_team.slack.wait_for(lambda: bool(the_team.slack.ledger.calls("chat.postMessage")))
    answer = await saved(the_team, "too early")
    await the_team.slack.press(the_team.ana, answer, action_id="undo_win")
    await the_team.sees("Win deleted.", person=the_team.ana)
    await the_team.says(the_team.ben, "/win the next one")
    await the_team.sees("ben: the next one")
    assert the_team.posts() == ["ben: another one", "ben: the next one"]
    assert "too early" not in str([call.args for call in the_team.slack.ledger.calls("chat.postMessage")])
    assert not the_team.slack.ledger.calls("chat.delete")


async def test_a_second_undo_and_a_repeated_one_change_nothing(the_team: Team) -> None:
    answer = await saved(the_team, "shipped it")
    await the_team.sees("ana: shipped it")
    first = await the_team.slack.press(the_team.ana, answer, action_id="undo_win")
    await the_team.slack.wait_for(lambda: not the_team.posts())
    again = await the_team.slack.resend(first.request)
    assert again.error is None
    pressed_elsewhere = deepcopy(first.request.payload)  # in another window, which still shows the button
    pressed_elsewhere["actions"][0]["action_ts"] = "1900000000.000001"
    await the_team.slack.deliver_raw(pressed_elsewhere, kind="interactive")
    reply = await the_team.sees("already deleted", person=the_team.ana)
    assert "shipped it" in reply.text, "it replaces the reply that gave the text back"
    assert len(the_team.slack.ledger.calls("chat.delete")) == 1


async def test_only_the_author_can_undo(the_team: Team) -> None:
    answer = await saved(the_team, "all mine")
    await the_team.sees("ana: all mine")
    await the_team.slack.press(the_team.ana, answer, action_id="undo_win", value=None)
    theirs = await saved(the_team, "also mine", person=the_team.ben)
    forged = dict(theirs.blocks[-1]["elements"][0])
    pressed = await the_team.slack.deliver_raw(
        {
            "type": "block_actions",
            "team": {"id": the_team.slack.team_id, "domain": "acme"},
            "user": {"id": the_team.chloe.id, "team_id": the_team.slack.team_id},
            "container": {"type": "message", "message_ts": theirs.ts, "channel_id": the_team.general.id},
            "response_url": f"{the_team.slack.origin}/actions/none",
            "actions": [{**forged, "block_id": "b", "action_ts": "1900000000.000001"}],
        },
        kind="interactive",
    )
    assert pressed.error is None
    await the_team.sees("ben: also mine")


@pytest.mark.every_deployment
@pytest.mark.over_http
async def test_a_win_can_be_undone_from_the_list_of_ones_wins(the_team: Team) -> None:
    await saved(the_team, "one")
    await saved(the_team, "two")
    await the_team.sees("ana: two")
    await the_team.says(the_team.ana, "/wins")
    listing = await the_team.sees("Your recent wins", person=the_team.ana)
    await the_team.slack.press(the_team.ana, listing, action_id="undo_listed_win", index=0)
    left = await the_team.sees("Win deleted.", person=the_team.ana)
    assert "two" in left.plain().split("Your recent wins")[0]
    assert "one" in left.plain().split("Your recent wins")[1]
    await the_team.slack.wait_for(lambda: the_team.posts() == ["ana: one"])


async def test_a_win_undone_after_the_roundup_leaves_the_roundup_too(the_team: Team) -> None:
    answer = await saved(the_team, "regretted")
    await saved(the_team, "kept", person=the_team.ben)
    await the_team.it_is(FRIDAY_16_BERLIN)
    await the_team.sees_roundup(2)
    await the_team.slack.press(the_team.ana, answer, action_id="undo_win")
    roundup = await the_team.sees_roundup(1)
    assert "regretted" not in roundup.text
    assert "kept" in roundup.text


async def test_wins_undone_in_a_roundups_thread_are_no_longer_counted_in_its_first_message(the_team: Team) -> None:
    answers: dict[str, tuple[Any, Any]] = {}
    for number in range(16):
        text, person = f"step {number:02}", the_team.everybody[number % 4]
        answers[text] = (person, await saved(the_team, text, person=person))
    await the_team.it_is(FRIDAY_16_BERLIN)
    first = await the_team.sees_roundup(16)
    await the_team.slack.wait_for(lambda: "?thread_ts=" in first.text)
    in_thread = [text for text in answers if text not in first.text]
    assert f":point_down: {len(in_thread)} more in the thread" in first.text
    for text in in_thread:
        person, answer = answers[text]
        await the_team.slack.press(person, answer, action_id="undo_win")
    await the_team.slack.wait_for(lambda: ":point_down:" not in first.text)
    assert all(text in first.text for text in answers if text not in in_thread)
