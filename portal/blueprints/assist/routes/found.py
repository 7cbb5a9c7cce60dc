"""Whom a member of staff found just now: nobody else's page opens, whoever knows an address."""

from uuid import UUID

from flask import abort, session

_KEY = "found"


def remember(persons: list[UUID]) -> None:
    """Keep who was found last, in the place of who was found before."""
    session[_KEY] = [str(person) for person in persons]


def only(person: UUID) -> UUID:
    """Return the person if they were found last. Raises NotFound."""
    if str(person) not in session.get(_KEY, ()):
        abort(404)
    return person
