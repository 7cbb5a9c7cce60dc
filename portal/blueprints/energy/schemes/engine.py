"""What a household could get, and why; and what to ask next. It advises: nothing is refused by it."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple

from portal.blueprints.energy.schemes.catalogue import Ready, Scheme
from portal.blueprints.energy.schemes.clauses import Clause
from portal.blueprints.energy.schemes.edition import Kind
from portal.blueprints.energy.schemes.household import Household
from portal.blueprints.energy.schemes.money import Sum
from portal.blueprints.energy.schemes.weighing import Case, Weighed, all_of, answers, case_of
from portal.council import Availability

ASKED_IN_ORDER: Final = (
    "nation",
    "tenure",
    "people",
    "people.role",
    "people.benefits",
    "people.date_of_birth",
    "people.income",
    "savings",
    "crisis",
    "pays_electricity_bill",
    "heating_included_in_rent",
    "housing_costs",
    "council_tax_reduction",
    "free_school_meals",
    "people.in_full_time_education",
    "epc_band",
    "epc_score",
    "year_built",
    "months_at_address",
    "floor_area_m2",
    "main_fuel",
    "prepayment_meter",
    "landlord_consents",
    "imd_decile",
    "energy_costs",
    "energy_debt",
    "referred_by",
    "people.pregnant",
    "people.health",
)
"""Of two questions that would settle as much, the earlier is asked: what people know by heart first, health last."""
HEALTH: Final = frozenset(("people.pregnant", "people.health"))
IN_FORCE: Final = "in-force"
NATION: Final = "nation"
_OF_NATION: Final = answers(NATION)


class Reason(NamedTuple):
    """One condition, weighed. id: its own, ``nation`` or ``in-force``. clause: its words, where the file has them."""

    id: str
    weighed: Weighed
    clause: Clause | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one scheme has for a household. ready: the edition that holds, None if none does. amount: a fixed sum; None
    where there is none, where it depends on what isn't known, and where the answer is no.

    at_best: the answer if all were so that is to be confirmed. missing: the keys that could still turn the answer.
    """

    scheme: Scheme
    ready: Ready | None
    availability: Availability
    answer: bool | None
    at_best: bool | None
    amount: Sum | None
    reasons: tuple[Reason, ...]
    missing: tuple[str, ...]

    @property
    def kind(self) -> Kind:
        return (self.ready.edition if self.ready else self.scheme.editions[-1].edition).kind


@dataclass(frozen=True, slots=True)
class Assessment:
    """All schemes for one household on one day. ask_next: the key that would settle most, None if none would any."""

    on: date
    ask_next: str | None
    verdicts: tuple[Verdict, ...]


def assess(schemes: Iterable[Scheme], household: Household, on: date) -> Assessment:
    """Weigh all schemes for a household."""
    verdicts = tuple(weigh(scheme, household, on) for scheme in schemes)
    return Assessment(on, ask_next(verdicts), verdicts)


def weigh(scheme: Scheme, household: Household, on: date) -> Verdict:
    """Weigh one scheme for a household."""
    ready = scheme.on(on)
    availability = scheme.available_as(ready)
    if ready is None:
        over = Reason(IN_FORCE, Weighed(False, ()))
        return Verdict(scheme, None, availability, False, False, None, (over,), ())
    case = case_of(household, ready.edition.counts_on or on)
    nation = _nation(ready, household)
    if not ready.edition.announced:
        answer = False if nation.answer is False else None
        return Verdict(scheme, ready, availability, answer, answer, None, (Reason(NATION, nation),), ())
    found = all_of((nation, ready.weigh(case)))
    at_best = found
    if found.answer is False and nation.answer is not False:
        at_best = all_of((nation, ready.weigh_at_best(case._replace(told={}))))
    told = case.told
    reasons = (Reason(NATION, nation), *[Reason(name, told[name], clause) for name, clause in ready.clauses.items()])
    missing = found.because if found.answer is None else ()
    amount = None if found.answer is False else _amount(ready, case)
    return Verdict(scheme, ready, availability, found.answer, at_best.answer, amount, reasons, missing)


def ask_next(verdicts: Sequence[Verdict], *, skip: Collection[str] = ()) -> str | None:
    """Return the key of the question that would settle most. skip: keys that aren't to be asked for (again).

    Each answer that is open is worth one, shared by the keys that it still depends on: what alone decides two answers
    comes before what is one of three things that each of four depend on. Health is asked when nothing else is left.
    """
    worth: dict[str, float] = {}
    for verdict in verdicts:
        for key in verdict.missing:
            if key in skip:
                continue
            worth[key] = worth.get(key, 0) + 1 / len(verdict.missing)
    return max(worth, key=lambda key: (key not in HEALTH, worth[key], -ASKED_IN_ORDER.index(key)), default=None)


def _nation(ready: Ready, household: Household) -> Weighed:
    known = household.nation
    return _OF_NATION[None if known is None else known in ready.edition.nations]


def _amount(ready: Ready, case: Case) -> Sum | None:
    """Return the first sum of which the rest is so; none where that isn't known."""
    for amount, depends in ready.amounts:
        so = True if depends is None else depends(case).answer
        if so is None:
            return None
        if so:
            return amount.is_
    return None
