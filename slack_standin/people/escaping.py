"""How Slack escapes typed text, in messages and in the `text` of a command with should_escape.

Source: docs.slack.dev/interactivity/implementing-slash-commands, /messaging/formatting-message-text. Group mentions
become <!here> in commands too: not verified, so the stricter way.
"""

import re

from slack_standin.block_kit.markup import escape_entities
from slack_standin.model.workspace import Person, Workspace

_HOST = r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}(?![\w-]|\.\w)"
_PIECES = re.compile(
    r"(?P<code>```.+?```|`[^`\n]+`)"
    r"|(?P<url>https?://[^\s<>]+)"
    rf"|(?<![\w.+-])(?P<email>[\w.+-]+@{_HOST})"
    rf"|(?<![\w@./-])(?P<host>{_HOST}(?::\d+)?(?:[/?#][^\s<>]*)?)"
    r"|(?<![\w@])@(?P<person>[\w.-]+)"
    r"|(?<![\w#&])#(?P<channel>[\w-]+)",
    re.IGNORECASE | re.DOTALL,
)
_ITEM = re.compile(r"^([ \t]*)[*-][ \t]+(?=\S)", re.MULTILINE)
_AFTER_AN_ADDRESS = ".,;:!?'\"”’»、。，！？」』）"
_GROUPS = ("here", "channel", "everyone")
_LABELS = re.compile(r"<@(\w+)\|[^>]*>")
_DOMAINS = """
com org net edu gov mil int info biz name pro app dev cloud page site online tech store shop blog xyz live team ac
ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bl bm bn bo bq br bs bt bv bw by bz ca cc
cd cf cg ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm do dz ec ee eg er es et eu fi fj fk fm fo fr ga gd ge
gf gg gh gi gl gm gn gp gq gr gs gt gu gw gy hk hm hn hr ht hu id ie il im in io iq ir is it je jm jo jp ke kg kh ki
km kn kp kr kw ky kz la lb lc li lk lr ls lt lu lv ly ma mc md me mf mg mh mk ml mm mn mo mp mq mr ms mt mu mv mw mx
my mz na nc ne nf ng ni nl no np nr nu nz om pa pe pf pg ph pk pl pm pn pr ps pt pw py qa re ro rs ru rw sa sb sc sd
se sg sh si sj sk sl sm sn so sr ss st su sv sx sy sz tc td tf tg th tj tk tl tm tn to tr tt tv tw tz ua ug uk us uy
uz va vc ve vg vi vn vu wf ws ye yt za zm zw
"""
_TOP_LEVEL_DOMAINS = frozenset(_DOMAINS.split())


def escape_typed(text: str, workspace: Workspace, typist: Person) -> str:
    """Replace typed mentions and addresses by Slack's markup; everything else stays, with entities escaped."""
    written, position = "", 0
    for found in _PIECES.finditer(text):
        markup, end = _markup(found, workspace, typist)
        if markup:
            written += escape_entities(text[position : found.start()]) + markup
            position = end
    return written + escape_entities(text[position:])


def escape_message(text: str, workspace: Workspace, typist: Person) -> str:
    """As `escape_typed`, for a message: people are mentioned by id alone, and list items get Slack's bullets."""
    return _ITEM.sub(r"\1• ", _LABELS.sub(r"<@\1>", escape_typed(text, workspace, typist)))


def _markup(found: re.Match[str], workspace: Workspace, typist: Person) -> tuple[str | None, int]:
    if found["code"]:
        return escape_entities(found["code"]), found.end()
    if found["url"] or found["host"]:
        return _link(found)
    if found["email"]:
        return f"<mailto:{found['email']}|{found['email']}>", found.end()
    if found["person"]:
        return _mention(found, workspace)
    channel = workspace.channel_named(found["channel"])
    if channel is None or (channel.private and typist.id not in channel.members):
        return None, found.end()
    return f"<#{channel.id}|{'' if channel.private else channel.name}>", found.end()


def _link(found: re.Match[str]) -> tuple[str | None, int]:
    """A link to an address; one without http:// needs a known domain, and keeps what was typed as its label."""
    typed = found["url"] or found["host"]
    typed = typed.rstrip(_AFTER_AN_ADDRESS)
    while typed.endswith(")") and typed.count(")") > typed.count("("):
        typed = typed[:-1].rstrip(_AFTER_AN_ADDRESS)
    address, end = escape_entities(typed), found.start() + len(typed)
    if found["url"]:
        return f"<{address}>", end
    domain = re.split(r"[:/?#]", typed, maxsplit=1)[0].rpartition(".")[2].lower()
    return (f"<http://{address}|{address}>" if domain in _TOP_LEVEL_DOMAINS else None), end


def _mention(found: re.Match[str], workspace: Workspace) -> tuple[str | None, int]:
    """A full stop after a name may end the sentence, so trailing dots and dashes are also tried without."""
    name = found["person"]
    while name:
        end = found.start() + 1 + len(name)
        if name in _GROUPS:
            return f"<!{name}>", end
        person = workspace.person_named(name)
        if person:
            return f"<@{person.id}|{person.name}>", end
        if name[-1] not in ".-":
            break
        name = name[:-1]
    return None, found.end()
