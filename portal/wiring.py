"""Settings to connectors. The only module that imports adapters."""

from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from portal.clock import Clock
from portal.connectors.calling import System
from portal.connectors.library import LibrarySystem
from portal.connectors.library.sip2.adapter import Sip2Library
from portal.connectors.library.sip2.errors import BadSetting
from portal.connectors.library.sip2.site import site_of
from portal.connectors.messages import MailServer
from portal.connectors.messages.outbox import KeepsInOutbox
from portal.connectors.messages.smtp import SmtpServer
from portal.connectors.scanner import Scanner
from portal.connectors.scanner.clamd import Clamd
from portal.connectors.storage.folder import FolderStore
from portal.connectors.systems import Connectors
from portal.settings import Settings, SettingsError


def connect(settings: Settings, clock: Clock, *, zone: ZoneInfo) -> Connectors:
    """Return the connectors that the settings name; nothing is asked yet. Raises SettingsError.

    zone: the council's; other systems are in the same one unless a setting says otherwise.
    """
    mail, systems = _mail(settings, clock), []
    library = scanner = None
    if settings.library_url:
        systems.append(system := System("library", clock=clock))
        library = _library(settings, settings.library_url, system, clock, zone)
    if settings.scanner_url:
        systems.append(system := System("scanner", clock=clock))
        scanner = _scanner(settings.scanner_url, system)
    files = FolderStore(settings.files_folder, clock) if settings.files_folder else None
    return Connectors(mail=mail, library=library, files=files, scanner=scanner, systems=tuple(systems))


def _mail(settings: Settings, clock: Clock) -> MailServer:
    url = settings.messages_url
    match urlsplit(url).scheme:
        case "outbox":
            return KeepsInOutbox()
        case "smtp" | "smtps":
            try:
                return SmtpServer(url, sender=settings.mail_from, clock=clock)
            except ValueError as error:
                raise SettingsError(f"PORTAL_MESSAGES_URL: {error}") from None
        case scheme:
            raise SettingsError(f"PORTAL_MESSAGES_URL: no adapter for {scheme!r}")


def _library(settings: Settings, url: str, system: System, clock: Clock, zone: ZoneInfo) -> LibrarySystem:
    password = settings.library_password.get_secret_value() if settings.library_password else ""
    match url.partition(":")[0]:
        case "sip2":
            try:
                site = site_of(url, password=password, zone=zone, trace=settings.library_trace == "yes")
            except BadSetting as error:
                raise SettingsError(f"PORTAL_LIBRARY_URL: {error}") from None
            return Sip2Library(site, system, clock)
        case scheme:
            raise SettingsError(f"PORTAL_LIBRARY_URL: no adapter for {scheme!r}")


def _scanner(url: str, system: System) -> Scanner:
    match url.partition(":")[0]:
        case "clamd":
            try:
                return Clamd(url, system)
            except ValueError as error:
                raise SettingsError(f"PORTAL_SCANNER_URL: {error}") from None
        case scheme:
            raise SettingsError(f"PORTAL_SCANNER_URL: no adapter for {scheme!r}")
