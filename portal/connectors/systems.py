"""The other systems of an installation, all together."""

from dataclasses import dataclass

from portal.connectors.calling import System
from portal.connectors.library import LibrarySystem
from portal.connectors.messages import MailServer


@dataclass(frozen=True, slots=True)
class Connectors:
    """What ``wiring`` makes of the settings. library: None where the council has none.

    systems: those whose calls are counted, and whose health is kept.
    """

    mail: MailServer
    library: LibrarySystem | None = None
    systems: tuple[System, ...] = ()
