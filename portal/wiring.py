"""Settings to connectors. The only module that imports adapters."""

from urllib.parse import urlsplit

from portal.clock import Clock
from portal.connectors.messages import MailServer
from portal.connectors.messages.outbox import KeepsInOutbox
from portal.connectors.messages.smtp import SmtpServer
from portal.connectors.systems import Connectors
from portal.settings import Settings, SettingsError


def connect(settings: Settings, clock: Clock) -> Connectors:
    """Return the connectors that the settings name; nothing is asked yet. Raises SettingsError."""
    return Connectors(mail=_mail(settings, clock))


def _mail(settings: Settings, clock: Clock) -> MailServer:
    url = settings.messages_url
    match urlsplit(url).scheme:
        case "outbox":
            return KeepsInOutbox()
        case "smtp" | "smtps":
            return SmtpServer(url, sender=settings.mail_from, clock=clock)
        case scheme:
            raise SettingsError(f"PORTAL_MESSAGES_URL: no adapter for {scheme!r}")
