"""Who ended a connection: of a change, that decides whether it may still be done."""

import errno
import socket
import ssl

import pytest

from portal.connectors.calling import Deadline
from portal.connectors.library.sip2.connection import Connection
from portal.connectors.library.sip2.errors import EndedByServer, Lost, TooLate
from portal.connectors.library.sip2.messages import StatusRequest
from portal.connectors.library.sip2.site import Site


class Line(socket.socket):
    """A connection on which what is sent is lost, and then an error comes."""

    def __init__(self, error: OSError) -> None:
        super().__init__()
        self._error = error
        self._has_sent = False

    def sendall(self, *_: object) -> None:
        self._has_sent = True

    def recv(self, *_: object) -> bytes:
        raise self._error if self._has_sent else BlockingIOError()


@pytest.mark.parametrize(
    ("error", "what"),
    [
        (ConnectionResetError(), EndedByServer),
        (BrokenPipeError(), EndedByServer),
        (ssl.SSLEOFError(), EndedByServer),
        (ssl.SSLZeroReturnError(), EndedByServer),
        (TimeoutError(), TooLate),
        (OSError(errno.EHOSTUNREACH, "no route"), Lost),
        (OSError(errno.ENETDOWN, "down"), Lost),
        (ssl.SSLError("bad record"), Lost),
    ],
)
def test_only_an_end_that_the_server_made_is_one(error: OSError, what: type[Lost]) -> None:
    connection = Connection(Line(error), Site(host="library.example", port=6001))
    with pytest.raises(Lost) as lost:
        connection.ask(StatusRequest(), Deadline.after(5))
    assert type(lost.value) is what and not connection.is_open
