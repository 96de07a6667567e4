"""Where a win is logged: in private channels, in channels without the bot, in direct messages."""

from tests.team import FRIDAY_16_BERLIN, Team


async def test_a_private_channel_that_the_bot_is_in(the_team: Team) -> None:
    secret = the_team.slack.add_channel("launch", private=True, members=[the_team.ana, the_team.ben])
    the_team.configure(secret, the_team.ana)
    await the_team.says(the_team.ana, "/win the demo survived", secret)
    await the_team.sees("ana: the demo survived", channel=secret)
    await the_team.it_is(FRIDAY_16_BERLIN)
    await the_team.sees_roundup(1, channel=secret)
    assert the_team.posts() == []


async def test_a_channel_that_the_bot_is_not_in(the_team: Team) -> None:
    secret = the_team.slack.add_channel("launch", private=True, members=[the_team.ana, the_team.ben], with_bot=False)
    assert "Win saved" in await the_team.says(the_team.ana, "/win the demo survived", secret)
    await the_team.sees("ana: the demo survived", channel=secret)
    told = await the_team.sees("/invite @Winsome", channel=secret, person=the_team.ana)
    assert told.ephemeral_to == the_team.ana.id
    assert "can't remove that message" in told.plain()

    mine = await the_team.says(the_team.ana, "/wins", secret)
    assert "the demo survived" in mine


async def test_a_cheer_and_an_undo_in_a_channel_that_the_bot_is_not_in(the_team: Team) -> None:
    secret = the_team.slack.add_channel("launch", private=True, members=[the_team.ana, the_team.ben], with_bot=False)
    await the_team.says(the_team.ana, "/win the demo survived", secret)
    announced = await the_team.sees("ana: the demo survived", channel=secret)
    await the_team.sees("/invite @Winsome", channel=secret, person=the_team.ana)
    await the_team.slack.press(the_team.ben, announced, action_id="cheer")
    await the_team.sees("Your cheer was added", channel=secret, person=the_team.ben)

    saved = await the_team.sees("Win saved:", channel=secret, person=the_team.ana)
    await the_team.slack.press(the_team.ana, saved, action_id="undo_win")
    await the_team.sees("I couldn't remove the message already posted", channel=secret, person=the_team.ana)
    assert not the_team.slack.ledger.calls("chat.delete")


async def test_a_win_told_to_the_bot_alone_stays_private(the_team: Team) -> None:
    dm = the_team.slack.open_dm(the_team.ana)
    assert "Only you can see this" in await the_team.says(the_team.ana, "/win said no to a meeting", dm)
    await the_team.says(the_team.ana, "/win said yes to lunch")
    await the_team.sees("ana: said yes to lunch")
    await the_team.it_is(FRIDAY_16_BERLIN)
    await the_team.sees_roundup(1)
    assert "said no to a meeting" in await the_team.says(the_team.ana, "/wins", dm)
    assert not the_team.posts(dm)


async def test_a_win_in_a_conversation_of_two_says_who_sees_it(the_team: Team) -> None:
    dm = the_team.slack.open_dm(the_team.ana, the_team.ben)
    said = await the_team.says(the_team.ana, "/win said no to a meeting", dm)
    assert "Only you can see this win. It isn't posted anywhere" in said
    assert the_team.slack.seen_by(the_team.ben, dm) == []
    assert "said no to a meeting" not in await the_team.says(the_team.ben, "/wins", dm)


async def test_a_group_conversation_gets_the_win_and_no_advice_that_cannot_work(the_team: Team) -> None:
    group = the_team.slack.open_group(the_team.ana, the_team.ben, the_team.chloe)
    said = [await the_team.says(the_team.ana, "/win the demo survived", group)]
    assert "Only channels have roundups, so it won't be in one" in said[0]
    await the_team.sees("ana: the demo survived", channel=group)
    await the_team.sees("I'm not in this conversation", channel=group, person=the_team.ana)
    said += [await the_team.says(the_team.ana, line, group) for line in ("/win help", "/wins", "/wins help")]
    for word in ("setup", "preview", "post", "pause", "resume"):
        said.append(await the_team.says(the_team.ana, f"/wins {word}", group))
        assert "only works in channels" in said[-1]
    said += [message.plain() for message in the_team.slack.seen_by(the_team.ana, group)]
    assert not [text for text in said if "/invite" in text or "This channel doesn't have" in text]


async def test_a_win_that_a_group_conversation_does_not_get_is_explained_without_an_invitation(the_team: Team) -> None:
    group = the_team.slack.open_group(the_team.ana, the_team.ben, the_team.chloe)
    the_team.slack.fault("response_url", "http_500_before", times=1)
    await the_team.says(the_team.ana, "/win the demo survived", group)
    told = await the_team.sees("use `/win` in a channel", channel=group, person=the_team.ana)
    assert "/invite" not in told.plain()


async def test_nobody_sees_anybody_elses_wins(the_team: Team) -> None:
    await the_team.says(the_team.ana, "/win mine alone", the_team.slack.open_dm(the_team.ana))
    assert "No wins yet" in await the_team.says(the_team.ben, "/wins")


async def test_help_is_one_message_and_an_unknown_word_is_answered(the_team: Team) -> None:
    for line in ("/win help", "/wins help", "/win   HELP "):
        assert "collects your team's small wins" in await the_team.says(the_team.ana, line)
    assert "isn't a command I know" in await the_team.says(the_team.ana, "/wins frobnicate")
    assert "Win saved: helped a customer" in await the_team.says(the_team.ana, "/win helped a customer")


async def test_people_are_shown_by_the_names_they_have_now(the_team: Team) -> None:
    await the_team.says(the_team.ana, "/win paired with @ben")
    await the_team.sees("ana: paired with @ben")
    await the_team.slack.change_person(the_team.ben, display_name="benjamin")
    await the_team.it_is(FRIDAY_16_BERLIN)
    assert "paired with @benjamin" in (await the_team.sees_roundup()).text
