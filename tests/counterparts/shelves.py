"""The invented library that every counterpart serves: its borrowers, and what they have, wait for and owe.

Standard library only: a counterpart imports this in an environment that has nothing of the portal. The library's day
stands still, so that its due dates can be told beforehand.
"""

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import count

NOW = datetime(2026, 11, 24, 10, 0)  # noqa: DTZ001 -- local, as all that SIP2 says
INSTITUTION, USER, PASSWORD = "WEIRSIDE", "weirside-portal", "rope-and-lantern-9"
NAME = "Weirside Library"
LOAN_FOR = timedelta(days=21)

PEMBREY, PEMBREY_PIN = "21984000001132", "7315"
WRAYE, WRAYE_PIN = "21984000002247", "4406"
"""Barred."""
VALE, VALE_PIN = "21984000003362", "9051"
"""Has nothing."""
SALT, CAFE, KITE, LANTERNS = "31984000000118", "31984000000226", "31984000000334", "31984000000442"
"""Loans of Pembrey's: renewable; four days late, renewable; reserved by somebody else; at its limit of renewals."""
LARCHES, FERRY = "31984000000550", "31984000000668"
"""Holds of Pembrey's: ready; second in the queue."""
UNKNOWN_ITEM = "31984000009999"


@dataclass(frozen=True)
class Refusal:
    """Why something isn't done, as the library tells it."""

    text: str


RESERVED = Refusal("Item is reserved by another borrower")


@dataclass
class Loan:
    item: str
    due: datetime
    refusal: Refusal | None = None

    @property
    def late(self) -> bool:
        return self.due < NOW


@dataclass
class Hold:
    """place: in the queue, 0 once it is ready: then it is kept until the ``last_day``."""

    item: str
    place: int
    branch: str
    last_day: date | None = None


@dataclass
class Charge:
    item: str
    text: str
    pence: int


@dataclass
class Borrower:
    card: str
    pin: str
    name: str
    barred: bool = False
    loans: list[Loan] = field(default_factory=list)
    holds: list[Hold] = field(default_factory=list)
    charges: list[Charge] = field(default_factory=list)

    @property
    def owes(self) -> str:
        return f"{sum(charge.pence for charge in self.charges) / 100:.2f}"

    def loan(self, item: str) -> Loan | None:
        return next((loan for loan in self.loans if loan.item == item), None)

    def hold(self, item: str) -> Hold | None:
        return next((hold for hold in self.holds if hold.item == item), None)

    def ready(self) -> list[str]:
        return [hold.item for hold in self.holds if hold.place == 0]

    def waiting(self) -> list[str]:
        return [hold.item for hold in self.holds if hold.place]

    def renew(self, item: str) -> Loan | Refusal:
        loan = self.loan(item)
        if loan is None:
            return Refusal("Item is not on loan to this borrower")
        refusal = Refusal("Borrower is barred") if self.barred else loan.refusal
        if refusal is None:
            loan.due = _closing(NOW + LOAN_FOR)
        return refusal or loan


class Library:
    """titles: by item. Whatever changes it can be told to a counterpart (see ``obey``)."""

    def __init__(self) -> None:
        self.begin_again()

    def begin_again(self) -> None:
        """Make everything what it was at first."""
        self.titles = {
            SALT: "Salt on the Groyne",
            CAFE: "A café by the weir",
            KITE: "The Kite Ledger",
            LANTERNS: "Small Lanterns",
            LARCHES: "Under the Larches",
            FERRY: "The Ninth Ferry",
        }
        self.borrowers = {borrower.card: borrower for borrower in _borrowers()}
        self._unused = (f"319840001{number:05}" for number in count())

    def lend(self, *, card: str, due: str) -> str:
        """Lend something new, and return its number. due: the day, as ISO 8601 has it."""
        item = self._another()
        self.borrowers[card].loans.append(Loan(item, _closing(date.fromisoformat(due))))
        return item

    def reserve_for_another(self, *, item: str) -> None:
        loan = self.loan_of(item)
        assert loan
        loan.refusal = RESERVED

    def hold(self, *, card: str, branch: str) -> str:
        """Reserve something new, and return its number."""
        item = self._another()
        self.borrowers[card].holds.append(Hold(item, 1, branch))
        return item

    def make_ready(self, *, item: str, last_day: str) -> None:
        hold = self.hold_of(item)
        assert hold
        hold.place, hold.last_day = 0, date.fromisoformat(last_day)

    def charge(self, *, card: str, pence: int, text: str) -> None:
        self.borrowers[card].charges.append(Charge(self._another(), text, pence))

    def bar(self, *, card: str) -> None:
        self.borrowers[card].barred = True

    def _another(self) -> str:
        item = next(self._unused)
        self.titles[item] = f"The Weirside Almanac, volume {item[-3:]}"
        return item

    def with_pin(self, card: str, pin: str) -> bool:
        borrower = self.borrowers.get(card)
        return borrower is not None and borrower.pin == pin

    def loan_of(self, item: str) -> Loan | None:
        """Return the loan of an item, whoever has it."""
        return next(filter(None, (borrower.loan(item) for borrower in self.borrowers.values())), None)

    def hold_of(self, item: str) -> Hold | None:
        """Return the hold on an item, whosever it is."""
        return next(filter(None, (borrower.hold(item) for borrower in self.borrowers.values())), None)


def _borrowers() -> Iterator[Borrower]:
    yield Borrower(
        PEMBREY,
        PEMBREY_PIN,
        "Siân Pembrey",
        loans=[
            Loan(SALT, _closing(NOW + timedelta(days=7))),
            Loan(CAFE, _closing(NOW - timedelta(days=4))),
            Loan(KITE, _closing(NOW + timedelta(days=3)), RESERVED),
            Loan(LANTERNS, _closing(NOW + timedelta(days=6)), Refusal("Item has reached maximum renewals")),
        ],
        holds=[Hold(LARCHES, 0, "MILL", date(2026, 11, 28)), Hold(FERRY, 2, "MILL")],
        charges=[Charge(CAFE, "Late: A café by the weir", 240)],
    )
    yield Borrower(WRAYE, WRAYE_PIN, "Ellis Wraye", barred=True, charges=[Charge(UNKNOWN_ITEM, "Lost: a book", 3150)])
    yield Borrower(VALE, VALE_PIN, "Idris Vale")


def _closing(day: date) -> datetime:
    return datetime.combine(day, time(23, 59))


def obey(library: Library, *, port: int) -> None:
    """Say on which port the library is served; then do what standard input says, until it ends.

    Each line of it is JSON: the name of a method of the library, and what it is given by name. What it returns is said.
    """
    _say(port)
    for line in sys.stdin:
        name, given = json.loads(line)
        _say(getattr(library, name)(**given))


def _say(what: object) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()
