"""What a win shows besides its text, in its announcement and in a roundup, and that the plain text says it all."""

from dataclasses import replace
from typing import Any

import pytest

from bot.domain.roundup_composition import Section, SectionKind
from bot.domain.roundups import RoundupPart
from bot.domain.wins import Cheerers, ClimbOfWin, Mention, MessageSource, Win, WinKind
from bot.views.announcement import announcement
from bot.views.format import link as linked
from bot.views.permalinks import view_message_link
from bot.views.roundup import roundup
from bot.views.translations import ENGLISH
from bot.views.win_line import FULL, extras, headline
from tests.views.sample_data import NOW, link

ANA, BEN, CHLOE, DAN, EVA = (Mention(f"U{name.upper()}", name) for name in ("ana", "ben", "chloe", "dan", "eva"))
UNNAMED_BEN, UNNAMED_CHLOE = (replace(person, is_unnamed=True) for person in (BEN, CHLOE))
NAMES = {"UANA": "Ana", "UBEN": "Ben", "UCHLOE": "Chloe", "UDAN": "Dan", "UEVA": "Eva"}
PLAIN = Win(1, "T1", "C1", ANA, "shipped search", (), NOW, False, "1900000000.000001", Cheerers())

SHOWN: dict[str, tuple[dict[str, Any], str, list[str]]] = {
    "a win": ({}, "*Ana:* shipped search", []),
    "people in the text": ({"credited": (BEN,), "text": "shipped it with <@UBEN>"}, "*Ana:* shipped it with @Ben", []),
    "people beside the text": ({"credited": (BEN, CHLOE)}, "*Ana:* shipped search", ["With Ben and Chloe"]),
    "many people": (
        {"credited": (BEN, CHLOE, DAN, EVA)},
        "*Ana:* shipped search",
        ["With Ben, Chloe, Dan, and 1 other"],
    ),
    "someone else's win": ({"is_own": False, "credited": (BEN,)}, "*Ben:* shipped search", ["Shared by Ana"]),
    "the win of two": (
        {"is_own": False, "credited": (BEN, CHLOE)},
        "*Ben and Chloe:* shipped search",
        ["Shared by Ana"],
    ),
    "someone who joined": (
        {"is_own": False, "credited": (BEN, CHLOE), "joined": (CHLOE,)},
        "*Ben:* shipped search",
        ["With Chloe", "Shared by Ana"],
    ),
    "no one's win": ({"is_own": False}, "*Ana:* shipped search", []),
    "a learning": ({"kind": WinKind.LEARNING}, ":seedling: *Ana learned:* shipped search", []),
    "thanks": ({"thanked": (BEN,)}, "*Ana:* shipped search", ["Thanks to Ben"]),
    "thanks and why": (
        {"thanked": (BEN, CHLOE), "reason": " stayed\nlate & <!here> "},
        "*Ana:* shipped search",
        ["Thanks to Ben and Chloe: stayed late &amp; &lt;!here&gt;"],
    ),
    "someone unnamed in the text": (
        {"credited": (UNNAMED_BEN,), "text": "shipped it with <@UBEN>"},
        "*Ana:* shipped it with a teammate",
        [],
    ),
    "someone unnamed at the start of the text": (
        {"credited": (UNNAMED_BEN,), "text": "<@UBEN>'s idea. @ben and <@UBEN> built it"},
        "*Ana:* A teammate's idea. A teammate built it",
        [],
    ),
    "several unnamed in the text": (
        {"credited": (UNNAMED_BEN, UNNAMED_CHLOE, DAN), "text": "it was <@UBEN> and <@UCHLOE>'s, and <@UDAN>'s"},
        "*Ana:* it was 2 teammates', and @Dan's",
        [],
    ),
    "someone unnamed beside the text": ({"credited": (UNNAMED_BEN,)}, "*Ana:* shipped search", ["With a teammate"]),
    "someone unnamed beside someone named": (
        {"credited": (UNNAMED_BEN, CHLOE)},
        "*Ana:* shipped search",
        ["With Chloe and a teammate"],
    ),
    "many people, two unnamed": (
        {"credited": (UNNAMED_BEN, UNNAMED_CHLOE, DAN, EVA)},
        "*Ana:* shipped search",
        ["With Dan, Eva, and 2 teammates"],
    ),
    "more named people than are listed": (
        {"credited": (UNNAMED_BEN, CHLOE, DAN, EVA)},
        "*Ana:* shipped search",
        ["With Chloe, Dan, Eva, and 1 other"],
    ),
    "the win of someone unnamed": (
        {"is_own": False, "credited": (UNNAMED_BEN,)},
        "*A teammate:* shipped search",
        ["Shared by Ana"],
    ),
    "the win of two who are unnamed": (
        {"is_own": False, "credited": (UNNAMED_BEN, UNNAMED_CHLOE)},
        "*2 teammates:* shipped search",
        ["Shared by Ana"],
    ),
    "the win of one who is named and one who isn't": (
        {"is_own": False, "credited": (UNNAMED_BEN, CHLOE)},
        "*Chloe and a teammate:* shipped search",
        ["Shared by Ana"],
    ),
    "the learning of someone unnamed": (
        {"kind": WinKind.LEARNING, "is_own": False, "credited": (UNNAMED_BEN,)},
        ":seedling: *A teammate learned:* shipped search",
        ["Shared by Ana"],
    ),
    "thanks to someone unnamed, and why": (
        {"thanked": (UNNAMED_BEN,), "reason": "without Ben, <@UBEN> or @ben it wouldn't be"},
        "*Ana:* shipped search",
        ["Thanks to a teammate: without a teammate or a teammate it wouldn't be"],
    ),
    "someone in the text who is in it no longer": (
        {"former": (BEN,), "text": "shipped it with <@UBEN>"},
        "*Ana:* shipped it with @Ben",
        [],
    ),
    "someone unnamed who is in it no longer": (
        {"former": (UNNAMED_BEN,), "text": "<@UBEN>'s idea. Ben built it", "thanked": (EVA,), "reason": "as @ben says"},
        "*Ana:* A teammate's idea. A teammate built it",
        ["Thanks to Eva: as a teammate says"],
    ),
    "a climb": (
        {"climb": ClimbOfWin(7, "<!here> builds\nfaster")},
        "*Ana:* shipped search",
        ["A step of “&lt;!here&gt; builds faster”"],
    ),
    "a link": (
        {"url": "https://www.a.test/x?y=1&z=2"},
        "*Ana:* shipped search",
        ["<https://www.a.test/x?y=1&amp;z=2|a.test>"],
    ),
    "a link in the text": (
        {"url": "https://a.test/", "text": "shipped <https://a.test/>"},
        "*Ana:* shipped <https://a.test/>",
        [],
    ),
    "tags": ({"tags": ("ux", "search"), "text": "shipped #Search"}, "*Ana:* shipped #Search", ["#ux"]),
}


@pytest.mark.parametrize("name", SHOWN)
def test_what_belongs_to_a_win_is_said_once_and_in_plain_text_too(name: str) -> None:
    changes, heading, details = SHOWN[name]
    win = replace(PLAIN, **changes)
    assert headline(ENGLISH, win, NAMES) == heading
    assert extras(ENGLISH, win, NAMES) == details
    message = announcement(ENGLISH, win, NAMES, key="k", permalink=link)
    assert message["text"] == " · ".join([heading.replace("*", "").removeprefix(":seedling: "), *details])


@pytest.mark.parametrize(("channel_id", "is_linked"), [("C1", True), ("C2", False)])
def test_an_announcement_links_the_message_of_its_own_channel_only(channel_id: str, is_linked: bool) -> None:
    win = replace(PLAIN, source=MessageSource(channel_id, "1900000000.000005"))
    text = announcement(ENGLISH, win, NAMES, key="k", permalink=link)["text"]
    assert ("Original message" in text) is is_linked


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://a.test/b c|d<e>", "<https://a.test/b%20c%7Cd%3Ce%3E|a.test>"),
        ("https://google.test@evil.test/", "<https://google.test@evil.test/|evil.test>"),
        *((url, "") for url in ("javascript:alert(1)", "https://", "https://[", "a.test", "")),
    ],
)
def test_a_link_shows_where_it_leads(url: str, shown: str) -> None:
    assert linked(url) == shown


def test_someone_is_named_in_one_win_of_a_roundup_and_not_in_another() -> None:
    both = Cheerers.of(["UBEN", "UDAN"])
    told = (
        replace(PLAIN, credited=(UNNAMED_BEN,), text="shipped it with <@UBEN>", cheered_by=both),
        replace(PLAIN, credited=(BEN,), text="tested it with <@UBEN>", thanked=(UNNAMED_CHLOE,), message_ts=None),
        replace(PLAIN, author=BEN, text="fixed the build", cheered_by=Cheerers.of(["UCHLOE"]), message_ts=None),
    )
    part = RoundupPart("C1", "C1", NOW, None, "UTC", False, 1, 2, 3, told, Cheerers())
    message = roundup(ENGLISH, part, NAMES, key=None, permalink=link, posted_at=NOW)
    assert message["text"].splitlines()[1:] == [
        "• *Ana:* shipped it with a teammate",
        f"Cheered by Ben and Dan · <{link('C1', '1900000000.000001')}|View message>",
        "• *Ana:* tested it with @Ben",
        "Thanks to a teammate",
        "• *Ben:* fixed the build",
        "Cheered by Chloe",
    ]


@pytest.mark.parametrize(("count", "label"), [(1, ":clap: Cheer it"), (2, ":clap: Cheer them all")])
def test_the_button_of_a_roundup_speaks_of_as_many_wins_as_there_are(count: int, label: str) -> None:
    part = RoundupPart("C1", "C1", NOW, None, "UTC", False, 0, 1, count, (PLAIN,) * count, Cheerers())
    message = roundup(ENGLISH, part, NAMES, key="k", permalink=link, posted_at=NOW)
    assert message["blocks"][-1]["elements"][0]["text"]["text"] == label


def test_a_roundup_says_once_what_was_learned() -> None:
    learned = replace(PLAIN, kind=WinKind.LEARNING)
    part = RoundupPart("C1", "C1", NOW, None, "UTC", False, 0, 1, 1, (learned,), Cheerers())
    below_heading = replace(part, section_of={learned.id: Section(SectionKind.LEARNINGS)})
    for each, line, people in (
        (part, "• :seedling: *Ana learned:* shipped search", ":seedling: *Ana learned*"),
        (below_heading, "• *Ana:* shipped search", "*Ana*"),
    ):
        message = roundup(ENGLISH, each, NAMES, key=None, permalink=link, posted_at=NOW)
        assert line in message["text"].splitlines()
        assert any(
            block["elements"][-1]["text"].startswith(f"{people} · ")
            for block in message["blocks"]
            if block["type"] == "context"
        )


@pytest.mark.parametrize("is_named_first", [True, False])
def test_the_thanks_of_a_roundup_do_not_tell_who_is_unnamed_in_one_of_its_wins(*, is_named_first: bool) -> None:
    named, unnamed = replace(PLAIN, id=2, credited=(BEN,)), replace(PLAIN, id=3, credited=(UNNAMED_BEN,))
    told = [
        *((named, unnamed) if is_named_first else (unnamed, named)),
        replace(PLAIN, id=4, thanked=(UNNAMED_CHLOE,)),
        replace(PLAIN, id=5, thanked=(UNNAMED_CHLOE, DAN)),
    ]
    part = RoundupPart("C1", "C1", NOW, None, "UTC", False, 0, 1, 4, tuple(told), Cheerers())
    text = roundup(ENGLISH, part, NAMES, key=None, permalink=link, posted_at=NOW)["text"]
    assert ":raised_hands: Thanks to Ben and Dan, who had a hand in these." in text.splitlines()


@pytest.mark.parametrize("role", ["credited", "former"])
def test_a_message_that_may_say_who_someone_is_is_not_linked(role: str) -> None:
    people: dict[str, Any] = {role: (UNNAMED_BEN,)}
    win = replace(PLAIN, source=MessageSource("C1", "1900000000.000005"), **people)
    message = announcement(ENGLISH, win, NAMES, key="k", permalink=link)
    assert "Original message" not in message["text"]
    message = announcement(ENGLISH, win.for_author(), NAMES, key="k", permalink=link)
    assert "Original message" in message["text"]


@pytest.mark.parametrize("role", ["credited", "former"])
def test_a_thread_that_may_say_who_someone_is_is_not_linked(role: str) -> None:
    people: dict[str, Any] = {role: (UNNAMED_BEN,)}
    win = replace(PLAIN, thread_ts="1900000000.000000", **people)
    address = link("C1", "1900000000.000001")
    assert view_message_link(ENGLISH, win, link) == f"<{address}|View message>"
    in_thread = "?thread_ts=1900000000.000000&amp;cid=C1"
    assert view_message_link(ENGLISH, win.for_author(), link) == f"<{address}{in_thread}|View message>"


@pytest.mark.parametrize(
    ("whose", "label"),
    [
        ((BEN,), "Cheer Ben's win"),
        ((UNNAMED_BEN,), "Cheer a teammate's win"),
        ((UNNAMED_BEN, UNNAMED_CHLOE), "Cheer a teammate's win"),
        ((UNNAMED_BEN, CHLOE), "Cheer Chloe's win"),
    ],
)
def test_what_a_screen_reader_says_of_a_button_names_no_one_who_is_unnamed(whose: Any, label: str) -> None:
    win = replace(PLAIN, is_own=False, credited=whose)
    buttons = announcement(ENGLISH, win, NAMES, key="k", permalink=link)["blocks"][-1]["elements"]
    assert buttons[0]["accessibility_label"] == label
    assert buttons[1]["accessibility_label"] == f"I was part of this: {label.removeprefix('Cheer ')}"


def test_with_little_room_what_was_entered_stays_and_the_rest_is_left_out() -> None:
    win = replace(PLAIN, is_own=False, credited=(BEN, CHLOE, DAN), joined=(DAN,), thanked=(EVA,), url="https://a.test/")
    bare = FULL._replace(cheerers=0, is_bare=True)
    assert headline(ENGLISH, win, NAMES, bare) == "*ben, and 1 other:* shipped search"
    assert extras(ENGLISH, win, NAMES, bare) == ["Thanks to eva", "Shared by ana"]


def test_a_roundup_shows_no_face_of_someone_whom_its_plain_text_only_counts() -> None:
    crowd = tuple(Mention(f"U{number}", f"guest{number}") for number in range(6))
    wins = [replace(PLAIN, id=number, author=author) for number, author in enumerate((DAN, ANA, BEN, CHLOE))]
    told = (replace(wins[0], credited=crowd), *wins[1:])
    part = RoundupPart("C1", "C1", NOW, None, "UTC", False, 0, 1, len(told), told, Cheerers())
    faces = dict.fromkeys((*NAMES, *(person.user_id for person in crowd)), "https://avatars.slack-edge.com/48.png")
    message = roundup(ENGLISH, part, NAMES, key=None, permalink=link, posted_at=NOW, faces=faces)
    elements = [element for block in message["blocks"] for element in block.get("elements", [])]
    shown = {element["alt_text"] for element in elements if element["type"] == "image"}
    assert shown == {"Dan", "guest0", "guest1", "guest2", "guest3", "Ana", "Ben", "Chloe"}
    assert all(each in message["text"] for each in shown)
