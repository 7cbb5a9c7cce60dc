"""Every council service of this release, in the order of the navigation. A new one is one line here."""

from portal.blueprints.account.manifest import SERVICE as ACCOUNT
from portal.blueprints.assist.manifest import SERVICE as ASSIST
from portal.blueprints.energy.manifest import SERVICE as ENERGY
from portal.blueprints.home.manifest import SERVICE as HOME
from portal.blueprints.internet.manifest import SERVICE as INTERNET
from portal.blueprints.library.manifest import SERVICE as LIBRARY
from portal.blueprints.operators.manifest import SERVICE as OPERATORS
from portal.blueprints.outbox.manifest import SERVICE as OUTBOX
from portal.blueprints.rent.manifest import SERVICE as RENT
from portal.blueprints.staff.manifest import SERVICE as STAFF
from portal.council_service import CouncilService

SERVICES: tuple[CouncilService, ...] = (
    HOME,
    STAFF,
    RENT,
    ENERGY,
    LIBRARY,
    INTERNET,
    ASSIST,
    ACCOUNT,
    OPERATORS,
    OUTBOX,
)
