"""How a member of staff made sure who somebody without an account is: kept until they are registered."""

from uuid import UUID

from flask import session

from portal.blueprints.assist.rules import How
from portal.identity.identifying import Question

_QUESTIONS, _HOW = "identify_by", "identified"


def ask(holder: UUID, questions: list[Question]) -> None:
    """Keep which questions were drawn: whoever fails is asked the same again, whoever is asked in between."""
    session[_QUESTIONS] = {**session.get(_QUESTIONS, {}), str(holder): list(questions)}


def asked(holder: UUID) -> list[Question]:
    """Return the questions that were drawn about a row; empty if none were."""
    return [Question(question) for question in session.get(_QUESTIONS, {}).get(str(holder), ())]


def remember(holder: UUID, how: How) -> None:
    session[_HOW] = [str(holder), how.value]


def how(holder: UUID) -> How | None:
    """Return how it is known who holds a row; None if it isn't."""
    about, how = session.get(_HOW) or ("", "")
    return How(how) if about == str(holder) else None


def forget() -> None:
    session.pop(_HOW, None)
