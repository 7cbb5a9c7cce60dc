"""Reaching another machine: a name server that hangs, addresses that don't answer."""

import socket
import threading
from collections.abc import Callable, Iterator
from threading import Event

import pytest

from portal.connectors.calling import Deadline
from portal.connectors.dialling import KEPT_S, Address, Resolver, dial, is_this_machine
from portal.connectors.errors import Away, Unavailable

HOST, PORT = "library.example.org", 6001
EVERYBODY = "0.0.0.0"  # noqa: S104 -- nothing listens there
HERE: Address = (socket.AF_INET, ("192.0.2.1", PORT))


class Names:
    """A name server that answers with ``addresses``, or doesn't until it may."""

    def __init__(self, *addresses: Address) -> None:
        self.addresses = list(addresses)
        self.asked = 0
        self.may_answer = Event()
        self.may_answer.set()

    def __call__(self, _host: str, _port: int) -> list[Address]:
        self.asked += 1
        self.may_answer.wait()
        if not self.addresses:
            raise socket.gaierror
        return self.addresses


@pytest.fixture
def hanging() -> Iterator[Names]:
    names = Names(HERE)
    names.may_answer.clear()
    yield names
    names.may_answer.set()


def soon(seconds: float = 5.0) -> Deadline:
    return Deadline.after(seconds)


def reason(call: Callable[[], object]) -> Away:
    with pytest.raises(Unavailable) as found:
        call()
    return found.value.reason


def test_a_name_is_looked_up_once_a_minute() -> None:
    names, passed = Names(HERE), [0.0]
    resolver = Resolver(lookup=names, now=lambda: passed[0])
    assert resolver.addresses(HOST, PORT, soon()) == resolver.addresses(HOST, PORT, soon()) == [HERE]
    assert names.asked == 1
    passed[0] = KEPT_S
    resolver.addresses(HOST, PORT, soon())
    assert names.asked == 2


def test_a_name_that_is_not_there_is_looked_up_again() -> None:
    names = Names()
    resolver = Resolver(lookup=names)
    assert reason(lambda: resolver.addresses(HOST, PORT, soon())) is Away.UNREACHABLE
    names.addresses.append(HERE)
    assert resolver.addresses(HOST, PORT, soon()) == [HERE]


def test_a_name_server_that_hangs_costs_the_time_there_is_and_one_thread(hanging: Names) -> None:
    resolver = Resolver(lookup=hanging)
    for _ in range(20):
        assert reason(lambda: resolver.addresses(HOST, PORT, soon(0.01))) is Away.TIMEOUT
    assert [thread.name for thread in threading.enumerate()].count(f"look up {HOST}") == 1
    hanging.may_answer.set()
    assert resolver.addresses(HOST, PORT, soon()) == [HERE]
    assert hanging.asked == 1


def test_dials_the_next_address_where_one_does_not_answer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # and listens not
        resolver = Resolver(lookup=Names(*((socket.AF_INET, each.getsockname()) for each in (nobody, server))))
        with dial(HOST, PORT, soon(), resolver=resolver) as line:
            assert line.getpeername() == server.getsockname()
            assert 0 < (line.gettimeout() or 0) <= 5


def test_no_address_that_answers() -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        resolver = Resolver(lookup=Names((socket.AF_INET, nobody.getsockname())))
        assert reason(lambda: dial(HOST, PORT, soon(), resolver=resolver)) is Away.UNREACHABLE


def test_a_machine_that_takes_no_call_costs_the_time_there_is() -> None:
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        callers = [socket.socket() for _ in range(3)]
        try:
            for caller in callers:  # they fill its queue: whoever comes later waits
                caller.setblocking(False)
                caller.connect_ex(full.getsockname())
            resolver = Resolver(lookup=Names((socket.AF_INET, full.getsockname())))
            assert reason(lambda: dial(HOST, PORT, soon(0.2), resolver=resolver)) is Away.TIMEOUT
        finally:
            for caller in callers:
                caller.close()


def test_this_machine_by_its_name() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, dial("localhost", server.getsockname()[1], soon()) as line:
        assert line.getpeername() == server.getsockname()


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "::1", "localhost"])
def test_this_machine_is_known(host: str) -> None:
    assert is_this_machine(host)


@pytest.mark.parametrize("host", [EVERYBODY, "::", "192.0.2.1", "portal.example.org", ""])
def test_what_others_reach_is_known(host: str) -> None:
    assert not is_this_machine(host)
