"""Whatever people type: a clear answer, nothing that they wrote is lost, and no one is pinged."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from tests import pings
from tests.db_dump import column
from tests.team import FRIDAY_16_BERLIN, Team, team

pytestmark = pytest.mark.usefixtures("quick_posts")

BIDI = ["\u202a", "\u202b", "\u202c", "\u202d", "\u202e", "\u2066", "\u2067", "\u200e", "\u200f", "\u061c"]
ODD = {
    "only emoji": "🎉🚀👩‍👩‍👧‍👦",
    "only an emoji's name": ":tada:",
    "a ping of the channel": "shipped it <!channel> <!here|here> <!everyone> <!subteam^S1|@crew>",
    "pings as they are typed": "told @here and @channel and @everyone about #general",
    "pings in entities": "&lt;!channel&gt; &amp;lt;!here&amp;gt; &#60;!channel&#62;",
    "Slack's own characters": "a & b < c > d && <<>> &amp; <|> <@> <#> <!> <",
    "a person who was not chosen": "thanked <@U012AB|ana> and <@W1> and @U012AB",
    "a link with a label": "read <https://evil.test|https://slack.com> and <https://evil.test|@here>",
    "a link with a closing sign": "wrote https://evil.test/<!channel> https://evil.test|x https://evil.test/>x",
    "a link of another kind": "<javascript:alert(1)|x> <mailto:a@b.test|Ana> <tel:1|2> slack://open",
    "a link with control characters": "see https://evil.test/\u202egnp.exe now",
    "formatting": "*bold* _it_ ~no~ `code` ```a block``` > quote\n> quote\n• list\n1. one",
    "a date": "due <!date^1392734382^{date_num}^https://evil.test|soon>",
    "right-to-left words": "תיקנתי את הבנייה עם בן 123 אחרי יומיים",
    "Arabic with Latin": "أصلحت الخطأ في build 42 أخيرا",
    "bidi controls": "fixed \u202edlrow olleh\u202c and \u2067more\u2066 and \u200fthat\u200e" + "".join(BIDI),
    "combining marks": "Z" + "\u0301" * 60 + "algo shipped",
    "line breaks": "one\ntwo\r\nthree\u2028four\u2029five\u0085six",
    "NULs and controls": "before\x00after \x01\x02\x1b[31mred\x7f",
    "a byte order mark": "\ufeffstarted \ufffe\uffff ended",
    "characters beyond the basic plane": "\U0001d517\U0001f3f4\U000e0067\U000e007f done \U0010ffff",
    "499 characters": "x" * 499,
    "500 ampersands": "&" * 500,
    "500 closing signs": ">" * 500,
    "500 emoji": "🎉" * 500,
    "one long link": "https://example.test/" + "&" * 470,
    "SQL": "'; DROP TABLE wins; --",
    "words that commands know": "undo",
    "JSON": '{"text": "<!channel>", "blocks": []}',
}


async def test_odd_words_go_through_announcement_roundup_and_list_and_ping_nobody(the_team: Team) -> None:
    team = the_team
    for number, (name, words) in enumerate(ODD.items()):
        told = await team.says(team.everybody[number % 4], f"/win {words} (nr{number})"[:520])
        if len(words) < 490:
            assert told.startswith("Win saved:"), (name, told)
    plain = len([words for words in ODD.values() if len(words) < 490])
    stored = column(team.database_url, "wins", "text")
    assert len(stored) >= plain
    for number in range(plain):
        if len(list(ODD.values())[number]) < 490:
            await team.sees(f"(nr{number})")

    await team.it_is(FRIDAY_16_BERLIN + timedelta(seconds=30))
    await team.sees_roundup()

    def in_roundups() -> str:
        return "\n".join(
            message.plain()
            for message in team.slack.posts(team.general)
            if "roundup" in message.plain() or "More wins" in message.plain()
        )

    await team.slack.wait_for(
        lambda: all(f"(nr{number})" in in_roundups() for number, words in enumerate(ODD.values()) if len(words) < 490),
        timeout=30,
    )
    for person in team.everybody:
        assert await team.says(person, "/wins")
    assert pings.problems_in_team(team) == []
    everything = "\n".join(team.posts())
    assert not any(character in everything for character in BIDI)
    for call in team.slack.ledger.calls("chat.postMessage"):
        assert call.answer["ok"], call.answer
        assert len(call.args["text"]) <= 4000


async def test_too_many_characters_are_refused_and_given_back_whole(the_team: Team) -> None:
    team = the_team
    for length in (501, 3_000, 3_001, 5_000, 40_000):
        for unit in ("word ", "&", "🎉", "<!channel> ", "א", "- x\n"):
            words = (unit * length)[: length - 1] + "z"
            answer = await team.slack.slash(team.ana, team.general, f"/win {words}")
            assert answer.error is None, "Slack can show it"
            shown = answer.payload
            assert "That's a little long" in shown["text"]
            assert "Here's your text:" in shown["text"]
            texts = [block["text"] for block in shown["blocks"]]
            assert "".join(text["text"] for text in texts if text["type"] == "plain_text") == words
            assert pings.problems(shown, posted=False) == []
    assert column(team.database_url, "wins", "text") == []
    assert team.posts() == []


async def test_thirty_mentions_are_thirty_plain_names(team_url: str) -> None:
    async with team(team_url) as made:
        crew = [made.slack.add_person(f"p{number}", tz="UTC") for number in range(30)]
        told = await made.says(made.ana, "/win shipped it with " + " ".join(f"@{one.name}" for one in crew))
        assert told.startswith("Win saved: shipped it with @p0 @p1")
        announced = await made.sees("shipped it with @p0 @p1")
        assert all(f"@{one.name}" in announced.plain() for one in crew)
        assert not any(one.id in announced.plain() for one in crew)
        assert len(column(made.database_url, "win_people", "user_id")) == 30
        await made.it_is(FRIDAY_16_BERLIN + timedelta(seconds=30))
        roundup = await made.sees_roundup(1)
        assert all(f"@{one.name}" in roundup.plain() for one in crew)
        assert "@p29" in await made.says(made.ana, "/wins")
        assert pings.problems_in_team(made) == []


async def test_nothing_only_space_and_only_what_cannot_be_seen_is_refused_in_words(the_team: Team) -> None:
    team = the_team
    for words in ("\u200b", "\u2060\u2060", "\ufeff", "\u202e\u202c", "\u00ad"):
        told = await team.says(team.ana, f"/win {words}")
        assert "That win was empty" in told, repr(words)
    halves = () if team.transport == "http" else ("\ud800",)  # JSON alone can hold half a character
    for words in ("\u00a0\u2003 \u2028", "\x00\x00", *halves):  # what no screen can show is as good as not typed
        await team.slack.slash(team.ana, team.general, f"/win {words}")
        form = team.slack.modal(team.ana)
        assert form is not None, "as with `/win` alone, a form asks for the words"
        await team.slack.close_view(team.ana, form)
    for words in ("@ben", "@ben @chloe", "@ben\n@chloe "):
        told = await team.says(team.ana, f"/win {words}")
        assert "That says who, but not what happened." in told, words
        assert "@ben" in told
    assert column(team.database_url, "wins", "text") == []
    assert team.posts() == []


async def test_a_person_right_before_letters_is_still_shown_by_name(the_team: Team) -> None:
    """In Japanese, Chinese or Thai no space follows a name: `<@U1|tanaka>さん`."""
    team = the_team
    tanaka = team.slack.add_person("tanaka", tz="Asia/Tokyo")
    command = await typed(team, f"<@{tanaka.id}|tanaka>さんとビルドを直した")
    answer = await team.slack.deliver_raw(command, kind="slash_commands")
    assert answer.payload["text"].startswith("Win saved: @tanakaさんとビルドを直した")
    announced = await team.sees("@tanakaさんとビルドを直した")
    assert tanaka.id not in announced.plain()


async def test_a_name_that_is_another_person_plus_a_letter_does_not_take_their_place(the_team: Team) -> None:
    team = the_team
    command = await typed(team, f"<@{team.ben.id}|ben>2 and <@{team.ben.id}2|mallory> did it")
    answer = await team.slack.deliver_raw(command, kind="slash_commands")
    assert answer.payload["text"].startswith("Win saved: @ben2 and @mallory did it")


async def typed(team: Team, text: str, **changes: Any) -> dict[str, Any]:
    """A command with the text as Slack would have written it."""
    await team.says(team.ana, "/win help")
    sent = team.slack.ledger.deliveries("slash_commands")[-1].payload
    return {**sent, "command": "/win", "text": text, "trigger_id": f"1.{text}", **changes}


HALVES = pytest.mark.parametrize("odd", ["\x00", "a\x00b", "\ud800", "\ud83d\ud83d"], ids=ascii)


def accidents(caplog: pytest.LogCaptureFixture) -> list[str]:
    errors = [record for record in caplog.records if record.levelname == "ERROR" and record.name.startswith("bot")]
    return [f"{record.getMessage()}: {record.exc_info and record.exc_info[1]}"[:300] for record in errors]


@HALVES
async def test_nuls_and_halves_of_characters_in_a_text_or_a_name_are_left_out(
    database_url: str, odd: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with team(database_url) as made:
        await made.slack.change_person(made.ana, name=f"an{odd}na", real_name=odd, tz=None)
        command = await typed(made, f"fixed {odd} it #ta{odd}g <@U1{odd}|a{odd}> https://x{odd}", user_name=f"an{odd}a")
        answer = await made.slack.deliver_raw(command, kind="slash_commands")
        assert answer.payload["text"].startswith("Win saved: fixed"), answer.payload["text"]
        await made.sees("fixed")
        assert "isn't a command I know" in await made.says(made.ana, f"/wins a{odd}b")
        assert "fixed" in await made.says(made.ana, "/wins")
    assert accidents(caplog) == []


@HALVES
async def test_nuls_and_halves_of_characters_in_a_response_url_lose_no_win(
    database_url: str, odd: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with team(database_url) as made:
        command = await typed(made, "fixed it", response_url=f"https://hooks.slack.com/{odd}")
        made.slack.world.ack_timeout = 1.0
        answer = await made.slack.deliver_raw(command, kind="slash_commands")
        assert "Something went wrong" not in str(answer.payload)
    assert accidents(caplog) == []


@HALVES
async def test_nuls_and_halves_of_characters_on_a_button_or_in_an_event_are_no_accident(
    database_url: str, odd: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with team(database_url) as made:
        await made.says(made.ana, "/win fixed it")
        announced = await made.sees("fixed it")
        await made.slack.press(made.ben, announced, "cheer")
        await made.slack.react(made.ben, made.general, announced.ts, "tada")
        press = made.slack.ledger.deliveries("interactive")[-1].payload
        usual, made.slack.world.ack_timeout = made.slack.world.ack_timeout, 0.5
        actions = [
            press["actions"][0] | {"action_id": action_id, "action_ts": f"19000000{number:02}.000001"}
            for number, action_id in enumerate(("cheer", "take_back_cheer", "undo_win", "undo_listed_win"))
        ]
        sent = [
            made.slack.deliver_raw(press | {"actions": [action | {field: odd}]}, kind="interactive")
            for action in actions
            for field in ("value", "text", "block_id", "action_id")
        ]
        event = made.slack.ledger.events("reaction_added")[-1].payload
        sent += [
            made.slack.deliver_raw(event | {"event": event["event"] | {field: odd}})
            for field in ("reaction", "item_user", "user", "type")
        ]
        await asyncio.gather(*sent)
        made.slack.world.ack_timeout = usual
        assert "fixed it" in await made.says(made.ana, "/wins")
    assert accidents(caplog) == []


@pytest.mark.parametrize("missing", ["channel_id", "user_id", "response_url", "trigger_id", "text", "user_name"])
async def test_a_command_with_a_field_missing_is_a_4xx_or_served_without_it(http_team: Team, missing: str) -> None:
    team = http_team
    command = await typed(team, "fixed it")
    del command[missing]
    answer = await team.slack.deliver_raw(command, kind="slash_commands")
    if missing in ("text", "user_name"):
        assert answer.status == 200
    else:
        assert answer.status == 400
        assert column(team.database_url, "wins", "text") == []


async def test_names_can_neither_ping_nor_turn_nor_break_a_line(the_team: Team) -> None:
    team = the_team
    evil = {
        "<!channel>": team.ana,
        "@here": team.ben,
        "x\u202egnp.exe": team.chloe,
        "Eve\n*Ana:* I quit": team.dmitri,
    }
    for name, person in evil.items():
        person.name = person.real_name = name
        answer = await team.slack.slash(person, team.general, f"/win shipped {len(name)}")
        assert answer.error is None
        announced = await team.sees(f"shipped {len(name)}")
        await team.slack.press(team.ana, announced, "cheer")
    await team.it_is(FRIDAY_16_BERLIN + timedelta(seconds=30))
    roundup = await team.sees_roundup(4)
    assert pings.problems_in_team(team) == []
    everything = "\n".join([*team.posts(), roundup.text])
    assert not any(character in everything for character in BIDI)
    assert "\n*Ana:* I quit" not in roundup.plain()
    assert not any(line.startswith("*Ana:* I quit") for line in everything.splitlines())
