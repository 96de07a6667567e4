"""Who may do what: the whole table, written out. tests/test_who_may.py tries each cell through the doors."""

import pytest

from bot.domain.permissions import NOWHERE, Act, Actor, NotAllowed, Place, check, may

PLACE = Place(creator="UCREATOR", owner="UOWNER", managers=frozenset({"UNAMED", "UGUEST"}))
WHO = {
    "admin": Actor("UADMIN", is_active=True, is_admin=True),
    "creator": Actor("UCREATOR", is_active=True),
    "named": Actor("UNAMED", is_active=True),
    "owner": Actor("UOWNER", is_active=True),
    "member": Actor("UMEMBER", is_active=True),
    "guest": Actor("UGUEST", is_active=True, is_guest=True),
    "creator who became a guest": Actor("UCREATOR", is_active=True, is_guest=True),
    "admin who left": Actor("UADMIN", is_active=False, is_admin=True),
    "stranger": Actor("USTRANGER", is_active=False),
}
TABLE = {
    "admin": {Act.SEE, Act.CHANGE, Act.NAME, Act.DECIDE, Act.OVERSEE},
    "creator": {Act.SEE, Act.CHANGE, Act.NAME, Act.DECIDE},
    "named": {Act.SEE, Act.CHANGE, Act.DECIDE},
    "owner": {Act.SEE, Act.DECIDE},
    "member": {Act.SEE},
    "guest": {Act.SEE},
    "creator who became a guest": {Act.SEE},
    "admin who left": set(),
    "stranger": set(),
}


@pytest.mark.parametrize("act", Act)
@pytest.mark.parametrize("who", WHO)
def test_the_table(who: str, act: Act) -> None:
    is_allowed = act in TABLE[who]
    assert may(WHO[who], act, PLACE) is is_allowed
    if is_allowed:
        check(WHO[who], act, PLACE)
    else:
        with pytest.raises(NotAllowed):
            check(WHO[who], act, PLACE)


@pytest.mark.parametrize("act", [Act.CHANGE, Act.NAME, Act.DECIDE, Act.OVERSEE])
def test_where_nobody_is_known_only_admins_may(act: Act) -> None:
    assert [who for who, actor in WHO.items() if may(actor, act, NOWHERE)] == ["admin"]
