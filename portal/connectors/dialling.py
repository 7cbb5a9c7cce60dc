"""Reaching another machine by its name, under the caller's deadline.

``socket.getaddrinfo`` has no time limit and can't be stopped, so it runs in a thread that is left to itself when time
is over. One thread for each name at most, however many ask; addresses are kept for a minute.
"""

import socket
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import ip_address
from threading import Event, Lock, Thread

from portal.connectors.calling import Deadline, Seconds
from portal.connectors.errors import Away, Unavailable

KEPT_S = 60.0

Address = tuple[socket.AddressFamily, tuple[str, int]]
"""A family and what ``connect`` takes in it; of IPv6 the first two parts are enough."""
Lookup = Callable[[str, int], list[Address]]


def is_this_machine(host: str) -> bool:
    """Tell whether only this machine reaches what listens at an address."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _look_up(host: str, port: int) -> list[Address]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys((family, (str(place[0]), int(place[1]))) for family, _, _, _, place in found))


@dataclass
class _Looking:
    """One name that is being looked up, or was. addresses: empty if there are none; ``known_at``: seconds."""

    done: Event
    addresses: list[Address]
    known_at: float = 0.0


class Resolver:
    """Looks names up. lookup, now: for tests."""

    def __init__(self, *, lookup: Lookup = _look_up, now: Seconds = time.monotonic) -> None:
        self._lookup, self._now = lookup, now
        self._lock = Lock()
        self._names: dict[tuple[str, int], _Looking] = {}

    def addresses(self, host: str, port: int, deadline: Deadline) -> list[Address]:
        """Return where a name leads, the first to try first. Raises Unavailable (unreachable, timeout)."""
        looking = self._looking(host, port)
        if not looking.done.wait(deadline.needed()):
            raise Unavailable(f"{host}: no address in time", reason=Away.TIMEOUT)
        if not looking.addresses:
            raise Unavailable(f"{host}: no such name")
        return looking.addresses

    def _looking(self, host: str, port: int) -> _Looking:
        """Return the answer that is known, the question that is under way, or a new one."""
        with self._lock:
            looking = self._names.get((host, port))
            if looking and (not looking.done.is_set() or self._is_good(looking)):
                return looking
            looking = self._names[host, port] = _Looking(Event(), [])
        Thread(target=self._run, args=(looking, host, port), name=f"look up {host}", daemon=True).start()
        return looking

    def _is_good(self, looking: _Looking) -> bool:
        return bool(looking.addresses) and self._now() - looking.known_at < KEPT_S

    def _run(self, looking: _Looking, host: str, port: int) -> None:
        try:
            looking.addresses = self._lookup(host, port)
        except (OSError, UnicodeError):  # no such name, no name server, or nothing that a name can be
            pass
        finally:
            looking.known_at = self._now()
            looking.done.set()


_resolver = Resolver()


def dial(host: str, port: int, deadline: Deadline, *, resolver: Resolver = _resolver) -> socket.socket:
    """Return a connection over TCP; each address that is left gets its share of the time.

    Set its timeout to ``deadline.needed()`` before each step. Raises Unavailable (unreachable, timeout).
    """
    *others, last = addresses = resolver.addresses(host, port, deadline)
    for tried, address in enumerate(others):
        with suppress(Unavailable):
            return _connected(address, host, deadline.needed() / (len(addresses) - tried))
    return _connected(last, host, deadline.needed())


def _connected(address: Address, host: str, within_s: float) -> socket.socket:
    family, place = address
    line = socket.socket(family, socket.SOCK_STREAM)
    try:
        line.settimeout(within_s)
        line.connect(place)
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except TimeoutError:
        line.close()
        raise Unavailable(f"{host}: no connection in time", reason=Away.TIMEOUT) from None
    except OSError as error:
        line.close()
        raise Unavailable(f"{host}: {type(error).__name__}") from None
    return line
