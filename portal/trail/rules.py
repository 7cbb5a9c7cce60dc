"""How long audit records are kept, by kind. ``docs/privacy/data.md`` says the same, held to it by a test.

Periods: six years are the time in which most claims can be brought (Limitation Act 1980, sections 2 and 5; Statute of
Limitations 1957, section 11, in Ireland); a year covers what is looked into after an intrusion, often found late.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Rule:
    """acts: how they begin; none for all. own: only what people do for themselves. kept: from the record's own time."""

    name: str
    acts: tuple[str, ...]
    kept: timedelta
    why: str
    own: bool = False

    def covers(self, act: str, authority: str) -> bool:
        return (not self.own or authority == "self") and (not self.acts or act.startswith(self.acts))


RULES = (
    Rule(
        "own looks",
        ("page.", "rent.view", "rent.statement", "library.view", "energy.look"),
        YEAR,
        "somebody looked at what is theirs; of use where others got into the account",
        own=True,
    ),
    Rule("ways in", ("sign-in", "sign-out", "access.", "account.session."), YEAR, "to look into an intrusion"),
    Rule("everything else", (), 6 * YEAR, "to answer for what was done or seen, as long as claims can be brought"),
)
"""The first one that covers a record counts. A change holds for what is sealed from then on."""


@lru_cache(maxsize=4096)  # a million records have a few hundred answers
def delete_on(act: str, authority: str, day: date) -> date:
    """Return the first day on which a record may be deleted. day: of the record, UTC; it is over by then."""
    rule = next(rule for rule in RULES if rule.covers(act, authority))
    return day + rule.kept + timedelta(days=1)
