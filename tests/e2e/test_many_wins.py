"""A week of many wins: a first message that is whole in itself, a thread by section, and a link to each of them."""

import re
from typing import Any

from tests.e2e.test_climbs import climbs, page
from tests.team import FRIDAY_16_BERLIN, Team

THEMES = ("ops", "docs")
HEADS = {
    "One step further": ":mountain: *One step further*",
    "#ops": ":sparkles: *#ops*",
    "#docs": ":sparkles: *#docs*",
    "More good things": ":sunny: *And more good things*",
    "What we learned": ":seedling: *What we learned*",
}
"""What a section is called in a link, and what stands over it."""


async def a_week_of_many_wins(made: Team) -> None:
    """Two steps of a climb that is reached, two themes, something learned, and more: 40 wins of three people."""
    await climbs(made)
    await made.slack.press(made.ana, await page(made, made.ana), "mark_climb_reached")
    await made.sees("has reached its goal")
    people = (made.ana, made.ben, made.chloe)
    for number in range(36):
        tag = f" #{THEMES[number % 4]}" if number % 4 < 2 else ""
        await made.says(people[number % 3], f"/win number {number} of a long week, in some words{tag}")
    for number in range(2):
        await made.says(made.chloe, f"/win lesson {number} of it #learned")
    await made.slack.wait_for(lambda: sum("number" in text or "lesson" in text for text in made.posts()) == 38)


def thread_of(made: Team, first: Any) -> list[Any]:
    """The messages of a roundup after its first one, in order."""
    rest = [post for post in made.slack.posts(made.general) if post.thread_ts == first.ts and post.ts != first.ts]
    return sorted(rest, key=lambda post: str(post.ts))


def told(made: Team, first: Any) -> str:
    """All that a roundup says."""
    return "\n".join(post.text for post in [first, *thread_of(made, first)])


def linked(first: Any) -> dict[str, str]:
    """The sections that a first message links to, and the ts of the message in which each begins."""
    found = re.findall(r"/p(\d{10})(\d{6})\?thread_ts=[\d.]+&amp;cid=\w+\|([^>]+)>", first.text)
    return {name: f"{seconds}.{rest}" for seconds, rest, name in found}


async def test_each_section_of_the_thread_is_linked_from_the_first_message(the_team: Team) -> None:
    await a_week_of_many_wins(the_team)
    await the_team.it_is(FRIDAY_16_BERLIN)
    first = await the_team.sees("This week's wins:")
    await the_team.slack.wait_for(lambda: told(the_team, first).count("View message") == 40)
    everything = told(the_team, first)
    for number in range(36):
        assert everything.count(f" number {number} of") == 1, "each win once"
    for said in ("measured the build", "cached the build", "lesson 0", "lesson 1"):
        assert everything.count(said) == 1
    assert 10 < first.text.count("\n• ") <= 15
    assert "Climb reached" in everything
    assert "First step of “Faster builds”" in everything
    begins: dict[str, str] = {}
    for post in thread_of(the_team, first):
        assert len(post.text.encode()) <= 4000
        for name, head in HEADS.items():
            if head in post.text:
                begins.setdefault(name, post.ts)
    assert {"#ops", "#docs", "More good things"} <= begins.keys()
    await the_team.slack.wait_for(lambda: linked(first) == begins)


async def test_who_cheers_in_the_thread_is_named_beside_the_win_or_as_cheering_all_of_it(the_team: Team) -> None:
    slack, dmitri = the_team.slack, the_team.dmitri
    people = (the_team.ana, the_team.ben, the_team.chloe)
    for number in range(18):
        await the_team.says(people[number % 3], f"/win number {number} of a long week")
    await slack.wait_for(lambda: sum("number" in text for text in the_team.posts()) == 18)
    await the_team.it_is(FRIDAY_16_BERLIN)
    first = await the_team.sees("This week's wins:")
    await slack.wait_for(lambda: told(the_team, first).count("View message") == 18)
    last = thread_of(the_team, first)[-1]
    await the_team.records(last)
    await slack.react(dmitri, the_team.general, last.ts, "tada")
    await slack.wait_for(lambda: "\nCheered by dmitri :tada:" in first.text)
    buttons = [block["accessory"] for block in last.blocks if "accessory" in block]
    await slack.press(dmitri, last, action_id="cheer_told_win", value=buttons[0]["value"])
    await slack.wait_for(lambda: "Cheered by dmitri :clap:" in last.text)
