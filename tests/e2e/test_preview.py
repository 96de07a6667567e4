"""`/wins preview` shows what `/wins post` would post, to the letter; and what that takes from the next roundup."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.team import FRIDAY_16_BERLIN, Team, count_told, is_roundup, shows, team


async def logged(made: Team, number: int) -> None:
    """The team logs wins, in turns."""
    for each in range(number):
        await made.says(made.everybody[each % 3], f"/win step {each:02}")
    await made.slack.wait_for(lambda: sum("step " in text for text in made.posts()) == number, timeout=60)


def told(text: str) -> list[str]:
    """What a roundup says, line by line, without what Slack shows of moments."""
    return [line for line in text.split("\n") if not line.startswith("Only visible to you")]


@pytest.mark.every_deployment
async def test_what_the_preview_shows_is_what_post_posts(the_team: Team) -> None:
    await logged(the_team, 5)
    shown = await the_team.says(the_team.ben, "/wins preview")
    assert "Only visible to you" in shown
    assert is_roundup(shown)
    assert count_told(shown) == 5

    question = await the_team.says(the_team.ana, "/wins post")
    assert "Post these 5 wins now?" in question
    assert "They won't be repeated in the next roundup (<!date" in question
    assert "Friday, March 8 at 16:00 (Berlin)" in question
    asked = await the_team.sees("Post these 5 wins now?", person=the_team.ana)
    await the_team.slack.press(the_team.ana, asked, action_id="post_roundup_now")
    roundup = await the_team.sees_roundup(5)
    assert told(roundup.text) == told(shown)
    await the_team.sees("Posting 5 wins.", person=the_team.ana)


async def test_a_preview_goes_on_to_posting_and_settings_for_those_who_may(the_team: Team) -> None:
    await the_team.says(the_team.ana, "/wins preview")
    empty = await the_team.sees("No wins to share yet", person=the_team.ana)
    assert "preview_settings" in str(empty.blocks)
    assert "post_roundup_now" not in str(empty.blocks)
    await logged(the_team, 2)
    await the_team.says(the_team.ben, "/wins preview")
    seen = await the_team.sees("Here's the roundup so far", person=the_team.ben)
    assert "preview_settings" not in str(seen.blocks)
    assert "post_roundup_now" not in str(seen.blocks)

    await the_team.says(the_team.ana, "/wins post")
    asked = await the_team.sees("Post these 2 wins now?", person=the_team.ana)
    await the_team.slack.press(the_team.ana, asked, action_id="preview_roundup")
    shown = await the_team.sees("Here's the roundup so far", person=the_team.ana)
    assert "Post these 2 wins now?" not in [m.text for m in the_team.slack.seen_by(the_team.ana, the_team.general)]
    await the_team.slack.press(the_team.ana, shown, action_id="preview_settings")
    assert "How often" in shows(the_team.slack.modal(the_team.ana))
    await the_team.slack.close_view(the_team.ana)
    await the_team.slack.press(the_team.ana, shown, action_id="post_roundup_now")
    await the_team.sees("Posting 2 wins.", person=the_team.ana)
    await the_team.sees_roundup(2)


async def test_someone_who_left_a_private_channel_sees_no_preview_of_it(the_team: Team) -> None:
    secret = the_team.slack.add_channel("launch", private=True, members=[the_team.ana, the_team.ben])
    the_team.configure(secret, the_team.ana)
    await the_team.says(the_team.ben, "/win the demo survived", secret)
    await the_team.says(the_team.ana, "/wins post", secret)
    asked = await the_team.sees("Post this win now?", person=the_team.ana, channel=secret)
    pressed = await the_team.slack.press(the_team.ana, asked, action_id="post_roundup_not_now")
    await the_team.slack.leave(secret, the_team.ana)
    body = pressed.request.payload
    body["actions"][0] |= {"action_id": "preview_roundup", "action_ts": "1900000000.000001"}
    await the_team.slack.deliver_raw(body, kind="interactive")
    shown = [call.args["text"] for call in the_team.slack.ledger.calls("response_url")]
    assert "Only channel members can see that" in shown[-1]


async def test_friday_tells_what_came_after_and_nothing_twice(the_team: Team) -> None:
    await logged(the_team, 2)
    await the_team.says(the_team.ana, "/wins post")
    asked = await the_team.sees("Post these 2 wins now?", person=the_team.ana)
    await the_team.says(the_team.ben, "/win came a moment later")
    await the_team.sees("ben: came a moment later")
    first = await the_team.slack.press(the_team.ana, asked, action_id="post_roundup_now")
    await the_team.slack.resend(first.request)
    early = await the_team.sees_roundup(2)
    assert "came a moment later" not in early.text
    assert the_team.stored_channel().next_due_at == FRIDAY_16_BERLIN

    await the_team.it_is(FRIDAY_16_BERLIN)
    friday = await the_team.sees_roundup(1)
    assert "came a moment later" in friday.text
    assert len([text for text in the_team.posts() if is_roundup(text)]) == 2


async def test_the_roundup_of_a_day_does_not_speak_of_a_week(the_team: Team) -> None:
    await the_team.it_is(datetime(2030, 4, 1, 9, 0, tzinfo=UTC))
    await logged(the_team, 2)
    shown = await the_team.says(the_team.ben, "/wins preview")
    assert ":tada: Today's wins: April 1\nSomething small still moves things.\n" in shown


async def test_a_preview_of_many_wins_goes_on_as_the_thread_would(team_url: str) -> None:
    async with team(team_url) as made:
        await logged(made, 24)
        await made.says(made.ana, "/wins preview")
        shown = (await made.sees_roundup(24, person=made.ana)).text
        more = await made.sees("This part will be in the thread", person=made.ana)
        seen = [said.text for said in made.slack.seen_by(made.ana, made.general) if "Only visible to you" in said.text]
        assert seen == [shown, more.text], "in the order in which it would be posted"
        await made.says(made.ana, "/wins post")
        asked = await made.sees("Post these 24 wins now?", person=made.ana)
        await made.slack.press(made.ana, asked, action_id="post_roundup_now")
        roundup = await made.sees_roundup(24)
        thread = await made.sees("More wins (2 of 2)")
        assert told(roundup.text) == told(shown)
        assert told(thread.text) == told(more.text)


async def test_what_the_preview_does_not_show_is_counted(team_url: str) -> None:
    async with team(team_url) as made:
        for each in range(32):
            await made.says(made.everybody[each % 3], f"/win step {each:02} {'x' * 480}")
        await made.slack.wait_for(lambda: sum("step " in text for text in made.posts()) == 32, timeout=60)
        await made.says(made.dmitri, "/wins preview")
        seen = [said.text for said in made.slack.seen_by(made.dmitri, made.general) if said.ephemeral_to]
        assert [text.split("\n")[1] for text in seen] == [
            ":tada: Today's wins: March 4",
            *(f"More wins ({number} of 7)" for number in (2, 3, 4, 5)),
        ]
        shown = sum(text.count("step ") for text in seen)
        assert seen[-1].endswith(f"And {32 - shown} more wins not shown here.")


async def test_what_slack_does_not_take_is_counted_as_not_shown(team_url: str) -> None:
    async with team(team_url) as made:
        await logged(made, 24)
        made.slack.fault("response_url", "http_500_before", times=1)
        said = await made.says(made.ana, "/wins preview")
        assert count_told(said) == 24
        assert said.endswith(f"And {24 - said.count('• ')} more wins not shown here.")


async def test_a_roundup_that_goes_elsewhere_says_so_before_it_is_posted_there(the_team: Team) -> None:
    wins = the_team.slack.add_channel("all-wins", members=the_team.everybody, creator=the_team.ana)
    there = the_team.slack.add_channel("crew", members=the_team.everybody, creator=the_team.ana)
    the_team.configure(there, the_team.ana, target_channel_id=wins.id)
    await the_team.says(the_team.ben, "/win from the crew", there)
    await the_team.sees("ben: from the crew", channel=there)
    shown = await the_team.says(the_team.ben, "/wins preview", there)
    assert f"It'll be posted in <#{wins.id}>, not here." in shown
    await the_team.says(the_team.ana, "/wins post", there)
    asked = await the_team.sees("Post this win in #all-wins now?", person=the_team.ana, channel=there)
    await the_team.slack.press(the_team.ana, asked, action_id="post_roundup_now")
    roundup = await the_team.sees_roundup(1, channel=wins)
    assert told(roundup.text) == told(shown)


async def test_without_a_schedule_there_is_a_preview_that_says_so(team_url: str) -> None:
    async with team(team_url, is_configured=False) as made:
        assert "This channel doesn't have a roundup yet" in await made.says(made.ben, "/wins preview")
        await logged(made, 1)
        shown = await made.says(made.ben, "/wins preview")
        assert count_told(shown) == 1
        assert "This channel doesn't have a roundup yet. A workspace admin" in shown


async def test_a_preview_during_a_pause_says_that_no_roundup_comes(the_team: Team) -> None:
    await logged(the_team, 1)
    await the_team.says(the_team.ana, "/wins pause")
    asked = await the_team.sees("How long should I pause roundups?", person=the_team.ana)
    await the_team.slack.press(the_team.ana, asked, action_id="pause_roundup")
    await the_team.sees("Roundups are paused", person=the_team.ana)
    assert "Use `/wins resume` to start them again" in await the_team.says(the_team.ben, "/wins preview")


async def test_a_button_that_is_pressed_again_elsewhere_posts_nothing_twice(the_team_both_ways: Team) -> None:
    made = the_team_both_ways
    await logged(made, 2)
    await made.says(made.ana, "/wins post")
    asked = await made.sees("Post these 2 wins now?", person=made.ana)
    first = await made.slack.press(made.ana, asked, action_id="post_roundup_now")
    done = await made.sees("Posting 2 wins.", person=made.ana)
    assert "Next roundup:" in done.text
    await made.sees_roundup(2)
    body = first.request.payload
    body["actions"][0]["action_ts"] = "1900000000.000001"  # in another window, which still shows the button
    await made.slack.deliver_raw(body, kind="interactive")
    await made.sees("so I didn't post anything", person=made.ana)
    assert len([text for text in made.posts() if is_roundup(text)]) == 1


async def test_a_bot_that_was_removed_since_the_question_says_what_to_do(the_team: Team) -> None:
    await logged(the_team, 1)
    await the_team.says(the_team.ana, "/wins post")
    asked = await the_team.sees("Post this win now?", person=the_team.ana)
    await the_team.slack.remove_bot(the_team.general)
    await the_team.slack.press(the_team.ana, asked, action_id="post_roundup_now")
    await the_team.sees("Type `/invite @Winsome` in it to add me.", person=the_team.ana)
    assert len(the_team.posts()) == 1


async def test_without_wins_both_say_so_and_when_the_next_roundup_comes(the_team: Team) -> None:
    for line in ("/wins preview", "/wins post"):
        said = await the_team.says(the_team.ana, line)
        assert "No wins to share yet" in said
        assert "Friday, March 8 at 16:00 (Berlin)" in said


async def test_wins_that_were_undone_meanwhile_are_not_posted(the_team: Team) -> None:
    await the_team.says(the_team.ben, "/win premature")
    saved = await the_team.sees("Win saved: premature", person=the_team.ben)
    await the_team.says(the_team.ana, "/wins post")
    asked = await the_team.sees("Post this win now?", person=the_team.ana)
    await the_team.slack.press(the_team.ben, saved, action_id="undo_win")
    await the_team.slack.press(the_team.ana, asked, action_id="post_roundup_now")
    await the_team.sees("so I didn't post anything", person=the_team.ana)


async def test_not_now_posts_nothing(the_team: Team) -> None:
    await logged(the_team, 1)
    await the_team.says(the_team.ana, "/wins post")
    asked = await the_team.sees("Post this win now?", person=the_team.ana)
    await the_team.slack.press(the_team.ana, asked, action_id="post_roundup_not_now")
    await the_team.sees("I didn't post anything", person=the_team.ana)
    assert len(the_team.posts()) == 1


async def test_who_may_not_change_the_channel_may_not_post_and_may_preview(the_team: Team) -> None:
    await logged(the_team, 1)
    refused = await the_team.says(the_team.ben, "/wins post")
    assert refused == "You don't have permission to change this roundup. ana can help."
    assert count_told(await the_team.says(the_team.ben, "/wins preview")) == 1


async def test_a_permission_that_was_lost_since_the_question_posts_nothing(the_team: Team) -> None:
    chloes = the_team.slack.add_channel("chloes", members=the_team.everybody, creator=the_team.chloe)
    await the_team.says(the_team.ben, "/win in Chloe's channel", chloes)
    await the_team.sees("ben: in Chloe's channel", channel=chloes)
    await the_team.says(the_team.ana, "/wins post", chloes)
    asked = await the_team.sees("Post this win now?", person=the_team.ana, channel=chloes)
    await the_team.slack.change_person(the_team.ana, is_admin=False)
    await the_team.slack.press(the_team.ana, asked, action_id="post_roundup_now")
    await the_team.sees("You don't have permission to change this roundup", person=the_team.ana, channel=chloes)
    assert len(the_team.posts(chloes)) == 1


async def test_where_the_bot_cannot_post_that_is_said_at_once(the_team: Team) -> None:
    away = the_team.slack.add_channel("away", members=the_team.everybody, creator=the_team.ana, with_bot=False)
    assert "type" in (await the_team.says(the_team.ana, "/wins post", away)).lower()
    assert "only works in channels" in await the_team.says(
        the_team.ana, "/wins post", the_team.slack.open_dm(the_team.ana)
    )


@pytest.mark.parametrize("value", ["", "all", "-1", "1; drop table wins", "9" * 30])
async def test_a_forged_button_posts_nothing(team_url: str, value: str) -> None:
    async with team(team_url) as made:
        await logged(made, 1)
        await made.says(made.ana, "/wins post")
        asked = await made.sees("Post this win now?", person=made.ana)
        pressed = await made.slack.press(made.ana, asked, action_id="post_roundup_not_now")
        body = pressed.request.payload
        body["actions"][0] |= {"action_id": "post_roundup_now", "value": value, "action_ts": "1900000000.000001"}
        await made.slack.deliver_raw(body, kind="interactive")
        assert len(made.posts()) == 1
        await made.it_is(FRIDAY_16_BERLIN + timedelta(seconds=1))
        await made.sees_roundup(1)
