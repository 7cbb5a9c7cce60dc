"""The port to a mail server: what every adapter does, tried on the wire."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from portal.clock import SetClock, SystemClock
from portal.connectors.errors import OutsideError, Refused, Unavailable, Unknown
from portal.connectors.messages import Email, MailServer
from portal.connectors.messages.outbox import KeepsInOutbox
from portal.connectors.messages.smtp import SmtpServer
from tests.support.mail import MailSink

ELSEWHERE = "127.1"
"""This machine, by a name that only the system's resolver knows for it."""

EMAIL = Email(
    id="0f9d5c6e-0000-4000-8000-000000000001",
    to="mary@example.org",
    subject="Cadarnhewch eich cyfeiriad e-bost – nawr",
    body="Tŷ bach: £1.50\n\nhttp://localhost/confirm/abc\n",
    language="cy",
)


class TestEveryAdapter:
    @pytest.fixture(params=["smtp", "outbox"])
    def server(self, request: pytest.FixtureRequest, mail: MailSink, clock: SetClock) -> MailServer:
        if request.param == "outbox":
            return KeepsInOutbox()
        return SmtpServer(mail.url, sender="portal@example.org", clock=clock)

    def test_takes_an_email(self, server: MailServer) -> None:
        server.send(EMAIL)

    def test_can_be_reached(self, server: MailServer) -> None:
        server.check()


class TestSmtp:
    @pytest.fixture
    def sent(self, mail: MailSink, clock: SetClock) -> MailSink:
        SmtpServer(mail.url, sender="portal@example.org", clock=clock).send(EMAIL)
        return mail

    def test_carries_every_letter_of_every_language(self, sent: MailSink) -> None:
        (message,) = sent.received
        assert message["Subject"] == EMAIL.subject
        assert message.get_content().replace("\r\n", "\n") == EMAIL.body

    def test_names_its_language_sender_and_time(self, sent: MailSink) -> None:
        (message,) = sent.received
        assert message["Content-Language"] == "cy"
        assert message["From"] == "portal@example.org"
        assert message["Date"].datetime.isoformat() == "2026-11-24T10:00:00+00:00"

    def test_is_known_again_when_it_comes_twice(self, sent: MailSink) -> None:
        assert sent.received[0]["Message-ID"] == f"<{EMAIL.id}@example.org>"

    def test_is_answered_by_no_machine(self, sent: MailSink) -> None:
        assert sent.received[0]["Auto-Submitted"] == "auto-generated"


@dataclass
class Script:
    """A mail server that says these lines, one after each of the client's, and then hangs up or hangs."""

    lines: tuple[str, ...]
    hangs: bool = False


@contextmanager
def following(script: Script) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        done = threading.Event()

        def serve() -> None:
            connection, _ = listener.accept()
            with connection, connection.makefile("rb") as heard:
                in_data = False
                for line in script.lines:
                    connection.sendall(f"{line}\r\n".encode())
                    if line.startswith("354"):
                        in_data = True
                    while (said := heard.readline()) and in_data and said != b".\r\n":
                        pass
                    in_data = False
                if script.hangs:
                    done.wait(5)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"smtp://127.0.0.1:{listener.getsockname()[1]}"
        done.set()
        thread.join(5)


HELLO = ("220 hello", "250 hello")


@pytest.mark.parametrize(
    ("script", "outcome"),
    [
        (Script((*HELLO, "250 sender", "550 no such person")), Refused),
        (Script((*HELLO, "250 sender", "451 come back later")), Unavailable),
        (Script((*HELLO, "250 sender", "250 recipient", "354 go on", "554 spam")), Refused),
        (Script((*HELLO, "250 sender", "250 recipient", "354 go on", "451 disk full")), Unavailable),
        (Script((*HELLO, "250 sender", "250 recipient", "354 go on")), Unknown),
        (Script((*HELLO, "250 sender", "250 recipient", "354 go on"), hangs=True), Unknown),
        (Script(("220 hello",), hangs=True), Unavailable),
        (Script((), hangs=True), Unavailable),
        (Script(("554 go away",)), Unavailable),
        (Script(("nonsense",)), Unavailable),
    ],
    ids=lambda value: None if isinstance(value, type) else " | ".join(value.lines[2:] or value.lines or ("silence",)),
)
def test_what_goes_wrong_is_told_apart(script: Script, outcome: type[OutsideError], clock: SetClock) -> None:
    with following(script) as url, pytest.raises(outcome):
        SmtpServer(url, sender="portal@example.org", clock=clock, deadline_s=0.5).send(EMAIL)


def test_a_server_that_is_not_there_is_unavailable(clock: SetClock) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(Unavailable):
        SmtpServer(f"smtp://127.0.0.1:{port}", sender="portal@example.org", clock=clock).check()


def test_a_password_never_goes_over_a_line_that_is_not_encrypted(clock: SetClock) -> None:
    with following(Script((*HELLO, "250 go on"))) as url, pytest.raises(Unavailable):
        SmtpServer(
            url.replace("//", "//portal:secret@"), sender="portal@example.org", clock=clock, deadline_s=0.5
        ).send(EMAIL)


class TestALine:
    """How mail goes to a host that isn't this machine, as far as its name tells."""

    @staticmethod
    def sent(url: str, clock: SetClock) -> None:
        elsewhere = url.replace("127.0.0.1", ELSEWHERE)
        SmtpServer(elsewhere, sender="portal@example.org", clock=clock, deadline_s=0.5).send(EMAIL)

    def test_that_cannot_be_encrypted_carries_nothing(self, mail: MailSink, clock: SetClock) -> None:
        with pytest.raises(Unavailable, match="offers no STARTTLS"):
            self.sent(mail.url, clock)
        assert mail.received == []

    def test_is_plain_where_the_address_says_so_aloud(self, mail: MailSink, clock: SetClock) -> None:
        self.sent(f"{mail.url}?plain=yes", clock)
        assert len(mail.received) == 1

    def test_carries_no_password_even_then(self, mail: MailSink, clock: SetClock) -> None:
        with pytest.raises(Unavailable, match="offers no STARTTLS"):
            self.sent(f"{mail.url.replace('//', '//portal:secret@')}?plain=yes", clock)

    def test_is_not_plain_by_any_other_word(self, mail: MailSink, clock: SetClock) -> None:
        with pytest.raises(ValueError, match="plain=yes"):
            self.sent(f"{mail.url}?plain=no", clock)

    def test_is_encrypted_where_the_certificate_is_trusted(
        self, certificate: Path, monkeypatch: pytest.MonkeyPatch, clock: SetClock
    ) -> None:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        with MailSink(tls_of(certificate)) as sink:
            self.sent(sink.url, clock)
        assert len(sink.received) == 1, "which this server takes after STARTTLS alone"

    @pytest.mark.parametrize("plain", ["", "?plain=yes"])
    def test_with_a_certificate_that_nobody_trusts_carries_nothing(
        self, certificate: Path, clock: SetClock, plain: str
    ) -> None:
        with MailSink(tls_of(certificate)) as sink, pytest.raises(Unavailable, match="SSLCertVerificationError"):
            self.sent(sink.url + plain, clock)
        assert sink.received == []


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A file with a certificate for ``ELSEWHERE`` that its own key signed, and the key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, ELSEWHERE)])
    now = SystemClock().now()
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(ELSEWHERE)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / "certificate.pem"
    file.write_bytes(
        signed.public_bytes(Encoding.PEM) + key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    return file


def tls_of(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def test_an_error_names_no_address(clock: SetClock) -> None:
    with following(Script((*HELLO, "250 sender", "550 no mary@example.org here"))) as url:
        with pytest.raises(Refused) as refused:
            SmtpServer(url, sender="portal@example.org", clock=clock, deadline_s=0.5).send(EMAIL)
        assert "mary" not in str(refused.value)
