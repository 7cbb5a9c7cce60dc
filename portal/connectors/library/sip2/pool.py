"""Few connections, one patron at a time on each, given back soon: some servers take no more than one."""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import BoundedSemaphore, Event, Lock, Thread
from typing import TypeVar

from portal.clock import Clock
from portal.connectors.calling import Deadline, Seconds
from portal.connectors.errors import Away, Garbled, OutsideError, Unavailable
from portal.connectors.library.sip2.connection import Connection, connect
from portal.connectors.library.sip2.errors import Ended, GarbledMessage, Lost, Sip2Error, TooLate
from portal.connectors.library.sip2.layout import Answer, Request
from portal.connectors.library.sip2.messages import StatusRequest
from portal.connectors.library.sip2.requests import Requests
from portal.connectors.library.sip2.site import Site
from portal.logs import get_logger

log = get_logger("portal.connectors.library.sip2")

A = TypeVar("A", bound=Answer)

UNUSED_S = 900.0
"""So long after somebody last used it, a connection isn't kept alive any more."""
ASIDE_S = 1.0
"""For what is said beside somebody's request: 35 for the patron before."""
KEEPING_S = 5.0
"""For a 99, which nobody waits for."""


class _Stale(Unavailable):
    """A connection from before was at its end: on a new one it may be asked again at once."""


class Turn:
    """A patron's turn: a connection for as long as it holds, and another one after that. For one thread.

    deadline: of all that is still to be said in it.
    """

    def __init__(self, site: Site, clock: Clock, card: str | None, deadline: Deadline) -> None:
        self.deadline = deadline
        self.connection: Connection | None = None
        self._site, self._clock, self._card = site, clock, card
        self._has_answered = False

    def begin(self, kept: Connection | None) -> None:
        """Take over a connection from before, if it still stands."""
        if kept is None:
            return
        if kept.is_quiet() and self._ends_session_before(kept):
            kept.patron = self._card
            self.connection = kept
        else:
            kept.close()

    def standing(self) -> Connection:
        """Return the connection, or a new one. Raises Unavailable."""
        if self.connection is None or not self.connection.is_open:
            self.connection = connect(self._site, self.deadline)
            self.connection.patron = self._card
            self._has_answered = True
        return self.connection

    def supports(self, request_id: str) -> bool | None:
        """Tell whether a request may be sent. None if the server doesn't say. Raises Unavailable."""
        return self.standing().supports(request_id)

    def ask(self, request: Request[A]) -> A:
        """Return the answer to a question. Raises Unavailable, Garbled, UnsendableValue."""
        if self.supports(request.id) is False:
            raise Unavailable(f"{self._site.host}: doesn't support {request.id}", reason=Away.UNWILLING)
        try:
            return self._answer(request)
        except _Stale:
            return self._answer(request)

    def change(self, request: Request[A]) -> A:
        """Return the answer to a request that changes something; it is sent once.

        Raises Unavailable (nothing was sent), UnsendableValue, Lost and GarbledMessage (it was, whatever became of it).
        """
        connection = self.standing()
        try:
            return connection.ask(request, self.deadline)
        except Ended as error:
            raise Unavailable(str(error), reason=Away.LOST) from None
        except (Lost, GarbledMessage) as error:
            log.warning("library.lost", request=request.id, why=str(error))
            raise

    def _answer(self, request: Request[A]) -> A:
        connection = self.standing()
        try:
            answer = connection.ask(request, self.deadline)
        except Ended as error:
            raise _Stale(str(error), reason=Away.LOST) from None
        except TooLate as error:
            raise Unavailable(str(error), reason=Away.TIMEOUT) from None
        except Lost as error:
            raise (Unavailable if self._has_answered else _Stale)(str(error), reason=Away.LOST) from None
        except GarbledMessage as error:
            log.warning("library.garbled", request=request.id, why=str(error))
            raise Garbled(str(error)) from None
        self._has_answered = True
        return answer

    def _ends_session_before(self, kept: Connection) -> bool:
        """End the session of the patron before, if that was another one. False if it didn't go well."""
        before, dialect = kept.patron, self._site.dialect
        if before in (None, self._card) or not dialect.end_session or kept.supports("35") is False:
            return True
        ending = Requests(dialect).end_session(card=before, pin=None, at=self._clock.now())
        with suppress(Sip2Error):
            kept.ask(ending, self.deadline.sooner(ASIDE_S))
            self._has_answered = True
        return self._has_answered


class Pool:
    """Any number of threads may take turns."""

    def __init__(self, site: Site, clock: Clock, *, now: Seconds = time.monotonic) -> None:
        self._site, self._clock, self._now = site, clock, now
        self._room = BoundedSemaphore(site.connections)
        self._lock = Lock()
        self._kept: list[Connection] = []
        self._keeper: Thread | None = None
        self._closed = Event()

    @contextmanager
    def turn(self, card: str | None, deadline: Deadline) -> Iterator[Turn]:
        """Hold a patron's turn; it waits until one is free. card: None to ask about nobody. Raises Unavailable."""
        if not self._room.acquire(timeout=deadline.needed()):
            raise Unavailable("all connections are in use", reason=Away.BUSY)
        turn = Turn(self._site, self._clock, card, deadline)
        try:
            turn.begin(self._take())
            yield turn
        finally:
            self._give_back(turn.connection)
            self._room.release()

    def close(self) -> None:
        """End what isn't in use, and keep nothing from now on."""
        self._closed.set()
        while connection := self._take():
            connection.close()
        with self._lock:
            keeper = self._keeper
        if keeper:
            keeper.join(KEEPING_S)

    def _take(self) -> Connection | None:
        """Return the connection that was given back last."""
        with self._lock:
            return self._kept.pop() if self._kept else None

    def _give_back(self, connection: Connection | None) -> None:
        if connection is None or not connection.is_open:
            return
        connection.used_at = connection.heard_at = self._now()
        self._keep(connection)

    def _keep(self, connection: Connection) -> None:
        with self._lock:
            if self._site.keep_alive_s and not self._closed.is_set():
                self._kept.append(connection)
                if self._keeper is None:
                    self._keeper = Thread(target=self._keep_alive, name="library keep-alive", daemon=True)
                    self._keeper.start()
                return
        connection.close()

    # ---- Keeping connections alive, in a thread of its own while there are any

    def _keep_alive(self) -> None:
        while not self._closed.wait(self._site.keep_alive_s / 4):
            with self._lock:
                if not self._kept:
                    self._keeper = None
                    return
            self.tend()

    def tend(self) -> None:
        """Say 99 on each connection that was silent for long, and end those that nobody has used for longer."""
        for connection in self._silent():
            if self._now() - connection.used_at >= UNUSED_S or not self._is_alive(connection):
                connection.close()
            else:
                connection.heard_at = self._now()
                self._keep(connection)

    def _silent(self) -> Iterator[Connection]:
        """Take out one after the other; while one is out, it counts as in use."""
        while self._room.acquire(blocking=False):
            try:
                with self._lock:
                    since = self._now() - self._site.keep_alive_s * 3 / 4
                    found = next((one for one in self._kept if one.heard_at <= since), None)
                    if found is None:
                        return
                    self._kept.remove(found)
                yield found
            finally:
                self._room.release()

    def _is_alive(self, connection: Connection) -> bool:
        if not self._site.dialect.status or connection.supports("99") is False:
            return connection.is_quiet()
        with suppress(Sip2Error, OutsideError):
            return connection.ask(StatusRequest(), Deadline.after(KEEPING_S)).online
        return False
