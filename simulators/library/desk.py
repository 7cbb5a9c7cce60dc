"""The library's desk: all that is lent, held and owed, and what is done to it. One thing at a time."""

from collections.abc import Iterable
from datetime import date, datetime
from threading import RLock

from simulators.library import catalogue, rules
from simulators.library.catalogue import BRANCHES, Item
from simulators.library.clock import Clock, days, end_of, local
from simulators.library.people import BORROWERS, Borrower, Lent, Reserved
from simulators.library.records import Account, Charge, Hold, Loan, account_of
from simulators.library.wording import Reason, Refusal


class Desk:
    """Whoever calls more than one method in a row holds ``lock``."""

    def __init__(self, clock: Clock, borrowers: Iterable[Borrower] = BORROWERS) -> None:
        self.lock = RLock()
        self._clock = clock
        self._borrowers = tuple(borrowers)
        self.reset()

    def reset(self) -> None:
        """Set everything as it is in ``people``, counted from today."""
        with self.lock:
            today = self.today
            self._accounts = {
                one.card: account_of(one, today, today + days(one.expires)) for one in self._borrowers
            }  # fmt: skip
            self._loans = {
                loan.item.barcode: loan
                for one in self._borrowers
                for loan in (_loan(one, lent, today) for lent in one.loans)
            }
            self._holds = [self._hold(one, reserved) for one in self._borrowers for reserved in one.holds]

    # What there is

    @property
    def now(self) -> datetime:
        """The present moment, aware."""
        return self._clock()

    @property
    def today(self) -> date:
        return local(self.now).date()

    def accounts(self) -> list[Account]:
        return list(self._accounts.values())

    def account(self, card: str) -> Account | None:
        return self._accounts.get(card)

    def item(self, barcode: str) -> Item | None:
        return catalogue.items().get(barcode)

    def loan(self, barcode: str) -> Loan | None:
        return self._loans.get(barcode)

    def loans(self, card: str) -> list[Loan]:
        """Return what is out on a card, soonest due first."""
        with self.lock:
            mine = [loan for loan in self._loans.values() if loan.card == card]
        return sorted(mine, key=lambda loan: (loan.due, loan.item.barcode))

    def holds(self, card: str) -> list[Hold]:
        """Return the holds of a card, oldest first."""
        with self.lock:
            return sorted((hold for hold in self._holds if hold.card == card), key=lambda hold: hold.since)

    def queue(self, item: Item) -> list[Hold]:
        """Return all holds on an item's title, first come first."""
        with self.lock:
            return sorted((hold for hold in self._holds if hold.title == item.title), key=lambda hold: hold.since)

    def place(self, hold: Hold) -> int:
        """Return the place in the queue, from 1; 0 for what waits no more."""
        waiting = [one for one in self.queue(hold.item) if one.state == "waiting"]
        return waiting.index(hold) + 1 if hold in waiting else 0

    def set_aside(self, item: Item) -> Hold | None:
        """Return the hold that this very copy is ready for, or on its way to."""
        with self.lock:
            found = [hold for hold in self._holds if hold.item == item and hold.state != "waiting"]
        return found[0] if found else None

    # What is done

    def renew(
        self, card: str, barcode: str, *, fee_agreed: bool = False, due: datetime | None = None, keep_date: bool = False
    ) -> Loan:
        """Renew a loan. due: instead of what the rules give. keep_date: only say so. Raises Refusal."""
        with self.lock:
            account = self._known(card)
            loan = self._lent_to(card, barcode)
            rules.check_renewal(loan, account, self.queue(loan.item), today=self.today, fee_agreed=fee_agreed)
            if keep_date:
                return loan
            loan.due = due or rules.new_due(self.today)
            loan.renewed += 1
            if loan.item.title.kind == "film":
                account.charges.append(Charge(rules.FILM_FEE_PENCE, f"Renewal fee: {loan.item.title.name}"))
            return loan

    def lend(self, card: str, barcode: str, *, due: datetime | None = None) -> Loan:
        """Lend an item; a hold of the same card on it is met. Raises Refusal."""
        with self.lock:
            rules.check_loan(self._known(card), self.loans(card), self.today)
            item = self._existing(barcode)
            if barcode in self._loans:
                raise Refusal(Reason.ON_LOAN)
            mine = [hold for hold in self.queue(item) if hold.card == card]
            aside = self.set_aside(item)
            if aside and aside.card != card:
                raise Refusal(Reason.RESERVED)
            self._holds = [hold for hold in self._holds if hold not in mine]
            self._loans[barcode] = Loan(item, card, due or rules.new_due(self.today))
            return self._loans[barcode]

    def take_back(self, barcode: str) -> Loan:
        """Check an item in. Raises Refusal if it isn't out."""
        with self.lock:
            self._existing(barcode)
            if barcode not in self._loans:
                raise Refusal(Reason.NOT_ON_LOAN)
            return self._loans.pop(barcode)

    def reserve(self, card: str, barcode: str, *, pickup: str = "") -> Hold:
        """Put a card into the queue for a title. pickup: the card's own branch if empty. Raises Refusal."""
        with self.lock:
            account, item = self._known(card), self._existing(barcode)
            if blocked := rules.blocked_by(account, self.today):
                raise Refusal(blocked)
            if any(hold.card == card for hold in self.queue(item)):
                raise Refusal(Reason.HELD_ALREADY)
            hold = Hold(item.title, item, card, self.now, _branch(pickup or account.borrower.home))
            self._holds.append(hold)
            return hold

    def cancel(self, card: str, barcode: str) -> Hold:
        """Take a card out of a queue. Raises Refusal."""
        with self.lock:
            hold = self._held_by(card, barcode)
            self._holds.remove(hold)
            return hold

    def change_pickup(self, card: str, barcode: str, pickup: str) -> Hold:
        """Send what waits to another branch. Raises Refusal, also once it is on its way."""
        with self.lock:
            hold = self._held_by(card, barcode)
            branch = _branch(pickup)
            if hold.state != "waiting":
                raise Refusal(Reason.TOO_LATE)
            hold.pickup = branch
            return hold

    def make_ready(self, card: str, barcode: str, *, pick_up_by: date) -> Hold:
        """Set a copy aside for a card that waits for it. Raises Refusal."""
        with self.lock:
            hold = self._held_by(card, barcode)
            hold.state, hold.pick_up_by = "ready", pick_up_by
            return hold

    def pay(self, card: str, pence: int) -> None:
        """Take a payment towards the oldest charges first. Raises Refusal if it is more than is owed."""
        with self.lock:
            account = self._known(card)
            if pence > account.owed_pence:
                raise Refusal(Reason.NOT_OWED)
            for charge in account.charges:
                paid = min(pence, charge.pence)
                charge.pence -= paid
                pence -= paid
            account.charges = [charge for charge in account.charges if charge.pence]

    def charge(self, card: str, pence: int, what: str) -> None:
        with self.lock:
            self._known(card).charges.append(Charge(pence, what))

    def set_pin(self, card: str, pin: str) -> None:
        """Raises Refusal if there is no such card."""
        with self.lock:
            self._known(card).pin = pin

    # What the above is made of

    def _known(self, card: str) -> Account:
        if card not in self._accounts:
            raise Refusal(Reason.UNKNOWN_CARD)
        return self._accounts[card]

    def _existing(self, barcode: str) -> Item:
        item = self.item(barcode)
        if item is None:
            raise Refusal(Reason.UNKNOWN_ITEM)
        return item

    def _lent_to(self, card: str, barcode: str) -> Loan:
        self._existing(barcode)
        loan = self._loans.get(barcode)
        if loan is None or loan.card != card:
            raise Refusal(Reason.NOT_ON_LOAN)
        return loan

    def _held_by(self, card: str, barcode: str) -> Hold:
        self._known(card)
        for hold in self.queue(self._existing(barcode)):
            if hold.card == card:
                return hold
        raise Refusal(Reason.NO_HOLD)

    def _hold(self, borrower: Borrower, reserved: Reserved) -> Hold:
        title = catalogue.named(reserved.title)
        item = catalogue.copies_of(title)[reserved.copy - 1]
        last = self.today + days(reserved.pick_up_by) if reserved.state == "ready" else None
        since = self.now - days(reserved.since)
        return Hold(title, item, borrower.card, since, reserved.pickup, reserved.state, last)


def _loan(borrower: Borrower, lent: Lent, today: date) -> Loan:
    item = catalogue.copies_of(catalogue.named(lent.title))[lent.copy - 1]
    return Loan(item, borrower.card, end_of(today + days(lent.due)), lent.renewed)


def _branch(code: str) -> str:
    if code not in BRANCHES:
        raise Refusal(Reason.NO_BRANCH)
    return code
