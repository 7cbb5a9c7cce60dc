"""A library system made by hand: it passes the port's contract suite, and misbehaves when told to."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import count

from portal.clock import Clock
from portal.connectors.errors import OutsideError, Refused, Unknown
from portal.connectors.library import (
    Abilities,
    Account,
    Block,
    Borrower,
    Card,
    Charge,
    Hold,
    HoldState,
    Loan,
    Reason,
    Renewed,
)

LOAN_SPAN = timedelta(days=21)
BRANCHES = ("CEN", "WEA")
CARD = Card("29999000009001", "quince-4321")
"""One that has nothing at first."""
CHILDS = Card("29999000009019", "medlar-8765")


@dataclass
class Reader:
    """Whoever holds a card of the fake."""

    pin: str
    account: Account
    loans: dict[str, Loan] = field(default_factory=dict)
    holds: dict[str, Hold] = field(default_factory=dict)
    charges: list[Charge] = field(default_factory=list)

    def borrower(self) -> Borrower:
        soonest = sorted(self.loans.values(), key=lambda loan: loan.due_on or date.max)
        ready = sorted(self.holds.values(), key=lambda hold: hold.state is not HoldState.READY)
        return Borrower(self.account, tuple(soonest), tuple(ready), tuple(self.charges))


class FakeLibrary:
    """``LibrarySystem`` in memory. asked: each call's name and thing, in order.

    fails: raised by the next calls, one each. loses: so many writes are done, and their answers lost.
    """

    def __init__(self, clock: Clock, abilities: Abilities | None = None) -> None:
        self.clock = clock
        self.abilities = abilities or Abilities(change_pickup=True)
        self.readers = {
            CARD.number: Reader(CARD.pin or "", Account(name="Mary Example")),
            CHILDS.number: Reader(CHILDS.pin or "", Account(name="Pip Example", born_on=date(2018, 3, 14))),
        }
        self.reserved: set[str] = set()
        self.asked: list[tuple[str, str]] = []
        self.fails: list[OutsideError] = []
        self.loses = 0
        self.during: Callable[[], None] = lambda: None
        self._numbers = count(1)

    # ---- What tests arrange

    @property
    def today(self) -> date:
        return self.clock.now().date()

    def lend(self, card: Card, title: str = "A Ferry for Tuesday", *, due_in: int = 7) -> str:
        """Lend something and return its item number. due_in: days from today."""
        item = f"B{next(self._numbers):04}"
        due_on = self.today + timedelta(days=due_in)
        self.readers[card.number].loans[item] = Loan(item, title, due_on=due_on, is_late=due_in < 0)
        return item

    def hold(self, card: Card, title: str = "Nobody’s Tide", **given: object) -> str:
        hold = Hold(f"H{next(self._numbers):04}", title, place=1, branch=BRANCHES[0])
        self.readers[card.number].holds[hold.id] = replace(hold, **given)  # type: ignore[arg-type]  # fields of a hold
        return hold.id

    def asked_for(self, what: str) -> list[str]:
        """Return the things that one method was called for, in order."""
        return [thing for name, thing in self.asked if name == what]

    # ---- The port

    def check(self) -> None:
        self._begin("check", "")

    def sign_in(self, card: Card, *, within_s: float) -> Account:
        if card.pin is None:
            raise ValueError("signing in takes a PIN")
        with self._call("sign_in", "", within_s):
            return self._reader(card).account

    def read(self, card: Card, *, within_s: float) -> Borrower:
        with self._call("read", "", within_s):
            return self._reader(card).borrower()

    def renew(self, card: Card, item: str, *, within_s: float) -> Renewed:
        with self._call("renew", item, within_s):
            reader = self._reader(card)
            if item not in reader.loans:
                raise Refused(Reason.NOT_ON_THIS_CARD)
            if reader.account.blocks:
                raise Refused(Reason.CARD_BLOCKED)
            if item in self.reserved:
                raise Refused(Reason.RESERVED_BY_ANOTHER)
            due_on = self.today + LOAN_SPAN
            if reader.loans[item].due_on == due_on:
                raise Refused(Reason.UNCHANGED)
            reader.loans[item] = replace(reader.loans[item], due_on=due_on, is_late=False)
            self._answer()
            return Renewed(item, due_on=due_on)

    def cancel_hold(self, card: Card, hold: str, *, within_s: float) -> None:
        with self._call("cancel_hold", hold, within_s):
            reader = self._reader(card)
            if hold not in reader.holds:
                raise Refused(Reason.NOT_CANCELLABLE)
            del reader.holds[hold]
            self._answer()

    def change_pickup(self, card: Card, hold: str, branch: str, *, within_s: float) -> None:
        with self._call("change_pickup", hold, within_s):
            reader = self._reader(card)
            if not self.abilities.change_pickup or hold not in reader.holds:
                raise Refused(Reason.NOT_CHANGEABLE)
            if branch not in BRANCHES:
                raise Refused(Reason.NO_SUCH_BRANCH)
            if reader.holds[hold].state is not HoldState.WAITING:
                raise Refused(Reason.NOT_CHANGEABLE)
            reader.holds[hold] = replace(reader.holds[hold], branch=branch)
            self._answer()

    # ---- How it behaves

    @contextmanager
    def _call(self, name: str, thing: str, within_s: float) -> Iterator[None]:
        if within_s <= 0:
            raise ValueError("a call takes some time")
        self._begin(name, thing)
        yield

    def _begin(self, name: str, thing: str) -> None:
        self.asked.append((name, thing))
        self.during()
        if self.fails:
            raise self.fails.pop(0)

    def _answer(self) -> None:
        if self.loses:
            self.loses -= 1
            raise Unknown("the answer was lost")

    def _reader(self, card: Card) -> Reader:
        reader = self.readers.get(card.number)
        if card.pin is None and self.abilities.needs_pin:
            raise Refused(Reason.PIN_NEEDED)
        if reader is None or card.pin not in (None, reader.pin):
            raise Refused(Reason.WRONG_CARD_OR_PIN)
        return reader


class FakeUnderTest:
    """The fake, as the contract suite arranges it."""

    card = CARD
    branches = BRANCHES

    def __init__(self, clock: Clock) -> None:
        self.system = FakeLibrary(clock)
        self.today = self.system.today

    def lend(self, *, due_in: int) -> str:
        return self.system.lend(CARD, due_in=due_in)

    def reserve_for_another(self, item: str) -> None:
        self.system.reserved.add(item)

    def hold(self) -> str:
        return self.system.hold(CARD)

    def make_ready(self, hold: str, *, last_day: date) -> None:
        holds = self.system.readers[CARD.number].holds
        holds[hold] = replace(holds[hold], state=HoldState.READY, last_day=last_day)

    def charge(self, pence: int, text: str) -> None:
        self.system.readers[CARD.number].charges.append(Charge(text, pence))

    def block(self) -> None:
        reader = self.system.readers[CARD.number]
        reader.account = replace(reader.account, blocks=frozenset({Block.OWES_TOO_MUCH, Block.NO_RENEWING}))
