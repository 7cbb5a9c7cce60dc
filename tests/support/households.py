"""Households as people could be, for Hypothesis: all of a household is known, then some of it isn't.

Whoever isn't a child of the household may be as young as 15, and no younger: nobody is a partner at the age of five.
"""

from collections.abc import Iterable, Iterator
from copy import deepcopy
from datetime import date
from typing import Any, Final, get_args

from hypothesis import strategies as st

from portal.blueprints.energy.schemes.catalogue import load_editions
from portal.blueprints.energy.schemes.household import (
    BANDS,
    EARNED,
    Band,
    Benefit,
    Condition,
    Fuel,
    Nation,
    Referrer,
    Role,
    Tenure,
)
from portal.blueprints.energy.schemes.money import PER_YEAR

Given = dict[str, Any]
"""A household as JSON has it."""
Place = tuple[str | int, ...]
"""Where an answer stands: ``("tenure",)``, ``("people", 0, "benefits")``."""

YOUNGEST: Final = date(2011, 9, 1)
"""Birthday of the youngest who isn't a child of the household."""
FEW_VALUES: Final[dict[str, tuple[Any, ...]]] = {
    "nation": get_args(Nation),
    "tenure": get_args(Tenure),
    "epc_band": get_args(Band),
    "imd_decile": tuple(range(1, 11)),
    "main_fuel": get_args(Fuel),
} | dict.fromkeys(
    (
        "landlord_consents",
        "heating_included_in_rent",
        "prepayment_meter",
        "pays_electricity_bill",
        "energy_debt",
        "council_tax_reduction",
        "free_school_meals",
        "crisis",
    ),
    (True, False),
)
"""The keys of which each value can be tried."""

_sums = st.integers(0, 4_000_000) | st.sampled_from((0, 44_400, 52_400, 104_800, 600_000, 3_099_999, 3_100_000))
_payments = st.fixed_dictionaries({"amount": _sums, "period": st.sampled_from(sorted(PER_YEAR))})
_kinds = st.sampled_from((*EARNED, "occupational_pension", "other", *get_args(Benefit)))
_incomes = st.builds(lambda kind, payment: {"kind": kind} | payment, _kinds, _payments)


def _some(values: Iterable[str]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(sorted(values)), unique=True, max_size=3)


def _born(role: str) -> st.SearchStrategy[str]:
    if role == "child":
        return st.dates(date(2005, 1, 1), date(2025, 6, 1)).map(date.isoformat)
    almost_grown_up = st.dates(date(2007, 9, 1), YOUNGEST)
    return (st.dates(date(1930, 1, 1), YOUNGEST) | almost_grown_up).map(date.isoformat)


def _person(role: str) -> st.SearchStrategy[Given]:
    return st.fixed_dictionaries(
        {
            "role": st.just(role),
            "date_of_birth": _born(role),
            "in_full_time_education": st.booleans(),
            "pregnant": st.booleans(),
            "health": _some(get_args(Condition)),
            "benefits": _some(get_args(Benefit)),
            "income": st.lists(_incomes, max_size=2),
        }
    )


def _example_households() -> list[Given]:
    """Return the households of the schemes' examples, which stand at their borders."""
    examples = (example for edition in load_editions() for example in edition.examples)
    found = [example.household.model_dump(mode="json", exclude_none=True) for example in examples]
    return [household for household in found if all(_is_sensible(person) for person in household.get("people", ()))]


def _is_sensible(person: Given) -> bool:
    return person.get("role") == "child" or person.get("date_of_birth", "") <= YOUNGEST.isoformat()


EXAMPLES: Final = _example_households()


@st.composite
def households(draw: st.DrawFn) -> Given:
    """Return a household of which everything is known: one of an example, filled up, or any."""
    example = draw(st.just({}) | st.sampled_from(EXAMPLES))
    others = [{"role": role} for role in draw(st.lists(st.sampled_from(get_args(Role)[1:]), max_size=3))]
    people = example.get("people", [{"role": "applicant"}, *others])
    rest = {
        **{key: draw(st.sampled_from(values)) for key, values in FEW_VALUES.items()},
        **draw(_energy_rating(example)),
        "year_built": draw(st.integers(1900, 2026)),
        "floor_area_m2": draw(st.integers(20, 300)),
        "months_at_address": draw(st.integers(0, 30)),
        "savings": draw(_sums | st.sampled_from((5_000_000, 5_000_001))),
        "housing_costs": draw(_payments),
        "energy_costs": draw(_payments),
        "referred_by": draw(_some(get_args(Referrer))),
    }
    filled = [draw(_person(person.get("role", "adult"))) | person for person in people]
    return rest | example | {"people": filled}


def _energy_rating(example: Given) -> st.SearchStrategy[Given]:
    """Return a score and the letter that it stands for."""
    least, most = BANDS[example["epc_band"]] if "epc_band" in example else (1, 100)
    scores = st.just(example["epc_score"]) if "epc_score" in example else st.integers(least, min(most, 100))
    return scores.map(lambda score: {"epc_score": score, "epc_band": _band(score)})


def _band(score: int) -> str:
    return next(band for band, (least, most) in BANDS.items() if least <= score <= most)


@st.composite
def known_in_part(draw: st.DrawFn) -> tuple[Given, frozenset[Place]]:
    """Return a household of which everything is known, and the places of what nobody has said yet.

    That is a little, or nearly all, and often everybody's health.
    """
    household = draw(households())
    everything = set(places(household))
    few = draw(st.sets(st.sampled_from(sorted(everything, key=str))))
    health = {place for place in everything if place[-1] in ("health", "pregnant")} if draw(st.booleans()) else set()
    return household, frozenset((few if draw(st.booleans()) else everything - few) | health)


def places(household: Given) -> Iterator[Place]:
    """Yield the place of each answer."""
    yield from ((key,) for key in household)
    for position, person in enumerate(household.get("people", ())):
        yield from (("people", position, key) for key in person)


def without(household: Given, unknown: Iterable[Place]) -> Given:
    """Return a household without the answers at some places."""
    left = deepcopy(household)
    for place in sorted(unknown, key=len, reverse=True):
        match place:
            case ("people", int(position), str(key)):
                del left["people"][position][key]
            case (str(key),):
                del left[key]
    return left


def values_of(household: Given, key: str) -> tuple[Any, ...]:
    """Return the values that one of few can have beside what else is known: a score has one letter."""
    score = household.get("epc_score")
    return FEW_VALUES[key] if key != "epc_band" or score is None else (_band(score),)


def places_of(household: Given, key: str) -> frozenset[Place]:
    """Return the places that a question is about: ``people.benefits`` is about those of each person."""
    name = key.removeprefix("people.")
    if name == key:
        return frozenset([(key,)])
    return frozenset(("people", position, name) for position in range(len(household["people"])))
