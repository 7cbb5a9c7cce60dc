"""The port to a library system: what can be asked of it, whatever it speaks.

SIP2 today; Koha's REST API and BIC's LCF fit behind it. Numbers of cards and items are texts as the system writes them.
No value here shows a card, a PIN or a title in its ``repr``: errors and logs hold none.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum
from typing import Protocol


class Reason(StrEnum):
    """Why a library system says no: the reason of a ``Refused``. Words are made of it at the web's edge."""

    WRONG_CARD_OR_PIN = "wrong-card-or-pin"
    PIN_NEEDED = "pin-needed"
    """It answers only with the PIN, and there is none at hand."""
    CARD_BLOCKED = "card-blocked"
    CARD_EXPIRED = "card-expired"
    CARD_LOST = "card-lost"
    RESERVED_BY_ANOTHER = "reserved-by-another"
    TOO_MANY_RENEWALS = "too-many-renewals"
    TOO_SOON = "too-soon"
    TOO_LATE = "too-late"
    OWES_TOO_MUCH = "owes-too-much"
    RECALLED = "recalled"
    NOT_ON_THIS_CARD = "not-on-this-card"
    NOT_RENEWABLE = "not-renewable"
    FEE = "fee"
    """It would cost something, which nobody has agreed to."""
    UNCHANGED = "unchanged"
    """It said yes, and nothing is different."""
    NOT_CANCELLABLE = "not-cancellable"
    NOT_CHANGEABLE = "not-changeable"
    NO_SUCH_BRANCH = "no-such-branch"
    OTHER = "other"


class Block(StrEnum):
    """Why a card may do less than usual."""

    EXPIRED = "expired"
    LOST = "lost"
    OWES_TOO_MUCH = "owes-too-much"
    TOO_MANY_LATE = "too-many-late"
    TOO_MANY_LOANS = "too-many-loans"
    TOO_MANY_LOST = "too-many-lost"
    RECALL_LATE = "recall-late"
    NO_BORROWING = "no-borrowing"
    NO_RENEWING = "no-renewing"
    NO_RESERVING = "no-reserving"


@dataclass(frozen=True, slots=True)
class Card:
    """Whom the system is asked about. pin: None where it isn't at hand; never empty.

    Raises ValueError for an empty number or PIN: some systems take an empty PIN for the right one.
    """

    number: str = field(repr=False)
    pin: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if not self.number.strip() or (self.pin is not None and not self.pin.strip()):
            raise ValueError("a card's number and its PIN are never empty")


@dataclass(frozen=True, slots=True)
class Account:
    """name: as the library has it, None if it doesn't say. expires_on: the card's last day. born_on: the borrower's.

    may_borrow: how many loans at once, None if it doesn't say. owes_pence: in all, None if it doesn't say.
    """

    name: str | None = field(repr=False)
    blocks: frozenset[Block] = frozenset()
    expires_on: date | None = None
    born_on: date | None = field(default=None, repr=False)
    may_borrow: int | None = None
    owes_pence: int | None = None


@dataclass(frozen=True, slots=True)
class Loan:
    """item: the barcode. due_on, due_at: the library's local day and time; None where it sends text that is no date
    (then ``due_text`` is that text) or no time. is_late: as the library says, else by the day.

    due_as_of: when the system said that day, where it is kept of an earlier answer; no system sets it.
    """

    item: str = field(repr=False)
    title: str = field(repr=False)
    due_on: date | None = None
    due_at: time | None = None
    due_text: str = ""
    is_late: bool = False
    due_as_of: datetime | None = None


class HoldState(StrEnum):
    WAITING = "waiting"
    ON_ITS_WAY = "on-its-way"
    READY = "ready"


@dataclass(frozen=True, slots=True)
class Hold:
    """id: names the hold towards the system. place: in the queue, 1 is next. branch: code of where it is picked up.

    last_day: until when it is kept ready, or wanted; None if the system doesn't say.
    """

    id: str = field(repr=False)
    title: str = field(repr=False)
    state: HoldState = HoldState.WAITING
    place: int | None = None
    branch: str | None = None
    last_day: date | None = None


@dataclass(frozen=True, slots=True)
class Charge:
    """One thing owed. text: the library's own. pence: None where the system says it in words alone."""

    text: str = field(repr=False)
    pence: int | None = None


@dataclass(frozen=True, slots=True)
class Borrower:
    """All that a library system says of one card. Loans come soonest due first, holds ready first."""

    account: Account
    loans: tuple[Loan, ...] = ()
    holds: tuple[Hold, ...] = ()
    charges: tuple[Charge, ...] = ()


@dataclass(frozen=True, slots=True)
class Renewed:
    """due_on, due_at, due_text: as in ``Loan``."""

    item: str = field(repr=False)
    due_on: date | None = None
    due_at: time | None = None
    due_text: str = ""


@dataclass(frozen=True, slots=True)
class Abilities:
    """What a system can do; pages show nothing else.

    needs_pin: it says nothing of a card without its PIN. itemised_charges: it says what each charge is for.
    """

    renew: bool = True
    cancel_hold: bool = True
    change_pickup: bool = False
    needs_pin: bool = False
    itemised_charges: bool = True


class LibrarySystem(Protocol):
    """One library system. Every call ends within the deadline of its caller, and may raise

    Refused (with a ``Reason``), Unavailable (nothing was sent, or only a question: asking again is safe), Garbled.
    """

    @property
    def abilities(self) -> Abilities: ...

    def check(self) -> None:
        """Reach the system and hear that it works. Raises Unavailable, Garbled."""
        ...

    def sign_in(self, card: Card, *, within_s: float) -> Account:
        """Return whose card this is, if the PIN belongs to it. Raises Refused (``wrong-card-or-pin``, whichever is
        wrong); ValueError without a PIN.
        """
        ...

    def read(self, card: Card, *, within_s: float) -> Borrower:
        """Return all that the system says of a card. Raises Refused (``pin-needed`` among others)."""
        ...

    def renew(self, card: Card, item: str, *, within_s: float) -> Renewed:
        """Renew one loan. Raises Unknown too: it was sent, the answer was lost, and reading again didn't settle it."""
        ...

    def cancel_hold(self, card: Card, hold: str, *, within_s: float) -> None:
        """Cancel one hold. Raises Unknown, as ``renew``."""
        ...

    def change_pickup(self, card: Card, hold: str, branch: str, *, within_s: float) -> None:
        """Have a hold brought to another branch. Raises Unknown, as ``renew``; Refused where it can't be done."""
        ...
