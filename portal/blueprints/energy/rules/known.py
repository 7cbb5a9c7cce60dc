"""What other services know that the check would ask for, page by page."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pydantic import BaseModel

from portal.blueprints.energy.rules.details import DETAILS
from portal.blueprints.energy.rules.form import Correction, Form
from portal.blueprints.energy.schemes.household import Payment
from portal.blueprints.energy.schemes.money import Period
from portal.facts import Fact, FactKey

EVERY: Final[dict[str, Period]] = {
    "week": "week",
    "fortnight": "fortnight",
    "four-weeks": "four_weeks",
    "month": "month",
}
"""A rent calendar's periods, as households have them."""
OFFERED: Final = frozenset(("address", "home", "rent", "bills", "benefits/0"))
"""Names of pages of which another service may know something; for the others none is asked."""


@dataclass(frozen=True, slots=True)
class Known:
    """What a service knows of one page's question. facts: of the household, by key. benefit_pence: only a hint, of
    which benefit it is nobody knows.
    """

    source: str
    as_of: datetime
    facts: dict[str, Any]
    benefit_pence: int = 0


def known(facts: Iterable[Fact], *, every: str) -> dict[str, Known]:
    """Return what is known, by the page's name. every: how often rent is charged, as ``council.toml`` says it."""
    found: dict[str, Known] = {}
    for fact in facts:
        match fact.key, fact.value:
            case FactKey.ADDRESS, str(lines):
                found["address"] = Known(fact.source, fact.as_of, {"lines": tuple(lines.split("\n"))})
            case FactKey.LANDLORD, "council":
                found["home"] = Known(fact.source, fact.as_of, {"tenure": "council"})
            case FactKey.RENT, int(pence):
                payment = Payment(amount=pence, period=EVERY[every])
                found["rent"] = Known(fact.source, fact.as_of, {"housing_costs": payment})
            case FactKey.HEATING_CHARGE, int(pence) if pence > 0:
                found["bills"] = Known(fact.source, fact.as_of, {"heating_included_in_rent": True})
            case FactKey.RENT_BENEFIT, int(pence) if pence > 0:
                found["benefits/0"] = Known(fact.source, fact.as_of, {}, pence)
    return found


def compared(form: Form, name: str, told: Known | None) -> Form:
    """Return a form in which one page was answered, with where the answer comes from: a service knew it and the person
    confirmed it, or they say otherwise, which is kept beside it.

    told: what a service knows; None where none does any more: then what it said before counts.
    """
    said = Correction(_as_json(told.facts), told.source, told.as_of.isoformat()) if told else form.corrections.get(name)
    if said is None or not said.fact:
        return form.with_source(name, None).with_correction(name, None)
    confirmed = told is not None and _confirms(said.fact, form, name)
    is_other = bool(said_otherwise(said.fact, form, name))
    return form.with_source(name, said.source if confirmed else None).with_correction(name, said if is_other else None)


def _confirms(fact: Mapping[str, Any], form: Form, name: str) -> bool:
    """Tell whether the person says of a page what another service knows of it, all of it."""
    held = _held(form, name, fact)
    return all(_is_same(value, held[key]) for key, value in fact.items())


def said_otherwise(fact: Mapping[str, Any], form: Form, name: str) -> dict[str, Any]:
    """Return what the person says, by key, where it isn't what another service says. fact: as JSON, as what is
    returned. Whoever doesn't know says nothing else.
    """
    held = _held(form, name, fact)
    return {key: held[key] for key, value in fact.items() if held[key] is not None and not _is_same(value, held[key])}


def _held(form: Form, name: str, keys: Iterable[str]) -> dict[str, Any]:
    """Return what a form holds of these, as JSON."""
    held = form.details.get(name) if name in DETAILS else form.household
    return _as_json({key: getattr(held, key, None) for key in keys})


def _is_same(one: Any, other: Any) -> bool:
    """Tell whether two answers are the same. Lines of an address may be divided and written in more than one way."""
    if isinstance(one, list) and isinstance(other, list):
        return _letters(one) == _letters(other)
    return bool(one == other)


def _letters(lines: Iterable[str]) -> str:
    return "".join(filter(str.isalnum, "".join(lines).casefold()))


def _as_json(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {key: _value(value) for key, value in facts.items()}


def _value(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    return list(value) if isinstance(value, tuple) else value
