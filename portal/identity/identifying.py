"""Making sure by phone that somebody is who they say: they are asked what a service's record holds of them.

Staff type the answers and never see the right ones; nobody is told which was wrong.
"""

import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

ASKED: Final = 3
NEEDED: Final = 2
"""So many are asked, and so many have to be right."""


class Question(StrEnum):
    """What can be asked. How each answer is written, so that it can be compared, is said beside it."""

    BORN = "born"
    """Date of birth: ISO 8601."""
    POSTCODE = "postcode"
    SINCE = "since"
    """The year in which the tenancy began."""
    RENT = "rent"
    """What is charged each time, roughly: an amount of money."""
    PAID = "paid"
    """What was paid last, to the pound or euro."""
    TOGETHER = "together"
    """The name of somebody else who holds it."""


COMMON: Final = (Question.BORN, Question.POSTCODE)
"""Known to whoever once lived with them, so that one of these at most is asked: it can't be enough."""


@dataclass(frozen=True, slots=True)
class Identifying:
    """How a service makes sure. questions: what can be asked about a row of its; empty if there is no such row.

    count_right: how many of some answers are right.
    """

    questions: Callable[[Session, UUID], Collection[Question]]
    count_right: Callable[[Session, UUID, Mapping[Question, str]], int]


def draw(questions: Collection[Question]) -> Sequence[Question]:
    """Return the questions to ask, by chance; empty if there are too few."""
    chance = secrets.SystemRandom()
    common = [question for question in COMMON if question in questions]
    left = sorted({*questions} - {*COMMON} | {*chance.sample(common, min(len(common), 1))})
    return sorted(chance.sample(left, ASKED)) if len(left) >= ASKED else ()
