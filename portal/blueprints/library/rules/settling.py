"""Questions to the library system, what came of them, and finding it out later where the answer was lost."""

import json
from dataclasses import asdict, dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from portal.blueprints.library.rules.due import as_seen, is_later
from portal.connectors.library import Borrower, Reason


class Deed(StrEnum):
    """What a library system can be asked to do."""

    RENEW = "renew"
    CANCEL = "cancel"
    CHANGE_PICKUP = "change-pickup"

    @property
    def act(self) -> str:
        """Return what the audit calls it."""
        return f"library.{self.value}"


@dataclass(frozen=True, slots=True)
class Question:
    """thing: the item or the hold. seen: of a loan, when it was due before (``due.as_seen``). branch: the new one."""

    deed: Deed
    card: UUID
    thing: str = field(repr=False)
    seen: str = ""
    branch: str = ""

    def as_text(self) -> str:
        return json.dumps({**asdict(self), "card": str(self.card)})

    @classmethod
    def from_text(cls, text: str) -> "Question":
        values = json.loads(text)
        return cls(**{**values, "deed": Deed(values["deed"]), "card": UUID(values["card"])})


class Outcome(StrEnum):
    DONE = "done"
    REFUSED = "refused"
    UNAVAILABLE = "unavailable"
    """Nothing was sent."""
    NOT_DONE = "not-done"
    """Found out afterwards: it wasn't done, and nobody knows why."""
    GONE = "gone"
    """Found out afterwards: the loan or the hold isn't there any more."""
    UNCLEAR = "unclear"
    """Looked at afterwards, and the system doesn't say what would tell."""


AGAIN = (Reason.PIN_NEEDED, Reason.WRONG_CARD_OR_PIN, Reason.OTHER, Reason.UNCHANGED)
"""Refusals that may be another answer a moment later."""


@dataclass(frozen=True, slots=True)
class Told:
    """What came of a question, for the page to tell. reason: of a refusal. due_on, due_text: the new day of a loan.

    later: it was found out after the answer had been lost.
    """

    deed: Deed
    thing: str = field(repr=False)
    outcome: Outcome
    reason: str = ""
    due_on: date | None = None
    due_text: str = ""
    later: bool = False

    @property
    def is_final(self) -> bool:
        """Tell whether asking for the same again would come to the same."""
        return self.outcome not in (Outcome.UNAVAILABLE, Outcome.NOT_DONE) and self.reason not in AGAIN

    def as_text(self) -> str:
        return json.dumps({**asdict(self), "due_on": self.due_on.isoformat() if self.due_on else None})

    @classmethod
    def from_text(cls, text: str) -> "Told":
        values: dict[str, Any] = json.loads(text)
        day = values["due_on"]
        return cls(
            **{
                **values,
                "deed": Deed(values["deed"]),
                "outcome": Outcome(values["outcome"]),
                "due_on": date.fromisoformat(day) if day else None,
            }
        )


def settle(question: Question, borrower: Borrower) -> Told:
    """Return what came of a question whose answer was lost, by what the system says now."""
    if question.deed is Deed.RENEW:
        return _renewal(question, borrower)
    hold = next((hold for hold in borrower.holds if hold.id == question.thing), None)
    if question.deed is Deed.CANCEL:
        return _told(question, Outcome.NOT_DONE if hold else Outcome.DONE)
    if hold is None:
        return _told(question, Outcome.GONE)
    if hold.branch is None:
        return _told(question, Outcome.UNCLEAR)
    return _told(question, Outcome.DONE if hold.branch == question.branch else Outcome.NOT_DONE)


def _renewal(question: Question, borrower: Borrower) -> Told:
    loan = next((loan for loan in borrower.loans if loan.item == question.thing), None)
    if loan is None:
        return _told(question, Outcome.GONE)
    if not (question.seen and as_seen(loan)):
        return _told(question, Outcome.UNCLEAR)
    if not is_later(loan, question.seen):
        return _told(question, Outcome.NOT_DONE)
    return Told(question.deed, question.thing, Outcome.DONE, due_on=loan.due_on, due_text=loan.due_text, later=True)


def _told(question: Question, outcome: Outcome) -> Told:
    return Told(question.deed, question.thing, outcome, later=True)
