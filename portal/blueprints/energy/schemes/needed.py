"""What an application for a scheme has to tell: the facts that its conditions look at, and what to show for each.

Of several ways to fulfil a condition, one that the household is sure to fulfil is enough: whoever gets a benefit that
counts isn't asked what they earn. Nothing is left out because another condition isn't so: a person decides, not this.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from portal.blueprints.energy.schemes.clauses import Clause, Evidence
from portal.blueprints.energy.schemes.conditions import Limits, Weigh, compiled_test
from portal.blueprints.energy.schemes.edition import Edition
from portal.blueprints.energy.schemes.weighing import Case

_GROUPS: Final = ("any_of", "all_of", "two_of")


@dataclass(frozen=True, slots=True)
class Need:
    """A condition and what it needs. own: weighs what it tests itself; None if that is nothing. is_so: the whole.

    every: its parts of which all are needed. either: those of which one that is so will do.
    """

    evidence: tuple[Evidence, ...]
    own: Weigh | None
    is_so: Weigh
    every: tuple["Need", ...]
    either: tuple["Need", ...]

    def visited(self, known: Case) -> Iterator["Need"]:
        """Yield this one and those of its parts that are needed, for what is known of a household."""
        yield self
        fulfilled = [need for need in self.either if need.is_so(known).answer]
        for need in (*self.every, *(fulfilled[:1] or self.either)):
            yield from need.visited(known)


def needs_of(edition: Edition, limits: Limits) -> tuple[Need, ...]:
    """Make the conditions of an edition ready to be asked what they need."""
    return tuple(_need(edition, limits, clause) for clause in edition.conditions)


def _need(edition: Edition, limits: Limits, clause: Clause) -> Need:
    own = clause.model_copy(update=dict.fromkeys(_GROUPS))
    tests = own.tests().keys() - {"to_confirm"}
    return Need(
        clause.evidence,
        compiled_test(edition, own, limits) if tests else None,
        compiled_test(edition, clause, limits),
        every=tuple(_need(edition, limits, one) for one in (*(clause.all_of or ()), *(clause.two_of or ()))),
        either=tuple(_need(edition, limits, one) for one in clause.any_of or ()),
    )
