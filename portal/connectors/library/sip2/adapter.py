"""The library port over SIP2."""

import time
from collections.abc import Callable
from typing import TypeVar

from portal.clock import Clock
from portal.connectors.calling import PERSON_WAITS_S, Deadline, Seconds, System
from portal.connectors.errors import Away, Refused, Unavailable
from portal.connectors.library import Abilities, Account, Borrower, Card, Reason, Renewed
from portal.connectors.library.sip2.changes import Changes
from portal.connectors.library.sip2.errors import UnsendableValue
from portal.connectors.library.sip2.messages import StatusRequest
from portal.connectors.library.sip2.pool import Pool, Turn
from portal.connectors.library.sip2.questions import Questions
from portal.connectors.library.sip2.site import Site
from portal.connectors.library.sip2.titles import Titles

T = TypeVar("T")

UNSENDABLE = {"BS": Reason.NO_SUCH_BRANCH, "AB": Reason.NOT_ON_THIS_CARD, "AJ": Reason.NOT_ON_THIS_CARD}
"""What it means that a value can't be put into a message: no card, item or branch is called so. Others: the card's."""


class Sip2Library:
    """``LibrarySystem``. site: by ``site_of``. system: calls are made through it; nothing is asked before one."""

    def __init__(self, site: Site, system: System, clock: Clock, *, now: Seconds = time.monotonic) -> None:
        self._site, self._system, self._clock = site, system, clock
        self._pool = Pool(site, clock, now=now)
        self._titles = Titles(now=now)

    @property
    def abilities(self) -> Abilities:
        dialect = self._site.dialect
        return Abilities(
            renew=dialect.renewals,
            cancel_hold=dialect.cancel_holds,
            change_pickup=dialect.change_pickup,
            needs_pin=dialect.pin_needed,
            itemised_charges=dialect.itemised_charges,
        )

    def check(self) -> None:
        """See the port: it signs in, and asks with 99 where the site takes that."""

        def ask(deadline: Deadline) -> None:
            with self._pool.turn(None, deadline) as turn:
                if not self._site.dialect.status or turn.supports("99") is False:
                    turn.standing()
                elif not turn.ask(StatusRequest()).online:
                    raise Unavailable("says that it is off-line", reason=Away.UNWILLING)

        self._system.call("check", ask, within_s=PERSON_WAITS_S)

    def sign_in(self, card: Card, *, within_s: float) -> Account:
        """See the port."""
        if card.pin is None:
            raise ValueError("signing in takes a PIN")
        return self._asked("sign-in", card, lambda questions: questions.account(), within_s=within_s)

    def read(self, card: Card, *, within_s: float) -> Borrower:
        """See the port. Of more than 200 of a kind, and of titles that can't be had in time, the rest is left out."""
        return self._asked("read", card, lambda questions: questions.borrower(), within_s=within_s)

    def renew(self, card: Card, item: str, *, within_s: float) -> Renewed:
        """See the port. Takes up to 1.5 s more where an answer was lost."""
        return self._asked("renew", card, lambda questions: Changes(questions, card).renew(item), within_s=within_s)

    def cancel_hold(self, card: Card, hold: str, *, within_s: float) -> None:
        """See the port. As ``renew``."""
        self._asked(
            "cancel-hold", card, lambda questions: Changes(questions, card).cancel_hold(hold), within_s=within_s
        )

    def change_pickup(self, card: Card, hold: str, branch: str, *, within_s: float) -> None:
        """See the port. As ``renew``."""
        self._asked(
            "change-pickup",
            card,
            lambda questions: Changes(questions, card).change_pickup(hold, branch),
            within_s=within_s,
        )

    def close(self) -> None:
        """End the connections that are kept."""
        self._pool.close()

    def _asked(self, operation: str, card: Card, talk: Callable[[Questions], T], *, within_s: float) -> T:
        """Return what a talk about one card comes to. Raises Refused before anything is sent where a PIN is missing."""
        if card.pin is None and self._site.dialect.pin_needed:
            raise Refused(Reason.PIN_NEEDED)

        def ask(deadline: Deadline) -> T:
            with self._pool.turn(card.number, deadline) as turn:
                return _in_words_of_the_port(lambda: talk(self._questions(turn, card)))

        return self._system.call(operation, ask, within_s=within_s)

    def _questions(self, turn: Turn, card: Card) -> Questions:
        return Questions(turn, card, dialect=self._site.dialect, clock=self._clock, titles=self._titles)


def _in_words_of_the_port(talk: Callable[[], T]) -> T:
    try:
        return talk()
    except UnsendableValue as error:
        raise Refused(UNSENDABLE.get(error.field_id, Reason.WRONG_CARD_OR_PIN)) from None
