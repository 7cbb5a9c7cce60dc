"""How long applications for energy help are kept: one table, which a job applies and ``docs/privacy`` repeats.

Where no law sets a time, the council has to choose one that it can give a reason for (UK GDPR and GDPR, article
5(1)(e)). Sources of the reasons: Limitation Act 1980, sections 2, 5 and 9, and Statute of Limitations 1957, section 11
(Ireland): six years for claims; Local Government Act 1974, section 26B: complaints to the ombudsman within twelve
months. The rest are choices.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from portal.blueprints.energy.rules.progress import State


@dataclass(frozen=True, slots=True)
class Rule:
    """what: is deleted. kept: how long after ``since``. since: in words. why: the reason for just this time."""

    what: str
    kept: timedelta
    since: str
    why: str


DAY: Final = timedelta(days=1)
RULES: Final[dict[str, Rule]] = {
    "draft": Rule(
        "forms that were never sent, with their files",
        28 * DAY,
        "the last answer",
        "whoever comes back after four weeks has other papers to show by then",
    ),
    "withdrawn": Rule(
        "applications whose cases were all withdrawn",
        183 * DAY,
        "the last step",
        "the person may come back to it, or ask what was known of them",
    ),
    "closed": Rule(
        "applications that were closed without a decision",
        365 * DAY,
        "the last step",
        "complaints to the ombudsman are made within twelve months",
    ),
    "decided": Rule(
        "applications of which a case was decided, paid or referred",
        2190 * DAY,
        "the last step",
        "claims can be brought for six years, and what public money was spent on is audited as long",
    ),
    "health": Rule(
        "what was said of health, and what shows it, of applications without an open case",
        183 * DAY,
        "the last step",
        "a review can be asked for, and needs it; afterwards the decision and its reason are enough",
    ),
    "bank": Rule(
        "bank details, where nothing is left to be paid",
        92 * DAY,
        "the last step",
        "a payment that comes back is sent again",
    ),
    "bank-unpaid": Rule(
        "bank details, where something was approved or reviewed and no payment is on record",
        365 * DAY,
        "the last step",
        "what was approved is paid within a year, or asked for anew",
    ),
    "works": Rule(
        "answers about works that were taken back",
        2190 * DAY,
        "the day they were taken back",
        "claims about what was done by them can be brought for six years",
    ),
}
"""By the name under which the job counts. What a member of staff exported is kept by whoever holds it."""

UNPAID: Final = frozenset((State.APPROVED, State.PARTLY_APPROVED, State.REVIEW_DECIDED))
"""Something may still be paid."""
UNDECIDED: Final = frozenset((State.WITHDRAWN, State.CLOSED))
"""How a case can end without anybody having decided it."""
