"""The home that the council lets to somebody, as other services know it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from portal.facts import Fact, FactKey

COUNCIL = "council"


@dataclass(frozen=True, slots=True)
class Tenancy:
    """A home that the council lets. tenant: their name as the tenancy has it. home: the lines of its address.

    since: the day on which its rent account began. has_heating: heating or hot water is charged with the rent; None
    where no rent was charged yet. as_of: when the source said so (UTC).
    """

    tenant: str
    home: tuple[str, ...]
    since: date
    has_heating: bool | None
    as_of: datetime


def tenancy(facts: Iterable[Fact]) -> Tenancy | None:
    """Return the tenancy that facts tell of; None where the council lets no home to the person."""
    known = {fact.key: fact for fact in facts}
    landlord = known.get(FactKey.LANDLORD)
    if FactKey.TENANCY not in known or landlord is None or landlord.value != COUNCIL:
        return None
    heating = known.get(FactKey.HEATING_CHARGE)
    return Tenancy(
        tenant=str(known[FactKey.TENANT].value),
        home=tuple(str(known[FactKey.ADDRESS].value).splitlines()),
        since=date.fromisoformat(str(known[FactKey.TENANCY_SINCE].value)),
        has_heating=bool(heating.value) if heating else None,
        as_of=landlord.as_of,
    )
