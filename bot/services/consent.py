"""Consent: whom a win that names people waits for, what they are asked and told, and when it is shared.

What they answer: see consent_answers.py. How they want to be named in general: see preferences.py.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from bot.domain.consent import HOLD_PERIOD, Consent, Preference, is_waited_for, needed_consents
from bot.domain.deliveries import DeliveryKind, DeliveryState
from bot.domain.wins import Draft, Mention, Win
from bot.services import sharing
from bot.storage import consent as queries
from bot.storage import credit as credit_queries
from bot.storage import credit_notes as note_queries
from bot.storage import deliveries, editions, preferences, roundups, win_changes, wins
from bot.storage.deliveries import Delivery
from bot.storage.enqueue import NewDelivery, enqueue
from bot.storage.preferences import Preferences
from bot.storage.wins import NewWin

Chosen = Mapping[str, Preferences]
"""What people have chosen, by user id."""


# What is asked of whom.


def with_consents(connection: Connection, new_wins: Sequence[NewWin]) -> tuple[list[NewWin], dict[str, Chosen]]:
    """Return new wins with the consents that they need, and held if they have to wait for any.

    The second value is what the people in them have chosen, by workspace: `tell_new` takes it.
    """
    named: dict[str, set[str]] = {}
    for win in new_wins:
        if win.is_shared and (win.draft.credited or win.draft.thanked):
            people = {person.user_id for person in (*win.draft.credited, *win.draft.thanked)}
            named.setdefault(win.team_id, set()).update(people - {win.author.user_id})
    if not any(named.values()):
        return list(new_wins), {}
    queries.lock_people(connection, ((team_id, each) for team_id, people in named.items() for each in people))
    chosen: dict[str, Chosen] = {
        team_id: preferences.of_people(connection, team_id, people) for team_id, people in named.items()
    }
    return [_held_if_needed(win, chosen.get(win.team_id, {})) for win in new_wins], chosen


def _held_if_needed(win: NewWin, chosen: Chosen) -> NewWin:
    if not win.is_shared:
        return win
    consents = _needed(win.draft, win.author.user_id, chosen)
    return replace(win, consents=consents, held_until=win.created_at + HOLD_PERIOD) if consents else win


def _needed(draft: Draft | Win, author_id: str, chosen: Chosen) -> dict[str, Consent]:
    return needed_consents(
        author_id=author_id,
        is_own=draft.is_own,
        credited_ids=[person.user_id for person in draft.credited],
        thanked_ids=[person.user_id for person in draft.thanked],
        preferences={user_id: each.preference for user_id, each in chosen.items()},
    )


def tell_new(connection: Connection, win_id: int, win: NewWin, chosen: Mapping[str, Chosen]) -> None:
    """Enqueue the messages to the people in a win that has just been stored."""
    people = dict.fromkeys(each.user_id for each in (*win.draft.credited, *win.draft.thanked))
    consents = {each: win.consents.get(each) for each in people if each != win.author.user_id}
    is_held = win.held_until is not None
    if consents and (win.is_shared or is_held):
        _tell(connection, win.team_id, win_id, consents, chosen[win.team_id], is_held=is_held, now=win.created_at)


def _tell(
    connection: Connection,
    team_id: str,
    win_id: int,
    consents: Mapping[str, Consent | None],
    chosen: Chosen,
    *,
    is_held: bool,
    now: datetime,
) -> None:
    """Ask those whose consent is pending, and introduce those who are in a shared win for the first time."""
    recipients = []
    for user_id, consent in sorted(consents.items()):  # in one order: two replicas can't deadlock
        is_asked = consent is Consent.PENDING
        is_unknown = chosen[user_id].introduced_at is None
        if not chosen[user_id].wants_messages or not (is_asked or is_unknown):
            continue
        if consent is Consent.REFUSED or (is_held and not is_asked):
            continue
        is_first = is_unknown and preferences.introduce(connection, team_id, user_id, now=now)
        if is_asked or is_first:
            recipients.append(user_id)
    new = [NewDelivery(team_id, each, now, win_id=win_id, recipient_id=each) for each in recipients]
    enqueue(connection, DeliveryKind.CREDIT, new, ignore_conflicts=True)


def _tell_others(
    connection: Connection, win: Win, consents: Mapping[str, Consent | None], *, is_held: bool, now: datetime
) -> None:
    """Tell those of a stored win who had no message about it: each gets one, however often this is called.

    Who had one that is deleted by now is introduced by a later win.
    """
    queries.forget_unsent_messages(connection, win.id)
    told = {message.recipient_id for message in queries.credit_messages(connection, win.id)}
    others = {user_id: consent for user_id, consent in consents.items() if user_id not in told}
    _tell(connection, win.team_id, win.id, others, _chosen(connection, win), is_held=is_held, now=now)


def _chosen(connection: Connection, win: Win) -> Chosen:
    return preferences.of_people(connection, win.team_id, {person.user_id for person in win.people})


def named_people(win: Win) -> dict[str, Mention]:
    """Return those whom its author names in a win, by user id: not the author, nor those who joined."""
    joined = {person.user_id for person in win.joined}
    return {
        each.user_id: each for each in win.people if each.user_id not in joined and each.user_id != win.author.user_id
    }


# What becomes of a stored win.


def of_edit(connection: Connection, win: Win, draft: Draft) -> dict[str, Consent]:
    """Return the consent of those whom an edited win names, by user id, where there is something to ask.

    What they have said of this win stays so. Nothing is asked of those who were named in it without being asked,
    unless it was the author's own and becomes theirs. A private win asks when it is shared again.
    """
    said = queries.said(connection, win.id)
    people = {person.user_id for person in (*draft.credited, *draft.thanked)}
    needed: dict[str, Consent] = {}
    if win.channel_id is not None and not win.is_private:
        chosen = preferences.of_people(connection, win.team_id, people)
        needed = _needed(draft, win.author.user_id, chosen)
    joined = {person.user_id for person in win.joined}
    had_credit = set() if win.is_own else {person.user_id for person in win.credited}
    gets_credit = set() if draft.is_own else {person.user_id for person in draft.credited}
    settled = joined | {person.user_id for person in win.people} - (gets_credit - had_credit)
    new = {user_id: consent for user_id, consent in needed.items() if user_id not in settled}
    return new | {user_id: consent for user_id, consent in said.items() if user_id in people}


def follow_edit(connection: Connection, before: Win, *, now: datetime) -> None:
    """Ask the people whom an edit added to a win, delete the messages to those it removed, and update the others.

    If no one is left to wait for, it is shared.
    """
    win = wins.by_id(connection, before.team_id, before.id)
    assert win is not None, "it has just been edited"
    people, people_before = named_people(win), named_people(before)
    for message in queries.credit_messages(connection, win.id):
        is_in_it = message.recipient_id in {person.user_id for person in win.people}
        if is_in_it:
            deliveries.request_update(connection, message.id)
        else:
            _take_back(connection, message)
    note_queries.request_updates_with(connection, win.id)
    if win.channel_id is None or win.is_private or (win.is_held and not win.waits(now)):
        return
    new = {
        user_id: person.consent
        for user_id, person in people.items()
        if user_id not in people_before or people_before[user_id].consent is not person.consent
    }
    ask(connection, win, new, now=now)
    release_if_agreed(connection, win.team_id, win.id, now=now)


def ask(connection: Connection, win: Win, consents: Mapping[str, Consent | None], *, now: datetime) -> None:
    """Ask those of these people (by user id) whose consent to a stored win is pending."""
    if consents:
        _tell_others(connection, win, consents, is_held=win.is_held, now=now)


def release_if_agreed(connection: Connection, team_id: str, win_id: int, *, now: datetime) -> bool:
    """Share a held win, once, unless it is waiting for someone, its time is over, or its author keeps it private."""
    win = wins.by_id(connection, team_id, win_id)
    if win is None or win.channel_id is None or win.is_undone or win.is_private or not win.waits(now):
        return False
    if _is_waiting(win, _chosen(connection, win)):
        return False
    _release(connection, win, now=now)
    sharing.share(connection, win, win.channel_id, now=now)
    _follow_sharing(connection, win, now=now)
    return True


def _release(connection: Connection, win: Win, *, now: datetime) -> None:
    """Store that a win waits for no one.

    If its channel has yet to read it, it counts from now: else a date, a search or the order of a climb's steps would
    tell others that it waited, and so that someone in it asks to be asked.
    """
    queries.release(connection, win.id)
    if win.is_held and not _may_have_been_read(connection, win.id):
        win_changes.count_from(connection, win.id, now)


def _may_have_been_read(connection: Connection, win_id: int) -> bool:
    """Whether its channel may have read a win that isn't shared now, in an announcement or a roundup."""
    announcement = deliveries.of_win(connection, win_id)
    if announcement is not None and announcement.state is not DeliveryState.CANCELLED:
        return True
    return roundups.part_with_place(connection, win_id) is not None


def _follow_sharing(connection: Connection, win: Win, *, now: datetime) -> None:
    consents = {user_id: person.consent for user_id, person in named_people(win).items()}
    _tell_others(connection, win, consents, is_held=False, now=now)
    update_messages(connection, win.id)


def _is_waiting(win: Win, chosen: Chosen) -> bool:
    """Whether a win that isn't shared waits for someone.

    Someone who prefers never to be named needn't answer about a win that isn't theirs: others don't read their name.
    Nor do those who joined: until they agree to be named, others don't read theirs either.
    """
    theirs = set() if win.is_own else {person.user_id for person in win.credited}
    return any(
        is_waited_for(person.consent)
        and not (
            person.consent is Consent.PENDING
            and chosen[person.user_id].preference is Preference.NEVER
            and person.user_id not in theirs
        )
        for person in named_people(win).values()
    )


def lock(connection: Connection, win: Win) -> None:
    """Lock a win's people, and then the win: see bot/storage/consent.py. What was read before may be out of date."""
    queries.lock_people(connection, ((win.team_id, person.user_id) for person in win.people))
    queries.lock_win(connection, win.team_id, win.id)


def hold_if_needed(connection: Connection, win: Win, *, now: datetime) -> bool:
    """Hold a private win that its author wants to share (it is private no longer), and ask those it waits for.

    Those who were not asked yet are asked by the rule for new wins. One that waited before waits no longer than it
    would have. Returns False if there is no one to wait for: then it may be shared.
    """
    chosen = _chosen(connection, win)
    needed = _needed(win, win.author.user_id, chosen)
    people = named_people(win)
    new = {
        user_id: consent for user_id, consent in needed.items() if user_id in people and people[user_id].consent is None
    }
    queries.save(connection, win.id, new)
    if not new and not (win.is_held and _is_waiting(win, chosen)):
        _release(connection, win, now=now)
        _follow_sharing(connection, win, now=now)
        return False
    held_until = win.held_until or now + HOLD_PERIOD
    queries.hold(connection, win.id, held_until)
    if now < held_until:
        consents = {user_id: new.get(user_id, person.consent) for user_id, person in people.items()}
        ask(connection, replace(win, held_until=held_until), consents, now=now)
    update_messages(connection, win.id)
    return True


def wait_for(connection: Connection, win: Win, user_id: str, *, now: datetime) -> None:
    """Let a held win wait for someone in it who wasn't asked, if what they have just chosen asks for that in a new one.

    Until now it waited for others alone, and their answers would have shared it.
    """
    person = named_people(win).get(user_id)
    needed = _needed(win, win.author.user_id, _chosen(connection, win))
    if person is None or person.consent is not None or user_id not in needed:
        return
    queries.save(connection, win.id, {user_id: needed[user_id]})
    update_others(connection, win, user_id)
    if not win.is_private:
        ask(connection, win, {user_id: needed[user_id]}, now=now)


def take_back_messages(connection: Connection, win_id: int) -> None:
    """Delete the messages to the people in a win that its author has undone, or made private."""
    for message in queries.credit_messages(connection, win_id):
        _take_back(connection, message)
    note_queries.request_updates_with(connection, win_id)


def _take_back(connection: Connection, message: Delivery) -> None:
    """Delete a message, and let a later win introduce its recipient if it was their first."""
    deliveries.request_delete(connection, message.id)
    credit_queries.forget_introduction(connection, message.team_id, message.recipient_id or "")


def locked_win(connection: Connection, team_id: str, win_id: int) -> Win | None:
    """Return a win, locked until the commit; None if it was deleted or undone."""
    queries.lock_win(connection, team_id, win_id)
    win = wins.by_id(connection, team_id, win_id)
    return None if win is None or win.is_undone else win


def update_shown(connection: Connection, win: Win) -> None:
    """Update the messages in channels that show a win, and the notes that do."""
    for message in (deliveries.of_win(connection, win.id), roundups.part_with(connection, win.id)):
        if message is not None and not win.is_hidden:
            deliveries.request_update(connection, message.id, can_wait=True)
    editions.request_updates_with(connection, win.id)
    note_queries.request_updates_with(connection, win.id)


def update_messages(connection: Connection, win_id: int, user_id: str | None = None) -> None:
    """Request an update of the messages to the people in a win, or to one of them."""
    for message in queries.credit_messages(connection, win_id, None if user_id is None else [user_id]):
        deliveries.request_update(connection, message.id)


def update_others(connection: Connection, before: Win, user_id: str) -> None:
    """Request updates, which can wait, of the messages to the others in a win if someone's name came or went there.

    `before` is the win as it was read before.
    """
    after = wins.by_id(connection, before.team_id, before.id)
    if after is None or _names(after, user_id) is _names(before, user_id):
        return
    for message in queries.credit_messages(connection, after.id):
        if message.recipient_id != user_id:
            deliveries.request_update(connection, message.id, can_wait=True)


def _names(win: Win, user_id: str) -> bool:
    person = win.person(user_id)
    return person is not None and not person.is_unnamed
