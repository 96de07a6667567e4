"""The text of a win as it is stored: as it was written, with a token for each person and each address, as in Slack.

A person is `<@U012AB>`, an address `<https://...>`: Slack marks the addresses in what it sends, so that a token holds
the whole address and nothing more. One that was typed without "http://" is `<http://example.com|example.com>`. An
address without a token, as in wins of early releases, is guessed.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from itertools import groupby
from operator import itemgetter
from urllib.parse import quote

import regex

from bot.domain.text import cut

# Punctuation that is not ASCII ends an address that isn't marked.
_UNMARKED = r"(?i:https?)://(?:[!-;=?-{}~]|[^\s<>|\p{P}\p{C}])+"
_TOKENS = (
    r"<@(?P<user>\w+)>|<(?P<url>(?i:https?)://[^\s<>|]+)>"
    r"|<(?P<completed>http://(?P<typed>[^\s<>|]+))\|(?P=typed)>"
)
_TOKEN = re.compile(_TOKENS)
_PERSON = re.compile(r"(<@\w+>)")
_PIECE = regex.compile(rf"{_TOKENS}|(?P<unmarked>{_UNMARKED})")
_AND = r"(?:[\s,&+/]|\band\b)*"
"""What may stand between people who are named in a row."""
_SENTENCE_END = re.compile(r"(?:^|[.!?\n])\s*$")
_ENDS_TOKEN = regex.compile(r"[\s<>|]")
_PUNCTUATION = ".,;:!?'\""
_BRACKETS = {")": "(", "]": "[", "}": "{"}


def mention_token(user_id: str) -> str:
    """Return the token of a person."""
    return f"<@{user_id}>"


def url_token(url: str, label: str = "") -> str:
    """Return the token of an address, in which characters that would end the token are percent-encoded.

    The label is kept if it is the address without the "http://" that Slack has added.
    """
    target = _ENDS_TOKEN.sub(lambda match: quote(match[0]), url)
    return f"<{target}|{label}>" if label and target == f"http://{label}" else f"<{target}>"


def find_people(text: str) -> list[str]:
    """Return the user ids of the people in `text`, in its order."""
    return [match["user"] for match in _TOKEN.finditer(text) if match["user"]]


def find_urls(text: str) -> list[str]:
    """Return the addresses in `text`."""
    if "://" not in text:
        return []
    return [url for _, url in _pieces(text, {}) if url]


def find_short_urls(text: str) -> list[str]:
    """Return the addresses in `text` that were typed without "http://"."""
    return [url for piece, url in _pieces(text, {}) if url not in (None, piece)] if "|" in text else []


def with_names(text: str, names: Mapping[str, str]) -> str:
    """Return `text` as people read it: each person in `names` (user id to name) as "@name", addresses as typed."""

    def label(token: re.Match[str]) -> str:
        if url := token["typed"] or token["url"]:
            return url
        return f"@{names[token['user']]}" if token["user"] in names else token[0]

    return _TOKEN.sub(label, text) if "<" in text else text


def cut_short(text: str, limit: int) -> str:
    """Return `text` in at most `limit` characters, with "…" in place of what is cut off. No token is cut in two."""
    if len(text) <= limit:
        return text
    end = len(cut(text, limit - 1))
    end = next((token.start() for token in _TOKEN.finditer(text) if token.start() < end < token.end()), end)
    return text[:end].rstrip() + "…"


def without_people(text: str, names: Mapping[str, str], word: Callable[[int, bool], str]) -> str:
    """Return `text` with a `word` where these people (user id to typed name, perhaps "") stand in it.

    `word` gets how many of them stand there in a row, and whether they begin a sentence.
    """
    token = f"(?:{'|'.join(map(mention_token, names))})"
    row = re.compile(rf"{token}(?:{_AND}{token})*(?P<possessive>['\u2019]s\b)?")

    def replace(match: re.Match[str]) -> str:
        count = len(set(find_people(match[0])))
        possessive = match["possessive"] or ""
        return word(count, bool(_SENTENCE_END.search(text[: match.start()]))) + possessive[: 2 if count == 1 else 1]

    text = with_tokens_for_names(text, names)
    return row.sub(replace, text)


def with_tokens_for_names(text: str, names: Mapping[str, str]) -> str:
    """Return `text` with tokens where these people are only named, with "@" or by a whole name with a capital."""
    with_sign: dict[str, str] = {}
    with_capital: dict[str, str] = {}
    folded_text = text.casefold()
    for user_id, name in names.items():
        if _IS_NAME.fullmatch(name) and name.split()[0].casefold() in folded_text:
            with_sign |= {f"@{label}": user_id for label in (name.split()[0], name)}
            with_capital[name[0].upper() + name[1:]] = user_id
    if not with_capital:
        return text
    labels = rf"(?P<sign>(?i:{_any_word(with_sign)}))|(?P<capital>{_any_word(with_capital)})"
    piece = regex.compile(rf"{_PIECE.pattern}|(?<![\w@])(?:{labels})(?!\w)")
    folded = {label.casefold(): user_id for label, user_id in with_sign.items()}

    def to_token(match: regex.Match[str]) -> str:
        user_id = folded.get((match["sign"] or "").casefold()) or with_capital.get(match["capital"] or "")
        return match[0] if user_id is None else mention_token(user_id)

    return piece.sub(to_token, text)


_IS_NAME = regex.compile(r"\p{L}.*\w", regex.DOTALL)


def _any_word(labels: Iterable[str]) -> str:
    return "|".join(regex.escape(label) for label in sorted(labels, key=len, reverse=True))


def with_tokens(text: str, original: str, names: Mapping[str, str]) -> str:
    """Return edited `text`, in which each person and address of the `original` is a token again where it still stands.

    It undoes `with_names(original, names)`. What else looks like a name or an address stays as it was typed. So does a
    name of several people that now stands there more or less often: it doesn't say which of them came or went.
    """
    tokens: defaultdict[str, list[str]] = defaultdict(list)
    for match in _TOKEN.finditer(original):
        if (label := with_names(match[0], names)) != match[0]:
            tokens[label].append(match[0])
    if not tokens:
        return text
    shown = "|".join(regex.escape(label) for label in sorted(tokens, key=len, reverse=True))
    around = with_names(original, names)
    # A whole word, or one that its neighbors touch as they did before: not every script has spaces.
    before = {around[match.start() - 1] for match in regex.finditer(shown, around) if match.start()}
    after = {around[match.end()] for match in regex.finditer(shown, around) if match.end() < len(around)}
    whole = regex.compile(rf"(?:(?<![\w@./:])|(?<={_any_of(before)}))(?:{shown})(?:(?![\w@/])|(?={_any_of(after)}))")
    found = Counter(match[0] for match in whole.finditer(text))
    unclear = {label for label, each in tokens.items() if len(set(each)) > 1 and found[label] != len(each)}

    def token(match: regex.Match[str]) -> str:
        if match[0] in unclear:
            return match[0]
        of_this_name = tokens[match[0]]  # several people may have one name: they keep their order
        return of_this_name.pop(0) if len(of_this_name) > 1 else of_this_name[0]

    return whole.sub(token, text)


def only_people(text: str) -> str:
    """Return what `with_tokens` needs of an original `text` to find its people again: them, and what they touch."""
    pieces = _PERSON.split(with_names(text, {}))
    return "".join(piece if len(piece) < 3 or _PERSON.match(piece) else f"{piece[0]} {piece[-1]}" for piece in pieces)


def _any_of(characters: Collection[str]) -> str:
    return "(?:" + "|".join(map(regex.escape, characters)) + ")" if characters else r"(?!)"


def render(
    text: str, names: Mapping[str, str], *, render_plain: Callable[[str], str], render_url: Callable[[str, str], str]
) -> str:
    """Return `text` with names, changed by `render_plain` where it is no address.

    `render_url` gets each address, and how it was typed.
    """
    if "://" not in text:
        return render_plain(with_names(text, names))
    return "".join(
        render_url(url, "".join(piece for piece, _ in run)) if url else render_plain("".join(piece for piece, _ in run))
        for url, run in groupby(_pieces(text, names), key=itemgetter(1))
    )


def _pieces(text: str, names: Mapping[str, str]) -> Iterator[tuple[str, str | None]]:
    """Yield the pieces of `text`, with names instead of tokens; a piece of an address comes with the whole address."""
    end = 0
    for match in _PIECE.finditer(text):
        yield text[end : match.start()], None
        end = match.end()
        if user_id := match["user"]:
            yield f"@{names[user_id]}" if user_id in names else match[0], None
        elif url := match["url"] or match["completed"]:
            yield match["typed"] or url, url
        else:
            url = _without_punctuation(match["unmarked"])
            end = match.start() + len(url)
            yield url, None if url.endswith("://") else url
    yield text[end:], None


def _without_punctuation(url: str) -> str:
    """Leave out the punctuation of the sentence; a closing bracket belongs to the address if it was opened there."""
    while len(url.partition("://")[2]) > 0 and _ends_with_punctuation(url):
        url = url[:-1]
    return url


def _ends_with_punctuation(url: str) -> bool:
    opening = _BRACKETS.get(url[-1])
    return url[-1] in _PUNCTUATION or (opening is not None and url.count(url[-1]) > url.count(opening))
