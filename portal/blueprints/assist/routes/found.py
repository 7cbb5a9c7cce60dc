"""Whom a member of staff found just now: nobody else's page opens, whoever knows an address."""

from collections.abc import Collection, Sequence
from uuid import UUID

from flask import abort, session

from portal.identity.finding import Clue

_KEY, _HOLDERS, _HIDDEN, _BY = "found", "found_holders", "found_hidden", "found_by"
_REGISTERED = "registered"


def remember(
    persons: Sequence[UUID],
    *,
    holders: Sequence[UUID] = (),
    hidden: Sequence[UUID] = (),
    by: Collection[Clue] = (),
) -> None:
    """Keep who was found last, in the place of who was found before.

    holders: rows of services, of people without an account. hidden: who is protected. by: which facts were given.
    """
    session[_KEY] = [str(person) for person in persons]
    session[_HOLDERS] = [str(holder) for holder in holders]
    session[_HIDDEN] = [str(person) for person in hidden]
    session[_BY] = sorted(by)
    session[_REGISTERED] = []


def only(person: UUID) -> UUID:
    """Return the person if they were found last. Raises NotFound."""
    return _only(_KEY, person)


def only_holder(holder: UUID) -> UUID:
    """Return the row if whoever holds it was found last. Raises NotFound."""
    return _only(_HOLDERS, holder)


def remember_registered(person: UUID) -> None:
    """Keep who was registered just now: they count as found, and it may be told what was sent to them."""
    remember([person])
    session[_REGISTERED] = [str(person)]


def only_registered(person: UUID) -> UUID:
    """Return the person if they were registered last. Raises NotFound."""
    return _only(_REGISTERED, person)


def hidden() -> list[UUID]:
    """Return who was found last and isn't shown."""
    return [UUID(person) for person in session.get(_HIDDEN, ())]


def by() -> frozenset[Clue]:
    """Return by which kinds of fact."""
    return frozenset(Clue(clue) for clue in session.get(_BY, ()))


def _only(key: str, wanted: UUID) -> UUID:
    if str(wanted) not in session.get(key, ()):
        abort(404)
    return wanted
