"""One connection to a server: one exchange after the other, each under its caller's deadline.

Whatever is odd ends it: a connection whose state isn't known is worth nothing. What was lost on it is for others to
find out.
"""

import socket
import ssl
from collections import deque
from typing import TypeVar

from portal.connectors.calling import Deadline
from portal.connectors.dialling import dial
from portal.connectors.errors import Away, Unavailable
from portal.connectors.library.sip2.errors import BadChecksum, Ended, EndedByServer, GarbledMessage, Lost, TooLate
from portal.connectors.library.sip2.framing import ASKED_AGAIN, SAY_AGAIN, Frame, build, parse, say_again, split
from portal.connectors.library.sip2.layout import Answer, Request, read_answer, write
from portal.connectors.library.sip2.messages import LoginRequest, StatusAnswer, StatusRequest
from portal.connectors.library.sip2.requests import Requests
from portal.connectors.library.sip2.site import Site
from portal.connectors.library.sip2.tracing import traced
from portal.logs import get_logger

log = get_logger("portal.connectors.library.sip2")

A = TypeVar("A", bound=Answer)

REPEATS = 3
"""How often one side may want the other's last message again; fewer where 98 says so."""
PIECE_BYTES = 16 * 1024
ENDINGS = (ConnectionError, ssl.SSLEOFError, ssl.SSLZeroReturnError)
"""Where the other side has ended it. After all else, such as a network that is down, it may still be at work."""


class Connection:
    """Not for several threads at once.

    status: what 98 said, None if it wasn't asked. patron: the card that was last asked about. used_at, heard_at: when
    somebody last used it, and when it last stood, for the pool.
    """

    def __init__(self, line: socket.socket, site: Site) -> None:
        self.status: StatusAnswer | None = None
        self.patron: str | None = None
        self.used_at = self.heard_at = 0.0
        self.is_open = True
        self._line, self._site = line, site
        self._sequence = -1
        self._has_checksums = False
        self._lines: deque[bytes] = deque()
        self._rest = b""

    def supports(self, request_id: str) -> bool | None:
        """Tell whether a request may be sent. None if the server didn't say."""
        return self.status.supports(request_id) if self.status else None

    def ask(self, request: Request[A], deadline: Deadline) -> A:
        """Return the answer.

        Raises UnsendableValue and Ended (nothing was sent), Lost and GarbledMessage (it was; the connection is over).
        """
        message = write(request, dialect=self._site.dialect)
        try:
            return self._exchanged(request, message, deadline)
        except BaseException:
            self.close()
            raise

    def is_quiet(self) -> bool:
        """Tell whether the connection stands and nothing lies on it."""
        if not self.is_open:
            return False
        try:
            self._line.settimeout(0)
            self._take_in(self._line.recv(PIECE_BYTES))
        except (BlockingIOError, ssl.SSLWantReadError):
            pass
        except (OSError, GarbledMessage, Lost):
            return False
        return not self._lines and not self._rest.strip()

    def close(self) -> None:
        self.is_open = False
        self._line.close()

    # ---- An exchange

    def _exchanged(self, request: Request[A], message: bytes, deadline: Deadline) -> A:
        if not self.is_quiet():
            raise Ended("the connection has ended, or something came unasked")
        dialect = self._site.dialect
        self._sequence = (self._sequence + 1) % 10
        self._send(build(message, sequence=self._sequence, dialect=dialect), deadline)
        asked_again = said_again = 0
        while True:
            try:
                frame = self._frame(deadline)
            except BadChecksum:
                if said_again == self._repeats:
                    raise
                said_again += 1
                self._send(say_again(dialect), deadline)
                continue
            if frame.id == ASKED_AGAIN:
                if asked_again == REPEATS:
                    raise GarbledMessage(f"{request.id} wasn't understood")
                asked_again += 1
                self._send(build(message, sequence=None, dialect=dialect), deadline)
            elif self._is_ours(frame):
                return read_answer(frame, request, dialect=dialect)

    @property
    def _repeats(self) -> int:
        """How often we may say 97."""
        if self.supports(SAY_AGAIN) is False:
            return 0
        allowed = self.status.retries if self.status else None
        return REPEATS if allowed is None else min(REPEATS, allowed)

    def _is_ours(self, frame: Frame) -> bool:
        """Tell whether this answers what was just asked, and not what was asked before.

        Raises GarbledMessage where that can't be told.
        """
        if frame.sequence is None:
            if self._lines:
                raise GarbledMessage("two answers came, and neither says to what")
            return True
        return frame.sequence == self._sequence

    def _frame(self, deadline: Deadline) -> Frame:
        """Return the next message. Raises Lost, BadChecksum, GarbledMessage."""
        frame = parse(self._next_line(deadline), dialect=self._site.dialect)
        if self._has_checksums and not frame.is_checked and frame.id != ASKED_AGAIN:
            raise BadChecksum("no checksum, where there always was one")
        self._has_checksums |= frame.is_checked
        return frame

    def _next_line(self, deadline: Deadline) -> bytes:
        while not self._lines:
            left = deadline.left()
            if not left:
                raise TooLate
            try:
                self._line.settimeout(left)
                self._take_in(self._line.recv(PIECE_BYTES))
            except OSError as error:
                raise _lost(error) from None
        line = self._lines.popleft()
        self._trace(heard=line)
        return line

    def _take_in(self, received: bytes) -> None:
        """Keep what came. Raises Lost if that is the end, GarbledMessage for a message without one."""
        if not received:
            raise EndedByServer
        lines, self._rest = split(self._rest + received, dialect=self._site.dialect)
        self._lines.extend(lines)

    def _send(self, line: bytes, deadline: Deadline) -> None:
        left = deadline.left()
        if not left:
            raise TooLate
        self._trace(sent=line)
        try:
            self._line.settimeout(left)
            self._line.sendall(line)
        except OSError as error:
            raise _lost(error) from None

    def _trace(self, **lines: bytes) -> None:
        if self._site.trace:
            told = {way: traced(line.strip(), dialect=self._site.dialect) for way, line in lines.items()}
            log.info("library.wire", **told)


def _lost(error: OSError) -> Lost:
    if isinstance(error, TimeoutError):
        return TooLate()
    return EndedByServer() if isinstance(error, ENDINGS) else Lost(f"the connection failed: {type(error).__name__}")


def connect(site: Site, deadline: Deadline) -> Connection:
    """Return a connection on which we are signed in. Raises Unavailable."""
    connection = Connection(_encrypted(dial(site.host, site.port, deadline), site, deadline), site)
    try:
        _sign_in(connection, site, deadline)
    except (Ended, Lost, GarbledMessage) as error:
        reason = Away.TIMEOUT if isinstance(error, TooLate) else Away.UNREACHABLE
        raise Unavailable(f"{site.host}: {error}, at the login", reason=reason) from None
    except BaseException:
        connection.close()
        raise
    return connection


def _encrypted(plain: socket.socket, site: Site, deadline: Deadline) -> socket.socket:
    if site.tls is None:
        return plain
    line: socket.socket = plain
    try:
        line = secured = site.tls.wrap_socket(plain, server_hostname=site.tls_name, do_handshake_on_connect=False)
        secured.settimeout(deadline.needed())
        secured.do_handshake()
    except BaseException as error:
        line.close()
        if isinstance(error, TimeoutError):
            raise Unavailable(f"{site.host}: no encryption in time", reason=Away.TIMEOUT) from None
        if isinstance(error, ssl.SSLCertVerificationError):
            raise Unavailable(f"{site.host}: certificate: {error.verify_message}") from None
        if isinstance(error, OSError | ValueError):
            raise Unavailable(f"{site.host}: no encryption: {type(error).__name__}") from None
        raise
    return line


def _sign_in(connection: Connection, site: Site, deadline: Deadline) -> None:
    dialect = site.dialect
    if dialect.login:
        login: LoginRequest = Requests(dialect).login(user=site.user, password=site.password)
        if not connection.ask(login, deadline).ok:
            raise Unavailable(f"{site.host}: our login was turned down")
    if dialect.status:
        connection.status = connection.ask(StatusRequest(), deadline)
        if not connection.status.online:
            raise Unavailable(f"{site.host}: says that it is off-line", reason=Away.UNWILLING)
