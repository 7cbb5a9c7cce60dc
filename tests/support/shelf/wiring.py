"""What ``portal.wiring`` would say of Shelf, if it came with the portal."""

from portal.clock import Clock
from portal.connectors.calling import System
from portal.connectors.library import LibrarySystem
from portal.connectors.messages.outbox import KeepsInOutbox
from portal.connectors.systems import Connectors
from portal.settings import Settings, SettingsError
from tests.support.shelf.adapter import ShelfLibrary


def connect(settings: Settings, clock: Clock) -> Connectors:
    """Return the connectors that the settings name; nothing is asked yet. Raises SettingsError."""
    assert settings.library_url is not None
    system = System("library", clock=clock)
    library = _library(settings, settings.library_url, system)
    return Connectors(mail=KeepsInOutbox(), library=library, systems=(system,))


def _library(settings: Settings, url: str, system: System) -> LibrarySystem:
    password = settings.library_password.get_secret_value() if settings.library_password else ""
    match url.partition(":")[0]:
        case "shelf":
            try:
                return ShelfLibrary(url, system, password=password)
            except ValueError as error:
                raise SettingsError(f"PORTAL_LIBRARY_URL: {error}") from None
        case scheme:
            raise SettingsError(f"PORTAL_LIBRARY_URL: no adapter for {scheme!r}")
