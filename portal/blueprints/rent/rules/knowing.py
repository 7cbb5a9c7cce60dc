"""What a tenant can be asked by phone, and whether an answer is right: for who knows it, not for who can spell it."""

import re
from dataclasses import dataclass, field
from datetime import date

from portal.identity.identifying import Question
from portal.identity.names import compact, is_name_of, plain_words

AMOUNT = re.compile(r"[£€]?(?P<whole>\d{1,3}(?:,\d{3})+|\d{1,6})(?:\.(?P<part>\d{2}))?")
ROUGHLY = 0.05
"""How far from the rent an answer may be: a share of it."""
NEARLY_PENCE = 100
"""How far from a payment."""


@dataclass(frozen=True, slots=True)
class Known:
    """What a tenant's record holds. since: the year. together: the other tenants' names. None, or empty: nothing."""

    born_on: date | None = field(repr=False)
    postcode: str = field(repr=False)
    since: int
    rent_pence: int | None
    paid_pence: int | None
    together: tuple[str, ...] = field(repr=False)

    def questions(self) -> frozenset[Question]:
        """Return what can be asked."""
        there = {
            Question.BORN: self.born_on,
            Question.POSTCODE: any(letter.isdigit() for letter in self.postcode),  # some addresses end with a town
            Question.SINCE: self.since,
            Question.RENT: self.rent_pence,
            Question.PAID: self.paid_pence,
            Question.TOGETHER: self.together,
        }
        return frozenset(question for question, value in there.items() if value)

    def is_right(self, question: Question, answer: str) -> bool:
        """Tell whether somebody knows. answer: as typed, a day in ISO 8601."""
        answer, rent = answer.strip(), self.rent_pence or 0
        right = {
            Question.BORN: self.born_on is not None and answer == self.born_on.isoformat(),
            Question.POSTCODE: compact(answer) == self.postcode,
            Question.SINCE: answer == str(self.since),
            Question.RENT: _is_near(answer, rent, round(rent * ROUGHLY)),
            Question.PAID: _is_near(answer, self.paid_pence or 0, NEARLY_PENCE),
            Question.TOGETHER: any(_is_called(answer, name) for name in self.together),
        }
        return question in self.questions() and right[question]


def _is_near(answer: str, pence: int, within: int) -> bool:
    found = AMOUNT.fullmatch(answer.replace(" ", ""))
    if found is None:
        return False
    typed = int(found["whole"].replace(",", "")) * 100 + int(found["part"] or 0)
    return abs(typed - pence) <= within


def _is_called(answer: str, name: str) -> bool:
    """Tell whether somebody is meant by their first name, alone or with the last one: the last is often the asker's."""
    typed, words = plain_words(answer), plain_words(name)
    if not typed or not words or typed[0] != words[0]:
        return False
    return len(typed) == 1 or is_name_of(answer, name)
