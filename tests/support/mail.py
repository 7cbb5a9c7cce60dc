"""A mail server on the wire, that keeps what it receives."""

from asyncio import Server
from email import message_from_bytes, policy
from email.message import EmailMessage
from ssl import SSLContext
from threading import Event
from types import TracebackType
from typing import Any, Self

from aiosmtpd.controller import Controller


class _AnyPort(Controller):
    """On whatever port is free; the original asks its own port number, which isn't known before it listens."""

    def _trigger_server(self) -> None:
        assert isinstance(self.server, Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]  # aiosmtpd's


class MailSink:
    """Use as a context manager. url: for ``PORTAL_MESSAGES_URL``. received: messages, oldest first.

    tls: with it the server takes messages only after STARTTLS.
    """

    def __init__(self, tls: SSLContext | None = None) -> None:
        self.received: list[EmailMessage] = []
        self._came = Event()
        self._controller = _AnyPort(
            self, hostname="127.0.0.1", port=0, tls_context=tls, require_starttls=tls is not None
        )

    @property
    def url(self) -> str:
        return f"smtp://{self._controller.hostname}:{self._controller.port}"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 -- aiosmtpd's name
        message = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.received.append(message)
        self._came.set()
        return "250 OK"

    def wait(self, timeout_s: float) -> None:
        """Wait until the first message has come, and no longer than that."""
        self._came.wait(timeout_s)

    def clear(self) -> None:
        self.received.clear()
        self._came.clear()

    def __enter__(self) -> Self:
        self._controller.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._controller.stop()
