"""17 and 18, 11 and 12, 09 and 10: what an item is, and lending it at the desk."""

from simulators.library import rules
from simulators.library.answers.parts import (
    CURRENCY,
    Asked,
    Handled,
    admitted,
    amount,
    day_stamp,
    due_text,
    refused,
    title_text,
)
from simulators.library.catalogue import INSTITUTION, MEDIA, Item
from simulators.library.journal import Deed
from simulators.library.protocol import Answer
from simulators.library.records import Hold, Loan
from simulators.library.wording import Reason, Refusal

_OTHER = "01"
_AVAILABLE, _CHARGED, _ON_HOLD_SHELF, _IN_TRANSIT = "03", "04", "08", "10"
_RENTAL = "06"


def item_information(asked: Asked) -> Handled:
    """Answer 17 with 18."""
    barcode = asked.request.get("AB")
    item = asked.desk.item(barcode)
    if item is None:
        answer = Answer("18", f"{_OTHER * 3}{asked.stamp}", [("AB", barcode), ("AJ", "")])
        return Handled(answer, [Deed(refused(Reason.UNKNOWN_ITEM), barcode)])
    loan, aside = asked.desk.loan(barcode), asked.desk.set_aside(item)
    film = item.title.kind == "film"
    answer = Answer("18", f"{_circulation(loan, aside)}{_OTHER}{_RENTAL if film else _OTHER}{asked.stamp}")
    waiting = [hold for hold in asked.desk.queue(item) if hold.state == "waiting"]
    answer.add("CF", str(len(waiting)))
    answer.offer("AH", due_text(loan.due, asked.dialect) if loan else "")
    if aside and aside.pick_up_by:
        answer.add("CM", day_stamp(aside.pick_up_by, asked.dialect))
    answer.add("AB", barcode)
    answer.add("AJ", title_text(item.title, asked.dialect))
    answer.add("BG", INSTITUTION)
    if film:
        answer.add("BH", CURRENCY)
        answer.add("BV", amount(rules.FILM_FEE_PENCE))
    answer.add("CK", MEDIA[item.title.kind])
    answer.add("AQ", item.home)
    answer.add("AP", aside.pickup if aside and aside.state == "ready" else item.home)
    answer.offer("CT", aside.pickup if aside and aside.state == "in transit" else "")
    return Handled(answer, [Deed("told", barcode)])


def _circulation(loan: Loan | None, aside: Hold | None) -> str:
    if loan:
        return _CHARGED
    if aside:
        return _ON_HOLD_SHELF if aside.state == "ready" else _IN_TRANSIT
    return _AVAILABLE


def check_out(asked: Asked) -> Handled:
    """Answer 11 with 12."""
    barcode = asked.request.get("AB")
    item = asked.desk.item(barcode)
    try:
        admitted(asked)
        loan = asked.desk.lend(asked.card, barcode)
    except Refusal as refusal:
        answer = Answer("12", f"0NUN{asked.stamp}")
        _lent(answer, asked, item, "")
        answer.offer("AF", asked.says(refusal.reason))
        return Handled(answer, [Deed(refused(refusal.reason), barcode)])
    answer = Answer("12", f"1NUY{asked.stamp}")
    _lent(answer, asked, item, due_text(loan.due, asked.dialect))
    return Handled(answer, [Deed("lent", barcode)])


def _lent(answer: Answer, asked: Asked, item: Item | None, due: str) -> None:
    answer.add("AO", INSTITUTION)
    answer.add("AA", asked.card)
    answer.add("AB", asked.request.get("AB"))
    answer.add("AJ", title_text(item.title, asked.dialect) if item else "")
    answer.add("AH", due)


def check_in(asked: Asked) -> Handled:
    """Answer 09 with 10."""
    barcode = asked.request.get("AB")
    item = asked.desk.item(barcode)
    try:
        loan = asked.desk.take_back(barcode)
    except Refusal as refusal:
        answer = Answer("10", f"0NUN{asked.stamp}")
        _returned(answer, barcode, item, asked)
        answer.offer("AF", asked.says(refusal.reason))
        return Handled(answer, [Deed(refused(refusal.reason), barcode)])
    answer = Answer("10", f"1YUN{asked.stamp}")
    _returned(answer, barcode, item, asked)
    answer.add("AA", loan.card)
    return Handled(answer, [Deed("returned", barcode)])


def _returned(answer: Answer, barcode: str, item: Item | None, asked: Asked) -> None:
    answer.add("AO", INSTITUTION)
    answer.add("AB", barcode)
    answer.add("AQ", item.home if item else "")
    answer.offer("AJ", title_text(item.title, asked.dialect) if item else "")
