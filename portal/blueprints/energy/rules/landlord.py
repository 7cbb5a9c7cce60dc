"""What the council does as landlord, and under which schemes."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from portal.blueprints.energy.schemes.catalogue import Scheme
from portal.blueprints.energy.schemes.edition import Edition, LandlordDoes
from portal.blueprints.energy.schemes.household import Nation
from portal.council import Availability


@dataclass(frozen=True, slots=True)
class Offer:
    """A scheme under which the council does something as landlord. edition: the one that holds."""

    edition: Edition
    availability: Availability

    @property
    def is_open(self) -> bool:
        return self.availability == "open"


def as_landlord(does: LandlordDoes, schemes: Iterable[Scheme], nation: Nation, on: date) -> dict[str, Offer]:
    """Return the schemes under which the council does this on a day, by slug, open or not."""
    return {
        scheme.slug: Offer(ready.edition, scheme.available_as(ready))
        for scheme in schemes
        if (ready := scheme.on(on)) is not None
        and ready.edition.landlord_does == does
        and nation in ready.edition.nations
    }
