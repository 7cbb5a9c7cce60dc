"""What the library's database would hold."""

from dataclasses import dataclass, field
from datetime import date, datetime

from simulators.library.catalogue import Item, Title
from simulators.library.people import Borrower, HoldState, Owed


@dataclass(slots=True)
class Loan:
    """due: aware, the library's own time. renewed: how often so far."""

    item: Item
    card: str
    due: datetime
    renewed: int = 0


@dataclass(slots=True)
class Hold:
    """Somebody waits for a copy of a title; ``item`` is the copy that stands for it, or that was set aside.

    pick_up_by: the last day, for what is ready.
    """

    title: Title
    item: Item
    card: str
    since: datetime
    pickup: str
    state: HoldState = "waiting"
    pick_up_by: date | None = None


@dataclass(slots=True)
class Charge:
    pence: int
    what: str


@dataclass(slots=True)
class Account:
    """A borrower as they are today. pin: may be changed by the control."""

    borrower: Borrower
    pin: str
    born_on: date
    expires_on: date
    charges: list[Charge] = field(default_factory=list)

    @property
    def owed_pence(self) -> int:
        return sum(charge.pence for charge in self.charges)


def account_of(borrower: Borrower, today: date, expires_on: date) -> Account:
    charges = [_charge(owed) for owed in borrower.owes]
    return Account(borrower, borrower.pin, borrower.born.on(today), expires_on, charges)


def _charge(owed: Owed) -> Charge:
    return Charge(owed.pence, owed.what)
