"""What is asked about one card, in its turn: who it is, what is out, what waits, what is owed."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from portal.clock import Clock
from portal.connectors.errors import Garbled, Refused, Unavailable
from portal.connectors.library import Account, Borrower, Card, Reason
from portal.connectors.library.sip2 import records
from portal.connectors.library.sip2.dialect import Dialect, HoldCount, Listed
from portal.connectors.library.sip2.errors import UnsendableValue
from portal.connectors.library.sip2.fields import Summary
from portal.connectors.library.sip2.messages import ItemInformationAnswer, PatronInformationAnswer, PatronStatusAnswer
from portal.connectors.library.sip2.pool import Turn
from portal.connectors.library.sip2.requests import Requests
from portal.connectors.library.sip2.titles import Titles

MOST_LISTED = 200
"""Of each kind, whatever a server counts."""
MOST_ITEMS = 50
"""So many items are asked about, one by one."""
MOST_ODD = 2
"""After so many answers about items that make no sense, no more are asked about."""


class Questions:
    """turn: the card's. Each method raises Refused, Unavailable, Garbled, UnsendableValue."""

    def __init__(self, turn: Turn, card: Card, *, dialect: Dialect, clock: Clock, titles: Titles) -> None:
        self.turn, self.dialect, self.requests = turn, dialect, Requests(dialect)
        self._card, self._clock, self._titles = card, clock, titles

    @property
    def now(self) -> datetime:
        return self._clock.now()

    @property
    def today(self) -> date:
        """The library's."""
        return self.now.astimezone(self.dialect.zone).date()

    def account(self) -> Account:
        """Return whose card it is, if the server says that the PIN is right: nothing else proves it."""
        if self.turn.supports("63") is not False:
            return self._proven(self._information())
        asked = self.requests.patron_status(card=self._card.number, pin=self._card.pin or "", at=self.now)
        return self._proven(self.turn.ask(asked))

    def _proven(self, answer: PatronInformationAnswer | PatronStatusAnswer) -> Account:
        if answer.valid_card is False or answer.valid_pin is not True:
            raise Refused(Reason.WRONG_CARD_OR_PIN)
        if isinstance(answer, PatronStatusAnswer):
            return records.account_of_status(answer)
        return records.account_of(answer, self.dialect, today=self.today)

    def borrower(self) -> Borrower:
        """Return all that there is. Titles and days that can't be had in time are left out."""
        patron = self.patron()
        loans = self._listed(Summary.CHARGED, patron.charged)
        late = self._listed(Summary.OVERDUE, patron.overdue)
        holds = self._listed(Summary.HOLDS, patron.holds)
        unavailable = self._unavailable(patron)
        fines = self._listed(Summary.FINES, patron.fines) if self.dialect.itemised_charges else []
        waiting = [*holds, *(hold for hold in unavailable or () if hold not in holds)]
        items = self._items(loans, waiting)
        titles = {one: self._title(one, items) for one in (*loans, *waiting)}
        return Borrower(
            records.account_of(patron, self.dialect, today=self.today),
            records.loans_of(loans, late, items, titles, today=self.today),
            records.holds_of(holds, unavailable, items, titles, self.dialect),
            tuple(records.charge_of(fine) for fine in fines),
        )

    def patron(
        self, summary: Summary | None = None, *, first: int = 1, last: int | None = None
    ) -> PatronInformationAnswer:
        """Return what 64 says of the card. A PIN that the server doesn't speak of was right when it was connected."""
        answer = self._information(summary, first=first, last=last)
        if answer.valid_card is False or (self._card.pin is not None and answer.valid_pin is False):
            raise Refused(Reason.WRONG_CARD_OR_PIN)
        return answer

    def _information(
        self, summary: Summary | None = None, *, first: int = 1, last: int | None = None
    ) -> PatronInformationAnswer:
        return self.turn.ask(
            self.requests.patron_information(
                card=self._card.number, pin=self._card.pin, at=self.now, summary=summary, first=first, last=last
            )
        )

    def holds(self) -> list[str]:
        """Return the ids of all holds; twice what is there twice."""
        found = self._listed(Summary.HOLDS, None)
        if self.dialect.hold_count is HoldCount.READY:
            found += self._listed(Summary.UNAVAILABLE_HOLDS, None)
        return found

    def _unavailable(self, patron: PatronInformationAnswer) -> list[str] | None:
        """Return the holds that aren't ready; None if the server doesn't list them.

        They are asked for even where it counts none: invenio-sip2 always does, whatever it lists.
        """
        found = self._listed(Summary.UNAVAILABLE_HOLDS, patron.unavailable_holds or None)
        return None if patron.unavailable_holds is None and not found else found

    def _listed(self, summary: Summary, counted: int | None) -> list[str]:
        """Return the items of one kind, page by page where the server won't list all at once.

        counted: how many there are; None if the server doesn't count them.
        """
        wanted = MOST_LISTED if counted is None else min(counted, MOST_LISTED)
        found: list[str] = []
        while len(found) < wanted:
            page = self.patron(summary, first=len(found) + 1, last=wanted).listed(summary)
            if not page or list(page) == found[: len(page)]:  # it pays no heed to where we begin
                break
            found += page
        return found[:MOST_LISTED]

    # ---- Items

    @property
    def may_ask_items(self) -> bool:
        return self.dialect.item_information and self.turn.supports("17") is not False

    def item(self, barcode: str) -> ItemInformationAnswer:
        return self.turn.ask(self.requests.item_information(item=barcode, at=self.now))

    def _items(self, loans: Sequence[str], holds: Sequence[str]) -> dict[str, ItemInformationAnswer]:
        """Return what can be learnt of items: loans first, for their days, and no more than time and reason allow."""
        by_barcode = [
            *(loans if self.dialect.loans is Listed.BARCODES else ()),
            *(holds if self.dialect.holds is Listed.BARCODES else ()),
        ]
        found: dict[str, ItemInformationAnswer] = {}
        try:
            if by_barcode and self.may_ask_items:
                self._ask_items(by_barcode[:MOST_ITEMS], found)
        except Unavailable:
            pass  # what was read before is worth having
        return found

    def _ask_items(self, barcodes: Iterable[str], found: dict[str, ItemInformationAnswer]) -> None:
        """Raises Unavailable. Each answer gets half of the time that is left: a server may never give one."""
        whole, odd = self.turn.deadline, 0
        try:
            for barcode in barcodes:
                self.turn.deadline = whole.sooner(whole.left() / 2)
                try:
                    found[barcode] = answer = self.item(barcode)
                except UnsendableValue:
                    continue
                except Garbled:
                    odd += 1
                    if odd == MOST_ODD:
                        return
                    continue
                if answer.title:
                    self._titles.keep(barcode, answer.title)
        finally:
            self.turn.deadline = whole

    def _title(self, item: str, items: records.Items) -> str:
        said = items[item].title if item in items else ""
        return said or self._titles.get(item) or item
