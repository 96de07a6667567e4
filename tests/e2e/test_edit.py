"""An author edits a win from where they see it, makes it private, shares it again, and deletes it."""

from datetime import timedelta
from typing import Any

import pytest

from bot.domain.consent import Preference
from bot.slack.manifest import EDIT_SHORTCUT
from bot.views import edit_win as view
from bot.views import win_form as fields
from tests.e2e.test_bad_input import typed
from tests.e2e.test_undo import saved
from tests.e2e.test_win_form import holds, shown
from tests.team import FRIDAY_16_BERLIN, Team, shows


async def opens(team: Team, message: Any, action_id: str = "edit_win", person: Any = None, index: int = 0) -> Any:
    """Someone presses Edit; returns the form."""
    person = person or team.ana
    answer = await team.slack.press(person, message, action_id, index=index)
    assert answer.error is None, answer.error
    return shown(team, person)


async def uses_shortcut(team: Team, person: Any, message: Any) -> Any:
    if message.user == team.slack.bot_user_id:
        await team.records(message)
    answer = await team.slack.message_shortcut(person, message, EDIT_SHORTCUT)
    assert answer.error is None, answer.error
    return shown(team, person)


async def submits(team: Team, text: str, person: Any = None) -> Any:
    """Someone changes the text and saves; returns what the form shows then, or None if it is closed."""
    person = person or team.ana
    await team.slack.fill(person, fields.TEXT, text)
    answer = await team.slack.submit(person)
    assert answer.error is None, answer.error
    return team.slack.modal(person)


async def presses(team: Team, action_id: str, person: Any = None) -> str:
    """Someone presses a button in the open form; returns what it says then."""
    person = person or team.ana
    answer = await team.slack.press(person, shown(team, person), action_id)
    assert answer.error is None, answer.error
    text = shows(shown(team, person))
    await team.slack.close_view(person)
    return text


@pytest.mark.every_deployment
async def test_ana_corrects_a_win_and_everything_that_shows_it_follows(the_team: Team) -> None:
    team = the_team
    answer = await saved(team, "fixed teh bild with @ben #qualty")
    announced = await team.sees("fixed teh bild")
    await team.slack.press(team.chloe, announced, "cheer")
    await team.it_is(FRIDAY_16_BERLIN)
    await team.sees_roundup(1)
    form = await opens(team, answer)
    assert holds(form, fields.TEXT) == "fixed teh bild with @ben #qualty"
    assert holds(form, fields.WHOSE) == [team.ana.id, team.ben.id]
    assert await submits(team, "fixed the build with @ben #quality") is None
    await team.slack.wait_for(lambda: "fixed teh" not in " ".join(team.posts()))
    posts = " ".join(team.posts())
    assert posts.count("fixed the build with @ben #quality") == 2
    assert posts.count("Cheered by chloe") == 2
    replaced = await team.sees("Win saved: fixed the build with @ben #quality", person=team.ana)
    assert "Tags: #quality" in replaced.plain()
    assert "@ben" in holds(await opens(team, replaced), fields.TEXT), "it is a mention still"


async def test_a_win_is_edited_from_the_list_home_and_its_announcement(the_team: Team) -> None:
    team = the_team
    await saved(team, "first")
    announced = await team.sees("ana: first")
    await team.says(team.ana, "/wins")
    await opens(team, await team.sees("Your recent wins", person=team.ana), "edit_listed_win")
    assert await submits(team, "second") is None
    assert "second" in (await team.sees("Your recent wins", person=team.ana)).plain()
    await team.sees("ana: second")
    await team.slack.open_home(team.ana)
    await opens(team, team.slack.home(team.ana), "edit_listed_win")
    assert await submits(team, "third") is None
    await team.sees("ana: third")
    await team.slack.wait_for(lambda: "third" in shows(team.slack.home(team.ana)))
    await uses_shortcut(team, team.ana, announced)
    assert await submits(team, "fourth") is None
    await team.sees("ana: fourth")
    assert len(team.posts()) == 1


async def test_an_edit_keeps_the_people_in_a_text_without_spaces_and_those_who_are_unnamed_stay_so(
    the_team: Team,
) -> None:
    """In Japanese no space follows a name: `<@U1|tanaka>さん`."""
    team = the_team
    tanaka = team.slack.add_person("tanaka", tz="Asia/Tokyo")
    team.prefers(tanaka, Preference.NEVER)
    command = await typed(team, f"<@{tanaka.id}|tanaka>さんとビルドを直す")
    await team.slack.deliver_raw(command, kind="slash_commands")
    await team.sees("A teammateさんとビルドを直す")
    await team.says(team.ana, "/wins")
    form = await opens(team, await team.sees("Your recent wins", person=team.ana), "edit_listed_win")
    assert holds(form, fields.TEXT) == "@tanakaさんとビルドを直す"
    assert await submits(team, "@tanakaさんとビルドを直した") is None
    await team.sees("A teammateさんとビルドを直した")
    assert "tanaka" not in " ".join(team.posts())


async def test_who_is_taken_out_of_a_win_and_not_out_of_its_text_is_no_plain_name_there(the_team: Team) -> None:
    team = the_team
    team.prefers(team.ben, Preference.NEVER)
    answer = await saved(team, "fixed teh build with @ben; Ben did most")
    await team.sees("ana: fixed teh build with a teammate; a teammate did most")
    await team.it_is(FRIDAY_16_BERLIN)
    await team.sees_roundup(1)
    await opens(team, answer)
    await team.slack.fill(team.ana, fields.WHOSE, [team.ana.id])
    assert await submits(team, "fixed the build with @ben; Ben did most") is None
    others_read = "fixed the build with a teammate; a teammate did most"
    await team.slack.wait_for(lambda: " ".join(team.posts()).count(others_read) == 2)
    assert "ben did" not in " ".join(team.posts()).casefold()
    assert "@ben" not in " ".join(team.posts())
    replaced = await team.sees("Win saved: fixed the build with @ben; Ben did most", person=team.ana)
    form = await opens(team, replaced)
    assert holds(form, fields.TEXT) == "fixed the build with @ben; Ben did most"
    assert holds(form, fields.WHOSE) == [team.ana.id]
    assert await submits(team, "fixed the whole build with @ben; Ben did most") is None
    others_read = others_read.replace("the build", "the whole build")
    await team.slack.wait_for(lambda: " ".join(team.posts()).count(others_read) == 2)
    assert "No wins found" in await team.says(team.chloe, "/wins search ben")
    assert "No wins found" in await team.says(team.chloe, "/wins search @ben")
    assert others_read in await team.says(team.chloe, "/wins search whole build")
    assert "whole build with @ben" in await team.says(team.ana, "/wins search ben")


async def test_edit_this_win_has_kind_words_for_everything_else(the_team: Team) -> None:
    team = the_team
    await saved(team, "all mine")
    announced = await team.sees("ana: all mine")
    assert "Only the person who saved this win" in shows(await uses_shortcut(team, team.ben, announced))
    await team.slack.close_view(team.ben)
    chat = await team.slack.say(team.ben, team.general, "good morning")
    assert "no win to edit in this message" in shows(await uses_shortcut(team, team.ben, chat))
    await team.slack.close_view(team.ben)
    await team.it_is(FRIDAY_16_BERLIN)
    roundup = await team.sees_roundup(1)
    assert "type `/wins`" in shows(await uses_shortcut(team, team.ana, roundup))


async def test_a_message_that_the_bot_can_not_change_leads_to_its_win_all_the_same(the_team: Team) -> None:
    team = the_team
    group = team.slack.open_group(team.ana, team.ben, team.chloe)
    await team.says(team.ana, "/win fixed teh bild", group)
    announced = await team.sees("ana: fixed teh bild", channel=group)
    assert "Only the person who saved this win" in shows(await uses_shortcut(team, team.ben, announced))
    await uses_shortcut(team, team.ana, announced)
    assert "so it keeps the old text" in shows(await submits(team, "fixed the build"))
    assert "fixed the build" in await team.says(team.ana, "/wins")


async def test_what_is_wrong_stands_at_the_field_and_nothing_is_lost(the_team: Team) -> None:
    team = the_team
    form = await opens(team, await saved(team, "short"))
    assert "the limit is 500" in shows(await submits(team, "x" * 501))
    assert "no win" not in shows(form)
    assert "what happened" in shows(await submits(team, "  "))
    await team.says(team.ana, "/wins")
    listing = await team.sees("Your recent wins", person=team.ana)
    await team.slack.press(team.ana, listing, "undo_listed_win")
    await team.slack.fill(team.ana, fields.REASON, "nor is a reason")
    gone = await submits(team, "a text that is not lost")
    assert "This win was deleted" in shows(gone)
    assert "a text that is not lost\nnor is a reason" in shows(gone)


async def test_what_was_entered_stays_in_the_form_while_its_author_is_not_seen_in_the_channel(the_team: Team) -> None:
    team = the_team
    secret = team.slack.add_channel("secret", members=[team.ana, team.ben], private=True, creator=team.ana)
    await team.slack.invite_bot(secret, team.ana)
    form = await opens(team, await saved(team, "fixed teh lock", channel=secret))
    await team.slack.leave(secret, team.ana)
    assert "I can't see you in this win's channel" in shows(await submits(team, "fixed the lock"))
    assert holds(form, fields.TEXT) == "fixed the lock"
    await team.slack.join(secret, team.ana)
    assert (await team.slack.submit(team.ana)).error is None
    assert team.slack.modal(team.ana) is None
    await team.sees("ana: fixed the lock", channel=secret)


async def test_a_change_from_elsewhere_gives_both_texts(the_team: Team) -> None:
    team = the_team
    answer = await saved(team, "one")
    announced = await team.sees("ana: one")
    first = await opens(team, answer)
    before = first.to_slack()
    await team.slack.close_view(team.ana)
    await uses_shortcut(team, team.ana, announced)
    await team.slack.fill(team.ana, fields.WHOSE, [team.ana.id, team.ben.id])
    assert await submits(team, "two") is None
    payload = {
        "type": "view_submission",
        "team": {"id": team.slack.team_id},
        "user": {"id": team.ana.id, "team_id": team.slack.team_id},
        "view": before,
    }
    for block in before["state"]["values"].values():
        for element in block.values():
            if element["type"] == "plain_text_input" and element["value"] == "one":
                element["value"] = "three"
    response = await team.slack.deliver_raw(payload, kind="interactive")
    text = str(response.payload)
    assert "changed somewhere else" in text
    assert "'two'" in text
    assert "'With ben'" in text
    assert "'three'" in text
    await team.sees("ana: two · With ben")


async def test_a_told_win_that_outgrows_its_roundup_is_refused_with_what_fits(the_team: Team) -> None:
    team = the_team
    answer = await saved(team, "ok")
    for number in range(3):
        await saved(team, "字" * 180 + f"{number}", person=team.ben)
    await team.it_is(FRIDAY_16_BERLIN)
    await team.sees_roundup(4)
    await opens(team, answer)
    assert "that message has room for" in shows(await submits(team, "字" * 500))


async def test_a_message_of_last_month_keeps_its_text_and_the_author_is_told(the_team: Team) -> None:
    team = the_team
    answer = await saved(team, "old news")
    await team.sees("ana: old news")
    await team.it_is(FRIDAY_16_BERLIN + timedelta(weeks=4))
    await team.sees_roundup(1)
    await opens(team, answer)
    told = shows(await submits(team, "new news"))
    assert "The message in" in told
    assert "more than 30 days old" in told
    await team.sees("new news", times=1)  # in the roundup, which is new
    await team.sees("ana: old news", times=1)


@pytest.mark.every_deployment
async def test_a_win_is_made_private_and_shared_again(the_team: Team) -> None:
    team = the_team
    answer = await saved(team, "for now")
    await saved(team, "another", person=team.ben)
    announced = await team.sees("ana: for now")
    await team.slack.press(team.chloe, announced, "cheer")
    await team.slack.react(team.dmitri, team.general, announced.ts, "tada")
    await team.it_is(FRIDAY_16_BERLIN)
    await team.sees_roundup(2)
    await opens(team, answer)
    await team.slack.fill(team.ana, fields.TEXT, "half a sentence")
    private = await presses(team, view.MAKE_PRIVATE)
    assert "private now" in private
    assert "half a sentence" in private, "what was entered is given back"
    await team.slack.wait_for(lambda: "for now" not in " ".join(team.posts()))
    await team.sees_roundup(1)
    await opens(team, await team.sees("Only you can see this win", person=team.ana))
    assert "back in the roundup it was in" in await presses(team, view.SHARE_AGAIN)
    await team.sees("ana: for now")
    await team.sees_roundup(2)
    assert " ".join(team.posts()).count("for now") == 2
    assert "Cheered by chloe and dmitri" in (await team.sees("ana: for now")).plain()


async def test_all_that_was_written_in_the_form_is_given_back_by_a_button_that_closes_it(the_team: Team) -> None:
    team = the_team
    answer = await saved(team, "for now")
    await team.sees("ana: for now")
    await opens(team, answer)
    await team.slack.fill(team.ana, fields.REASON, "found the flaky test")
    await team.slack.suggest(team.ana, fields.TAGS, "quality")
    await team.slack.fill(team.ana, fields.TAGS, ["quality"])
    await team.slack.fill(team.ana, fields.URL, "https://example.com/build/7")
    private = await presses(team, view.MAKE_PRIVATE)
    assert "private now" in private
    assert "Here's your text:\nfor now\nfound the flaky test\nhttps://example.com/build/7\n#quality" in private
    await opens(team, await team.sees("Only you can see this win", person=team.ana))
    assert "Here's your text" not in await presses(team, view.SHARE_AGAIN), "nothing was changed"


async def test_a_win_is_shared_again_only_by_one_who_is_in_its_channel(the_team: Team) -> None:
    team = the_team
    secret = team.slack.add_channel("secret", members=[team.ana, team.ben], private=True, creator=team.ana)
    await team.slack.invite_bot(secret, team.ana)
    answer = await saved(team, "a secret", channel=secret)
    await team.sees("ana: a secret", channel=secret)
    await opens(team, answer)
    await team.slack.leave(secret, team.ana)
    assert "didn't share" not in await presses(team, view.MAKE_PRIVATE)
    await team.slack.wait_for(lambda: "a secret" not in " ".join(team.posts(secret)))
    await team.slack.open_home(team.ana)
    await opens(team, team.slack.home(team.ana), "edit_listed_win")
    assert "I didn't share your win there" in await presses(team, view.SHARE_AGAIN)
    assert "a secret" not in " ".join(team.posts(secret))


async def test_a_win_is_deleted_in_the_form_which_asks(the_team: Team) -> None:
    team = the_team
    await saved(team, "regretted")
    announced = await team.sees("ana: regretted")
    form = await uses_shortcut(team, team.ana, announced)
    assert "Delete this win?" in shows(form)
    await team.slack.fill(team.ana, fields.TEXT, "regretted, and then put better")
    await team.slack.fill(team.ana, fields.REASON, "she slept on it")
    deleted = await presses(team, view.DELETE)
    assert "Win deleted" in deleted
    assert "reuse it:\nregretted, and then put better\nshe slept on it" in deleted
    await team.slack.wait_for(lambda: not team.posts())


async def test_a_shortcut_whose_form_slack_does_not_open_says_so(the_team: Team) -> None:
    team = the_team
    await saved(team, "patient")
    announced = await team.sees("ana: patient")
    await team.records(announced)
    team.slack.fault("views.open", "error", name="expired_trigger_id")
    await team.slack.message_shortcut(team.ana, announced, EDIT_SHORTCUT)
    await team.sees("Slack couldn't open the form. Please try again.", person=team.ana)


async def test_an_edit_that_slack_does_not_open_is_offered_again(the_team: Team) -> None:
    team = the_team
    answer = await saved(team, "patient")
    team.slack.fault("views.open", "http_500_before")
    await team.slack.press(team.ana, answer, "edit_win")
    again = await team.sees("Slack couldn't open the form", person=team.ana)
    await opens(team, again)
    assert await submits(team, "rewarded") is None
    await team.sees("ana: rewarded")
