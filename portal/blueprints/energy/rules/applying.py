"""Which schemes somebody can apply for here, and when they asked before."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from portal.blueprints.energy.schemes.catalogue import Ready, Scheme
from portal.blueprints.energy.schemes.edition import APPLIED_FOR
from portal.blueprints.energy.schemes.household import Nation


def applied_for(schemes: Iterable[Scheme], nation: Nation, on: date) -> list[Ready]:
    """Return the editions that have a form here and are open on a day, what the council decides itself first."""
    found = [
        ready
        for scheme in schemes
        if (ready := scheme.on(on)) is not None
        and ready.edition.kind in APPLIED_FOR
        and nation in ready.edition.nations
        and scheme.available_as(ready) == "open"
    ]
    return sorted(found, key=_order)


def asked_before(sent: Iterable[tuple[datetime | None, Iterable[str]]]) -> dict[str, datetime]:
    """Return when each scheme was asked for last, by its slug, whatever came of it; a draft asks for nothing yet.

    sent: of each application when it was sent, and for which schemes. How often one may ask is said with it and never
    refused: a person decides.
    """
    latest: dict[str, datetime] = {}
    for at, schemes in sent:
        if at is not None:
            latest |= {scheme: max(at, latest.get(scheme, at)) for scheme in schemes}
    return latest


def _order(ready: Ready) -> tuple[int, str]:
    kinds: Sequence[str] = ("council_decides", "council_refers")
    return kinds.index(ready.edition.kind), ready.edition.scheme
