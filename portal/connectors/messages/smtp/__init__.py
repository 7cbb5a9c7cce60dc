"""E-mail by SMTP (RFC 5321), encrypted: by TLS from the first byte or by STARTTLS, with a certificate that is checked.

In plain text it goes only to this machine, or where the address says so aloud and no password is sent.
"""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.utils import format_datetime
from urllib.parse import unquote, urlsplit

from portal.clock import Clock
from portal.connectors.dialling import is_this_machine
from portal.connectors.errors import Away, Refused, Unavailable, Unknown
from portal.connectors.messages import Email

DEADLINE_S = 20.0
"""For each step of the conversation. Nobody waits for it: jobs send e-mail."""
PLAIN = "plain=yes"
"""What an address says aloud whose mail may go unencrypted."""
PERMANENT = 500
"""SMTP's replies from here on mean: don't try again."""


class SmtpServer:
    """url: ``smtp://user:password@host:25`` or ``smtps://…`` (TLS from the first byte).

    ``smtp://host?plain=yes``: without encryption if the server offers none. Raises ValueError for a wrong one.
    """

    def __init__(self, url: str, *, sender: str, clock: Clock, deadline_s: float = DEADLINE_S) -> None:
        parts = urlsplit(url)
        if parts.hostname is None:
            raise ValueError("names no mail server")
        if parts.query not in ("", PLAIN):
            raise ValueError(f"after ? only {PLAIN} may stand")
        self._host = parts.hostname
        self._implicit_tls = parts.scheme == "smtps"
        self._may_be_plain = not parts.username and (parts.query == PLAIN or is_this_machine(parts.hostname))
        self._port = parts.port or (465 if self._implicit_tls else 25)
        self._user, self._password = unquote(parts.username or ""), unquote(parts.password or "")
        self._sender, self._clock, self._deadline_s = sender, clock, deadline_s

    def send(self, email: Email) -> None:
        """Hand one e-mail over; see the port."""
        with self._connected() as server:
            try:
                server.send_message(self._message(email), from_addr=self._sender, to_addrs=[email.to])
            except smtplib.SMTPRecipientsRefused as error:
                code = next(iter(error.recipients.values()))[0]
                put_off = Unavailable(f"recipient put off: {code}", reason=Away.UNWILLING)
                raise (Refused("recipient") if code >= PERMANENT else put_off) from None
            except smtplib.SMTPResponseException as error:
                code = error.smtp_code
                put_off = Unavailable(f"message put off: {code}", reason=Away.UNWILLING)
                raise (Refused("message") if code >= PERMANENT else put_off) from None
            except (OSError, smtplib.SMTPServerDisconnected) as error:
                raise Unknown(type(error).__name__) from None

    def check(self) -> None:
        """Reach the server and say hello. Raises Unavailable."""
        with self._connected() as server:
            server.noop()

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        try:
            server = self._connect()
        except (OSError, smtplib.SMTPException) as error:
            raise Unavailable(f"{self._host}: {type(error).__name__}") from None
        try:
            yield server
        finally:
            _hang_up(server)

    def _connect(self) -> smtplib.SMTP:
        trusted = ssl.create_default_context()
        if self._implicit_tls:
            server: smtplib.SMTP = smtplib.SMTP_SSL(self._host, self._port, timeout=self._deadline_s, context=trusted)
        else:
            server = smtplib.SMTP(self._host, self._port, timeout=self._deadline_s)
        try:
            self._introduce(server, trusted)
        except BaseException:
            server.close()
            raise
        return server

    def _introduce(self, server: smtplib.SMTP, trusted: ssl.SSLContext) -> None:
        """Encrypt the line where it isn't yet, and sign in."""
        server.ehlo()
        if not self._implicit_tls:
            if server.has_extn("starttls"):
                server.starttls(context=trusted)
                server.ehlo()
            elif not self._may_be_plain:
                raise Unavailable(f"{self._host} offers no STARTTLS, and nothing is sent unencrypted")
        if self._user:
            server.login(self._user, self._password)

    def _message(self, email: Email) -> EmailMessage:
        message = EmailMessage()
        message["From"] = self._sender
        message["To"] = email.to
        message["Subject"] = email.subject
        message["Date"] = format_datetime(self._clock.now())
        message["Message-ID"] = f"<{email.id}@{self._sender.rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(email.body)
        message["Content-Language"] = email.language  # after the content, which takes all such headers away
        return message


def _hang_up(server: smtplib.SMTP) -> None:
    """Say goodbye; what was sent was sent whether or not that is heard."""
    try:
        server.quit()
    except (OSError, smtplib.SMTPException):
        server.close()
