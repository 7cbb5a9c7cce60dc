"""What the routes read of a request, and hand to actions."""

from dataclasses import replace
from uuid import UUID

from portal.blueprints.internet.actions.turn import Turn
from portal.blueprints.internet.rules.desk import Desk
from portal.blueprints.internet.rules.hours import Where
from portal.blueprints.internet.rules.kinds import Holder
from portal.web import current


def where() -> Where:
    """Return the council's clock and calendar."""
    return Where(current.council().zone, current.council().nation)


def desk() -> Desk:
    """Return what the actions work with."""
    settings = current.settings()
    secret = settings.secret_key.get_secret_value().encode()
    return Desk(where(), current.sealer(), secret, settings.base_url)


def turn() -> Turn:
    """Return the turn of the resident whose page this is, whoever helps them."""
    party = current.party()
    return Turn(current.db(), desk(), Holder(party.subject), party, current.now())


def turn_of_guest(guest: UUID) -> Turn:
    """Return the turn of a guest, who has no account."""
    return Turn(current.db(), desk(), Holder(guest, is_guest=True), None, current.now())


def turn_at_desk(holder: Holder) -> Turn:
    """Return the turn of somebody whom the member of staff signed in here acts for."""
    party = current.party()
    party = party if holder.is_guest else replace(party, subject=holder.id)
    return Turn(current.db(), desk(), holder, party, current.now(), by_staff=True)
