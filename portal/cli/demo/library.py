"""The demo's library: the simulator that the demo starts, and the cards that can be tried with it."""

from uuid import UUID, uuid4

from portal.blueprints.library import queries
from portal.blueprints.library.actions.connecting import connect
from portal.blueprints.library.rules.desk import Desk
from portal.cli.demo.logins import DemoLogin
from portal.connectors.calling import REFRESHER_WAITS_S, Deadline
from portal.connectors.errors import OutsideError
from portal.connectors.library import Card
from portal.identity import persons
from portal.identity.throttle import Throttle
from portal.logs import get_logger
from portal.settings import Settings
from portal.workplace import Workplace

log = get_logger("portal.demo")

PORT = 6001
"""The simulator's, or the next free one."""
SIMULATOR = "simulators.library"
ACCOUNT, PASSWORD = "millbrook-portal", "weir-lamp-31"
OWN = Card("29999000004417", "2580")
"""An ordinary reader's: five loans, four holds, £2.00 owed."""
TO_CONNECT = Card("29999000000027", "2468")
"""A child's of eight years."""
TO_SIGN_IN_WITH = Card("29999000000076", "9630")
"""Fifty loans, and nobody's yet."""
_HERE = "127.0.0.1"


def settings_of(port: int) -> dict[str, str]:
    """Return the settings by which the portal asks the simulator."""
    return {
        "PORTAL_LIBRARY_URL": f"sip2://{ACCOUNT}@127.0.0.1:{port}/?institution=MILLBROOK",
        "PORTAL_LIBRARY_PASSWORD": PASSWORD,
    }


def is_simulated(settings: Settings, services: tuple[str, ...]) -> bool:
    """Tell whether the demo brings a library along: the council has one, and no other is named."""
    return "library" in services and settings.library_url is None


def bring_card(place: Workplace, person: UUID) -> bool:
    """Connect somebody to a card, if the library answers and it is nobody's. False if they are not connected to it."""
    system = place.connectors().library
    if system is None:
        return False
    secret = place.settings.secret_key.get_secret_value().encode()
    desk = Desk(system, place.sealer, secret, place.council, place.clock)
    owner = queries.owner(place.db, desk, OWN.number)
    has_one = queries.own_card(place.db, person) is not None
    place.db.rollback()
    if owner or has_one:
        return owner == person
    try:
        connect(
            place.db,
            desk,
            Throttle(secret),
            persons.themselves(person),
            OWN,
            child=None,
            address=_HERE,
            session=uuid4(),
            deadline=Deadline.after(REFRESHER_WAITS_S),
            now=place.clock.now(),
        )
    except OutsideError as error:
        log.warning("demo.no_card", outcome=error.code)
        return False
    return True


def of_reader() -> tuple[str, ...]:
    """Return what is printed of whoever has the card ``OWN``."""
    return (f"has library card {OWN.number}, and a child with card {TO_CONNECT.number}, PIN {TO_CONNECT.pin}",)


def logins(place: Workplace) -> list[DemoLogin]:
    """Return who signs in with a card and its PIN, if there is a library."""
    if place.connectors().library is None:
        return []
    return [DemoLogin(TO_SIGN_IN_WITH.number, str(TO_SIGN_IN_WITH.pin), "library card and PIN", "has fifty loans")]
