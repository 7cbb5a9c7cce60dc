"""23 and 24, 63 and 64, 35 and 36: who somebody is, and what they have."""

import re
from collections.abc import Sequence

from simulators.library import rules
from simulators.library.answers.parts import (
    CURRENCY,
    Asked,
    Handled,
    amount,
    day_stamp,
    pin_is_right,
    refused,
    title_text,
)
from simulators.library.catalogue import INSTITUTION, Item
from simulators.library.journal import Deed
from simulators.library.protocol import Answer, count, yes
from simulators.library.records import Account, Hold
from simulators.library.wording import Reason

_NO_ONE = "YYYY" + " " * 10
_SUMMARIES = ("AS", "AT", "AU", "AV", "BU", "CD")
_NUMBER = re.compile(r" *[0-9]{1,4}")
_COUNTS = len(_SUMMARIES)


def status(asked: Asked) -> Handled:
    """Answer 23 with 24."""
    account = _told_of(asked)
    language = asked.request.fixed[0]
    if account is None:
        answer = Answer("24", f"{_NO_ONE}{language}{asked.stamp}")
    else:
        answer = Answer("24", f"{_flags(account, asked)}{language}{asked.stamp}")
    _who(answer, account, asked)
    _validity(answer, asked)
    if account:
        answer.offer("BH", CURRENCY)
        answer.offer("BV", amount(account.owed_pence))
    answer.offer("AF", _remark(account, asked))
    return Handled(answer, [Deed(_outcome(account, asked))])


def information(asked: Asked) -> Handled:
    """Answer 63 with 64."""
    account = _told_of(asked)
    language, _, summary = asked.request.fixed
    lists = _lists(account, asked) if account else [[]] * _COUNTS
    counts = "".join(count(len(one), asked.dialect) for one in lists)
    flags = _flags(account, asked) if account else _NO_ONE
    answer = Answer("64", f"{flags}{language}{asked.stamp}{counts}")
    _who(answer, account, asked)
    if account:
        for name, limit in (("BZ", rules.HOLD_LIMIT), ("CA", rules.OVERDUE_LIMIT), ("CB", rules.LOAN_LIMIT)):
            answer.add(name, f"{limit:04}")
    _validity(answer, asked)
    if account:
        answer.add("BH", CURRENCY)
        answer.add("BV", amount(account.owed_pence))
        answer.add("CC", amount(rules.CHARGE_LIMIT_PENCE))
        wanted = summary.find("Y")
        if 0 <= wanted < _COUNTS:
            answer.extend(_SUMMARIES[wanted], _page(lists[wanted], asked))
        _personal(answer, account, asked)
    answer.offer("AF", _remark(account, asked))
    return Handled(answer, [Deed(_outcome(account, asked))])


def end_session(asked: Asked) -> Handled:
    """Answer 35 with 36."""
    answer = Answer("36", f"Y{asked.stamp}")
    answer.add("AO", INSTITUTION)
    answer.add("AA", asked.card)
    answer.offer("AF", asked.dialect.end_message)
    return Handled(answer, [Deed("ended")])


def _told_of(asked: Asked) -> Account | None:
    """Return of whom something is told; None if there is no such card, or its PIN isn't what the dialect asks for."""
    account = asked.desk.account(asked.card)
    if account is None or pin_is_right(account, asked):
        return account
    if asked.dialect.pin_needed:
        return None
    wrong = bool(asked.request.get("AD"))
    return None if wrong and not asked.dialect.personal_with_wrong_pin else account


def _who(answer: Answer, account: Account | None, asked: Asked) -> None:
    answer.add("AO", INSTITUTION)
    answer.add("AA", asked.card)
    answer.add("AE", account.borrower.name if account else "")


def _validity(answer: Answer, asked: Asked) -> None:
    known = asked.desk.account(asked.card)
    answer.add("BL", yes(known is not None))
    told = asked.dialect.pin_told
    if known and (told == "always" or (told == "if sent" and "AD" in asked.request.fields)):
        answer.add("CQ", yes(pin_is_right(known, asked)))


def _flags(account: Account, asked: Asked) -> str:
    desk = asked.desk
    unset = " " if asked.dialect.flags == "blanks" else "N"
    found = rules.flags(account, desk.loans(account.borrower.card), desk.now, desk.today)
    return "".join("Y" if flag else unset for flag in found)


def _lists(account: Account, asked: Asked) -> Sequence[list[str]]:
    """Return what each place of the summary lists; recalls there are none."""
    desk, card = asked.desk, account.borrower.card
    loans, holds = desk.loans(card), desk.holds(card)
    unavailable = [hold for hold in holds if hold.state != "ready"]
    held = holds if asked.dialect.hold_count == "all" else [hold for hold in holds if hold.state == "ready"]
    return (
        _held(held, asked),
        [item_text(loan.item, asked) for loan in loans if loan.due < desk.now],
        [item_text(loan.item, asked) for loan in loans],
        [f"{amount(charge.pence)} {charge.what}" for charge in account.charges],
        [],
        _held(unavailable, asked),
    )


def _held(holds: Sequence[Hold], asked: Asked) -> list[str]:
    return [item_text(hold.item, asked) for hold in holds]


def item_text(item: Item, asked: Asked) -> str:
    """Return an item as lists have it."""
    return item.barcode if asked.dialect.items_as == "barcodes" else title_text(item.title, asked.dialect)


def _page(values: list[str], asked: Asked) -> list[str]:
    """Return what BP and BQ ask for, counted from 1 with both ends."""
    dialect, request = asked.dialect, asked.request
    if not dialect.paging:
        return values
    first = _number(request.get("BP")) if "BP" in request.fields else 1
    if first < 1:
        return []
    whole_page = first - 1 + (dialect.page or len(values))
    last = _number(request.get("BQ")) if "BQ" in request.fields else whole_page
    return values[first - 1 : max(last, 0)]


def _number(text: str) -> int:
    """Return a number of at most four digits, -1 for all else."""
    return int(text) if _NUMBER.fullmatch(text) else -1


def _personal(answer: Answer, account: Account, asked: Asked) -> None:
    borrower, dialect = account.borrower, asked.dialect
    answer.add("BD", borrower.address)
    answer.add("BE", borrower.email)
    answer.add("BF", borrower.phone)
    answer.add("AQ", borrower.home)
    answer.offer(dialect.birth_field, f"{account.born_on:%Y%m%d}")
    if dialect.expiry_field == "PX":
        answer.add("PX", day_stamp(account.expires_on, dialect))
    else:
        answer.offer(dialect.expiry_field, f"{account.expires_on:%Y%m%d}")


def _remark(account: Account | None, asked: Asked) -> str:
    """Return the screen text about a person: a greeting, and why nothing is told or lent."""
    if account is None:
        known = asked.desk.account(asked.card)
        return asked.says(Reason.WRONG_PIN if known else Reason.UNKNOWN_CARD)
    blocked = rules.blocked_by(account, asked.desk.today)
    remark = asked.says(blocked) if blocked else ""
    return " ".join(part for part in (asked.dialect.greeting, remark) if part)


def _outcome(account: Account | None, asked: Asked) -> str:
    if account:
        return "told"
    return refused(Reason.WRONG_PIN if asked.desk.account(asked.card) else Reason.UNKNOWN_CARD)
