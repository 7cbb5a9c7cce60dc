"""Connections to a library: encrypted, signed in, few, shared by patrons one after the other, and ended."""

import ssl
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import enumerate as all_threads
from time import monotonic, sleep

import pytest
import structlog

from portal.clock import SetClock
from portal.connectors.calling import Deadline, System
from portal.connectors.errors import Away, OutsideError, Refused, Unavailable
from portal.connectors.library import Card, Reason
from portal.connectors.library.sip2.adapter import Sip2Library
from portal.connectors.library.sip2.pool import UNUSED_S, Pool
from portal.connectors.library.sip2.site import site_of
from simulators.library.conversation import LOGIN_PASSWORD, LOGIN_USER
from simulators.library.dialects import dialect_named
from simulators.library.faults import Fault, FaultKind
from simulators.library.simulator import LibrarySimulator
from tests.support.certificates import certificate
from tests.support.sip2_library import SETTINGS, asking, site
from tests.support.terminal import FERRY

ROWAN, JUNIPER = Card("29999000004417", "2580"), Card("29999000000019", "1357")
WITHIN_S = 4.0


@pytest.fixture
def library(clock: SetClock) -> Iterator[LibrarySimulator]:
    with LibrarySimulator(clock=clock.now) as simulator:
        yield simulator


def said(library: LibrarySimulator) -> list[str]:
    """Return the ids of all that was asked, in order."""
    return [entry.message for entry in library.journal.entries()]


def is_kept_alive() -> bool:
    return any(thread.name == "library keep-alive" for thread in all_threads())


def soon(is_so: Callable[[], bool]) -> bool:
    until = monotonic() + 5
    while not is_so() and monotonic() < until:
        sleep(0.01)
    return is_so()


class TestSigningIn:
    def test_comes_first_and_once(self, library: LibrarySimulator, clock: SetClock) -> None:
        with asking(library, clock) as system:
            system.check()
            system.sign_in(ROWAN, within_s=WITHIN_S)
            assert said(library) == ["93", "99", "99", "63"] and library.connections_made == 1

    def test_is_left_out_where_the_site_wants_none(self, library: LibrarySimulator, clock: SetClock) -> None:
        library.use(library.dialect.changed({"login": "never"}))
        address = f"sip2://127.0.0.1:{library.port}/?login=no&status=no"
        system = Sip2Library(site_of(address), System("library", clock=clock), clock)
        system.check()
        assert system.sign_in(ROWAN, within_s=WITHIN_S).name
        system.close()
        assert said(library) == ["63"]

    @pytest.mark.parametrize("pin_told", ["if sent", "always", "never"])
    @pytest.mark.parametrize("personal", [True, False])
    def test_takes_a_pin_for_right_only_if_the_server_says_so(
        self, library: LibrarySimulator, clock: SetClock, pin_told: str, *, personal: bool
    ) -> None:
        library.use(library.dialect.changed({"pin_told": pin_told, "personal_with_wrong_pin": personal}))
        with asking(library, clock) as system:
            with pytest.raises(Refused) as refused:
                system.sign_in(Card(ROWAN.number, "9999"), within_s=WITHIN_S)
            assert refused.value.reason is Reason.WRONG_CARD_OR_PIN
            if pin_told == "never":
                with pytest.raises(Refused):
                    system.sign_in(ROWAN, within_s=WITHIN_S)

    def test_asks_with_23_where_63_is_not_to_be_had(self, library: LibrarySimulator, clock: SetClock) -> None:
        library.use(library.dialect.changed({"without": ["63"]}))
        with asking(library, clock) as system:
            assert system.sign_in(ROWAN, within_s=WITHIN_S).name == "Rowan Tarrick"
            with pytest.raises(Unavailable) as away:
                system.read(ROWAN, within_s=WITHIN_S)
        assert away.value.reason is Away.UNWILLING and "63" not in said(library), "BX says no: it is never sent"


class TestPatrons:
    def test_take_turns_and_each_is_ended_before_the_next(self, library: LibrarySimulator, clock: SetClock) -> None:
        with asking(library, clock, "connections=1&item-information=no") as system:
            for card in (ROWAN, ROWAN, JUNIPER):
                system.sign_in(card, within_s=WITHIN_S)
        assert said(library) == ["93", "99", "63", "63", "35", "63"] and library.connections_made == 1
        assert library.journal.entries(message="35")[0].card == ROWAN.number

    def test_are_not_ended_where_the_site_knows_no_such_thing(self, library: LibrarySimulator, clock: SetClock) -> None:
        with asking(library, clock, "connections=1&end-session=no") as system:
            for card in (ROWAN, JUNIPER):
                system.sign_in(card, within_s=WITHIN_S)
        assert "35" not in said(library)

    @pytest.mark.parametrize("kind", [FaultKind.SILENT, FaultKind.DROP_BEFORE, FaultKind.GARBLE])
    def test_do_not_wait_for_the_end_of_others(
        self, library: LibrarySimulator, clock: SetClock, kind: FaultKind
    ) -> None:
        with asking(library, clock, "connections=1") as system:
            system.sign_in(ROWAN, within_s=WITHIN_S)
            library.misbehave(Fault(kind, messages=frozenset({"35"}), at_byte=0))
            assert system.sign_in(JUNIPER, within_s=WITHIN_S).name == "Juniper Halse"

    def test_at_once_from_many_threads_get_their_own_answers(self, library: LibrarySimulator, clock: SetClock) -> None:
        names = {account.borrower.card: account.borrower.name for account in library.desk.accounts()}
        pins = {account.borrower.card: account.pin or "any" for account in library.desk.accounts()}
        cards = [Card(number, pin) for number, pin in pins.items() if number != "29999000000092"] * 10
        patient = System("library", clock=clock, at_once=8)
        with (
            asking(library, clock, "encoding=cp850", system=patient) as system,
            ThreadPoolExecutor(8) as threads,
        ):
            accounts = list(threads.map(lambda card: system.sign_in(card, within_s=20), cards))
            assert library.connections_made <= 2
        ascii_names = [(names[card.number], account.name) for card, account in zip(cards, accounts, strict=True)]
        assert all(named == told for named, told in ascii_names if named.isascii())


class TestConnections:
    def test_that_died_meanwhile_are_replaced_unnoticed(self, library: LibrarySimulator, clock: SetClock) -> None:
        with asking(library, clock) as system:
            system.sign_in(ROWAN, within_s=WITHIN_S)
            library.close_connections()
            assert soon(lambda: library.connections == 0)
            assert system.renew(ROWAN, FERRY, within_s=WITHIN_S).due_on
        assert library.connections_made == 2 and library.journal.renewals(FERRY) == 1

    def test_are_not_kept_where_they_are_not_to_be(self, library: LibrarySimulator, clock: SetClock) -> None:
        with asking(library, clock, "keep-alive=0") as system:
            system.read(ROWAN, within_s=WITHIN_S)
            assert soon(lambda: library.connections == 0)

    def test_to_a_server_that_takes_one_are_given_up_for_others(self, clock: SetClock) -> None:
        sierra = SETTINGS["sierra"]
        with (
            LibrarySimulator(dialect_named("sierra"), clock=clock.now) as library,
            asking(library, clock, sierra) as one,
            asking(library, clock, sierra) as other,
        ):
            for system in (one, other) * 3:
                assert len(system.read(ROWAN, within_s=WITHIN_S).loans) == 5

    def test_have_no_room_for_more_than_there_may_be(self, library: LibrarySimulator, clock: SetClock) -> None:
        pool = Pool(site(library, "connections=1"), clock)
        with pool.turn(None, Deadline.after(WITHIN_S)):
            with pytest.raises(Unavailable) as away, pool.turn(None, Deadline.after(0.05)):
                pass
            assert away.value.reason is Away.BUSY
        pool.close()

    def test_that_nobody_uses_are_asked_and_then_ended(self, library: LibrarySimulator, clock: SetClock) -> None:
        passed = [1000.0]
        pool = Pool(site(library, "keep-alive=240"), clock, now=lambda: passed[0])
        with pool.turn(None, Deadline.after(WITHIN_S)) as turn:
            turn.standing()
        pool.tend()
        assert said(library) == ["93", "99"], "it isn't silent for long yet"
        passed[0] += 240
        pool.tend()
        assert said(library) == ["93", "99", "99"] and library.connections == 1
        passed[0] += UNUSED_S
        pool.tend()
        assert said(library) == ["93", "99", "99"] and soon(lambda: library.connections == 0)
        pool.close()

    def test_are_kept_by_a_thread_that_ends_with_the_last(self, library: LibrarySimulator, clock: SetClock) -> None:
        with asking(library, clock, "keep-alive=1") as system:
            system.check()
            assert soon(lambda: said(library).count("99") >= 4) and is_kept_alive()
            library.stop_listening()
            library.close_connections()
            assert soon(lambda: not is_kept_alive())


class TestEncryption:
    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        certificate(tmp_path, "localhost")
        certificate(tmp_path, "portal")
        return tmp_path

    @pytest.fixture
    def encrypted(self, folder: Path, clock: SetClock) -> Iterator[LibrarySimulator]:
        """A library that speaks TLS, and wants to see the portal's certificate."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(folder / "portal.pem"))
        context.load_cert_chain(folder / "localhost.pem", folder / "localhost.key")
        context.verify_mode = ssl.CERT_REQUIRED
        with LibrarySimulator(clock=clock.now, tls=context) as library:
            yield library

    def system(self, library: LibrarySimulator, clock: SetClock, settings: str) -> Sip2Library:
        address = f"sip2://{LOGIN_USER}@127.0.0.1:{library.port}/?{settings}"
        return Sip2Library(site_of(address, password=LOGIN_PASSWORD), System("library", clock=clock), clock)

    def test_with_certificates_of_both(self, encrypted: LibrarySimulator, clock: SetClock, folder: Path) -> None:
        own = f"tls-certificate={folder}/portal.pem&tls-key={folder}/portal.key"
        system = self.system(
            encrypted, clock, f"tls=yes&tls-ca={folder}/localhost.pem&tls-name=localhost&{own}&{SETTINGS['standard']}"
        )
        assert len(system.read(ROWAN, within_s=WITHIN_S).loans) == 5
        assert system.renew(ROWAN, FERRY, within_s=WITHIN_S).due_on
        assert encrypted.connections_made == 1, "a session ticket that lies there is no noise"
        system.close()

    @pytest.mark.parametrize(
        "settings",
        [
            "tls=yes",
            "tls=yes&tls-ca={folder}/portal.pem&tls-name=localhost",
            "tls=yes&tls-ca={folder}/localhost.pem",
            "tls=yes&tls-ca={folder}/localhost.pem&tls-name=localhost",
            "tls=no",
        ],
        ids=["unknown", "another's", "another name", "nobody asks us", "in plain text"],
    )
    def test_that_does_not_hold_sends_no_password(
        self, encrypted: LibrarySimulator, clock: SetClock, folder: Path, settings: str
    ) -> None:
        system = self.system(encrypted, clock, settings.format(folder=folder))
        with pytest.raises(Unavailable) as away:
            system.check()
        assert away.value.reason is Away.UNREACHABLE and said(encrypted) == []


class TestWhatIsLogged:
    def test_holds_no_secret_and_nobody(self, library: LibrarySimulator, clock: SetClock) -> None:
        """Also of what goes wrong, and with all that is on the wire traced."""
        secrets = (ROWAN.number, ROWAN.pin or "", LOGIN_PASSWORD, LOGIN_USER, "Tarrick", "Ferry", FERRY, "Weir")
        with structlog.testing.capture_logs() as lines, asking(library, clock, trace=True) as system:
            system.read(ROWAN, within_s=WITHIN_S)
            library.misbehave(Fault(FaultKind.CUT, messages=frozenset({"29"}), at_byte=90))
            system.renew(ROWAN, FERRY, within_s=WITHIN_S)
            library.misbehave(Fault(FaultKind.GARBLE, times=9, messages=frozenset({"63"}), count=20))
            with pytest.raises(OutsideError) as error:
                system.read(Card(ROWAN.number, "9911"), within_s=WITHIN_S)
        traced = [str(line) for line in lines if line["event"] == "library.wire"]
        assert len(traced) > 30 and any("'63001" in line for line in traced)
        for secret in (*secrets, "9911"):
            assert not any(secret in str(line) for line in lines), secret
            assert secret not in str(error.value)

    def test_is_no_line_of_the_wire_by_default(self, library: LibrarySimulator, clock: SetClock) -> None:
        with structlog.testing.capture_logs() as lines, asking(library, clock) as system:
            system.check()
        assert "library.wire" not in {line["event"] for line in lines}
