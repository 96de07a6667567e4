"""What someone writes to the bot, by a mention or in a direct message: a win, a greeting, thanks, a question.

Nothing is saved before someone presses a button, so a wrong guess does little harm.
"""

from collections.abc import Sequence
from enum import Enum, auto
from itertools import dropwhile
from unicodedata import normalize

import regex

from bot.domain.markup import mention_token, with_names
from bot.domain.text import is_visible
from bot.domain.wins import InvalidWin, Mention, TooLong, looks_like_win, parse_win


class Topic(Enum):
    """What a text is."""

    WIN = auto()
    """It can be a win."""
    GREETING = auto()
    """A greeting, or nothing at all."""
    THANKS = auto()
    QUESTION = auto()
    HELP = auto()
    """A call for help."""
    COMMAND = auto()
    """A command, which works only where Slack takes commands."""
    OTHER_MESSAGE = auto()
    """It asks to save another message, which the bot can't read."""
    UNCLEAR = auto()
    """Too little to be a win."""


def without_bot(text: str, bot_user_id: str, *, name: str) -> str:
    """Return a text (people as tokens) without the mention of the bot before or after it, or after a greeting.

    A mention inside a sentence is replaced by the bot's name. What was typed as `/win ...` loses that word.
    """
    token = regex.escape(mention_token(bot_user_id))
    start = rf"^(?:{_CALL}(?=[\s,]*{token}))?(?:[\s:,]*{token}(?!['’]))+(?:[\s:,]|[–—…]|-+\s)*"
    end = rf"(?:[\s,]*(?:\bcc:?\s*)?{token})+\s*(?=[.!…]*$)"
    text = regex.sub(f"{start}|{end}", "", text.strip(), flags=regex.IGNORECASE)
    text = regex.sub(r"^/win\s+", "", text, flags=regex.IGNORECASE)
    return text.replace(mention_token(bot_user_id), name).strip()


def topic(text: str, mentions: Sequence[Mention]) -> Topic:
    """Return what a text is (`mentions` as their tokens), without the mention of the bot."""
    words = _words(text, mentions)
    if not words or all(word in _GREETINGS for word in words):
        return Topic.GREETING
    if any(word in _THANKS for word in words) and all(word in _AROUND_THANKS for word in words):
        return Topic.THANKS
    if text.startswith("/") or (words[0] == "wins" and len(words) <= 2):
        return Topic.COMMAND
    asked = " ".join(dropwhile(_GREETINGS.__contains__, words))
    for request, pattern in _REQUESTS:
        if pattern.fullmatch(asked):
            return request
    if _QUESTION.search(text) or _ASKING.match(asked):
        return Topic.QUESTION
    return Topic.WIN if _can_be_win(text, mentions) else Topic.UNCLEAR


def _can_be_win(text: str, mentions: Sequence[Mention]) -> bool:
    try:
        parse_win(text, mentions)
    except TooLong:
        return True  # it can be shortened in the form
    except InvalidWin:
        return False
    return looks_like_win(text, mentions)


def _words(text: str, mentions: Sequence[Mention]) -> list[str]:
    """Return the words in one case, without emoji and punctuation; each person is a word."""
    plain = with_names(normalize("NFKC", text), {mention.user_id: "someone" for mention in mentions})
    found = _WORD.findall(_EMOJI.sub(" ", plain))
    return [word.casefold().replace("’", "'") for word in found if is_visible(word)]


_EMOJI = regex.compile(r":[\w+'-]+:(?::skin-tone-\d:)?")
_WORD = regex.compile(r"[\p{L}\p{M}\p{N}_'’]+")
_QUESTION = regex.compile(r"(?:[?？؟՞፧⁇⁈‽⸮\u037e]|\p{Greek};)['\")\]»”’\s]*$")
_HELP = regex.compile(
    r"(?:please )?(?:i need (?:some )?|show |get )?help(?: me)?(?: please)?|hilfe|aide|ayuda|ヘルプ|帮助"
)
_ASKING = regex.compile(
    r"(?:how|what|when|where|why) (?:do|does|can|could|should|is|are|will) "
    r"|(?:can|could|will|would|do) you (?!believe\b)"
    r"|(?:(?:who|what) )?are you\b"
    r"|(?:what's|whats|where's|how's|when's) "
)
_POLITE = r"(?:(?:please|can you|could you) )?"
_WHICH = r"(?: (?:my|the|that|this|it|last|latest|all|our|win|wins|roundup|please|now|again))*"
_COMMAND = regex.compile(
    rf"{_POLITE}(?:mine|setup|settings|preview|post|pause|resume|search|show|list|undo|edit|delete|remove){_WHICH}"
    r"|win|my wins"
)
_POINTING = regex.compile(
    rf"{_POLITE}(?:save|log|add|record|capture|share)(?: (?:this|that|it|message|one|thread|please|here|now))*"
    r"(?: as a win| as win)?(?: please)?|(?:this|that|that's|this is|it's)(?: (?:is|was))?(?: a)? win"
)
_REQUESTS = ((Topic.COMMAND, _COMMAND), (Topic.OTHER_MESSAGE, _POINTING), (Topic.HELP, _HELP))
_CALL = r"(?:hey|hi|hello|yo|dear|ok|okay|hallo|hola|salut)"
_GREETINGS_TEXT = """
    hello hi hii hey heya hiya yo howdy greetings good morning afternoon evening day night there again all team
    everyone folks friend world bot бот winsome someone welcome back test testing ping hallo guten tag morgen zusammen
    abend moin servus hej hei hola buenos buenas días dias tardes noches bonjour bonsoir salut coucou ciao
    buongiorno buonasera olá ola oi bom dia boa tarde noite merhaba selam привет здравствуйте cześć ahoj namaste
    नमस्ते こんにちは こんばんは おはよう おはようございます はじめまして 你好 您好 早上好 大家好 안녕
    안녕하세요 สวัสดี สวัสดีครับ สวัสดีค่ะ مرحبا سلام السلام عليكم שלום xin chào γεια
"""
_THANKS_TEXT = """
    thanks thank thx thnx ty tysm cheers danke dankeschön merci gracias grazie obrigado obrigada bedankt dank
    tack takk kiitos dzięki teşekkürler спасибо дякую ευχαριστώ ありがとう ありがとうございます どうも 谢谢 謝謝
    多谢 감사합니다 고마워 고마워요 ขอบคุณ ขอบคุณครับ ขอบคุณค่ะ شكرا תודה धन्यवाद
"""
_AROUND_THANKS_TEXT = """
    you u so much a lot lots very many million again bot winsome for this that it the your help great good nice
    cool awesome perfect ok okay yes no all everyone works mate vielen schön beaucoup mille muchas molte muito je wel
    большое
"""
_GREETINGS = frozenset(_GREETINGS_TEXT.split())
_THANKS = frozenset(_THANKS_TEXT.split())
_AROUND_THANKS = _THANKS | (_GREETINGS - {"someone"}) | frozenset(_AROUND_THANKS_TEXT.split())
