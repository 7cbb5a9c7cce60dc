"""Where the case of one scheme stands, and where it can go from there.

Source of the names: what councils' services call them (the facts on forms and states); a refusal is always somebody's
decision, never the portal's.
"""

from enum import StrEnum
from typing import Final


class State(StrEnum):
    DRAFT = "draft"
    SENT = "sent"
    CHECKING = "checking"
    EVIDENCE_NEEDED = "evidence-needed"
    """The person is asked to show something, until a day."""
    ASSESSING = "assessing"
    REFERRED = "referred"
    """Handed on to those who do the work, with the person's agreement."""
    APPROVED = "approved"
    PARTLY_APPROVED = "partly-approved"
    PAID = "paid"
    REFUSED = "refused"
    CLOSED = "closed"
    """Nobody answered what was asked for."""
    WITHDRAWN = "withdrawn"
    REVIEW_ASKED = "review-asked"
    REVIEW_DECIDED = "review-decided"


OPEN: Final = frozenset((State.SENT, State.CHECKING, State.EVIDENCE_NEEDED, State.ASSESSING, State.REVIEW_ASKED))
"""The council has something to do, or waits for the person."""
DECIDED: Final = frozenset((State.APPROVED, State.PARTLY_APPROVED, State.REFUSED))
_AT_WORK: Final = frozenset(
    (State.CHECKING, State.EVIDENCE_NEEDED, State.ASSESSING, State.REFERRED, *DECIDED, State.CLOSED)
)
BY_COUNCIL: Final[dict[State, frozenset[State]]] = {
    State.SENT: _AT_WORK,
    State.CHECKING: _AT_WORK,
    State.EVIDENCE_NEEDED: _AT_WORK,
    State.ASSESSING: _AT_WORK,
    State.APPROVED: frozenset((State.PAID,)),
    State.PARTLY_APPROVED: frozenset((State.PAID, State.REVIEW_ASKED)),
    State.REFUSED: frozenset((State.REVIEW_ASKED,)),
    State.CLOSED: frozenset((State.CHECKING,)),
    State.REVIEW_ASKED: frozenset((State.REVIEW_DECIDED,)),
    State.REVIEW_DECIDED: frozenset((State.PAID,)),
}
"""Which steps the council may take, by where a case stands."""
WITHDRAWS: Final = frozenset((State.SENT, State.CHECKING, State.EVIDENCE_NEEDED, State.ASSESSING, State.REFERRED))
"""Where the person may withdraw: as long as nothing is decided."""
NEEDS_WORDS: Final = DECIDED | {State.EVIDENCE_NEEDED, State.CLOSED, State.REVIEW_DECIDED}
"""Where the person is told why, in somebody's own words: a decision without its reason is none, and nobody can show
what they weren't told of (what ombudsmen criticise, in the facts on decisions)."""

FOLLOWED: Final = WITHDRAWS | {State.APPROVED, State.PARTLY_APPROVED, State.REVIEW_ASKED}
"""Where the council still goes by what the person told it, and so has to hear what has changed."""


class Later(StrEnum):
    """What is usually still to come."""

    CHECK = "check"
    ASSESSMENT = "assessment"
    DECISION = "decision"
    HANDING_ON = "handing-on"
    PAYMENT = "payment"
    REVIEW = "review"


def to_come(now: State, *, refers: bool, pays: bool) -> tuple[Later, ...]:
    """Return what is usually still to come, in order. refers: the council hands the case on, and doesn't decide it
    itself. pays: money is paid to a bank account if the answer is yes.
    """
    last = (Later.HANDING_ON,) if refers else (Later.ASSESSMENT, Later.DECISION)
    match now:
        case State.SENT:
            return (Later.CHECK, *last)
        case State.CHECKING | State.EVIDENCE_NEEDED:
            return last
        case State.ASSESSING:
            return last[-1:]
        case State.APPROVED | State.PARTLY_APPROVED if pays:
            return (Later.PAYMENT,)
        case State.REVIEW_ASKED:
            return (Later.REVIEW,)
    return ()


def can_go(now: State, then: State) -> bool:
    """Tell whether the council may take this step."""
    return then in BY_COUNCIL.get(now, frozenset())


def steps_from(now: State) -> list[State]:
    """Return which steps the council may take, in the order in which they usually come."""
    return [then for then in State if can_go(now, then)]
