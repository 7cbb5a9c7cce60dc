"""What is changed, and finding out what became of it. Nothing is sent twice.

Whatever a server says to a change, the record is looked at again: some say yes and do nothing, some say no and have
done it. Where the answer is lost, that look is all there is.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from portal.connectors.errors import Away, Garbled, OutsideError, Refused, Unavailable, Unknown
from portal.connectors.library import Card, Reason, Renewed
from portal.connectors.library.sip2 import reasons, records
from portal.connectors.library.sip2.dates import Due
from portal.connectors.library.sip2.dialect import Listed
from portal.connectors.library.sip2.errors import EndedByServer, GarbledMessage, Lost, Sip2Error, UnsendableValue
from portal.connectors.library.sip2.fields import HoldMode, Summary
from portal.connectors.library.sip2.layout import Answer, Request
from portal.connectors.library.sip2.messages import (
    HoldAnswer,
    ItemInformationAnswer,
    PatronInformationAnswer,
    RenewAnswer,
)
from portal.connectors.library.sip2.questions import MOST_LISTED, Questions

A = TypeVar("A", bound=Answer)
T = TypeVar("T")

ALLOWANCE_S = 1.5
"""For looking again, even where the caller's time is over."""
PAUSE_S = 0.2
"""Before looking again where the server isn't there: it may be starting anew."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a loan stands before it is renewed. item: None where 17 can't be asked."""

    patron: PatronInformationAnswer
    item: ItemInformationAnswer | None

    @property
    def due(self) -> Due | None:
        return self.item.due if self.item else None


class Changes:
    """Each method raises Refused, Unavailable (nothing was changed), Unknown."""

    def __init__(self, questions: Questions, card: Card) -> None:
        self._ask, self._turn, self._dialect, self._card = questions, questions.turn, questions.dialect, card

    # ---- Renewing

    def renew(self, item: str) -> Renewed:
        if not self._dialect.renewals or self._turn.supports("29") is False:
            raise Refused(Reason.NOT_RENEWABLE)
        before = _beforehand(lambda: self._standing_of(item))
        is_title = self._dialect.loans is Listed.TITLES
        request = self._ask.requests.renew(
            card=self._card.number,
            pin=self._card.pin,
            item=None if is_title else item,
            title=item if is_title else None,
            at=self._ask.now,
            old_due=records.moment_of(before.due, self._dialect),
            fee_accepted=False,  # said aloud: where nothing is said, Koha takes the fee
        )
        answer = self._sent(request)
        if isinstance(answer, Sip2Error):
            return self._renewed_after_all(item, before, lost=answer)
        return self._renewed(item, before, answer)

    def _standing_of(self, item: str) -> Standing:
        """Return how it stands. Raises Refused if it isn't on the card: some servers renew what is on another's."""
        patron = self._ask.patron(Summary.CHARGED, last=MOST_LISTED)
        listed = patron.charged_items
        if item not in listed and patron.charged is not None and len(listed) >= patron.charged:
            raise Refused(Reason.NOT_ON_THIS_CARD)
        can_be_asked = self._dialect.loans is Listed.BARCODES and self._ask.may_ask_items
        return Standing(patron, self._ask.item(item) if can_be_asked else None)

    def _renewed(self, item: str, before: Standing, answer: RenewAnswer) -> Renewed:
        try:
            now = self._looked(lambda: self._ask.item(item).due) if before.item else None
        except Unknown:
            if answer.ok and answer.due and records.is_other_day(before.due, answer.due):
                return records.renewed(item, answer.due)
            raise
        is_other = records.is_other_day(before.due, now)
        if is_other and now:
            return records.renewed(item, now)
        if is_other is None and answer.ok:
            return self._believed(item, before, answer)
        raise Refused(self._why_not(before, answer))

    def _believed(self, item: str, before: Standing, answer: RenewAnswer) -> Renewed:
        """Return what a yes says that can't be checked. Raises Unknown if it doesn't say until when, or may mean no:
        Koha's does, with N in its second flag and the reason; of others, the one or the other means nothing.
        """
        if reasons.is_refusal(answer.screen) and not answer.was_on_loan:
            raise Unknown("it said yes and no, and there is nothing to see it by")
        if answer.due is None:
            raise Unknown("it said yes, without a day, and there is nothing to see it by")
        if records.is_other_day(before.due, answer.due) is False:
            raise Refused(Reason.UNCHANGED)
        return records.renewed(item, answer.due)

    def _why_not(self, before: Standing, answer: RenewAnswer) -> Reason:
        why = reasons.why_not_renewed(
            answer.screen,
            fee=bool(answer.fee_pence),
            blocks=records.blocks_of(before.patron.status),
            item=before.item,
        )
        return Reason.UNCHANGED if answer.ok and why is Reason.OTHER else why

    def _renewed_after_all(self, item: str, before: Standing, *, lost: Sip2Error) -> Renewed:
        if before.item is None:
            raise Unknown("the answer was lost, and there is nothing to see it by")
        now = self._looked(lambda: self._ask.item(item).due)
        is_other = records.is_other_day(before.due, now)
        if is_other and now:
            return records.renewed(item, now)
        raise _not_done(lost) if is_other is False else Unknown("the answer was lost, and nothing shows what was done")

    # ---- Holds

    def cancel_hold(self, hold: str) -> None:
        if not self._dialect.cancel_holds or self._turn.supports("15") is False:
            raise Refused(Reason.NOT_CANCELLABLE)
        before = _beforehand(self._ask.holds).count(hold)
        if not before:
            raise Refused(Reason.NOT_CANCELLABLE)
        answer = self._sent(self._hold_request(HoldMode.CANCEL, hold))
        if self._looked(self._ask.holds).count(hold) < before:
            return
        if isinstance(answer, Sip2Error):
            raise _not_done(answer)
        raise Refused(reasons.why_not_cancelled(answer.screen))

    def change_pickup(self, hold: str, branch: str) -> None:
        """Where a hold will be picked up shows nowhere but in the answer; and, once it is on its way, in 18."""
        if not self._dialect.change_pickup or self._turn.supports("15") is False:
            raise Refused(Reason.NOT_CHANGEABLE)
        if hold not in _beforehand(self._ask.holds):
            raise Refused(Reason.NOT_CHANGEABLE)
        answer = self._sent(self._hold_request(HoldMode.CHANGE, hold, pick_up_at=branch))
        if isinstance(answer, Sip2Error):
            raise Unknown("the answer was lost, and there is nothing to see it by")
        self._check_branch(answer, branch)

    def _check_branch(self, answer: HoldAnswer, branch: str) -> None:
        if not answer.ok:
            raise Refused(reasons.why_not_changed(answer.screen))
        if answer.pick_up_at is None:
            raise Unknown("it said yes, without a branch, and there is nothing to see it by")
        if answer.pick_up_at != branch:
            raise Refused(Reason.UNCHANGED)

    def _hold_request(self, mode: HoldMode, hold: str, *, pick_up_at: str | None = None) -> Request[HoldAnswer]:
        is_title = self._dialect.holds is Listed.TITLES
        return self._ask.requests.hold(
            mode,
            card=self._card.number,
            pin=self._card.pin,
            at=self._ask.now,
            item=None if is_title else hold,
            title=hold if is_title else None,
            pick_up_at=pick_up_at,
        )

    # ---- Sending once, looking again

    def _sent(self, request: Request[A]) -> A | Lost | GarbledMessage:
        """Return the answer, or how it was lost. Raises Unavailable, UnsendableValue: nothing was sent."""
        try:
            return self._turn.change(request)
        except (Lost, GarbledMessage) as lost:
            return lost

    def _looked(self, look: Callable[[], T]) -> T:
        """Return what is so now. Raises Unknown if that can't be seen: from here on nothing else is true."""
        self._turn.deadline = self._turn.deadline.no_sooner(ALLOWANCE_S)
        while True:
            try:
                return look()
            except Unavailable as error:
                if error.reason is Away.TIMEOUT or self._turn.deadline.left() <= PAUSE_S:
                    raise Unknown("it may have been done, and we can't look") from None
            except (OutsideError, UnsendableValue):
                raise Unknown("it may have been done, and we can't see it") from None
            time.sleep(PAUSE_S)


def _beforehand(look: Callable[[], T]) -> T:
    """Return how it stands before. Raises Unavailable where that can't be read: then nothing is sent."""
    try:
        return look()
    except Garbled as error:
        raise Unavailable(f"nothing was sent: {error}", reason=Away.UNWILLING) from None


def _not_done(lost: Sip2Error) -> OutsideError:
    """Return what is told where an answer was lost and nothing is changed: only a server that has ended the connection
    is through with it. One that is slow may do it yet.
    """
    if isinstance(lost, EndedByServer):
        return Unavailable(str(lost), reason=Away.UNDONE)
    return Unknown(str(lost))
