"""What a check has found, sorted as a reader should look at it."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from portal.blueprints.energy.schemes.clauses import Clause
from portal.blueprints.energy.schemes.edition import Edition, Kind
from portal.blueprints.energy.schemes.engine import IN_FORCE, NATION, Assessment, Reason, Verdict
from portal.blueprints.energy.schemes.household import Household
from portal.blueprints.energy.schemes.weighing import CONFIRM, Weighed

KINDS: Final[tuple[Kind, ...]] = ("council_decides", "council_refers", "elsewhere", "landlord", "automatic")
"""In the order in which a reader should look at them: what they can do something about comes first."""
TO_ASK_FOR: Final[frozenset[Kind]] = frozenset(("council_decides", "council_refers", "elsewhere"))


Weights = Mapping[str, Weighed]
"""What each named condition came to."""


class Finding(StrEnum):
    """How a scheme stands for a household. ALREADY: it is a benefit that they get. PERHAPS: no, unless something is so
    that the portal doesn't ask about.
    """

    YES = "yes"
    ALREADY = "already"
    OPEN = "open"
    PERHAPS = "perhaps"
    LATER = "later"
    NO = "no"


@dataclass(frozen=True, slots=True)
class Found:
    """What was found for a household. verdicts: by how they stand, each list in the order of kinds."""

    household: Household
    verdicts: dict[Finding, tuple[Verdict, ...]]

    def kind_of(self, verdict: Verdict) -> Kind:
        """Return what the portal can do for a scheme here: it is no landlord of those who don't rent from it."""
        if verdict.kind == "landlord" and self.household.tenure != "council":
            return "elsewhere"
        return verdict.kind

    def of_kind(self, kind: Kind) -> list[Verdict]:
        """Return what there is of one kind that the household could get, as far as is known."""
        return [verdict for verdict in self.verdicts[Finding.YES] if self.kind_of(verdict) == kind]

    def open_to(self, kinds: Collection[Kind]) -> list[Verdict]:
        """Return what the household could get of some kinds, and can do something about now."""
        return [one for kind in KINDS if kind in kinds for one in self.of_kind(kind) if one.availability == "open"]

    @property
    def to_ask_for(self) -> int:
        """Return how many can be asked for now."""
        return len(self.open_to(TO_ASK_FOR))

    @property
    def by_themselves(self) -> int:
        return len(self.of_kind("automatic"))

    def not_in(self, other: "Found") -> list[Verdict]:
        """Return what the household could get here, and not there."""
        there = {verdict.scheme.slug for verdict in other.verdicts[Finding.YES]}
        return [verdict for verdict in self.verdicts[Finding.YES] if verdict.scheme.slug not in there]


def found(assessment: Assessment, household: Household) -> Found:
    """Sort what was found for a household. What isn't for its nation at all is left out."""
    verdicts: dict[Finding, list[Verdict]] = {finding: [] for finding in Finding}
    for verdict in sorted(assessment.verdicts, key=lambda one: KINDS.index(one.kind)):
        if household.nation in edition_of(verdict).nations:
            verdicts[finding_of(verdict, household)].append(verdict)
    return Found(household, {finding: tuple(those) for finding, those in verdicts.items()})


def finding_of(verdict: Verdict, household: Household) -> Finding:
    if verdict.scheme.slug.replace("-", "_") in _benefits(household):
        return Finding.ALREADY
    if verdict.answer is True:
        return Finding.YES
    if verdict.availability == "to_be_announced":
        return Finding.LATER
    if verdict.answer is None:
        return Finding.OPEN
    return Finding.NO if verdict.at_best is False else Finding.PERHAPS


def _benefits(household: Household) -> set[str]:
    """Return what the applicant and their partner get; a scheme that is a benefit has the same name."""
    return {
        benefit
        for person in household.people or ()
        if person.role in ("applicant", "partner")
        for benefit in person.benefits or ()
    }


def because(verdict: Verdict, *, answer: bool) -> list[Reason]:
    """Return the conditions that have this answer, the smallest that say why: of a group, its parts. What is a part of
    something that isn't so is no reason for a yes.
    """
    named = [reason for reason in verdict.reasons if reason.weighed.answer is answer and reason.id != NATION]
    inner = {clause.id for reason in named if reason.clause for clause in _parts(reason)}
    if answer:
        others = {clause.id for reason in verdict.reasons if reason not in named for clause in _parts(reason)}
        named = [reason for reason in named if reason.id not in others]
        return [reason for reason in named if not _has_part(reason, named)]
    return [reason for reason in named if reason.id not in inner]


def to_confirm(verdict: Verdict) -> list[Reason]:
    """Return the conditions that nobody can know from answers; those left out that could make no difference."""
    weighed = {reason.id: reason.weighed for reason in verdict.reasons}
    conditions = verdict.ready.edition.conditions if verdict.ready else ()
    names = {name for condition in conditions for name in _open_in(condition, weighed)}
    return [reason for reason in verdict.reasons if reason.id in names]


def has_ended(verdict: Verdict) -> bool:
    return any(reason.id == IN_FORCE for reason in verdict.reasons)


def evidence(reasons: Iterable[Reason]) -> list[str]:
    """Return what one needs to show for these conditions, each once."""
    return list(dict.fromkeys(one for reason in reasons if reason.clause for one in reason.clause.evidence))


def _open_in(clause: Clause, weighed: Weights, *, is_so: bool = False) -> Iterator[str]:
    """Yield what is to be confirmed in a clause and still matters. is_so: of one without a name, which isn't weighed by
    itself: what it is a part of is so.
    """
    own = weighed.get(str(clause.id))
    parts = [*(clause.any_of or ()), *(clause.two_of or ())]
    if own and CONFIRM in own.because:
        inside = [name for part in clause.groups() for name in _open_in(part, weighed)]
        yield from inside or [str(clause.id)]
        return
    if own:
        is_so = own.answer is True
        if own.answer is False and not _can_turn(clause):
            return
    for part in clause.all_of or ():
        yield from _open_in(part, weighed, is_so=is_so)
    ways = [list(_open_in(part, weighed)) for part in parts if not is_so or _is_so(part, weighed)]
    if not is_so or all(ways):
        yield from (name for way in ways for name in way)


def _can_turn(clause: Clause) -> bool:
    """Tell whether something is to be confirmed that could make a clause so which isn't."""
    either = (*(clause.any_of or ()), *(clause.two_of or ()))
    return any(part.to_confirm for part in either) or any(_can_turn(part) for part in clause.groups())


def _is_so(clause: Clause, weighed: Weights) -> bool:
    own = weighed.get(str(clause.id))
    return own is not None and own.answer is True


def _has_part(reason: Reason, named: list[Reason]) -> bool:
    ids = {clause.id for clause in _parts(reason)}
    return any(other.id in ids for other in named)


def _parts(reason: Reason) -> list[Clause]:
    clause = reason.clause
    return [part for part in clause.named() if part is not clause] if clause else []


def edition_of(verdict: Verdict) -> Edition:
    """Return the edition that holds, or the last there was."""
    return (verdict.ready or verdict.scheme.editions[-1]).edition
