"""The list of the wins that someone is in: what others shared, as far as Slack says now that they may see it."""

import itertools
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select

from bot.slack.manifest import SAVE_MESSAGE_SHORTCUT
from bot.storage.database import engine
from bot.storage.tables import wins
from bot.views import win_form
from tests.db_dump import column
from tests.e2e.test_home import forged, opens_home, part
from tests.e2e.test_preferences import prefers
from tests.team import FRIDAY_16_BERLIN, MONDAY, Team, shows


async def test_someone_reads_of_the_wins_that_they_are_in_and_may_see(the_team: Team) -> None:
    slack, ana, ben = the_team.slack, the_team.ana, the_team.ben
    secret = slack.add_channel("secret", private=True, members=[ana, ben])
    await the_team.says(ana, "/win shipped it with @ben")
    await the_team.says(ana, "/win found the leak with @ben", secret)
    announced = await the_team.sees("ana: shipped it")
    await the_team.sees("ana: found the leak", channel=secret)

    listed = await the_team.says(ben, "/wins")
    assert "No wins yet." in listed
    place = listed.partition("*Wins you're in*")[2]
    assert place.index("*ana:* found the leak") < place.index("*ana:* shipped it with @ben")
    assert f"<#{the_team.general.id}> · ana credited you" in place
    assert "Use `/wins preferences` to choose how you're named." in place
    assert "Wins you're in" not in await the_team.says(ana, "/wins"), "her own are listed as hers"
    await slack.open_home(ben)
    await slack.wait_for(lambda: slack.home(ben) is not None)
    home = shows(slack.home(ben))
    assert "Wins you're in" in home
    assert "found the leak" in home

    await slack.leave(secret, ben)
    listed = await the_team.says(ben, "/wins")
    assert "found the leak" not in listed
    assert "shipped it" in listed
    await slack.leave(the_team.general, ben)
    assert "shipped it" in await the_team.says(ben, "/wins"), "the channel is public"

    slack.fault("users.conversations", "http_500_before", times=20)
    assert "wins you're in may be missing" in await the_team.says(ben, "/wins")
    slack.clear_faults()
    await slack.press(the_team.chloe, announced, action_id="join_win")
    assert "shipped it" in (await the_team.says(the_team.chloe, "/wins"))


async def test_a_tag_in_the_list_leads_to_a_search(the_team: Team) -> None:
    await the_team.says(the_team.ana, "/win painted the page #ux #quality")
    await the_team.says(the_team.ana, "/win tested the page #quality")
    await the_team.says(the_team.ana, "/wins")
    listed = await the_team.sees("Your recent wins", person=the_team.ana)
    rows = [block["elements"] for block in listed.blocks if block["type"] == "actions"]
    (menu,) = [element for row in rows for element in row if element["action_id"] == "search_tag"]
    assert [option["value"] for option in menu["options"]] == ["#quality", "#ux"]
    await the_team.slack.press(the_team.ana, listed, action_id="search_tag", value="#ux")
    found = await the_team.sees("*Wins found*", person=the_team.ana)
    assert "painted the page" in found.text
    assert "tested the page" not in found.text


async def saves_for(made: Team, author: Any, person: Any, text: str, channel: Any = None) -> None:
    """Someone saves what another person wrote as their win."""
    message = await made.slack.say(person, channel or made.general, text)
    await made.slack.message_shortcut(author, message, SAVE_MESSAGE_SHORTCUT)
    await made.slack.submit(author)
    assert made.slack.modal(author) is None
    await made.eventually(partial(made.says, person, "/wins"), f"{author.name} credited you")


async def lists(made: Team, person: Any) -> Any:
    """Someone asks for their list, as a message with buttons."""

    def seen() -> list[Any]:
        messages = made.slack.seen_by(person, made.general)
        return [each for each in messages if "*Your recent wins*" in each.text or "No wins yet." in each.text]

    before = len(seen())
    await made.says(person, "/wins")
    await made.slack.wait_for(lambda: len(seen()) > before)
    return seen()[-1]


@pytest.mark.every_deployment
async def test_someone_answers_from_the_list_and_may_change_their_mind(the_team: Team) -> None:
    slack, ana, ben, chloe = the_team.slack, the_team.ana, the_team.ben, the_team.chloe
    await saves_for(the_team, ana, ben, "the backup came back")
    assert "the backup came back" in (await the_team.says(ben, "/wins")).partition("No wins yet")[0]
    for other in (chloe, the_team.dmitri):
        assert "backup" not in await the_team.says(other, "/wins")

    listed = await lists(the_team, ben)
    await slack.press(ben, listed, action_id="decline_listed_win")
    listed = await the_team.sees("OK, it stays private.", person=ben)
    assert "Waiting for your answer" not in listed.text
    assert ":lock: Only you and ana can see this" in listed.text.partition("*Wins you're in*")[2]
    await slack.press(ben, listed, action_id="share_listed_win")
    await the_team.sees("ben: the backup came back")
    listed = await the_team.sees("It's shared with your name now.", person=ben)
    assert f"<#{the_team.general.id}> · ana credited you" in listed.text
    await the_team.it_is(FRIDAY_16_BERLIN)
    await the_team.sees_roundup(1)


async def test_someone_answers_from_home(the_team: Team) -> None:
    slack, ana, ben = the_team.slack, the_team.ana, the_team.ben
    for text in ("one", "two", "three", "four"):
        await saves_for(the_team, ana, ben, f"did {text}")
    home = await opens_home(the_team, ben)
    waiting = part(home, "Waiting for your answer")
    assert [f"did {text}" in waiting for text in ("one", "two", "three", "four")] == [True, True, True, False]
    assert "There are more. Answer these to see them." in waiting
    assert "If you'd rather not, no one is told." in waiting
    await slack.press(ben, home, "share_listed_win", index=0)
    await the_team.sees("ben: did one")
    home = slack.home(ben)
    assert home is not None
    assert "did one" in part(home, "Wins you're in")
    assert "did four" in part(home, "Waiting for your answer")
    await slack.press(ben, home, "decline_listed_win", index=0)
    home = slack.home(ben)
    assert "did two" not in part(home, "Waiting for your answer")
    assert "Only you and ana can see this" in part(home, "Wins you're in")
    assert slack.modal(ben) is None, "Home itself says so"
    assert "There are more" not in part(home, "Waiting for your answer")
    assert len([text for text in the_team.posts() if text.startswith("ben:")]) == 1


async def test_a_yes_is_for_the_words_that_were_read(the_team: Team) -> None:
    slack, ana, ben = the_team.slack, the_team.ana, the_team.ben
    await saves_for(the_team, ana, ben, "did it")
    home = await opens_home(the_team, ben)
    listed = await lists(the_team, ben)
    await slack.press(ana, await lists(the_team, ana), action_id="edit_listed_win")
    await slack.fill(ana, win_form.TEXT, "did it badly")
    await slack.submit(ana)
    await slack.press(ben, home, "share_listed_win")
    assert "It was edited after you read it." in shows(slack.modal(ben))
    await slack.close_view(ben)
    await slack.press(ben, listed, action_id="share_listed_win")
    listed = await the_team.sees("It was edited after you read it.", person=ben)
    assert "did it badly" in listed.text
    assert not [text for text in the_team.posts() if text.startswith("ben:")]
    await slack.press(ben, listed, action_id="share_listed_win")
    await the_team.sees("ben: did it badly")


async def test_what_waited_too_long_stays_between_them(the_team: Team) -> None:
    slack, ana, ben = the_team.slack, the_team.ana, the_team.ben
    await saves_for(the_team, ana, ben, "did it")
    home = await opens_home(the_team, ben)
    await the_team.it_is(MONDAY + timedelta(days=14, seconds=5))
    await slack.press(ben, home, "share_listed_win")
    told = shows(slack.modal(ben))
    assert "It's too late to share this one, though." in told
    assert "unless its author shares it again." in told
    kept = part(slack.home(ben), "Wins you're in")
    assert ":lock: Only you and ana can see this" in kept
    assert "Remove me" not in kept
    assert "Share it" not in shows(slack.home(ben))
    assert the_team.posts() == ["did it"], "only what ben wrote"


async def test_someone_takes_their_name_out_and_only_the_author_still_reads_it(the_team: Team) -> None:
    slack, ana, ben = the_team.slack, the_team.ana, the_team.ben
    await the_team.says(ana, "/win shipped it with @ben")
    await the_team.records(await the_team.sees("ana: shipped it with @ben"))
    listed = await lists(the_team, ben)
    await slack.press(ben, listed, action_id="leave_listed_win")
    listed = await the_team.sees("You're not in this win anymore.", person=ben)
    assert "shipped it" not in listed.text
    await slack.wait_for(lambda: the_team.posts() == ["ana: shipped it with a teammate"])
    assert "shipped it with @ben" in await the_team.says(ana, "/wins")
    await slack.press(ben, slack.posts(the_team.general)[-1], action_id="join_win")
    await slack.wait_for(lambda: the_team.posts() == ["ana: shipped it with @ben"])
    await slack.press(ben, await opens_home(the_team, ben), "leave_listed_win")
    await slack.wait_for(lambda: the_team.posts() == ["ana: shipped it with a teammate"])
    assert "shipped it" not in shows(slack.home(ben))
    assert slack.modal(ben) is None


async def test_a_forged_press_says_the_same_of_every_win_that_someone_is_not_in(the_team: Team) -> None:
    slack, ana, ben = the_team.slack, the_team.ana, the_team.ben
    for text in ("tested it", "said too much"):
        await the_team.says(ana, f"/win {text}")
        await the_team.sees(f"ana: {text}")
    await the_team.says(ana, "/wins")
    await slack.press(ana, await the_team.sees("Your recent wins", person=ana), action_id="undo_listed_win")
    await slack.wait_for(lambda: the_team.posts() == ["ana: tested it"])
    reading_engine = engine(the_team.database_url, writes=False)
    with reading_engine.connect() as connection:
        shown, undone = connection.scalars(select(wins.c.id).order_by(wins.c.id))
    reading_engine.dispose()
    times = itertools.count(1)
    for action, revision in (("leave_listed_win", ""), ("share_listed_win", ":0"), ("decline_listed_win", ":0")):
        told = {
            await forged(the_team, ben, action, f"{win_id}{revision}", action_ts=f"{next(times)}.000002")
            for win_id in (shown, undone, undone + 1000)
        }
        assert len(told) == 1, action
        assert "You're not in this win anymore" in told.pop()


async def test_who_takes_their_name_out_of_a_message_that_can_not_be_changed_reads_that(the_team: Team) -> None:
    slack, ana, ben = the_team.slack, the_team.ana, the_team.ben
    await the_team.says(ana, "/win shipped it with @ben")
    announced = await the_team.sees("ana: shipped it")
    slack.fault("chat.update", "error", times=None, name="edit_window_closed")
    await slack.press(the_team.chloe, announced, action_id="cheer")
    await the_team.until(lambda: "edit_window_closed" in column(the_team.database_url, "deliveries", "error"))
    await slack.press(ben, await lists(the_team, ben), action_id="leave_listed_win")
    told = await the_team.sees("so your name may still be there", person=ben)
    assert "A workspace admin can delete that message in Slack." in told.text
    assert "with a teammate" in await the_team.says(the_team.dmitri, "/wins search shipped")


async def test_who_is_thanked_reads_for_what(the_team: Team) -> None:
    slack, ana, ben, chloe = the_team.slack, the_team.ana, the_team.ben, the_team.chloe
    for text, thanked, reason in (
        ("shipped it", [ben], "for the <b>patience</b>"),
        ("tested it", [ben, chloe], ""),
    ):
        await slack.slash(ana, the_team.general, "/win")
        await slack.fill(ana, win_form.TEXT, text)
        await slack.fill(ana, win_form.THANKED, [person.id for person in thanked])
        if reason:
            await slack.fill(ana, win_form.REASON, reason)
        await slack.submit(ana)
        await the_team.sees(f"ana: {text}")
    listed = await the_team.eventually(partial(the_team.says, ben, "/wins"), "ana thanked you and chloe · ")
    assert "ana thanked you: for the &lt;b&gt;patience&lt;/b&gt; · " in listed
    assert "Thanks to" not in listed
    await slack.press(ben, (await the_team.sees("ana: shipped it")), action_id="join_win")
    assert "ana thanked you: for the" in await the_team.says(ben, "/wins")


async def test_who_is_never_to_be_named_is_asked_for_no_answer(the_team: Team) -> None:
    await prefers(the_team, the_team.ben, "ask")
    await the_team.says(the_team.ana, "/win shipped it with @ben")
    assert "Waiting for your answer" in await the_team.says(the_team.ben, "/wins")
    await prefers(the_team, the_team.ben, "never")
    await the_team.sees("ana: shipped it with a teammate")
    listed = await the_team.says(the_team.ben, "/wins")
    assert "Waiting for your answer" not in listed
    assert "shipped it with @ben" in listed.partition("*Wins you're in*")[2]
    home = shows(await opens_home(the_team, the_team.ben))
    assert "Waiting for your answer" not in home
    assert "shipped it with @ben" in home
    await prefers(the_team, the_team.ben, "ask")
    assert "Waiting for your answer" in await the_team.says(the_team.ben, "/wins")


async def test_wins_that_wait_in_a_channel_that_someone_left_are_not_listed(the_team: Team) -> None:
    slack, ana, ben = the_team.slack, the_team.ana, the_team.ben
    secret = slack.add_channel("secret", private=True, members=[ana, ben])
    await prefers(the_team, ben, "ask")
    await the_team.says(ana, "/win found the leak with @ben", secret)
    assert "found the leak" in await the_team.says(ben, "/wins")
    await slack.leave(secret, ben)
    assert "leak" not in await the_team.says(ben, "/wins")
    assert "leak" not in shows(await opens_home(the_team, ben))
    slack.fault("users.conversations", "http_500_before", times=20)
    said = await the_team.says(ben, "/wins")
    assert "leak" not in said
    assert "wins you're in may be missing" in said
