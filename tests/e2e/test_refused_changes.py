"""What Slack refuses to delete, change or show is told to the person who acted, and stays visible until it is done."""

from datetime import UTC, datetime
from typing import Any

import pytest

from bot.cli.deliveries import list_stuck
from tests.e2e.test_home import opens_home, part
from tests.e2e.test_undo import saved as saved_by
from tests.team import FRIDAY_16_BERLIN, Team, shows


def refuses(team: Team, method: str, error: str, times: int | None = None) -> None:
    team.slack.fault(method, "error", name=error, times=times)


async def saved(team: Team, text: str) -> Any:
    await team.says(team.ana, f"/win {text}")
    return await team.sees(f"Win saved: {text}", person=team.ana)


def stuck(team: Team) -> list[str]:
    return list(list_stuck(team.database_url, now=datetime.now(UTC)))


@pytest.mark.parametrize("error", ["cant_delete_message", "compliance_exports_prevent_deletion"])
async def test_the_text_of_a_message_that_cannot_be_deleted_is_withdrawn(the_team: Team, error: str) -> None:
    answer = await saved(the_team, "regretted")
    announced = await the_team.sees("ana: regretted")
    refuses(the_team, "chat.delete", error)
    await the_team.slack.press(the_team.ana, answer, action_id="undo_win")
    await the_team.sees("I'm removing it from the channel now.", person=the_team.ana)
    await the_team.slack.wait_for(lambda: announced.text == "This message was deleted.")
    assert "regretted" not in announced.plain()
    assert "cheer" not in str(announced.blocks).lower()
    assert stuck(the_team) == []


async def test_a_message_that_can_be_neither_deleted_nor_updated_stays_among_the_problems(the_team: Team) -> None:
    answer = await saved(the_team, "regretted")
    announced = await the_team.sees("ana: regretted")
    refuses(the_team, "chat.delete", "cant_delete_message")
    refuses(the_team, "chat.update", "edit_window_closed")
    await the_team.slack.press(the_team.ana, answer, action_id="undo_win")
    told = await the_team.sees("Slack didn't let me remove it", person=the_team.ana)
    assert announced.ts.replace(".", "") in told.text
    assert any("posted (edit_window_closed)" in line for line in stuck(the_team))

    await the_team.slack.press(the_team.ben, announced, action_id="cheer")
    await the_team.sees("That's been deleted.", person=the_team.ben)
    await the_team.until(lambda: any("posted (edit_window_closed)" in line for line in stuck(the_team)))

    view = await opens_home(the_team, the_team.ana)
    problem = part(view, "Needs your attention")
    assert "too old to be edited" in problem
    assert "The message still shows a win that was deleted or made private. A workspace admin can delete it" in problem
    assert announced.ts.replace(".", "") in str(view.blocks)
    the_team.slack.clear_faults()
    await the_team.slack.press(the_team.ana, view, "retry_change")
    await the_team.slack.wait_for(lambda: the_team.posts() == [])
    await the_team.until(lambda: stuck(the_team) == [])
    assert "Needs your attention" not in shows(await opens_home(the_team, the_team.ana))


async def test_a_win_that_stays_in_a_posted_roundup_is_told_to_its_author(the_team: Team) -> None:
    answer = await saved(the_team, "regretted")
    await the_team.it_is(FRIDAY_16_BERLIN)
    await the_team.sees_roundup(1)
    refuses(the_team, "chat.update", "edit_window_closed", times=1)
    refuses(the_team, "chat.delete", "cant_delete_message")
    the_team.slack.fault("response_url", "http_500_before", times=None)
    await the_team.slack.press(the_team.ana, answer, action_id="undo_win")
    told = await the_team.sees("Slack didn't let me remove it", channel=the_team.slack.open_dm(the_team.ana))
    assert "Stop these messages" in str(told.blocks)
    assert "regretted" in told.text

    await the_team.slack.press(the_team.ana, await opens_home(the_team, the_team.ana), "dismiss_delivery")
    assert "Needs your attention" not in shows(the_team.slack.home(the_team.ana))
    assert stuck(the_team) == []


async def test_who_is_told_of_a_reply_in_a_roundups_thread_is_led_into_that_thread(the_team: Team) -> None:
    answers: dict[str, tuple[Any, Any]] = {}
    for number in range(16):
        text, person = f"step {number:02}", the_team.everybody[number % 4]
        answers[text] = (person, await saved_by(the_team, text, person=person))
    await the_team.it_is(FRIDAY_16_BERLIN)
    first = await the_team.sees_roundup(16)
    await the_team.slack.wait_for(lambda: "?thread_ts=" in first.text)  # it is posted and recorded
    (reply,) = (post for post in the_team.slack.posts(the_team.general) if post.thread_ts == first.ts != post.ts)
    (text,) = (each for each in answers if each in reply.text)
    person, answer = answers[text]
    refuses(the_team, "chat.delete", "cant_delete_message")
    refuses(the_team, "chat.update", "edit_window_closed")
    await the_team.slack.press(person, answer, action_id="undo_win")
    told = await the_team.sees("Slack didn't let me remove it", person=person)
    in_thread = f"?thread_ts={first.ts}&amp;cid={the_team.general.id}"
    link = f"/p{reply.ts.replace('.', '')}{in_thread}|View message>"
    assert link in told.text
    assert link in str((await opens_home(the_team, the_team.ana)).blocks)


async def test_an_author_learns_that_their_win_was_not_shared(the_team: Team) -> None:
    refuses(the_team, "chat.postMessage", "restricted_action", times=1)
    await saved(the_team, "kept to myself")
    told = await the_team.sees("I couldn't share your win in", person=the_team.ana)
    assert "Your workspace settings don't let me post there." in told.text
    assert "kept to myself" in told.text
    assert the_team.slack.posts(the_team.slack.open_dm(the_team.ana)) == [], "the owner is the author, who knows"
    assert "Slack didn't let me share it" in await the_team.says(the_team.ana, "/wins")
    await the_team.it_is(FRIDAY_16_BERLIN)
    await the_team.sees_roundup(1)


async def test_nothing_links_to_an_announcement_that_is_gone(the_team: Team) -> None:
    await the_team.says(the_team.ana, "/win removed by an admin")
    announced = await the_team.sees("ana: removed by an admin")
    await the_team.records(announced)
    await the_team.it_is(FRIDAY_16_BERLIN)
    roundup = await the_team.sees_roundup(1)
    assert "View message" in roundup.text
    refuses(the_team, "chat.update", "message_not_found", times=1)
    await the_team.slack.press(the_team.ben, announced, action_id="cheer")
    await the_team.slack.wait_for(lambda: "View message" not in roundup.text)
    assert "removed by an admin" in roundup.text
    assert "View message" not in await the_team.says(the_team.ana, "/wins")
    assert "View message" not in shows(await opens_home(the_team, the_team.ana))


async def test_a_long_japanese_roundup_is_still_updated(quick_posts: None, the_team: Team) -> None:
    win = "ビルドの不具合を直して全員の朝の待ち時間を十五分短くしました。" * 4
    for number in range(9):
        await the_team.says(the_team.everybody[number % 4], f"/win {win}{number}")
    await the_team.slack.wait_for(lambda: len(the_team.posts()) == 9)
    await the_team.it_is(FRIDAY_16_BERLIN)
    roundup = await the_team.sees_roundup(9)
    await the_team.records(roundup)
    await the_team.slack.press(the_team.ben, roundup, action_id="cheer")
    await the_team.slack.wait_for(lambda: "Cheered by ben" in roundup.text)
    assert not [line for line in stuck(the_team) if "msg_too_long" in line]


async def test_a_note_about_a_win_that_is_removed_in_the_end_goes_too(the_team: Team) -> None:
    await saved(the_team, "kept")
    regretted = await saved(the_team, "regretted")
    await the_team.it_is(FRIDAY_16_BERLIN)
    roundup = await the_team.sees_roundup(2)
    await the_team.records(roundup)
    refuses(the_team, "chat.update", "edit_window_closed")
    the_team.slack.fault("response_url", "http_500_before", times=None)
    await the_team.slack.press(the_team.ana, regretted, action_id="undo_win")
    dm = the_team.slack.open_dm(the_team.ana)
    note = await the_team.sees("Slack didn't let me remove it", channel=dm)
    assert roundup.ts.replace(".", "") in note.text
    assert the_team.posts()[0] == "ana: kept"

    the_team.slack.clear_faults()
    await the_team.slack.press(the_team.ben, roundup, action_id="cheer")
    await the_team.slack.wait_for(lambda: "regretted" not in roundup.text)
    await the_team.slack.wait_for(lambda: the_team.slack.posts(dm) == [])


async def test_a_win_undone_in_an_archived_channel_is_removed_when_the_channel_is_back(the_team: Team) -> None:
    answer = await saved(the_team, "regretted")
    announced = await the_team.sees("ana: regretted")
    await the_team.records(announced)
    await the_team.slack.archive(the_team.general)
    await the_team.slack.press(the_team.ana, answer, action_id="undo_win")
    dm = the_team.slack.open_dm(the_team.ana)
    await the_team.sees("The channel is archived. I'll try again when it's unarchived.", channel=dm)
    await the_team.slack.unarchive(the_team.general)
    await the_team.slack.wait_for(lambda: "ana: regretted" not in the_team.posts())
    assert "regretted" not in announced.text or announced.deleted
