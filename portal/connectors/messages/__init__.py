"""The port to whoever carries messages away from here.

E-mail today. Letters are handed to the print room as files; a service that takes e-mails, texts and letters (GOV.UK
Notify's API is one) would be one more adapter with more ``channels``.
"""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Email:
    """id: the outbox row's, so that a mail server or a reader recognises a repetition. language: ISO 639-1."""

    id: str
    to: str
    subject: str
    body: str
    language: str


class MailServer(Protocol):
    def send(self, email: Email) -> None:
        """Hand one e-mail over for delivery.

        Raises Refused (``recipient`` for an address that will never take it, ``message`` otherwise: don't try again),
        Unavailable (nothing was taken: try again), Unknown (it may have been taken).
        """
        ...

    def check(self) -> None:
        """Reach the server and say hello. Raises Unavailable."""
        ...
