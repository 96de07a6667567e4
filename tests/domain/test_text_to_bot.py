"""What someone writes to the bot: a win, or what else it is."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.text_to_bot import Topic, topic, without_bot
from bot.domain.wins import Mention
from tests.examples import examples

WINS = [
    "we shipped search",
    "hello, we shipped it",
    "thanks to <@U1> the build is green",
    "thank you <@U1> for fixing the build",
    "fixed the build :tada:",
    "How we fixed the build",
    "Guess what? We shipped search!",
    "we shipped it, can you believe it",
    "検索をリリースしました",
    "a long story " * 60,
    "wins this week: search and the new docs",
    "thanks <@U1>",
    "help desk is back",
    "show more empathy in reviews",
    "save this quarter's budget",
    "this is a win for the whole team",
    "posted the roundup of the quarter",
    "Are we there yet: the last ticket is closed",
]
GREETINGS = [
    "hello",
    "Hi there! 👋",
    "hey team",
    "",
    "   ",
    ":wave:",
    "🎉🎉",
    "Guten Morgen",
    "¡Hola!",
    "こんにちは",
    "test",
    "Hallo zusammen",
    "Привет, бот!",
]
THANKS = [
    "thanks!",
    "Thank you so much",
    "merci beaucoup",
    "ありがとうございます！",
    "THX :pray:",
    "ok thanks",
    "hey, thanks",
    "Thanks everyone!",
    "спасибо большое",
]
QUESTIONS = [
    "did we ship?",
    "what can you do",
    "How do I undo a win",
    "これは何ですか？",
    "τι κάνεις;",
    'why "?"',
    "hi winsome how are you",
    "are you a bot",
    "when is the roundup",
]
COMMANDS = [
    "/wins setup",
    "wins setup",
    "/wins",
    "win",
    "/giphy cat",
    "setup",
    "Undo!",
    "/invite <@U1>",
    "my wins",
    "show my wins",
    "undo that",
    "please delete my last win",
    "post the roundup now",
]
OTHER_MESSAGES = ["save this", "Save this as a win!", "please save that message", "log it", "this is a win", "save"]
HELP = ["help", "Help!", "hi, help me please", "help?", "I need help", "Hilfe!", "ヘルプ"]
UNCLEAR = ["ok", "shipped", "lol"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        *((text, Topic.WIN) for text in WINS),
        *((text, Topic.GREETING) for text in GREETINGS),
        *((text, Topic.THANKS) for text in THANKS),
        *((text, Topic.QUESTION) for text in QUESTIONS),
        *((text, Topic.COMMAND) for text in COMMANDS),
        *((text, Topic.OTHER_MESSAGE) for text in OTHER_MESSAGES),
        *((text, Topic.HELP) for text in HELP),
        *((text, Topic.UNCLEAR) for text in UNCLEAR),
    ],
)
def test_each_text_is_what_a_reader_takes_it_for(text: str, expected: Topic) -> None:
    assert topic(text, [Mention("U1", "ana")] if "<@U1>" in text else []) is expected


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("<@UBOT> we shipped it", "we shipped it"),
        ("<@UBOT>: we shipped it", "we shipped it"),
        ("<@UBOT>, <@UBOT> we shipped it", "we shipped it"),
        ("we shipped it <@UBOT>", "we shipped it"),
        ("we shipped it, <@UBOT>", "we shipped it"),
        ("we, with <@UBOT>, shipped it", "we, with @Winsome, shipped it"),
        ("<@UBOT> /win shipped it", "shipped it"),
        ("/WIN shipped it", "shipped it"),
        ("<@UBOT>", ""),
        ("Hey <@UBOT>, we shipped it", "we shipped it"),
        ("Hey there, <@UBOT> shipped it", "Hey there, @Winsome shipped it"),
        ("<@UBOT> - we shipped it", "we shipped it"),
        ("<@UBOT>—we shipped it", "we shipped it"),
        ("<@UBOT> -5 degrees and we ran", "-5 degrees and we ran"),
        ("we shipped it, <@UBOT>!", "we shipped it!"),
        ("shipped it cc <@UBOT>", "shipped it"),
        ("<@UBOT>'s idea worked", "@Winsome's idea worked"),
        ("hi <@UBOT>!", "!"),
        ("<@UBOTHER> shipped it", "<@UBOTHER> shipped it"),
    ],
)
def test_the_mention_of_the_bot_is_no_part_of_the_win(text: str, rest: str) -> None:
    assert without_bot(text, "UBOT", name="@Winsome") == rest


@settings(max_examples=examples(200), derandomize=True, database=None, deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_something(text: str) -> None:
    assert topic(without_bot(f"<@UBOT> {text}", "UBOT", name="@Winsome"), []) in Topic
