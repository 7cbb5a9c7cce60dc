"""What a form for some schemes has to ask of a household."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Self

from portal.blueprints.energy.schemes.catalogue import Ready
from portal.blueprints.energy.schemes.clauses import SHOWS_HEALTH, Evidence
from portal.blueprints.energy.schemes.edition import Detail
from portal.blueprints.energy.schemes.household import Household, Person
from portal.blueprints.energy.schemes.weighing import CONFIRM, case_of


@dataclass(frozen=True, slots=True)
class Needs:
    """keys: of facts of the household. evidence: in the order in which it is asked for. details: what else is asked."""

    keys: frozenset[str]
    evidence: tuple[Evidence, ...]
    details: frozenset[Detail]

    def without_health(self) -> Self:
        """Return what is needed of somebody who doesn't want to tell of health: nothing that shows it."""
        return replace(self, evidence=tuple(one for one in self.evidence if one not in SHOWS_HEALTH))


def needs(editions: Iterable[Ready], household: Household, on: date) -> Needs:
    """Return what is needed for all of them together; what they share is there once. on: the council's day."""
    keys: set[str] = set()
    evidence: dict[Evidence, None] = {}
    details: set[Detail] = set()
    bare = _bare(household)
    for ready in editions:
        day = ready.edition.counts_on or on
        known, unknown = case_of(household, day), case_of(bare, day)
        for need in (one for top in ready.needs for one in top.visited(known)):
            evidence |= dict.fromkeys(need.evidence)
            if need.own:
                keys.update(need.own(unknown).because)
        details.update(ready.edition.asks)
    return Needs(frozenset(keys - {CONFIRM}), tuple(evidence), frozenset(details))


def _bare(household: Household) -> Household:
    """Return a household of which nothing is known but where it is and who lives there."""
    people = household.people
    return Household(
        nation=household.nation, people=None if people is None else tuple(Person(role=one.role) for one in people)
    )
