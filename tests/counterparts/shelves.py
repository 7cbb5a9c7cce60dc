"""The invented library that every counterpart serves: two borrowers, and what they have, wait for and owe.

Standard library only: a counterpart imports this in an environment that has nothing of the portal. The library's day
stands still, so that its due dates can be told beforehand.
"""

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

NOW = datetime(2026, 11, 24, 10, 0)  # noqa: DTZ001 -- local, as all that SIP2 says
INSTITUTION, USER, PASSWORD = "WEIRSIDE", "weirside-portal", "rope-and-lantern-9"
NAME = "Weirside Library"
LOAN_FOR = timedelta(days=21)

PEMBREY, PEMBREY_PIN = "21984000001132", "7315"
WRAYE, WRAYE_PIN = "21984000002247", "4406"
SALT, CAFE, KITE, LANTERNS = "31984000000118", "31984000000226", "31984000000334", "31984000000442"
"""Loans of Pembrey's: renewable; four days late, renewable; reserved by somebody else; at its limit of renewals."""
LARCHES, FERRY = "31984000000550", "31984000000668"
"""Holds of Pembrey's: ready; second in the queue."""
UNKNOWN_ITEM = "31984000009999"


@dataclass(frozen=True)
class Refusal:
    """Why something isn't done, as the library tells it."""

    text: str


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
    """place: in the queue, 0 once it is ready."""

    item: str
    place: int
    branch: str


@dataclass
class Borrower:
    """owes_pence: by item."""

    card: str
    pin: str
    name: str
    barred: bool = False
    loans: list[Loan] = field(default_factory=list)
    holds: list[Hold] = field(default_factory=list)
    owes_pence: dict[str, int] = field(default_factory=dict)

    @property
    def owes(self) -> str:
        return f"{sum(self.owes_pence.values()) / 100:.2f}"

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
    """titles: by item."""

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

    def with_pin(self, card: str, pin: str) -> bool:
        borrower = self.borrowers.get(card)
        return borrower is not None and borrower.pin == pin

    def loan_of(self, item: str) -> Loan | None:
        """Return the loan of an item, whoever has it."""
        return next(
            (loan for borrower in self.borrowers.values() for loan in borrower.loans if loan.item == item), None
        )


def _borrowers() -> Iterator[Borrower]:
    yield Borrower(
        PEMBREY,
        PEMBREY_PIN,
        "Siân Pembrey",
        loans=[
            Loan(SALT, _closing(NOW + timedelta(days=7))),
            Loan(CAFE, _closing(NOW - timedelta(days=4))),
            Loan(KITE, _closing(NOW + timedelta(days=3)), Refusal("Item is reserved by another borrower")),
            Loan(LANTERNS, _closing(NOW + timedelta(days=6)), Refusal("Item has reached maximum renewals")),
        ],
        holds=[Hold(LARCHES, 0, "MILL"), Hold(FERRY, 2, "MILL")],
        owes_pence={CAFE: 240},
    )
    yield Borrower(WRAYE, WRAYE_PIN, "Ellis Wraye", barred=True, owes_pence={UNKNOWN_ITEM: 3150})


def _closing(day: datetime) -> datetime:
    return day.replace(hour=23, minute=59, second=0)


def obey(library: Library, *, port: int) -> None:
    """Say on which port the library is served, until standard input ends. Each line of it makes the library as new."""
    _say(port)
    for _ in sys.stdin:
        library.begin_again()
        _say(port)


def _say(port: int) -> None:
    sys.stdout.write(json.dumps({"port": port}) + "\n")
    sys.stdout.flush()
