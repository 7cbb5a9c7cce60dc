"""29 and 30, 65 and 66, 15 and 16, 37 and 38: what a reader may do from home."""

import re
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal

from simulators.library import catalogue
from simulators.library.answers.parts import (
    CURRENCY,
    Asked,
    Handled,
    admitted,
    amount,
    due_text,
    refused,
    title_text,
)
from simulators.library.answers.patrons import item_text
from simulators.library.catalogue import INSTITUTION, MEDIA, Item
from simulators.library.clock import end_of
from simulators.library.journal import RENEWED, Deed
from simulators.library.protocol import Answer, BadFrame, count, yes
from simulators.library.records import Hold, Loan
from simulators.library.wording import Reason, Refusal

_SAID_ONLY = "said so only"
_RENTAL = "06"
_AMOUNT = re.compile(r"[0-9]{1,6}(\.[0-9]{1,2})?")


def renew(asked: Asked) -> Handled:
    """Answer 29 with 30."""
    sent = asked.request.get("AB")
    try:
        admitted(asked)
        barcode = _meant(asked, (loan.item for loan in asked.desk.loans(asked.card)))
        loan = asked.desk.renew(
            asked.card,
            barcode,
            fee_agreed=asked.request.get("BO") == "Y",
            due=_no_block_due(asked),
            keep_date=asked.dialect.renewal == "unchanged",
        )
    except Refusal as refusal:
        return Handled(_not_renewed(asked, refusal), [Deed(refused(refusal.reason), sent)])
    flag = yes(asked.dialect.renewal_ok == "exact")
    answer = Answer("30", f"1{flag}UN{asked.stamp}")
    _loan_fields(answer, asked, loan.item, due_text(loan.due, asked.dialect))
    done = RENEWED if asked.dialect.renewal == "done" else _SAID_ONLY
    return Handled(answer, [Deed(done, loan.item.barcode)])


def _not_renewed(asked: Asked, refusal: Refusal) -> Answer:
    item, loan = asked.desk.item(asked.request.get("AB")), asked.desk.loan(asked.request.get("AB"))
    mine = loan is not None and loan.card == asked.card
    says_ok = asked.dialect.refusals_say_ok and mine
    flag = yes(asked.dialect.renewal_ok == "loose")
    answer = Answer("30", f"{int(says_ok)}{flag}UN{asked.stamp}")
    due = due_text(loan.due, asked.dialect) if loan and says_ok else ""
    _loan_fields(answer, asked, item, due)
    if refusal.fee_pence:
        answer.add("BT", _RENTAL)
        answer.add("BH", CURRENCY)
        answer.add("BV", amount(refusal.fee_pence))
    answer.offer("AF", asked.says(refusal.reason))
    return answer


def _loan_fields(answer: Answer, asked: Asked, item: Item | None, due: str) -> None:
    answer.add("AO", INSTITUTION)
    answer.add("AA", asked.card)
    answer.add("AB", item.barcode if item else asked.request.get("AB"))
    answer.add("AJ", title_text(item.title, asked.dialect) if item else "")
    answer.add("AH", due)
    answer.offer("CK", MEDIA[item.title.kind] if item else "")


def renew_all(asked: Asked) -> Handled:
    """Answer 65 with 66, one item after the other."""
    try:
        admitted(asked)
    except Refusal as refusal:
        none = count(0, asked.dialect)
        answer = Answer("66", f"0{none}{none}{asked.stamp}", [("AO", INSTITUTION)])
        answer.offer("AF", asked.says(refusal.reason))
        return Handled(answer, [Deed(refused(refusal.reason))])
    renewed: list[str] = []
    unrenewed: list[str] = []
    deeds: list[Deed] = []
    for loan in asked.desk.loans(asked.card):
        outcome = _one_of_all(asked, loan)
        (renewed if outcome == RENEWED else unrenewed).append(item_text(loan.item, asked))
        deeds.append(Deed(outcome, loan.item.barcode))
    counts = count(len(renewed), asked.dialect) + count(len(unrenewed), asked.dialect)
    answer = Answer("66", f"1{counts}{asked.stamp}", [("AO", INSTITUTION)])
    answer.extend("BM", renewed)
    answer.extend("BN", unrenewed)
    return Handled(answer, deeds or [Deed("nothing on loan")])


def _one_of_all(asked: Asked, loan: Loan) -> str:
    try:
        asked.desk.renew(asked.card, loan.item.barcode, fee_agreed=asked.request.get("BO") == "Y")
    except Refusal as refusal:
        return refused(refusal.reason)
    return RENEWED


def hold(asked: Asked) -> Handled:
    """Answer 15 with 16: ``+`` reserves, ``-`` cancels, ``*`` changes where to collect."""
    mode, sent = asked.request.fixed[0], asked.request.get("AB")
    try:
        admitted(asked)
        match mode:
            case "+":
                return _held(
                    asked, asked.desk.reserve(asked.card, _wanted(asked), pickup=asked.request.get("BS")), "reserved"
                )
            case "-":
                return _held(asked, asked.desk.cancel(asked.card, _wanted(asked)), "cancelled")
            case "*":
                return _changed(asked)
            case _:
                raise BadFrame(f"no mode {mode!r} of 15")
    except Refusal as refusal:
        answer = Answer("16", f"0N{asked.stamp}")
        _hold_fields(answer, asked)
        answer.offer("AF", asked.says(refusal.reason))
        return Handled(answer, [Deed(refused(refusal.reason), sent)])


def _changed(asked: Asked) -> Handled:
    barcode, pickup = _wanted(asked), asked.request.get("BS")
    if asked.dialect.pickup_change == "unchanged":
        found = [one for one in asked.desk.holds(asked.card) if one.item.barcode == barcode]
        if not found:
            raise Refusal(Reason.NO_HOLD)
        return _held(asked, found[0], _SAID_ONLY)
    return _held(asked, asked.desk.change_pickup(asked.card, barcode, pickup), "pickup changed")


def _held(asked: Asked, one: Hold, done: str) -> Handled:
    """Return the answer about a hold that was made, cancelled or changed."""
    answer = Answer("16", f"1{yes(one.state == 'ready')}{asked.stamp}")
    if asked.dialect.pickup_told:
        answer.offer("BR", str(asked.desk.place(one) or ""))
        answer.add("BS", one.pickup)
    _hold_fields(answer, asked, one.item)
    return Handled(answer, [Deed(done, one.item.barcode)])


def _hold_fields(answer: Answer, asked: Asked, item: Item | None = None) -> None:
    answer.add("AO", INSTITUTION)
    answer.add("AA", asked.card)
    answer.offer("AB", item.barcode if item else asked.request.get("AB"))
    answer.offer("AJ", title_text(item.title, asked.dialect) if item else asked.request.get("AJ"))


def pay(asked: Asked) -> Handled:
    """Answer 37 with 38."""
    paid, reason = asked.request.get("BV").strip(), None
    try:
        admitted(asked)
        asked.desk.pay(asked.card, _pence(paid))
    except Refusal as refusal:
        reason = refusal.reason
    parts = [yes(reason is None), asked.stamp]
    answer = Answer("38", "".join(reversed(parts) if asked.dialect.fee_answer_transposed else parts))
    answer.add("AO", INSTITUTION)
    answer.add("AA", asked.card)
    answer.offer("BK", asked.request.get("BK"))
    answer.offer("AF", asked.says(reason) if reason else "")
    return Handled(answer, [Deed(refused(reason) if reason else f"paid {paid}")])


def _pence(text: str) -> int:
    if not _AMOUNT.fullmatch(text):
        raise BadFrame("no amount")
    return int(Decimal(text) * 100)


def _wanted(asked: Asked) -> str:
    """Return the barcode that 15 means: a title may be any of the catalogue's."""
    return _meant(asked, catalogue.items().values())


def _meant(asked: Asked, among: Iterable[Item]) -> str:
    """Return the barcode that AB or AJ mean. An empty AJ gets here only where the dialect misreads it."""
    fields = asked.request.fields
    by_title = "AJ" in fields and (not fields["AJ"] or not fields.get("AB"))
    if not by_title:
        return fields.get("AB", "")
    for item in among:
        if asked.dialect.title_renewal and title_text(item.title, asked.dialect) == fields["AJ"]:
            return item.barcode
    raise Refusal(Reason.UNKNOWN_ITEM)


def _no_block_due(asked: Asked) -> datetime | None:
    """Return the new due date that a request brings, where the dialect takes it for one."""
    text = asked.request.fixed[3]
    if asked.dialect.no_block_due != "taken":
        return None
    try:
        return end_of(date(int(text[:4]), int(text[4:6]), int(text[6:8])))
    except ValueError:
        return None
