"""What a server says, as the port's values."""

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, time

from portal.connectors.library import Account, Block, Charge, Hold, HoldState, Loan, Renewed
from portal.connectors.library.sip2.dates import Due, read_pence
from portal.connectors.library.sip2.dialect import Dialect, HoldCount
from portal.connectors.library.sip2.errors import GarbledMessage
from portal.connectors.library.sip2.fields import PatronFlag
from portal.connectors.library.sip2.messages import (
    ItemInformationAnswer,
    PatronInformationAnswer,
    PatronStatusAnswer,
)
from portal.connectors.library.sip2.requests import born_on, expires_on

ON_SHELF, IN_TRANSIT = "08", "10"
BLOCKS = {
    PatronFlag.CHARGE_DENIED: Block.NO_BORROWING,
    PatronFlag.RENEWAL_DENIED: Block.NO_RENEWING,
    PatronFlag.HOLD_DENIED: Block.NO_RESERVING,
    PatronFlag.CARD_LOST: Block.LOST,
    PatronFlag.TOO_MANY_CHARGED: Block.TOO_MANY_LOANS,
    PatronFlag.TOO_MANY_OVERDUE: Block.TOO_MANY_LATE,
    PatronFlag.TOO_MANY_LOST: Block.TOO_MANY_LOST,
    PatronFlag.EXCESSIVE_FINES: Block.OWES_TOO_MUCH,
    PatronFlag.EXCESSIVE_FEES: Block.OWES_TOO_MUCH,
    PatronFlag.RECALL_OVERDUE: Block.RECALL_LATE,
    PatronFlag.TOO_MANY_BILLED: Block.OWES_TOO_MUCH,
}
"""The flags that stand for something a resident can act on; the others count what already shows in these."""
MONEY = r"(?:[A-Z]{3} ?)?[^\w\s.,-]?[0-9][0-9,]*\.[0-9]{2}(?: ?[A-Z]{3})?"
"""With pennies: a number alone may be part of a title."""
MONEY_FIRST = re.compile(rf"({MONEY})[\s:–-]+(.+)", re.DOTALL)
MONEY_LAST = re.compile(rf"(.+?)[\s:–-]+({MONEY})", re.DOTALL)

Items = Mapping[str, ItemInformationAnswer]
"""What 18 said of items, by barcode."""


def account_of(answer: PatronInformationAnswer, dialect: Dialect, *, today: date) -> Account:
    last_day = expires_on(answer, dialect)
    expired = {Block.EXPIRED} if last_day and last_day < today else set()
    return Account(
        name=answer.name or None,
        blocks=blocks_of(answer.status) | expired,
        expires_on=last_day,
        born_on=born_on(answer, dialect),
        may_borrow=answer.charged_limit,
        owes_pence=answer.owed_pence,
    )


def account_of_status(answer: PatronStatusAnswer) -> Account:
    return Account(name=answer.name or None, blocks=blocks_of(answer.status), owes_pence=answer.owed_pence)


def blocks_of(flags: Collection[PatronFlag]) -> frozenset[Block]:
    return frozenset(BLOCKS[flag] for flag in flags if flag in BLOCKS)


def loans_of(
    listed: Sequence[str], late: Collection[str], items: Items, titles: Mapping[str, str], *, today: date
) -> tuple[Loan, ...]:
    """Return loans, soonest due first; those whose day isn't known come last. late: what the library lists as such."""

    def loan(item: str) -> Loan:
        due = (items[item].due if item in items else None) or Due("")
        is_late = item in late or (due.on is not None and due.on < today)
        return Loan(item, titles[item], due.on, due.at, due.text if due.on is None else "", is_late)

    return tuple(sorted(map(loan, listed), key=lambda loan: (loan.due_on or date.max, loan.due_at or time.max)))


def holds_of(
    listed: Sequence[str], unavailable: Sequence[str] | None, items: Items, titles: Mapping[str, str], dialect: Dialect
) -> tuple[Hold, ...]:
    """Return holds, ready ones first.

    listed: of AS, whose meaning the dialect says. unavailable: of CD; None if the server doesn't list such.
    """
    if unavailable is None:
        unavailable = (
            () if dialect.hold_count is HoldCount.READY else [one for one in listed if not _on_shelf(one, items)]
        )
    waiting, ready = list(unavailable), list(listed)
    if dialect.hold_count is HoldCount.ALL:
        for one in unavailable:
            if one in ready:
                ready.remove(one)
    return (
        *(_hold(one, HoldState.READY, items.get(one), titles[one]) for one in ready),
        *(_hold(one, HoldState.WAITING, items.get(one), titles[one]) for one in waiting),
    )


def _on_shelf(hold: str, items: Items) -> bool:
    return hold in items and items[hold].circulation == ON_SHELF


def _hold(hold: str, state: HoldState, item: ItemInformationAnswer | None, title: str) -> Hold:
    if item is None:
        return Hold(hold, title, state)
    if state is HoldState.READY:
        return Hold(hold, title, state, branch=item.now_at, last_day=item.pick_up_by.on if item.pick_up_by else None)
    if item.circulation == IN_TRANSIT:
        return Hold(hold, title, HoldState.ON_ITS_WAY, branch=item.going_to)
    return Hold(hold, title, state)


def charge_of(text: str) -> Charge:
    """Return a charge: some write its amount before the text, some after it."""
    for pattern, money, words in ((MONEY_FIRST, 1, 2), (MONEY_LAST, 2, 1)):
        if parts := pattern.fullmatch(text):
            try:
                return Charge(parts[words].strip(), read_pence(parts[money], field_id="AV"))
            except GarbledMessage:
                continue
    return Charge(text)


def renewed(item: str, due: Due) -> Renewed:
    return Renewed(item, due.on, due.at, due.text if due.on is None else "")


def is_other_day(before: Due | None, after: Due | None) -> bool | None:
    """Tell whether a due date has changed, in whatever form each is written. None if that can't be told."""
    if before is None or after is None:
        return None
    if before.on is None or after.on is None:
        return before.text != after.text
    if before.at is None or after.at is None:
        return before.on != after.on
    return (before.on, _to_minute(before.at)) != (after.on, _to_minute(after.at))


def _to_minute(at: time) -> tuple[int, int]:
    return at.hour, at.minute


def moment_of(due: Due | None, dialect: Dialect) -> datetime | None:
    """Return a due date as a moment: the day's last minute where there is no time."""
    if due is None or due.on is None:
        return None
    return datetime.combine(due.on, due.at or time(23, 59), dialect.zone)
