"""The library as a whole: to start, to ask, to change, to break."""

import ssl
from collections.abc import Mapping
from datetime import date, datetime
from types import TracebackType
from typing import Self

from simulators.library.clock import Clock, system_clock
from simulators.library.conversation import LOGIN_PASSWORD, LOGIN_USER, Surroundings
from simulators.library.desk import Desk
from simulators.library.dialect import Dialect
from simulators.library.dialects import STANDARD
from simulators.library.faults import Fault, FaultPlan
from simulators.library.journal import Journal
from simulators.library.records import Account, Hold, Loan
from simulators.library.server import Server


class LibrarySimulator:
    """Use as a context manager: ``with LibrarySimulator() as library: … library.port …``.

    port: 0 takes a free one. users: who may sign in by 93, with their passwords. tls: with it, only TLS is spoken.
    seed: of chance, for faults that are not certain. desk, journal: what there is, and what was asked.
    """

    def __init__(
        self,
        dialect: Dialect = STANDARD,
        *,
        clock: Clock = system_clock,
        host: str = "127.0.0.1",
        port: int = 0,
        users: Mapping[str, str] | None = None,
        tls: ssl.SSLContext | None = None,
        seed: int = 1,
    ) -> None:
        self.host = host
        self.desk = Desk(clock)
        self.journal = Journal()
        self._faults = FaultPlan(seed)
        known = dict(users) if users is not None else {LOGIN_USER: LOGIN_PASSWORD}
        around = Surroundings(self.desk, self.journal, self._faults, known, self.restart)
        self._server = Server(around, dialect, host=host, port=port, tls=tls)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        self._server.listen()

    def stop(self) -> None:
        self._server.stop()

    # What it is like

    @property
    def port(self) -> int:
        return self._server.port

    @property
    def dialect(self) -> Dialect:
        return self._server.dialect

    @property
    def connections(self) -> int:
        """How many are open now."""
        return self._server.connections

    @property
    def connections_made(self) -> int:
        """How many there have been."""
        return self._server.made

    def use(self, dialect: Dialect) -> None:
        """Speak another dialect. Connections that there are end, as if the server had been set up anew."""
        self._server.dialect = dialect
        self._server.close_connections()

    # What goes wrong

    def misbehave(self, *faults: Fault) -> None:
        """Let faults befall the requests to come, besides those that were planned before."""
        self._faults.add(faults)

    def behave(self) -> None:
        """Forget all faults. What one has begun, such as a slow answer, goes on."""
        self._faults.clear()

    def reseed(self, seed: int) -> None:
        """Begin chance anew."""
        self._faults.chance.seed(seed)

    def planned_faults(self) -> list[tuple[Fault, int | None]]:
        """Return the faults to come, with how often still; None: always."""
        return self._faults.planned()

    def stop_listening(self) -> None:
        """Refuse connections until ``start``. Those that there are go on."""
        self._server.stop_listening()

    def close_connections(self) -> None:
        self._server.close_connections()

    def restart(self, seconds: float = 0.0) -> None:
        """Close all connections, and listen again after some seconds. What was lent and held stays."""
        self._server.restart(seconds)

    # What it holds

    def reset(self) -> None:
        """Set all as it is at the start, counted from today; forget journal and faults."""
        self.desk.reset()
        self.journal.clear()
        self.behave()

    def account(self, card: str) -> Account:
        """Raises KeyError if there is no such card."""
        account = self.desk.account(card)
        if account is None:
            raise KeyError(card)
        return account

    def loans(self, card: str) -> list[Loan]:
        return self.desk.loans(card)

    def holds(self, card: str) -> list[Hold]:
        return self.desk.holds(card)

    def due(self, item: str) -> datetime:
        """Return when a loan is due. Raises KeyError if the item isn't out."""
        loan = self.desk.loan(item)
        if loan is None:
            raise KeyError(item)
        return loan.due

    def lend(self, card: str, item: str, *, due: datetime | None = None) -> Loan:
        """Raises Refusal."""
        return self.desk.lend(card, item, due=due)

    def set_loan(self, item: str, *, due: datetime, renewed: int = 0) -> None:
        """Let a loan be due at another time, and have been renewed so often. Raises KeyError if the item isn't out."""
        with self.desk.lock:
            loan = self.desk.loan(item)
            if loan is None:
                raise KeyError(item)
            loan.due, loan.renewed = due, renewed

    def take_back(self, item: str) -> None:
        """Raises Refusal."""
        self.desk.take_back(item)

    def reserve(self, card: str, item: str, *, pickup: str = "") -> Hold:
        """Raises Refusal."""
        return self.desk.reserve(card, item, pickup=pickup)

    def make_ready(self, card: str, item: str, *, pick_up_by: date) -> Hold:
        """Raises Refusal."""
        return self.desk.make_ready(card, item, pick_up_by=pick_up_by)

    def charge(self, card: str, pence: int, what: str) -> None:
        """Raises Refusal."""
        self.desk.charge(card, pence, what)

    def set_pin(self, card: str, pin: str) -> None:
        """Raises Refusal."""
        self.desk.set_pin(card, pin)
