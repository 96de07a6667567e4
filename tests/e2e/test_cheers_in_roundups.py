"""A win is cheered beside its words in the roundup: it is the cheer that its announcement has, and goes everywhere."""

from typing import Any

from sqlalchemy import select

from bot.storage.database import engine
from bot.storage.tables import win_cheers, wins
from tests.team import FRIDAY_16_BERLIN, Team


async def fridays_roundup(team: Team, *wins: tuple[Any, str]) -> tuple[list[Any], Any]:
    """Let people log wins, and Friday come; returns the announcements and the roundup."""
    announced = []
    for person, text in wins:
        await team.says(person, f"/win {text}")
        announced.append(await team.sees(f"{person.name}: {text}"))
    await team.it_is(FRIDAY_16_BERLIN)
    roundup = await team.sees(wins[0][1], times=2)
    await team.records(roundup)
    return announced, roundup


def mentions(*messages: Any) -> list[int]:
    """How often each message names Ben."""
    return [message.text.count("ben") for message in messages]


def claps(roundup: Any) -> dict[str, str]:
    """The values of the buttons beside the wins of a roundup, by what a screen reader says."""
    found = [block["accessory"] for block in roundup.blocks if block.get("accessory", {}).get("type") == "button"]
    return {each["accessibility_label"]: each["value"] for each in found if each["action_id"] == "cheer_told_win"}


async def clap(team: Team, person: Any, roundup: Any, whose: str) -> Any:
    """Press the clap beside someone's win in the roundup."""
    value = claps(roundup)[f"Cheer {whose}'s win"]
    return await team.slack.press(person, roundup, action_id="cheer_told_win", value=value)


async def test_a_win_is_cheered_in_the_roundup_and_taken_back_everywhere(the_team: Team) -> None:
    slack, ana, ben = the_team.slack, the_team.ana, the_team.ben
    (announced, other), roundup = await fridays_roundup(the_team, (ana, "wrote a test"), (the_team.chloe, "slept well"))
    assert set(claps(roundup)) == {"Cheer ana's win", "Cheer chloe's win"}

    await clap(the_team, ben, roundup, "ana")
    await slack.wait_for(lambda: mentions(announced, roundup) == [1, 1])
    assert "ben" not in other.text

    await clap(the_team, ben, roundup, "ana")
    answer = await the_team.sees("You already cheered this.", person=ben)
    await slack.press(ben, answer, action_id="take_back_cheer")
    await the_team.sees("Your cheer was removed.", person=ben)
    await slack.wait_for(lambda: mentions(announced, roundup) == [0, 0])

    await slack.press(ben, announced, action_id="cheer")
    await slack.wait_for(lambda: mentions(announced, roundup) == [1, 1])
    await clap(the_team, ben, roundup, "ana")
    answer = await the_team.sees("You already cheered this.", person=ben, times=2)
    await slack.press(ben, answer, action_id="take_back_cheer")
    await slack.wait_for(lambda: mentions(announced, roundup) == [0, 0])


async def test_a_cheer_of_the_whole_roundup_is_taken_back_for_itself(the_team: Team) -> None:
    slack, ben = the_team.slack, the_team.ben
    (announced,), roundup = await fridays_roundup(the_team, (the_team.ana, "wrote a test"))
    await slack.press(ben, roundup, action_id="cheer")
    await slack.wait_for(lambda: roundup.text.count("ben") == 1)
    await clap(the_team, ben, roundup, "ana")
    await slack.wait_for(lambda: roundup.text.count("ben") == 2)
    await slack.wait_for(lambda: "ben" in announced.text)
    await slack.press(ben, roundup, action_id="cheer")
    answer = await the_team.sees("You already cheered this.", person=ben)
    await slack.press(ben, answer, action_id="take_back_cheer")
    await slack.wait_for(lambda: roundup.text.count("ben") == 1)
    assert "ben" in announced.text
    await clap(the_team, ben, roundup, "ana")
    answer = await the_team.sees("You already cheered this.", person=ben, times=2)
    await slack.press(ben, answer, action_id="take_back_cheer")
    await slack.wait_for(lambda: "ben" not in roundup.text + announced.text)


async def test_a_reaction_taken_away_after_a_press_in_the_roundup_leaves_the_press(the_team: Team) -> None:
    slack, ben = the_team.slack, the_team.ben
    (announced,), roundup = await fridays_roundup(the_team, (the_team.ana, "wrote a test"))
    await slack.react(ben, the_team.general, announced.ts, "heart")
    await slack.wait_for(lambda: "ben" in roundup.text)
    await clap(the_team, ben, roundup, "ana")
    await slack.wait_for(lambda: "ben" in announced.text)
    await slack.unreact(ben, the_team.general, announced.ts, "heart")
    await clap(the_team, ben, roundup, "ana")
    answer = await the_team.sees("You already cheered this.", person=ben)
    await slack.press(ben, answer, action_id="take_back_cheer")
    await slack.wait_for(lambda: "ben" not in roundup.text + announced.text)


async def test_no_one_cheers_their_own_win_in_the_roundup(the_team: Team) -> None:
    slack = the_team.slack
    (announced,), roundup = await fridays_roundup(the_team, (the_team.ana, "did it with @ben"))
    before = (announced.text, roundup.text)
    for person in (the_team.ana, the_team.ben):
        await clap(the_team, person, roundup, "ana")
        await the_team.sees("only your teammates can cheer it", person=person)
    await clap(the_team, the_team.chloe, roundup, "ana")
    await slack.wait_for(lambda: "chloe" in announced.text and "chloe" in roundup.text)
    await clap(the_team, the_team.chloe, roundup, "ana")
    answer = await the_team.sees("You already cheered this.", person=the_team.chloe)
    await slack.press(the_team.chloe, answer, action_id="take_back_cheer")
    await slack.wait_for(lambda: (announced.text, roundup.text) == before)


async def test_a_roundup_elsewhere_lets_its_readers_cheer_a_win_they_see_there(the_team: Team) -> None:
    slack = the_team.slack
    wins = slack.add_channel("wins", members=the_team.everybody, creator=the_team.ana)
    the_team.configure(the_team.general, the_team.ana, target_channel_id=wins.id)
    await the_team.says(the_team.ana, "/win wrote a test")
    announced = await the_team.sees("ana: wrote a test")
    await the_team.it_is(FRIDAY_16_BERLIN)
    roundup = await the_team.sees("wrote a test", channel=wins)
    await the_team.records(roundup)
    await clap(the_team, the_team.ben, roundup, "ana")
    await slack.wait_for(lambda: "ben" in announced.text and "ben" in roundup.text)


async def test_a_made_up_press_in_a_roundup_is_refused_and_tells_nothing(the_team: Team) -> None:
    slack, ana, ben = the_team.slack, the_team.ana, the_team.ben
    secret = slack.add_channel("secret", members=[ana], creator=ana, private=True)
    await slack.slash(ana, secret, "/invite @winsome")
    await the_team.says(ana, "/win hired a spy", secret)
    hidden = await the_team.sees("hired a spy", channel=secret)
    _, roundup = await fridays_roundup(the_team, (ana, "wrote a test"), (the_team.chloe, "slept well"))
    await the_team.says(the_team.chloe, "/win woke up")
    later = await the_team.sees("chloe: woke up")
    ids = win_ids(the_team)
    key, _, told = claps(roundup)["Cheer ana's win"].partition(" ")
    assert told == str(ids["wrote a test"])
    shown = {message: message.plain() for message in (hidden, later, roundup)}
    missing = max(ids.values()) + 1
    for value in (
        *(f"{key} {ids[text]}" for text in ("hired a spy", "woke up")),
        *(f"{key} {missing}", f"{'0' * 32} {told}", f"{key[:-1]}x {told}", f" {told}"),
    ):
        await press_made_up(the_team, ben, roundup, value)
        answer = slack.seen_by(ben, the_team.general)[-1]
        assert (answer.ephemeral_to, answer.text) == (ben.id, "That's been deleted."), value
    for value in (f"{key} {told}x", f"{key} -1", f"{key} {'9' * 40}", f"{key}  {told}", f"{key} {told} {told}"):
        await press_made_up(the_team, ben, roundup, value, is_malformed=True)
    assert {message: message.plain() for message in shown} == shown
    assert cheers_stored(the_team) == []


async def test_a_win_that_is_hidden_is_not_found_in_the_roundup_that_still_shows_it(the_team: Team) -> None:
    slack, ana, ben = the_team.slack, the_team.ana, the_team.ben
    await the_team.says(the_team.chloe, "/win slept well")
    await the_team.says(ana, "/win wrote a test")
    saved = await the_team.sees("wrote a test", person=ana)
    announced = await the_team.sees("ana: wrote a test")
    await the_team.it_is(FRIDAY_16_BERLIN)
    roundup = await the_team.sees("wrote a test", times=2)
    await the_team.records(roundup)
    pressed = await clap(the_team, ben, roundup, "ana")
    await slack.wait_for(lambda: "ben" in roundup.text)
    slack.fault("chat.update", "rate_limited", times=None, retry_after=1)
    await slack.press(ana, saved, action_id="undo_win")
    for person in (ben, the_team.chloe, ana):
        await clap(the_team, person, roundup, "ana")
        answer = slack.seen_by(person, the_team.general)[-1]
        assert (answer.ephemeral_to, answer.text) == (person.id, "That's been deleted.")
    slack.clear_faults()
    await slack.wait_for(lambda: announced.deleted and "wrote a test" not in roundup.text)
    assert pressed.error is None
    assert "slept well" in roundup.text


def win_ids(team: Team) -> dict[str, int]:
    """The ids of the stored wins, by what they say."""
    reading = engine(team.database_url, writes=False)
    with reading.connect() as connection:
        found = {row.text: row.id for row in connection.execute(select(wins.c.text, wins.c.id))}
    reading.dispose()
    return found


def cheers_stored(team: Team) -> list[Any]:
    """Every cheer that is stored."""
    reading = engine(team.database_url, writes=False)
    with reading.connect() as connection:
        found = list(connection.execute(select(win_cheers)))
    reading.dispose()
    return found


async def press_made_up(team: Team, person: Any, roundup: Any, value: str, *, is_malformed: bool = False) -> None:
    """Press a button beside a win, whose value someone has made up.

    A malformed one is refused; over Socket Mode, that is not to acknowledge it.
    """
    button = next(block["accessory"] for block in roundup.blocks if "accessory" in block)
    genuine = button["value"]
    button["value"] = value
    try:
        answer = await team.slack.press(person, roundup, action_id="cheer_told_win", value=value)
    finally:
        button["value"] = genuine
    if is_malformed:
        assert answer.error == ("operation_timeout" if team.transport == "socket" else "dispatch_failed")
    else:
        assert answer.error is None
