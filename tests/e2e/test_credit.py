"""What reaches the people in a win: a first message, questions, and a note with the roundup; all can be stopped."""

from copy import deepcopy
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bot.domain.consent import HOLD_PERIOD, Preference
from bot.domain.deliveries import DeliveryState
from bot.storage.database import engine
from bot.storage.tables import deliveries
from bot.views import win_form
from tests.team import FRIDAY_16_BERLIN, MONDAY, Team

FIRST = "Hi, I'm Winsome!"


async def test_who_opens_the_conversation_after_a_first_message_is_not_told_twice_who_writes(the_team: Team) -> None:
    await the_team.says(the_team.ana, "/win shipped the search with @ben")
    await told(the_team, the_team.ben, "ana named you in a win in")
    await the_team.slack.open_home(the_team.ben, "messages")
    await told(the_team, the_team.ben, "You can save wins of your own, too.")
    assert sum(FIRST in text for text in messages_to(the_team, the_team.ben)) == 1


async def saves_for(team: Team, author: Any, person: Any, text: str, channel: Any = None) -> None:
    """Someone saves a win of another person's, with the form."""
    await team.slack.slash(author, channel or team.general, "/win")
    await team.slack.fill(author, win_form.TEXT, text)
    await team.slack.fill(author, win_form.WHOSE, [person.id])
    await team.slack.submit(author)
    assert team.slack.modal(author) is None


async def told(team: Team, person: Any, text: str) -> Any:
    """Wait until a direct message to someone says this."""
    return await team.sees(text, channel=team.slack.open_dm(person))


def messages_to(team: Team, person: Any) -> list[str]:
    return team.posts(team.slack.open_dm(person))


def is_on_its_way(team: Team, person: Any) -> bool:
    """Whether the bot has still to post or to cancel a message to someone."""
    unsent = deliveries.c.state.in_((DeliveryState.PENDING, DeliveryState.SENDING))
    reads = engine(team.database_url, writes=False)
    with reads.connect() as connection:
        found = connection.execute(select(deliveries.c.id).where(unsent, deliveries.c.recipient_id == person.id))
        is_any = found.first() is not None
    reads.dispose()
    return is_any


@pytest.mark.every_deployment
async def test_who_is_named_for_the_first_time_reads_what_happened_who_sees_it_and_how_to_stop_it(
    the_team: Team,
) -> None:
    slack, ana, ben = the_team.slack, the_team.ana, the_team.ben
    await the_team.says(ana, "/win shipped the search with @ben")
    announced = await the_team.sees("ana: shipped the search with @ben")
    first = await told(the_team, ben, FIRST)
    said = first.plain()
    assert f"ana named you in a win in <#{the_team.general.id}>" in first.text
    for each in (
        "shipped the search with @ben",
        "Everyone who can open",
        "with your name",
        "Until you choose",
        "View message",
    ):
        assert each in said, each
    assert announced.ts.replace(".", "") in first.text
    await the_team.says(ana, "/win and the docs with @ben")
    await the_team.sees("ana: and the docs with @ben")

    await slack.press(ben, first, "credit_choose_ask")
    first = await told(the_team, ben, "You chose *Ask me first*. You can change that at any time, here or with")
    await slack.press(ben, first, "credit_leave")
    await the_team.sees("ana: shipped the search with a teammate")
    first = await told(the_team, ben, "Your name isn't in it")
    await slack.press(ben, announced, "join_win")
    await the_team.sees("ana: shipped the search with @ben")
    await slack.press(ben, first, "credit_stop")
    first = await told(the_team, ben, "I won't message you about wins you're in anymore.")
    await slack.press(ben, first, "credit_resume")
    await slack.wait_for(lambda: "anymore" not in slack.posts(slack.open_dm(ben))[-1].text)
    assert len(messages_to(the_team, ben)) == 1
    assert messages_to(the_team, ana) == []


async def test_who_asks_to_be_asked_after_never_by_name_reads_that_it_was_their_choice(the_team: Team) -> None:
    slack, ana, ben = the_team.slack, the_team.ana, the_team.ben
    await the_team.says(ana, "/win shipped the search with @ben")
    await slack.press(ben, await told(the_team, ben, FIRST), "credit_choose_never")
    await the_team.sees("ana: shipped the search with a teammate")
    await slack.press(ben, await told(the_team, ben, "You chose *Never by name*"), "credit_choose_ask")
    asked = await told(the_team, ben, "You chose *Ask me first*")
    assert "Do you want your name in it?" in asked.plain()
    assert "after it was shared" not in asked.plain(), "ana named ben from the beginning"
    await slack.press(ben, asked, "credit_yes")
    await the_team.sees("ana: shipped the search with @ben")


async def test_who_takes_their_name_out_is_a_teammate_in_the_messages_to_others_too(the_team: Team) -> None:
    slack, ana, ben, chloe = the_team.slack, the_team.ana, the_team.ben, the_team.chloe
    await the_team.says(ana, "/win shipped the search with @ben and @chloe")
    await told(the_team, chloe, "shipped the search with @ben and @chloe")
    await slack.press(ben, await told(the_team, ben, FIRST), "credit_leave")
    await the_team.sees("ana: shipped the search with a teammate and @chloe")
    await told(the_team, chloe, "shipped the search with a teammate and @chloe")
    assert "@ben" not in messages_to(the_team, chloe)[0]


async def test_who_takes_back_that_they_joined_is_gone_from_the_messages_to_others_too(the_team: Team) -> None:
    slack, ana, ben, chloe = the_team.slack, the_team.ana, the_team.ben, the_team.chloe
    await the_team.says(ana, "/win shipped the search with @chloe")
    announced = await the_team.sees("ana: shipped the search with @chloe")
    first = await told(the_team, chloe, FIRST)
    await slack.press(ben, announced, "join_win")
    await the_team.sees("ana: shipped the search with @chloe · With ben")
    await slack.press(chloe, first, "credit_choose_share")
    await told(the_team, chloe, "You chose *Share*")
    assert "With ben" in messages_to(the_team, chloe)[0]
    await slack.press(ben, announced, "join_win")
    await slack.press(ben, await the_team.sees("already in this win", person=ben), "leave_win")
    await slack.wait_for(lambda: "With ben" not in messages_to(the_team, chloe)[0])
    await slack.wait_for(lambda: the_team.posts() == ["ana: shipped the search with @chloe"])


async def test_a_win_waits_for_a_yes_is_asked_about_once_and_a_no_can_become_a_yes(the_team: Team) -> None:
    slack, ana, ben = the_team.slack, the_team.ana, the_team.ben
    await saves_for(the_team, ana, ben, "ben calmed the customer down")
    question = await told(the_team, ben, "ana wants to share a win of yours in")
    assert FIRST in question.text
    assert "*ben:* ben calmed the customer down" in question.text
    assert "No one is told that you said no" in question.plain()
    await slack.press(ben, question, "credit_no")
    declined = await told(the_team, ben, "It isn't shared. Only ana and the people in it can see it.")
    assert the_team.posts() == []
    await slack.press(ben, declined, "credit_yes")
    await the_team.sees("ben: ben calmed the customer down")
    shared = await told(the_team, ben, "ana shared a win of yours in")
    assert "credit_leave" in actions(shared)
    await slack.wait_for(lambda: "View message" in slack.posts(slack.open_dm(ben))[0].text)

    await saves_for(the_team, ana, ben, "ben fixed the printer")
    second = await told(the_team, ben, "ben fixed the printer")
    assert FIRST not in second.text
    assert actions(second) == ["credit_yes", "credit_no", "credit_stop"]
    pressed = await slack.press(ben, second, "credit_yes")
    await the_team.sees("ben: ben fixed the printer")
    await slack.resend(pressed.request)
    assert len(the_team.posts()) == len(messages_to(the_team, ben)) == 2

    await the_team.it_is(FRIDAY_16_BERLIN)
    assert "fixed the printer" in (await the_team.sees_roundup(2)).text
    assert len(messages_to(the_team, ben)) == 2, "both messages told him all, and no one cheered"


async def test_a_yes_to_a_win_that_slack_refuses_to_show_is_answered_with_that(the_team: Team) -> None:
    slack, ben = the_team.slack, the_team.ben
    await saves_for(the_team, the_team.ana, ben, "ben fixed the printer")
    question = await told(the_team, ben, "fixed the printer")
    await slack.archive(the_team.general)
    await slack.press(ben, question, "credit_yes")
    answer = await told(the_team, ben, "I couldn't post it in")
    assert "ana wants to share a win of yours in" in answer.plain()
    assert "Everyone who can open" in answer.plain()
    assert "still find it" in answer.plain()
    assert the_team.posts() == []


def actions(message: Any) -> list[str]:
    """The ids of a message's buttons, without those with which someone chooses how they are named."""
    found = [each["action_id"] for block in message.blocks for each in block.get("elements", ()) if "action_id" in each]
    return [each for each in found if "choose" not in each]


async def test_a_yes_is_for_the_text_that_was_read(the_team: Team) -> None:
    slack, ana, ben = the_team.slack, the_team.ana, the_team.ben
    await saves_for(the_team, ana, ben, "ben fixed teh printer")
    question = await told(the_team, ben, "fixed teh printer")
    slack.fault("chat.update", "http_500_before", times=None)
    await slack.press(ana, await the_team.sees("teh printer", person=ana), "edit_win")
    await slack.fill(ana, win_form.TEXT, "ben fixed the printer")
    await slack.submit(ana)
    await slack.press(ben, question, "credit_yes")
    await the_team.sees("It was edited after you read it.", channel=slack.open_dm(ben), person=ben)
    slack.clear_faults()
    await slack.press(ben, await told(the_team, ben, "ben fixed the printer"), "credit_yes")
    await the_team.sees("ben: ben fixed the printer")


async def test_after_its_time_a_win_stays_private_and_a_yes_gets_a_kind_word(the_team: Team) -> None:
    slack, ana, ben = the_team.slack, the_team.ana, the_team.ben
    await saves_for(the_team, ana, ben, "ben fixed the printer")
    question = await told(the_team, ben, "fixed the printer")
    await the_team.it_is(MONDAY + HOLD_PERIOD + timedelta(minutes=1))
    await slack.press(ben, question, "credit_yes")
    await the_team.sees("That's kind of you!", channel=slack.open_dm(ben), person=ben)
    over = await told(the_team, ben, "It wasn't shared.")
    assert actions(over) == ["credit_stop"]
    assert the_team.posts() == []


async def test_what_is_taken_back_takes_its_message_along(the_team: Team) -> None:
    slack, ana, ben = the_team.slack, the_team.ana, the_team.ben
    await the_team.says(ana, "/win shipped teh search with @ben")
    await told(the_team, ben, FIRST)
    await slack.press(ana, await the_team.sees("Win saved: shipped teh", person=ana), "undo_win")
    await slack.wait_for(lambda: messages_to(the_team, ben) == [])
    await the_team.says(ana, "/win shipped the search with @ben")
    await told(the_team, ben, FIRST)
    assert len(messages_to(the_team, ben)) == 1


async def test_who_may_not_read_the_channel_is_not_told_of_it(the_team: Team) -> None:
    slack, ana, ben, chloe = the_team.slack, the_team.ana, the_team.ben, the_team.chloe
    gus = slack.add_person("gus", guest=True)
    await slack.join(the_team.general, gus)
    secret = slack.add_channel("secret", members=[ana, chloe], creator=ana, private=True)
    await slack.slash(ana, secret, "/invite @winsome")
    await saves_for(the_team, ana, ben, "ben keeps secrets", secret)
    await the_team.says(ana, "/win told gus with @gus")
    await the_team.says(ana, "/win a secret with @chloe", secret)
    assert "a secret with @chloe" in (await told(the_team, chloe, FIRST)).text
    await the_team.until(lambda: not is_on_its_way(the_team, ben))
    await the_team.says(ana, "/win in the open with @ben")
    assert "in the open" in (await told(the_team, ben, FIRST)).text, "the secret one has not introduced him"
    assert len(messages_to(the_team, ben)) == 1
    assert messages_to(the_team, gus) == []

    await slack.leave(secret, chloe)
    message = slack.posts(slack.open_dm(chloe))[-1]
    await slack.press(chloe, message, "credit_choose_share")
    await slack.wait_for(lambda: messages_to(the_team, chloe) == [])


async def test_who_stopped_the_messages_gets_none_and_what_waits_stays_unseen(the_team: Team) -> None:
    slack, ana, ben = the_team.slack, the_team.ana, the_team.ben
    await the_team.says(ana, "/win shipped it with @ben")
    await slack.press(ben, await told(the_team, ben, FIRST), "credit_stop")
    stopped = await told(the_team, ben, "I won't message you about wins you're in anymore.")
    await saves_for(the_team, ana, ben, "ben fixed the printer")
    await the_team.says(ana, "/win the last one")
    await the_team.sees("ana: the last one")
    assert len(messages_to(the_team, ben)) == 1
    await slack.press(ben, stopped, "credit_resume")
    await slack.wait_for(lambda: "anymore" not in messages_to(the_team, ben)[0])
    await saves_for(the_team, ana, ben, "ben fixed the fax")
    await told(the_team, ben, "ben fixed the fax")


async def test_never_by_name_keeps_the_name_out_of_all_that_is_shared(the_team: Team) -> None:
    slack, ana, ben = the_team.slack, the_team.ana, the_team.ben
    await the_team.says(ana, "/win shipped it with @ben")
    await slack.press(ben, await told(the_team, ben, FIRST), "credit_choose_never")
    await the_team.sees("ana: shipped it with a teammate")
    first = await told(the_team, ben, "You chose *Never by name*")
    assert "Others read “a teammate” there" in first.text
    await the_team.says(ana, "/win again with @ben")
    await the_team.sees("ana: again with a teammate")
    await the_team.it_is(FRIDAY_16_BERLIN)
    await the_team.sees_roundup()
    assert len(messages_to(the_team, ben)) == 1


async def test_someone_else_can_not_press_the_buttons(the_team: Team) -> None:
    slack, ana, ben, chloe = the_team.slack, the_team.ana, the_team.ben, the_team.chloe
    await saves_for(the_team, ana, ben, "ben fixed the printer")
    question = await told(the_team, ben, "ben fixed the printer")
    pressed = await slack.press(ben, question, "credit_no")
    declined = await told(the_team, ben, "It isn't shared.")
    for number, (person, team_id) in enumerate([(chloe.id, slack.team_id), (ana.id, slack.team_id), ("U0X", "T0X")]):
        forged = deepcopy(pressed.request.payload)
        forged["user"] |= {"id": person, "team_id": team_id}
        forged["actions"][0] |= {"action_id": "credit_yes", "action_ts": f"19000000{number:02}.000001"}
        await slack.deliver_raw(forged, kind="interactive")
    await the_team.sees("Only the person who gets these messages", channel=slack.open_dm(ben), person=ben, times=3)
    await slack.press(ben, declined, "credit_yes")
    await the_team.sees("ben: ben fixed the printer")
    assert the_team.posts() == ["ben: ben fixed the printer · Shared by ana"]


async def test_what_slack_does_not_answer_is_told_later(the_team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.services.readers.RETRY_SECONDS", 0.2)
    the_team.slack.fault("conversations.info", "http_500_before", times=4)
    the_team.prefers(the_team.ben, Preference.SHARE)
    await the_team.says(the_team.ana, "/win shipped it with @ben")
    await the_team.sees("ana: shipped it with @ben")
    await told(the_team, the_team.ben, FIRST)
