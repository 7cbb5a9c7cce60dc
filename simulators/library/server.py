"""Listens, and gives each connection a thread."""

import contextlib
import socket
import ssl
import struct
from threading import Event, Lock, Thread, Timer, current_thread

from simulators.library.conversation import Conversation, Surroundings
from simulators.library.dialect import Dialect

_JOIN_S = 5.0
_LOOK_UP_S = 0.5
"""How long the end of listening may go unnoticed where closing doesn't wake who accepts (macOS)."""
_HANDSHAKE_S = 10.0
_RESET = struct.pack("ii", 1, 0)


class Server:
    """port: 0 takes a free one, which it then keeps. dialect: of connections that are made from now on."""

    def __init__(
        self, around: Surroundings, dialect: Dialect, *, host: str, port: int, tls: ssl.SSLContext | None
    ) -> None:
        self.dialect = dialect
        self.port = port
        self._host = host
        self._around = around
        self._tls = tls
        self._lock = Lock()
        self._one_at_a_time = Lock()
        self._listener: socket.socket | None = None
        self._connections: dict[int, socket.socket] = {}
        self._threads: set[Thread] = set()
        self._made = 0
        self._timer: Timer | None = None

    @property
    def connections(self) -> int:
        """How many are open."""
        with self._lock:
            return len(self._connections)

    @property
    def made(self) -> int:
        """How many there have been."""
        return self._made

    def listen(self) -> None:
        """Listen, if it doesn't yet. From when this returns, connections are taken."""
        with self._lock:
            if self._listener:
                return
            listener = socket.create_server((self._host, self.port), backlog=128)
            listener.settimeout(_LOOK_UP_S)
            self.port = listener.getsockname()[1]
            self._listener = listener
            thread = Thread(target=self._accept, args=(listener,), name="library-accept", daemon=True)
            self._threads.add(thread)
        thread.start()

    def stop_listening(self) -> None:
        """Refuse connections; those that there are go on."""
        with self._lock:
            listener, self._listener = self._listener, None
        if listener:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()

    def close_connections(self) -> None:
        with self._lock:
            for connection in self._connections.values():
                _shut(connection)

    def restart(self, seconds: float) -> None:
        """Close all connections, and listen again after some seconds."""
        if self._timer:
            self._timer.cancel()
        self.stop_listening()
        self.close_connections()
        if self._around.ended.is_set():
            return
        self._timer = Timer(seconds, self.listen)
        self._timer.daemon = True
        self._timer.start()

    def stop(self) -> None:
        """End everything, and wait for it."""
        self._around.ended.set()
        if self._timer:
            self._timer.cancel()
            self._timer.join(_JOIN_S)
        self.stop_listening()
        self.close_connections()
        with self._lock:
            threads = [thread for thread in self._threads if thread is not current_thread()]
        for thread in threads:
            thread.join(_JOIN_S)
        self._around.ended = Event()

    def _accept(self, listener: socket.socket) -> None:
        while listener is self._listener:
            try:
                connection, _ = listener.accept()
            except TimeoutError:
                continue
            except OSError:
                break
            if self._around.faults.refuses():
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                connection.close()
                continue
            self._take(connection)
        with self._lock:
            self._threads.discard(current_thread())

    def _take(self, connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with self._lock:
            self._made += 1
            number = self._made
            self._connections[number] = connection
            thread = Thread(target=self._talk, args=(connection, number), name=f"library-{number}", daemon=True)
            self._threads.add(thread)
        thread.start()

    def _talk(self, connection: socket.socket, number: int) -> None:
        dialect = self.dialect
        turn = self._one_at_a_time if dialect.one_connection else contextlib.nullcontext()
        try:
            with turn, self._secured(connection, number) as secured:
                secured.settimeout(dialect.idle_s)
                Conversation(secured, number, dialect, self._around).run()
                _shut(secured)
        except OSError:
            pass  # the handshake failed, or the socket is gone
        finally:
            with self._lock:
                self._connections.pop(number, None)
                self._threads.discard(current_thread())
            connection.close()

    def _secured(self, connection: socket.socket, number: int) -> socket.socket:
        if self._tls is None:
            return connection
        connection.settimeout(_HANDSHAKE_S)
        secured = self._tls.wrap_socket(connection, server_side=True)
        with self._lock:
            self._connections[number] = secured
        return secured


def _shut(connection: socket.socket) -> None:
    with contextlib.suppress(OSError, ValueError):
        connection.shutdown(socket.SHUT_RDWR)
