"""pysip2 over the invented library: ``python -m tests.counterparts.pysip2.server``, in its own environment.

``shelves.obey`` says how it is spoken to.
"""

from datetime import date

import anyio
from anyio.to_thread import run_sync
from pysip2 import (
    END_PATRON_SESSION,
    HOLD,
    ITEM_INFORMATION,
    LOGIN,
    PATRON_INFORMATION,
    PATRON_STATUS,
    RENEW,
    EndPatronSessionRequest,
    EndSessionResponse,
    HoldRequest,
    HoldResponse,
    ItemInformationRequest,
    ItemInformationResponse,
    LoginRequest,
    LoginResponse,
    PatronInformationRequest,
    PatronInformationResponse,
    PatronStatusRequest,
    PatronStatusResponse,
    RenewRequest,
    RenewResponse,
    RequestContext,
    SIP2Server,
)

from tests.counterparts.shelves import INSTITUTION, NAME, PASSWORD, USER, Borrower, Library, Refusal, obey

ON_LOAN, ON_SHELF, WAITING_FOR_ITS_READER, OTHER = "04", "03", "08", "01"
UNMARKED = " " * 14

library = Library()
server = SIP2Server(institution_id=INSTITUTION, library_name=NAME, login_required=True)


@server.route(LOGIN)
def login(request: LoginRequest, _: RequestContext) -> LoginResponse:
    known = (request.login_user_id, request.login_password) == (USER, PASSWORD)
    return LoginResponse(ok="1" if known else "0")


@server.route(PATRON_STATUS)
def patron_status(request: PatronStatusRequest, context: RequestContext) -> PatronStatusResponse:
    borrower = library.borrowers.get(request.patron_identifier)
    if borrower is None:
        return context.decline("Borrower not found")
    return PatronStatusResponse(
        patron_status=_status(borrower),
        language=request.language,
        transaction_date=context.now_18(),
        institution_id=INSTITUTION,
        patron_identifier=borrower.card,
        personal_name=borrower.name,
        valid_patron="Y",
        valid_patron_password=_pin(borrower, request.patron_password),
        currency_type="GBP",
        fee_amount=borrower.owes,
    )


@server.route(PATRON_INFORMATION)
def patron_information(request: PatronInformationRequest, context: RequestContext) -> PatronInformationResponse:
    """Lists no more than asked for by BP and BQ; holds count those ready and those not."""
    borrower = library.borrowers.get(request.patron_identifier)
    if borrower is None:
        return context.decline("Borrower not found")
    loans = [loan.item for loan in borrower.loans]
    late = [loan.item for loan in borrower.loans if loan.late]
    fines = [f"{charge.text} {charge.pence / 100:.2f}" for charge in borrower.charges]
    holds = [hold.item for hold in borrower.holds]
    listed = {
        "hold_items": holds,
        "overdue_items": late,
        "charged_items": loans,
        "fine_items": fines,
        "recall_items": [],
        "unavailable_hold_items": borrower.waiting(),
    }
    first, last = int(request.start_item or 1), int(request.end_item or 9999)
    marked = [name for name, mark in zip(listed, request.summary, strict=False) if mark == "Y"]
    wanted = {name: tuple(listed[name][first - 1 : last]) for name in marked}
    return PatronInformationResponse(
        patron_status=_status(borrower),
        language=request.language,
        transaction_date=context.now_18(),
        hold_items_count=f"{len(holds):04d}",
        overdue_items_count=f"{len(late):04d}",
        charged_items_count=f"{len(loans):04d}",
        fine_items_count=f"{len(fines):04d}",
        recall_items_count="    ",
        unavailable_holds_count=f"{len(borrower.waiting()):04d}",
        institution_id=INSTITUTION,
        patron_identifier=borrower.card,
        personal_name=borrower.name,
        charged_items_limit="0012",
        valid_patron="Y",
        valid_patron_password=None if request.patron_password is None else _pin(borrower, request.patron_password),
        currency_type="GBP",
        fee_amount=borrower.owes,
        **wanted,
    )


@server.route(ITEM_INFORMATION)
def item_information(request: ItemInformationRequest, context: RequestContext) -> ItemInformationResponse:
    title = library.titles.get(request.item_identifier)
    if title is None:
        return context.decline("Item not found")
    loan, held = library.loan_of(request.item_identifier), library.hold_of(request.item_identifier)
    ready = held is not None and held.place == 0
    return ItemInformationResponse(
        circulation_status=ON_LOAN if loan else WAITING_FOR_ITS_READER if ready else ON_SHELF,
        security_marker="00",
        fee_type=OTHER,
        transaction_date=context.now_18(),
        due_date=_moment(loan.due) if loan else None,
        hold_pickup_date=_moment(held.last_day) if held and held.last_day else None,
        item_identifier=request.item_identifier,
        title_identifier=title,
    )


@server.route(RENEW)
def renew(request: RenewRequest, context: RequestContext) -> RenewResponse:
    borrower = library.borrowers.get(request.patron_identifier)
    outcome = borrower.renew(request.item_identifier or "") if borrower else Refusal("Borrower not found")
    if isinstance(outcome, Refusal):
        return context.decline(outcome.text)
    return RenewResponse(
        ok="1",
        renewal_ok="Y",
        magnetic_media="N",
        desensitize="N",
        transaction_date=context.now_18(),
        institution_id=INSTITUTION,
        patron_identifier=request.patron_identifier,
        item_identifier=outcome.item,
        title_identifier=library.titles[outcome.item],
        due_date=_moment(outcome.due),
    )


@server.route(HOLD)
def hold(request: HoldRequest, context: RequestContext) -> HoldResponse:
    borrower = library.borrowers.get(request.patron_identifier)
    held = borrower.hold(request.item_identifier or "") if borrower else None
    if borrower is None or held is None or request.hold_mode == "+":
        return context.decline("No such reservation")
    if request.hold_mode == "-":
        borrower.holds.remove(held)
    else:
        held.branch = request.pickup_location or held.branch
    return HoldResponse(
        ok="1",
        available="N",
        transaction_date=context.now_18(),
        pickup_location=held.branch,
        institution_id=INSTITUTION,
        patron_identifier=borrower.card,
        item_identifier=held.item,
        title_identifier=library.titles[held.item],
    )


@server.route(END_PATRON_SESSION)
def end_session(request: EndPatronSessionRequest, context: RequestContext) -> EndSessionResponse:
    return EndSessionResponse(
        end_session="Y",
        transaction_date=context.now_18(),
        institution_id=INSTITUTION,
        patron_identifier=request.patron_identifier,
    )


def _status(borrower: Borrower) -> str:
    return "YYYY" + " " * 10 if borrower.barred else UNMARKED


def _pin(borrower: Borrower, pin: str) -> str:
    return "Y" if library.with_pin(borrower.card, pin) else "N"


def _moment(at: date) -> str:
    return f"{at:%Y%m%d    %H%M%S}"


async def main() -> None:
    async with server.start(port=0) as port:
        await run_sync(lambda: obey(library, port=port))


if __name__ == "__main__":
    anyio.run(main)
