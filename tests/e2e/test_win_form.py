"""The form of a win: bare `/win`, the shortcut and Home open it, it keeps what is entered, and it saves one win."""

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from bot.domain.consent import Preference
from bot.services import unsaved_wins
from bot.slack.manifest import SAVE_WIN_SHORTCUT
from bot.storage import unsaved_wins as unsaved_queries
from bot.storage import users
from bot.storage.unavailable import DatabaseUnavailable
from bot.views import win_form as view
from slack_standin import View
from tests.db_dump import column
from tests.team import FRIDAY_16_BERLIN, Team, shows


async def opens(team: Team, person: Any, channel: Any = None) -> Any:
    """Someone types /win alone; returns the form that they get to see."""
    answer = await team.slack.slash(person, channel or team.general, "/win")
    assert answer.error is None, answer.error
    return shown(team, person)


def shown(team: Team, person: Any) -> View:
    """The modal that someone has open."""
    form = team.slack.modal(person)
    assert form is not None, "a form is open"
    return form


def holds(form: Any, name: str) -> Any:
    """What a field of an open form holds."""
    (element,) = next(
        values for block_id, values in form.state.values.items() if block_id.partition("/")[0] == name
    ).values()
    return next(value for key, value in element.items() if key != "type")


@pytest.mark.every_deployment
async def test_ana_types_win_alone_and_fills_in_the_form(the_team: Team) -> None:
    team = the_team
    form = await opens(team, team.ana)
    assert form.body["title"]["text"] == "Save a win"
    assert holds(form, view.WHOSE) == [team.ana.id]
    assert holds(form, view.CHANNEL) == team.general.id
    await team.slack.fill(team.ana, view.TEXT, "fixed the build with @ben")
    await team.slack.fill(team.ana, view.WHOSE, [team.ana.id, team.ben.id])
    await team.slack.fill(team.ana, view.THANKED, [team.chloe.id])
    await team.slack.fill(team.ana, view.REASON, "found the flaky test")
    await team.slack.suggest(team.ana, view.TAGS, "Quality")
    await team.slack.fill(team.ana, view.TAGS, ["quality"])
    await team.slack.fill(team.ana, view.URL, "https://example.com/build/7")
    answer = await team.slack.submit(team.ana)
    assert answer.error is None
    assert team.slack.modal(team.ana) is None
    saved = await team.sees("Win saved", person=team.ana)
    assert "Sharing it in this channel" in saved.plain()
    await team.sees("fixed the build with @ben")
    assert column(team.database_url, "wins", "url") == ["https://example.com/build/7"]
    assert column(team.database_url, "tags", "tag") == ["quality"]
    assert sorted(column(team.database_url, "win_people", "role")) == ["credited", "thanked"]
    assert column(team.database_url, "unsaved_wins", "id") == []
    await team.slack.press(team.ana, saved, "undo_win")
    await team.slack.wait_for(lambda: not [text for text in team.posts() if "fixed" in text])


async def test_what_was_entered_in_a_closed_form_is_there_again(the_team: Team) -> None:
    team = the_team
    form = await opens(team, team.ana)
    await team.slack.fill(team.ana, view.THANKED, [team.ben.id])
    await team.slack.fill(team.ana, view.TEXT, "wrote half a sen")
    await team.slack.close_view(team.ana, form)
    assert not team.slack.modal(team.ana)

    form = await opens(team, team.ana)
    await team.slack.wait_for(lambda: "It isn't saved yet" in shows(form))
    assert (holds(form, view.TEXT), holds(form, view.THANKED)) == ("wrote half a sen", [team.ben.id])
    await team.slack.press(team.ana, form, view.START_OVER)
    assert (holds(form, view.TEXT), holds(form, view.THANKED)) == (None, [])
    assert holds(form, view.WHOSE) == [team.ana.id]
    assert column(team.database_url, "unsaved_wins", "id") == []
    assert "It isn't saved yet" not in shows(await opens(team, team.ana)), "it is forgotten"

    await team.slack.fill(team.ana, view.TEXT, "fixed the door")
    submitted = await team.slack.submit(team.ana)
    await team.sees("ana: fixed the door")
    again = await team.slack.resend(submitted.request)
    assert again.error is None
    assert column(team.database_url, "wins", "text") == ["fixed the door"]
    assert column(team.database_url, "unsaved_wins", "id") == []


async def test_what_was_entered_and_not_saved_for_a_day_is_forgotten(the_team: Team) -> None:
    team = the_team
    form = await opens(team, team.ana)
    await team.slack.fill(team.ana, view.TEXT, "wrote half a sen")
    await team.slack.close_view(team.ana, form)
    await team.bot_stops()
    assert len(column(team.database_url, "unsaved_wins", "id")) == 1
    await team.it_is(team.clock.now() + timedelta(days=1, minutes=1))
    await team.bot_starts()
    await team.until(lambda: column(team.database_url, "unsaved_wins", "id") == [])


async def test_a_field_that_was_emptied_stays_empty(the_team: Team) -> None:
    team = the_team
    form = await opens(team, team.ana)
    await team.slack.fill(team.ana, view.TEXT, "fixed the door")
    await team.slack.fill(team.ana, view.REASON, "said too much")
    emptied = await team.slack.fill(team.ana, view.REASON, None)
    assert emptied is not None, "the bot hears of it"
    assert emptied.error is None, emptied.error
    await team.slack.close_view(team.ana, form)

    form = await opens(team, team.ana)
    await team.slack.wait_for(lambda: holds(form, view.TEXT) == "fixed the door")
    assert holds(form, view.REASON) is None


@pytest.mark.parametrize(("queries", "name"), [(unsaved_queries, "latest"), (users, "names")], ids=["kept", "names"])
async def test_what_was_entered_waits_if_it_can_t_be_filled_in_again(
    the_team: Team, monkeypatch: pytest.MonkeyPatch, queries: Any, name: str
) -> None:
    team = the_team
    form = await opens(team, team.ana)
    await team.slack.fill(team.ana, view.TEXT, "wrote half a sen")
    await team.slack.close_view(team.ana, form)

    def fail(*_: Any, **__: Any) -> None:
        raise DatabaseUnavailable("the database doesn't answer")

    with monkeypatch.context() as broken:
        broken.setattr(queries, name, fail)
        form = await opens(team, team.ana)
        await team.slack.wait_for(lambda: "My database isn't answering" in shows(form))
    await team.slack.close_view(team.ana, form)
    form = await opens(team, team.ana)
    await team.slack.wait_for(lambda: holds(form, view.TEXT) == "wrote half a sen")


async def test_a_form_that_is_not_filled_in_leaves_alone_what_was_kept(the_team: Team) -> None:
    team = the_team
    form = await opens(team, team.ana)
    await team.slack.fill(team.ana, view.TEXT, "wrote half a sen")
    await team.slack.close_view(team.ana, form)

    unfilled = team.slack.fault("views.update", "error")
    await opens(team, team.ana)
    await team.until(lambda: unfilled.times == 0)
    await team.slack.fill(team.ana, view.TEXT, "fixed the door")
    await team.slack.submit(team.ana)
    await team.sees("ana: fixed the door")
    form = await opens(team, team.ana)
    await team.slack.wait_for(lambda: holds(form, view.TEXT) == "wrote half a sen")


async def test_a_form_that_is_not_filled_in_suggests_tags_of_the_channel_that_it_shows(the_team: Team) -> None:
    team, ana = the_team, the_team.ana
    lab = team.slack.add_channel("lab", members=[ana], creator=ana)
    await team.says(ana, "/win grew a #crystal", lab)
    await team.says(ana, "/win planted a #cactus")
    form = await opens(team, ana)
    await team.slack.fill(ana, view.TEXT, "wrote half a sen")
    await team.slack.fill(ana, view.CHANNEL, lab.id)
    await team.slack.close_view(ana, form)

    unfilled = team.slack.fault("views.update", "error")
    form = await opens(team, ana)
    await team.until(lambda: unfilled.times == 0)
    assert holds(form, view.CHANNEL) == team.general.id
    answer = await team.slack.suggest(ana, view.TAGS, "")
    assert [option["text"]["text"] for option in answer.payload["options"]] == ["#cactus"]


async def test_what_is_entered_in_a_form_that_is_not_filled_in_is_kept_beside_what_was(the_team: Team) -> None:
    team = the_team
    form = await opens(team, team.ana)
    await team.slack.fill(team.ana, view.TEXT, "wrote half a sen")
    await team.slack.close_view(team.ana, form)

    unfilled = team.slack.fault("views.update", "error")
    form = await opens(team, team.ana)
    await team.until(lambda: unfilled.times == 0)
    await team.it_is(team.clock.now() + timedelta(seconds=20))
    await team.slack.fill(team.ana, view.TEXT, "fixed the door")
    await team.slack.close_view(team.ana, form)
    form = await opens(team, team.ana)
    await team.slack.wait_for(lambda: holds(form, view.TEXT) == "fixed the door")
    await team.slack.submit(team.ana)
    await team.sees("ana: fixed the door")
    form = await opens(team, team.ana)
    await team.slack.wait_for(lambda: holds(form, view.TEXT) == "wrote half a sen")


async def test_each_field_says_what_is_wrong_with_it_and_keeps_the_rest(the_team: Team) -> None:
    team, ana = the_team, the_team.ana
    team.prefers(team.ben, Preference.SHARE)
    secret = team.slack.add_channel("secret", members=[team.ben, ana], creator=team.ben, private=True, with_bot=False)
    form = await opens(team, ana)
    await team.slack.fill(ana, view.TEXT, "x" * 501)
    await team.slack.fill(ana, view.WHOSE, [team.ben.id, team.slack.bot.id])
    await team.slack.fill(ana, view.THANKED, [team.ben.id])
    await team.slack.fill(ana, view.REASON, "y" * 201)
    await team.slack.fill(ana, view.URL, "ftp://example.com")
    await team.slack.fill(ana, view.CHANNEL, secret.id)
    await team.slack.submit(ana)
    said = {block_id.partition("/")[0]: text for block_id, text in form.errors.items()}
    assert "501 characters" in said[view.TEXT]
    assert "Apps can't be chosen" in said[view.WHOSE]
    assert "already their win" in said[view.THANKED]
    assert "200 characters" in said[view.REASON]
    assert "https://" in said[view.URL]
    assert "/invite @Winsome" in said[view.CHANNEL]
    assert len(holds(form, view.TEXT)) == 501

    await team.slack.fill(ana, view.TEXT, "Ben got the grant")
    await team.slack.fill(ana, view.WHOSE, [team.ben.id])
    await team.slack.fill(ana, view.THANKED, [ana.id])
    await team.slack.fill(ana, view.REASON, None)
    await team.slack.fill(ana, view.URL, None)
    await team.slack.invite_bot(secret, by=ana)
    await team.slack.submit(ana)
    assert form.errors == {}
    await team.sees("Ben got the grant", channel=secret)
    saved = await team.sees("Win saved", person=ana)
    assert f"Sharing it in <#{secret.id}>" in saved.text
    assert "Thanks to ana" in saved.text
    assert not [text for text in team.posts() if "grant" in text]


async def test_from_home_and_by_the_shortcut_the_form_itself_says_what_became_of_the_win(the_team: Team) -> None:
    team, ben = the_team, the_team.ben
    await team.slack.shortcut(ben, SAVE_WIN_SHORTCUT)
    form = shown(team, ben)
    await team.slack.fill(ben, view.TEXT, "asked for help in time")
    await team.slack.fill(ben, view.KIND, "learning")
    assert (await team.slack.submit(ben)).error == "invalid_input", "Slack asks for the channel"
    await team.slack.fill(ben, view.CHANNEL, team.general.id)
    await team.slack.submit(ben)
    assert "Learning saved: asked for help in time" in shows(form)
    assert f"Sharing it in <#{team.general.id}>" in shows(form)
    await team.sees("asked for help in time")
    await team.slack.press(ben, form, "undo_win")
    assert "Win deleted" in shows(form)
    await team.slack.wait_for(lambda: team.posts() == [])

    await team.slack.open_home(ben)
    home = team.slack.home(ben)
    assert home is not None
    await team.slack.press(ben, home, view.OPEN_WIN_FORM)
    form = shown(team, ben)
    await team.slack.fill(ben, view.TEXT, "took a day off")
    assert view.CHANNEL in form.state.values
    await team.slack.fill(ben, view.AUDIENCE, view.ONLY_ME)
    assert view.CHANNEL not in form.state.values
    assert holds(form, view.TEXT) == "took a day off"
    await team.slack.submit(ben)
    assert "Only you can see this win" in shows(form)
    await team.slack.wait_for(lambda: "took a day off" in shows(home))
    assert team.posts() == []


async def test_a_win_is_edited_from_the_form_that_says_that_it_is_saved(the_team: Team) -> None:
    team, ben = the_team, the_team.ben
    await team.slack.shortcut(ben, SAVE_WIN_SHORTCUT)
    await team.slack.fill(ben, view.TEXT, "fixed teh door")
    await team.slack.fill(ben, view.CHANNEL, team.general.id)
    await team.slack.submit(ben)
    await team.sees("ben: fixed teh door")
    await team.slack.press(ben, shown(team, ben), "edit_win")
    form = shown(team, ben)
    assert form.body["title"]["text"] == "Edit win"
    assert holds(form, view.TEXT) == "fixed teh door"
    await team.slack.fill(ben, view.TEXT, "fixed the door")
    assert (await team.slack.submit(ben)).error is None
    assert team.slack.modal(ben) is None
    await team.sees("ben: fixed the door")
    assert len(team.posts()) == 1


async def test_in_a_direct_message_a_win_is_private_and_in_a_group_it_is_shared_there(the_team: Team) -> None:
    team, ana = the_team, the_team.ana
    form = await opens(team, ana, team.slack.open_dm(ana))
    assert (holds(form, view.AUDIENCE)["value"], view.CHANNEL in form.state.values) == (view.ONLY_ME, False)
    await team.slack.fill(ana, view.TEXT, "slept well")
    await team.slack.submit(ana)
    assert column(team.database_url, "wins", "is_private") == [True]

    group = team.slack.add_channel("mpdm-ana--ben--chloe-1", members=[ana, team.ben, team.chloe], private=True)
    form = await opens(team, ana, group)
    assert holds(form, view.CHANNEL) == group.id
    await team.slack.fill(ana, view.TEXT, "met all of you")
    await team.slack.submit(ana)
    await team.sees("met all of you", channel=group)


async def test_a_form_that_slack_does_not_open_is_offered_again(the_team: Team) -> None:
    team, ana = the_team, the_team.ana
    team.slack.fault("views.open", "error", times=3, name="expired_trigger_id")
    await team.slack.shortcut(ana, SAVE_WIN_SHORTCUT)
    in_dm = await team.sees("Slack couldn't open the form.", channel=team.slack.open_dm(ana))
    assert "Slack couldn't open the form." in await team.says(ana, "/win")
    offer = await team.sees("Slack couldn't open the form", person=ana)
    await team.slack.press(ana, offer, view.OPEN_WIN_FORM)
    assert team.slack.modal(ana) is None
    await team.slack.press(ana, await team.sees("Slack couldn't open the form", person=ana), view.OPEN_WIN_FORM)
    await team.slack.fill(ana, view.TEXT, "kept trying")
    await team.slack.submit(ana)
    await team.sees("ana: kept trying")
    await team.sees("Win saved: kept trying", person=ana)
    assert not [each for each in team.slack.seen_by(ana, team.general) if "couldn't open" in (each.text or "")]
    await team.slack.press(ana, in_dm, view.OPEN_WIN_FORM)
    assert holds(shown(team, ana), view.WHOSE) == [ana.id]


async def test_tags_are_suggested_from_the_channel_to_those_who_are_in_it(the_team: Team) -> None:
    team, ana = the_team, the_team.ana
    lab = team.slack.add_channel("lab", members=[team.ben], creator=team.ben)
    await team.says(team.ben, "/win grew a #crystal", lab)
    await team.says(team.ben, "/win planted a #cactus")
    await team.says(team.ben, "/win had #coffee alone", team.slack.open_dm(team.ben))

    async def suggested(typed: str) -> list[str]:
        answer = await team.slack.suggest(ana, view.TAGS, typed)
        return [option["text"]["text"] for option in answer.payload["options"]]

    await opens(team, ana)
    assert await suggested("") == ["#cactus"]
    assert await suggested("#C") == ["#cactus", "#c"]
    assert await suggested("Ünï côde") == ["#ünï"]
    assert await suggested("!?") == []
    await team.slack.fill(ana, view.CHANNEL, lab.id)
    assert await suggested("") == [], "she isn't in it"
    assert await suggested("cr") == ["#cr"]
    await team.slack.fill(ana, view.TEXT, "looked in from outside")
    await team.slack.submit(ana)
    assert "can't see you in that channel" in shown(team, ana).errors[view.CHANNEL]


async def test_where_the_bot_can_only_answer_the_form_works_as_the_command_does(the_team: Team) -> None:
    team, ana = the_team, the_team.ana
    away = team.slack.add_channel("away", members=[ana, team.ben], creator=ana, private=True, with_bot=False)
    await opens(team, ana, away)
    await team.slack.fill(ana, view.TEXT, "won without the bot")
    await team.slack.submit(ana)
    await team.sees("ana: won without the bot", channel=away, person=team.ben)
    await team.sees("Win saved: won without the bot", channel=away, person=ana)

    await opens(team, ana)
    await team.slack.fill(ana, view.TEXT, "left before it was saved")
    await team.slack.leave(team.general, ana)
    await team.slack.submit(ana)
    assert "can't see you in that channel" in shown(team, ana).errors[view.CHANNEL]


async def test_a_database_that_keeps_nothing_interrupts_no_one(the_team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise OperationalError("INSERT", {}, Exception("disk full"))

    team, ana = the_team, the_team.ana
    monkeypatch.setattr(unsaved_wins, "keep", fail)
    form = await opens(team, ana)
    await team.slack.fill(ana, view.TEXT, "typed on")
    assert shown(team, ana) is form, "no error lies on top of it"
    await team.slack.submit(ana)
    await team.sees("ana: typed on")


async def test_a_form_that_claims_to_be_of_a_group_shares_nothing_with_a_channel_of_others(the_team: Team) -> None:
    team, ana = the_team, the_team.ana
    secret = team.slack.add_channel("secret", members=[team.ben], creator=team.ben, private=True)
    team.configure(secret, team.ben)
    group = team.slack.add_channel("mpdm-ana--ben--chloe-1", members=[ana, team.ben, team.chloe], private=True)
    await opens(team, ana, group)
    await team.slack.fill(ana, view.TEXT, "let me in")
    submitted = await team.slack.submit(ana)
    await team.sees("let me in", channel=group)
    forged = json.loads(json.dumps(submitted.request.payload).replace(group.id, secret.id).replace("let me", "slip"))
    forged["view"]["id"] = "VFORGED"
    answer = await team.slack.deliver_raw(forged, kind="interactive")
    assert "can't see you in that channel" in str(answer.payload)
    assert team.posts(secret) == []


async def test_ben_adds_a_win_from_the_roundup_which_stays_as_it_is(the_team: Team) -> None:
    await the_team.says(the_team.ana, "/win fixed the build")
    await the_team.it_is(FRIDAY_16_BERLIN)
    roundup = await the_team.sees_roundup(1)
    before = roundup.text
    await the_team.slack.press(the_team.ben, roundup, action_id="add_win")
    await the_team.slack.fill(the_team.ben, view.TEXT, "answered the customer")
    answer = await the_team.slack.submit(the_team.ben)
    assert answer.error is None, answer.error
    await the_team.sees("ben: answered the customer")
    await the_team.sees("Win saved: answered the customer", person=the_team.ben)
    assert roundup.text == before
