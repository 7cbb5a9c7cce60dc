"""The other systems of an installation, all together."""

from dataclasses import dataclass

from portal.connectors.calling import System
from portal.connectors.library import LibrarySystem
from portal.connectors.messages import MailServer
from portal.connectors.scanner import Scanner
from portal.connectors.storage import FileStore


@dataclass(frozen=True, slots=True)
class Connectors:
    """What ``wiring`` makes of the settings. library: None where the council has none.

    files, scanner: None where no files are taken, or nobody looks into them (the demo without its simulator).
    systems: those whose calls are counted, and whose health is kept.
    """

    mail: MailServer
    library: LibrarySystem | None = None
    files: FileStore | None = None
    scanner: Scanner | None = None
    systems: tuple[System, ...] = ()
