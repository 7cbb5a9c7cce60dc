"""What other services know that the check would ask for, page by page."""

from collections.abc import Iterable
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


def agrees(told: Known, form: Form, name: str) -> bool:
    """Tell whether a page was answered as another service knows it."""
    held = form.details.get(name) if name in DETAILS else form.household
    return all(getattr(held, key, None) == value for key, value in told.facts.items())


def correction(told: Known, form: Form, name: str) -> Correction | None:
    """Return what another service should hear: what it says, where the person says otherwise."""
    if not told.facts or agrees(told, form, name):
        return None
    fact = {key: _as_json(value) for key, value in told.facts.items()}
    return Correction(fact, told.source, told.as_of.isoformat())


def _as_json(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    return list(value) if isinstance(value, tuple) else value
