"""What goes wrong on demand does so, and the journal tells what was done all the same."""

import time
from collections.abc import Iterator
from contextlib import suppress

import pytest

from simulators.library.faults import Fault, FaultKind
from simulators.library.simulator import LibrarySimulator
from tests.support.terminal import FERRY, LOGIN, NEVER, NOW, ROWAN, THEN, WHO, Terminal, checked

STATUS = checked("9900802.00", 4)
RENEWAL = checked(f"29NN{THEN}{NEVER}{WHO}AB{FERRY}|", 5)
ALWAYS = None


@pytest.fixture
def renewed(library: LibrarySimulator) -> Iterator[None]:
    """Whatever befell the answer: the renewal was done, once."""
    yield
    assert library.journal.renewals(FERRY) == library.journal.asked(FERRY) == 1
    assert [loan.renewed for loan in library.loans(ROWAN) if loan.item.barcode == FERRY] == [1]


@pytest.fixture
def not_renewed(library: LibrarySimulator) -> Iterator[None]:
    """The request arrived, and nothing was done."""
    yield
    assert library.journal.renewals(FERRY) == 0 and library.journal.asked(FERRY) == 1
    assert [loan.renewed for loan in library.loans(ROWAN) if loan.item.barcode == FERRY] == [0]


@pytest.mark.usefixtures("not_renewed")
def test_the_connection_drops_before_it_is_done(library: LibrarySimulator, terminal: Terminal) -> None:
    library.misbehave(Fault(FaultKind.DROP_BEFORE))
    terminal.send(RENEWAL)
    assert terminal.ends()


@pytest.mark.usefixtures("renewed")
def test_the_connection_drops_after_it_is_done(library: LibrarySimulator, terminal: Terminal) -> None:
    library.misbehave(Fault(FaultKind.DROP_AFTER))
    terminal.send(RENEWAL)
    assert terminal.ends()
    [entry] = library.journal.entries(item=FERRY)
    assert (entry.fault, entry.outcome) == ("drop-after", "renewed")


@pytest.mark.usefixtures("not_renewed")
def test_nothing_is_done_or_answered(library: LibrarySimulator, terminal: Terminal) -> None:
    library.misbehave(Fault(FaultKind.SILENT))
    terminal.send(RENEWAL)
    assert terminal.silent()
    assert terminal.ask(STATUS).startswith("98")


@pytest.mark.usefixtures("renewed")
def test_it_is_done_and_not_answered(library: LibrarySimulator, terminal: Terminal) -> None:
    library.misbehave(Fault(FaultKind.SILENT_AFTER))
    terminal.send(RENEWAL)
    assert terminal.silent()


@pytest.mark.usefixtures("not_renewed")
def test_96_is_the_answer(library: LibrarySimulator, terminal: Terminal) -> None:
    library.misbehave(Fault(FaultKind.ASK_AGAIN))
    assert terminal.ask(RENEWAL) == "96AZFEF6"


@pytest.mark.usefixtures("not_renewed")
def test_it_restarts(library: LibrarySimulator, terminal: Terminal) -> None:
    library.misbehave(Fault(FaultKind.RESTART, seconds=0.3))
    terminal.send(RENEWAL)
    assert terminal.ends()
    with pytest.raises(ConnectionRefusedError):
        Terminal(library.port)
    time.sleep(0.4)
    with Terminal(library.port) as again:
        assert again.ask(LOGIN) == "941"


def test_all_connections_end_in_a_restart(library: LibrarySimulator, terminal: Terminal) -> None:
    with Terminal(library.port) as other:
        other.ask(LOGIN)
        library.restart()
        assert terminal.ends() and other.ends()


@pytest.mark.usefixtures("renewed")
def test_a_slow_answer(library: LibrarySimulator, terminal: Terminal) -> None:
    library.misbehave(Fault(FaultKind.SLOW, seconds=0.3))
    terminal.send(RENEWAL)
    assert terminal.silent()
    assert library.journal.renewals(FERRY) == 1
    assert terminal.hear().startswith("301")


def test_a_late_deed(library: LibrarySimulator, terminal: Terminal) -> None:
    """It is done although who asked has gone."""
    library.misbehave(Fault(FaultKind.LATE, seconds=0.3))
    terminal.send(RENEWAL)
    assert terminal.silent()
    assert library.journal.renewals(FERRY) == 0
    terminal.__exit__(None, None, None)
    time.sleep(0.4)
    assert library.journal.renewals(FERRY) == 1


@pytest.mark.usefixtures("renewed")
@pytest.mark.parametrize("at_byte", [0, 1, 26, 60])
def test_an_answer_is_cut(library: LibrarySimulator, terminal: Terminal, at_byte: int) -> None:
    library.misbehave(Fault(FaultKind.CUT, at_byte=at_byte))
    terminal.send(RENEWAL)
    heard = b""
    while more := terminal.hear_packet():
        heard += more
    assert len(heard) == at_byte


@pytest.mark.usefixtures("renewed")
def test_one_byte_after_the_other(library: LibrarySimulator, terminal: Terminal) -> None:
    library.misbehave(Fault(FaultKind.TRICKLE, seconds=0.001))
    terminal.send(RENEWAL)
    assert len(terminal.hear_packet()) < 20
    assert terminal.hear().endswith(tuple("0123456789ABCDEF"))


@pytest.mark.usefixtures("renewed")
def test_several_packets(library: LibrarySimulator, terminal: Terminal) -> None:
    library.misbehave(Fault(FaultKind.SPLIT))
    terminal.send(RENEWAL)
    assert len(terminal.hear_packet()) < 20
    terminal.hear()


@pytest.mark.usefixtures("renewed")
def test_two_answers_in_one_packet(library: LibrarySimulator, terminal: Terminal) -> None:
    before = terminal.ask(STATUS)
    library.misbehave(Fault(FaultKind.TOGETHER))
    terminal.send(RENEWAL)
    first, second = terminal.hear_packet().decode().split("\r")[:2]
    assert first == before and second.startswith("301")


@pytest.mark.usefixtures("renewed")
def test_bytes_are_garbled(library: LibrarySimulator, terminal: Terminal) -> None:
    library.misbehave(Fault(FaultKind.GARBLE, count=3, at_byte=10))
    terminal.send(RENEWAL)
    garbled = terminal.hear_packet()
    right = terminal.ask("97AZFEF5").encode()
    assert [place for place in range(60) if garbled[place] != right[place]] == [10, 11, 12]


@pytest.mark.usefixtures("renewed")
def test_a_checksum_is_wrong(library: LibrarySimulator, terminal: Terminal) -> None:
    library.misbehave(Fault(FaultKind.WRONG_CHECKSUM))
    answer = terminal.ask(RENEWAL)
    assert answer != checked(answer.rsplit("AY", 1)[0], 5) and answer[:-4] == checked(answer.rsplit("AY", 1)[0], 5)[:-4]


@pytest.mark.usefixtures("renewed")
def test_an_earlier_sequence_number(library: LibrarySimulator, terminal: Terminal) -> None:
    library.misbehave(Fault(FaultKind.EARLIER))
    answer = terminal.ask(RENEWAL)
    assert answer == checked(answer.rsplit("AY", 1)[0], 4)


def test_connections_are_reset(library: LibrarySimulator) -> None:
    library.misbehave(Fault(FaultKind.REFUSE, times=2))
    for _ in range(2):
        with suppress(ConnectionResetError), Terminal(library.port) as refused:  # as soon as connecting, or just after
            assert refused.ends()
    with Terminal(library.port) as terminal:
        assert terminal.ask(LOGIN) == "941"


def test_nobody_listens(library: LibrarySimulator, terminal: Terminal) -> None:
    library.stop_listening()
    with pytest.raises(ConnectionRefusedError):
        Terminal(library.port)
    assert terminal.ask(STATUS).startswith("98")
    library.start()
    with Terminal(library.port) as again:
        assert again.ask(LOGIN) == "941"


def test_a_fault_befalls_some_messages_some_times(library: LibrarySimulator, terminal: Terminal) -> None:
    library.misbehave(Fault(FaultKind.ASK_AGAIN, times=2, messages=frozenset({"29"})))
    answers = [terminal.ask(sent)[:2] for sent in (STATUS, RENEWAL, STATUS, RENEWAL, RENEWAL)]
    assert answers == ["98", "96", "98", "96", "30"]
    assert library.planned_faults() == []


def test_a_fault_befalls_by_chance_that_can_be_repeated() -> None:
    drawn = []
    for _ in range(2):
        with LibrarySimulator(clock=lambda: NOW, seed=7) as library, Terminal(library.port) as terminal:
            terminal.ask(LOGIN)
            library.misbehave(Fault(FaultKind.ASK_AGAIN, times=ALWAYS, probability=0.3))
            drawn.append([terminal.ask(STATUS)[:2] for _ in range(50)])
            library.behave()
            assert terminal.ask(STATUS).startswith("98")
    assert drawn[0] == drawn[1] and 5 < drawn[0].count("96") < 25


def test_stopping_waits_for_nobody(library: LibrarySimulator, terminal: Terminal) -> None:
    library.misbehave(Fault(FaultKind.SLOW, seconds=60))
    terminal.send(STATUS)
    assert terminal.silent()
    began = time.monotonic()
    library.stop()
    assert time.monotonic() - began < 2 and library.connections == 0
