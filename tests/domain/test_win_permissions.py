"""Who may do what with a win: the whole table, written out, for every role in every kind of channel."""

import pytest

from bot.domain.win_permissions import Reach, WinAction, WinRelation, may_with_win, reach_of_win, relation_to_win

WHO = {
    "author": relation_to_win("U1", author_id="U1"),
    "author, a guest": relation_to_win("U1", author_id="U1", is_guest=True),
    "author for others": relation_to_win("U1", author_id="U1", credited_ids={"U2"}, is_own=False),
    "credited": relation_to_win("U2", author_id="U1", credited_ids={"U2"}),
    "joined": relation_to_win("U3", author_id="U1", credited_ids={"U2", "U3"}),
    "credited, a guest": relation_to_win("U2", author_id="U1", credited_ids={"U2"}, is_guest=True),
    "thanked": relation_to_win("U4", author_id="U1", thanked_ids={"U4"}),
    "admin": relation_to_win("U5", author_id="U1"),
    "channel owner": relation_to_win("U6", author_id="U1"),
    "member": relation_to_win("U7", author_id="U1"),
    "guest": relation_to_win("U8", author_id="U1", is_guest=True),
    "stranger": relation_to_win("U9", author_id="U1", is_active=False),
    "author who left": relation_to_win("U1", author_id="U1", is_active=False),
    "credited, a bot": relation_to_win("B1", author_id="U1", credited_ids={"B1"}, is_active=False),
}


def _where(
    is_in: bool | None,
    is_public: bool | None,
    *,
    is_private: bool = False,
    is_held: bool = False,
    channel_id: str | None = "C1",
) -> Reach:
    return reach_of_win(channel_id, is_private=is_private, is_held=is_held, is_in=is_in, is_public=is_public)


WHERE = {
    "public, in it": (_where(True, True), True),
    "public, not in it": (_where(False, True), True),
    "private, in it": (_where(True, False), True),
    "private, not in it": (_where(False, False), True),
    "unknown": (_where(None, None), True),
    "archived, was in it": (_where(True, True), False),
    "left by the bot, in it": (_where(True, True), False),
    "only the author": (_where(None, None, channel_id=None), True),
    "made private": (_where(True, True, is_private=True), True),
    "held, in it": (_where(True, False, is_held=True), True),
    "held, public, not in it": (_where(False, True, is_held=True), True),
    "held, private, not in it": (_where(False, False, is_held=True), True),
    "held, unknown": (_where(None, None, is_held=True), True),
}
HELD = {"held, in it", "held, public, not in it"}
OPEN, PRIVATE = {"public, in it", "private, in it"}, {"only the author", "made private"}
IN = OPEN | {"archived, was in it", "left by the bot, in it"}
SEEN = IN | {"public, not in it"}
WRITTEN = SEEN | PRIVATE | HELD
ALL = set(WHERE)

OF_AUTHORS = {
    "see": ALL,
    "find": ALL,
    "edit": WRITTEN,
    "undo": ALL,
    "delete": ALL,
    "make_private": ALL,
    "share_again": OPEN,
    "remove_joined": ALL,
}
OF_READERS = {"see": SEEN, "find": SEEN}
OF_PEOPLE_IN_IT = {"see": SEEN | HELD, "find": SEEN | HELD, "answer": ALL - PRIVATE, "leave": ALL - PRIVATE}
OF_MEMBERS = OF_READERS | {"cheer": SEEN, "join": SEEN, "save_for_another": IN | PRIVATE, "suggest": OPEN}
TABLE: dict[str, dict[str, set[str]]] = {
    "author": OF_AUTHORS,
    "author, a guest": OF_AUTHORS,
    "author for others": OF_AUTHORS | {"cheer": SEEN, "join": SEEN},
    "credited": OF_PEOPLE_IN_IT,
    "joined": OF_PEOPLE_IN_IT,
    "credited, a guest": OF_PEOPLE_IN_IT,
    "thanked": OF_PEOPLE_IN_IT | {"cheer": SEEN, "join": SEEN},
    "admin": OF_MEMBERS,
    "channel owner": OF_MEMBERS,
    "member": OF_MEMBERS,
    "guest": OF_MEMBERS | {"see": IN, "find": IN, "cheer": IN, "join": IN},
    "stranger": {},
    "author who left": {},
    "credited, a bot": {},
}


@pytest.mark.parametrize("who", WHO)
def test_the_table(who: str) -> None:
    for act in WinAction:
        allowed = {
            where for where, (reach, has_bot) in WHERE.items() if may_with_win(act, WHO[who], reach, has_bot=has_bot)
        }
        assert allowed == TABLE[who].get(act, set()), act


def test_no_one_but_the_author_does_anything_with_a_private_win() -> None:
    for act in set(WinAction) - {WinAction.SAVE_FOR_ANOTHER}:  # that is about a win that isn't there yet
        may = {relation for relation in WinRelation if may_with_win(act, relation, Reach.NOWHERE)}
        assert may <= {WinRelation.AUTHOR, WinRelation.AUTHOR_FOR_OTHERS}
