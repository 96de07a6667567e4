"""An admin adds a note to the next roundup, and leaves a win for the one after: just this time."""

from datetime import timedelta
from typing import Any

import pytest

from bot.domain.channel_settings import QuietPolicy
from bot.domain.editions import Edition
from bot.domain.wins import Mention, parse_win
from bot.services.win_privacy import make_private, share_again
from bot.storage import wins
from bot.storage.wins import NewWin
from tests.e2e.test_audit import log
from tests.e2e.test_forged import said as words_of
from tests.e2e.test_looking_back import APRIL_1, MARCH, has, stores, win_id
from tests.e2e.test_trust import stays
from tests.e2e.test_undo import saved
from tests.team import FRIDAY_16_BERLIN, Team, shows

WEEK = timedelta(days=7)
NOTE = "Thank you for a calm release week. See you at the picnic!"


async def preview(made: Team, person: Any) -> Any:
    await made.says(person, "/wins preview")
    shown = [each for each in made.slack.seen_by(person, made.general) if "Only visible to you" in (each.text or "")]
    return shown[-1]


async def opens(made: Team, person: Any) -> Any:
    await made.slack.press(person, await preview(made, person), action_id="just_this_time")
    return made.slack.modal(person)


def forged(made: Team, view: Any, person: Any) -> dict[str, Any]:
    """The form as it is open for someone, submitted by someone else."""
    return {
        "type": "view_submission",
        "team": {"id": made.slack.team_id, "domain": "acme"},
        "user": {"id": person.id, "name": person.name, "team_id": person.team_id},
        "view": view.to_slack() | {"state": {"values": {}}},
        "response_urls": [],
        "trigger_id": "1.2.3",
    }


async def changes(made: Team, person: Any, *, note: str | None = None, leaves: tuple[str, ...] = ()) -> str:
    """Fill in the form as someone, who leaves the wins whose labels hold these words."""
    form = await opens(made, person)
    if note is not None:
        await made.slack.fill(person, "note", note)
    options = [
        option
        for block in form.body["blocks"]
        if block.get("block_id") == "left"
        for option in block["element"]["options"]
    ]
    await made.slack.fill(
        person, "left", [each["value"] for each in options if any(word in each["text"]["text"] for word in leaves)]
    )
    answer = await made.slack.submit(person)
    assert answer.error is None, answer.error
    text = shows(made.slack.modal(person))
    await made.slack.close_view(person)
    return text


@pytest.mark.every_deployment
async def test_a_note_is_at_the_top_once_and_a_left_win_comes_a_week_later(the_team: Team) -> None:
    await the_team.says(the_team.ben, "/win fixed the build")
    await the_team.says(the_team.chloe, "/win signed the contract, not public yet")
    await the_team.sees("chloe: signed the contract")
    said = await changes(the_team, the_team.ana, note=NOTE, leaves=("contract",))
    assert "The next roundup will start with your note." in said
    assert "It'll leave 1 win for the roundup after that." in said
    shown = await preview(the_team, the_team.ana)
    assert NOTE in shown.text
    assert "ana" in shown.text
    assert "contract" not in shown.text

    await the_team.it_is(FRIDAY_16_BERLIN)
    friday = await the_team.sees(NOTE)
    assert "fixed the build" in friday.text
    assert "contract" not in friday.text
    await the_team.says(the_team.ben, "/win a week later")
    await the_team.it_is(FRIDAY_16_BERLIN + WEEK)
    await the_team.sees("a week later", times=2)
    later = the_team.slack.posts(the_team.general)[-1]
    assert "contract" in later.text
    assert NOTE not in later.text
    assert "fixed the build" not in later.text


@pytest.mark.parametrize("action_id", ["just_this_time", "preview_settings"])
async def test_a_form_that_slack_does_not_open_is_no_silence(the_team: Team, action_id: str) -> None:
    await the_team.says(the_team.ben, "/win fixed the build")
    shown = await preview(the_team, the_team.ana)
    the_team.slack.fault("views.open", "error", name="expired_trigger_id")
    await the_team.slack.press(the_team.ana, shown, action_id=action_id)
    await the_team.sees("Slack couldn't open the form. Please try again.", person=the_team.ana)
    await the_team.slack.press(the_team.ana, shown, action_id=action_id)
    assert the_team.slack.modal(the_team.ana) is not None, "the button is still there"


def has_said(made: Team, first: int, last: int) -> None:
    """Ben has shared the steps from `first` to `last`, one each second until a moment ago."""
    now, ben = made.clock.now(), Mention(made.ben.id, made.ben.name)
    new = [
        NewWin(
            parse_win(f"step {number:03}", []),
            made.slack.team_id,
            made.general.id,
            f"step {number}",
            ben,
            now - timedelta(seconds=200 - number),
        )
        for number in range(first, last + 1)
    ]
    stores(made, lambda connection: wins.add_all(connection, new))


async def offered(made: Team) -> list[str]:
    """The wins that the form offers to leave, as Ana reads them."""
    form = await opens(made, made.ana)
    (menu,) = (block for block in form.body["blocks"] if block.get("block_id") == "left")
    assert "Only the newest 100 wins fit in this list." in shows(form)
    await made.slack.close_view(made.ana)
    return [each["text"]["text"].rpartition(": ")[2] for each in menu["element"]["options"]]


async def test_of_more_wins_than_fit_in_the_list_it_has_the_newest_and_those_that_are_left(the_team: Team) -> None:
    has_said(the_team, 0, 101)
    assert await offered(the_team) == [f"step {number:03}" for number in range(2, 102)]
    assert "It'll leave 1 win" in await changes(the_team, the_team.ana, leaves=("step 002",))
    has_said(the_team, 102, 102)
    assert await offered(the_team) == ["step 002", *(f"step {number:03}" for number in range(4, 103))]


async def test_a_note_is_taken_away_and_a_win_put_back_in_the_same_form(the_team: Team) -> None:
    await the_team.says(the_team.ben, "/win fixed the build")
    await changes(the_team, the_team.ana, note=NOTE, leaves=("fixed",))
    form = await opens(the_team, the_team.ana)
    assert NOTE in str(form.body), "what was said is still there"
    await the_team.slack.close_view(the_team.ana)
    said = await changes(the_team, the_team.ana, note="", leaves=())
    assert "The next roundup won't have a note." in said
    await the_team.it_is(FRIDAY_16_BERLIN)
    await the_team.sees("fixed the build", times=2)
    assert NOTE not in "".join(the_team.posts())


async def test_what_two_people_change_at_once_is_all_kept(the_team: Team) -> None:
    the_team.configure(the_team.general, the_team.ana, manager_ids=frozenset({the_team.ben.id}))
    await the_team.says(the_team.chloe, "/win fixed the build")
    await the_team.says(the_team.chloe, "/win signed the contract")
    await opens(the_team, the_team.ana)
    assert "will start with your note" in await changes(the_team, the_team.ben, note=NOTE, leaves=("contract",))
    answer = await the_team.slack.submit(the_team.ana)
    assert answer.error is None, answer.error
    said = shows(the_team.slack.modal(the_team.ana))
    assert "won't have a note" not in said
    assert "It'll leave 1 win for the roundup after that." in said
    await the_team.it_is(FRIDAY_16_BERLIN)
    friday = await the_team.sees(NOTE)
    assert "contract" not in friday.text


async def test_a_form_that_was_left_open_does_not_bring_a_note_back(the_team: Team) -> None:
    await the_team.says(the_team.ben, "/win fixed the build")
    await changes(the_team, the_team.ana, note=NOTE)
    await opens(the_team, the_team.ana)
    await the_team.it_is(FRIDAY_16_BERLIN)
    await the_team.sees(NOTE)
    assert (await the_team.slack.submit(the_team.ana)).error is None
    assert "won't have a note" in shows(the_team.slack.modal(the_team.ana))


async def test_a_note_whose_roundup_had_nothing_left_to_tell_comes_with_the_next_one(the_team: Team) -> None:
    answer = await saved(the_team, "said too soon", person=the_team.ben)
    await the_team.sees("ben: said too soon")
    await changes(the_team, the_team.ana, note=NOTE)
    tried = len(the_team.slack.ledger.calls("chat.postMessage"))
    the_team.slack.fault("chat.postMessage", "rate_limited", times=1, retry_after=3)  # the roundup waits
    await the_team.it_is(FRIDAY_16_BERLIN)
    await the_team.slack.wait_for(lambda: len(the_team.slack.ledger.calls("chat.postMessage")) > tried)
    await the_team.slack.press(the_team.ben, answer, action_id="undo_win")
    await the_team.sees("Win deleted.", person=the_team.ben)
    await the_team.says(the_team.ben, "/win a week later")
    await the_team.sees("ben: a week later")
    await the_team.it_is(FRIDAY_16_BERLIN + WEEK)
    assert NOTE in (await the_team.sees_roundup(1)).text


async def test_what_was_to_be_just_this_time_waits_if_the_bot_was_off_then(the_team: Team) -> None:
    await the_team.says(the_team.ben, "/win fixed the build")
    await the_team.says(the_team.chloe, "/win signed the contract, not public yet")
    await the_team.sees("chloe: signed the contract")
    await changes(the_team, the_team.ana, note=NOTE, leaves=("contract",))
    await the_team.bot_stops()
    await the_team.it_is(FRIDAY_16_BERLIN + timedelta(days=2))
    await the_team.bot_starts()
    await the_team.sees("couldn't be posted in time", channel=the_team.slack.open_dm(the_team.ana))
    await the_team.it_is(FRIDAY_16_BERLIN + WEEK)
    friday = await the_team.sees(NOTE)
    assert "fixed the build" in friday.text
    assert "contract" not in friday.text
    await the_team.says(the_team.ben, "/win a week later")
    await the_team.sees("ben: a week later")
    await the_team.it_is(FRIDAY_16_BERLIN + 2 * WEEK)
    assert "signed the contract" in (await the_team.sees_roundup(2)).text


async def test_a_left_win_waits_no_longer_if_the_bot_was_off_until_after_its_own_roundup(the_team: Team) -> None:
    await the_team.says(the_team.ben, "/win fixed the build")
    await the_team.says(the_team.chloe, "/win signed the contract, not public yet")
    await the_team.sees("chloe: signed the contract")
    await changes(the_team, the_team.ana, leaves=("contract",))
    await the_team.bot_stops()
    await the_team.it_is(FRIDAY_16_BERLIN + WEEK + timedelta(days=2))
    await the_team.bot_starts()
    await the_team.sees("couldn't be posted in time", channel=the_team.slack.open_dm(the_team.ana))
    await the_team.it_is(FRIDAY_16_BERLIN + 2 * WEEK)
    assert "signed the contract" in (await the_team.sees_roundup(2)).text


async def test_a_left_win_comes_with_its_own_roundup_if_the_bot_was_off_over_the_one_before(the_team: Team) -> None:
    await the_team.says(the_team.ben, "/win fixed the build")
    await the_team.says(the_team.chloe, "/win signed the contract, not public yet")
    await the_team.sees("chloe: signed the contract")
    await changes(the_team, the_team.ana, leaves=("contract",))
    await the_team.bot_stops()
    await the_team.it_is(FRIDAY_16_BERLIN + WEEK + timedelta(hours=2))
    await the_team.bot_starts()
    roundup = await the_team.sees_roundup()
    assert "fixed the build" in roundup.text
    assert "signed the contract" in roundup.text


async def test_a_week_whose_wins_are_all_left_for_later_is_not_called_quiet(the_team: Team) -> None:
    the_team.configure(the_team.general, the_team.ana, quiet_policy=QuietPolicy.LINE)
    await the_team.says(the_team.chloe, "/win signed the contract, not public yet")
    await the_team.sees("chloe: signed the contract")
    await changes(the_team, the_team.ana, leaves=("contract",))
    await the_team.it_is(FRIDAY_16_BERLIN)
    await the_team.until(lambda: the_team.stored_channel().next_due_at == FRIDAY_16_BERLIN + WEEK)
    await stays(lambda: not any("A quiet stretch" in text for text in the_team.posts()))
    await the_team.it_is(FRIDAY_16_BERLIN + WEEK)
    assert "signed the contract" in (await the_team.sees_roundup(1)).text


async def test_a_preview_says_that_all_wins_are_left_to_those_who_may_change_that(the_team: Team) -> None:
    await the_team.says(the_team.chloe, "/win signed the contract, not public yet")
    await the_team.sees("chloe: signed the contract")
    await changes(the_team, the_team.ana, leaves=("contract",))
    for line in ("/wins preview", "/wins post"):
        said = await the_team.says(the_team.ana, line)
        assert "The only win so far is left for the roundup after the next one." in said
        assert "Friday, March 8 at 16:00 (Berlin)" in said
    said = await the_team.says(the_team.ben, "/wins preview")
    assert "No wins to share yet" in said
    assert "left" not in said, "no one else is told"
    await changes(the_team, the_team.ana)
    assert "signed the contract" in await the_team.says(the_team.ana, "/wins preview")


async def test_a_left_win_that_is_shared_again_after_that_roundup_is_in_the_next_one(the_team: Team) -> None:
    await the_team.says(the_team.ben, "/win fixed the build")
    await the_team.says(the_team.chloe, "/win signed the contract")
    await the_team.sees("chloe: signed the contract")
    await changes(the_team, the_team.ana, leaves=("contract",))
    who: dict[str, Any] = {"team_id": the_team.slack.team_id, "user_id": the_team.chloe.id, "is_outsider": False}
    contract = win_id(the_team, "signed the contract")
    stores(the_team, lambda connection: make_private(connection, **who, win_id=contract))
    await the_team.it_is(FRIDAY_16_BERLIN)
    assert "contract" not in (await the_team.sees_roundup(1)).text
    now = the_team.clock.now()
    stores(the_team, lambda connection: share_again(connection, **who, win_id=contract, now=now))
    await the_team.it_is(FRIDAY_16_BERLIN + WEEK)
    assert "signed the contract" in (await the_team.sees_roundup(1, times=2)).text


async def test_a_look_back_does_not_tell_what_is_left_for_a_later_roundup(the_team: Team) -> None:
    has(the_team, Edition.MONTHLY)
    await the_team.it_is(APRIL_1 - timedelta(days=2))
    await the_team.until(lambda: the_team.stored_channel().next_due_at == APRIL_1 + timedelta(days=4))
    await the_team.says(the_team.ben, "/win fixed the build")
    await the_team.says(the_team.chloe, "/win signed the contract, not public yet")
    await the_team.sees("chloe: signed the contract")
    await changes(the_team, the_team.ana, leaves=("contract",))
    await the_team.it_is(APRIL_1)
    edition = await the_team.sees(MARCH)
    assert "fixed the build" in edition.text
    assert "contract" not in edition.plain()


async def test_what_was_left_is_no_ones_to_see_and_the_log_says_who_did_it(the_team: Team) -> None:
    await the_team.says(the_team.ben, "/win fixed the build")
    form = await opens(the_team, the_team.ana)
    assert "No one is told which wins you leave. Admins see how many in the change history." in shows(form)
    await the_team.slack.close_view(the_team.ana)
    await changes(the_team, the_team.ana, note=NOTE, leaves=("fixed",))
    said = shows(await log(the_team, the_team.ana))
    assert f"ana added a note to the next roundup: {NOTE}" in said
    assert "ana left 1 win for the roundup after the next one." in said


async def test_only_who_may_change_the_roundup_is_offered_it_and_forged_forms_change_nothing(the_team: Team) -> None:
    await the_team.says(the_team.ben, "/win fixed the build")
    assert "just_this_time" not in str((await preview(the_team, the_team.ben)).blocks)
    view = await opens(the_team, the_team.ana)
    answer = await the_team.slack.deliver_raw(forged(the_team, view, the_team.ben), kind="interactive")
    assert "You don't have permission to change this roundup" in words_of(answer.payload or {})
    await the_team.it_is(FRIDAY_16_BERLIN)
    await the_team.sees("fixed the build", times=2)


@pytest.mark.parametrize("words", ["語" * 201, "🎉" * 151])
async def test_a_note_that_leaves_no_room_for_wins_is_refused_and_stays_in_the_form(the_team: Team, words: str) -> None:
    await the_team.says(the_team.ben, "/win fixed the build")
    await opens(the_team, the_team.ana)
    await the_team.slack.fill(the_team.ana, "note", words)
    answer = await the_team.slack.submit(the_team.ana)
    assert "Keep it to one or two sentences" in str(answer.payload)
    await the_team.it_is(FRIDAY_16_BERLIN)
    await the_team.sees("fixed the build", times=2)
    assert words[:10] not in "".join(the_team.posts())
