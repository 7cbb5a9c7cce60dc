"""What a resident has the library do: renew one loan or all, cancel a hold, have it brought elsewhere."""

from typing import Any
from uuid import UUID

from flask import Blueprint, abort, flash, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from portal.audit import AlreadyAsked
from portal.blueprints.library import queries
from portal.blueprints.library.actions import asking
from portal.blueprints.library.actions.asking import Changed, NotFound, Seen
from portal.blueprints.library.queries import View
from portal.blueprints.library.routes.common import asks, card_id, desk, session_id
from portal.blueprints.library.routes.words.branch import branch_name, branch_names
from portal.blueprints.library.routes.words.card import in_short, owes_pence, state, warnings
from portal.blueprints.library.routes.words.hold import hold_rows
from portal.blueprints.library.routes.words.loan import is_renewed, loan_rows
from portal.blueprints.library.routes.words.outcome import found_out, not_done, renewal
from portal.connectors.errors import OutsideError
from portal.connectors.library import Renewed
from portal.i18n import gettext as _
from portal.web import current
from portal.web.htmx import wanted_target
from portal.web.pages import page, see_other


def add_to(bp: Blueprint) -> None:
    bp.add_url_rule("/loans/renew", view_func=renew, methods=["POST"])
    bp.add_url_rule("/loans/renew-all", view_func=renew_all, methods=["POST"])
    bp.add_url_rule("/holds/cancel", view_func=cancel, methods=["POST"])
    bp.add_url_rule("/holds/collect", view_func=collect, methods=["POST"])


def context(view: View, waiting: list[Seen] | None = None, asked: int = 0) -> dict[str, Any]:
    """Return what a card's pages are made of. waiting: loans that are about to be renewed one after the other; asked:
    how many of them were.
    """
    rows = loan_rows(view, desk())
    renewable = [Seen(row.item, row.due) for row in rows if row.has_button]
    return {
        "view": view,
        "state": state(view),
        "short": in_short(view.borrower) if view.borrower else None,
        "loan_rows": rows,
        "hold_rows": hold_rows(view, desk()),
        "found_out": found_out(view),
        "warnings": warnings(view.borrower) if view.borrower else [],
        "owes_pence": owes_pence(view.borrower) if view.borrower else None,
        "to_renew": renewable if waiting is None else waiting,
        "running": bool(waiting),
        "asked": asked,
        "branches": branch_names(),
        "catalogue": desk().rules.catalogue,
    }


def renew() -> AnyResponse:
    card = card_id(request.form.get("card"))
    seen = Seen(request.form.get("item", ""), request.form.get("due", ""))
    came = _renewed(card, seen)
    target = wanted_target()
    if not target:
        flash(*renewal(came))
        return see_other(url_for(".loans", card=card))
    view = _view(card)
    row = next((row for row in loan_rows(view, desk()) if row.item == seen.item), None)
    return page("library/_loan.html", view=view, loan=row, row_id=target, told=renewal(came)[0])


def _renewed(card: UUID, seen: Seen) -> Renewed | Exception:
    """Return what came of asking for one renewal. 404 if the card isn't theirs."""
    try:
        return asking.renew(asks(card), seen)
    except NotFound:
        abort(404)
    except (OutsideError, AlreadyAsked, Changed) as error:
        return error


def renew_all() -> AnyResponse:
    """Renew loans one after the other; by htmx one in each request, so that each answer shows when it comes."""
    card = card_id(request.form.get("card"))
    given = zip(request.form.getlist("item"), request.form.getlist("due"), strict=False)
    loans = [Seen(item, due) for item, due in given]
    if not wanted_target():
        try:
            asking.renew_all(asks(card), loans)
        except NotFound:
            abort(404)
        _flash_summary(_view(card), loans)
        return see_other(url_for(".loans", card=card))
    if loans:
        _renewed(card, loans[0])
    rest = loans[1:]
    asked = _number(request.form.get("asked")) + len(loans[:1])
    return page("library/loans.html", fragments=("loans",), **context(_view(card), rest, asked))


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() else 0


def _flash_summary(view: View, loans: list[Seen]) -> None:
    done = sum(1 for seen in loans if is_renewed(view, seen.item))
    flash(
        _("Renewed: %(number)s of %(all)s. The list says why not, where one wasn’t.", number=done, all=len(loans)),
        "success" if done == len(loans) else "problem",
    )


def cancel() -> AnyResponse:
    card, hold = card_id(request.form.get("card")), request.form.get("hold", "")
    try:
        asking.cancel_hold(asks(card), hold)
    except NotFound:
        abort(404)
    except (OutsideError, AlreadyAsked) as error:
        flash(*not_done(_("Not cancelled."), error))
    else:
        flash(_("Cancelled."), "success")
    return see_other(url_for(".holds", card=card))


def collect() -> AnyResponse:
    """Have a hold brought to another branch."""
    card, hold, branch = card_id(request.form.get("card")), request.form.get("hold", ""), request.form.get("branch")
    if branch not in desk().rules.branches:
        abort(404)
    try:
        asking.change_pickup(asks(card), hold, branch)
    except NotFound:
        abort(404)
    except (OutsideError, AlreadyAsked) as error:
        flash(*not_done(_("Not changed."), error))
    else:
        flash(_("Changed. You collect it at %(place)s.", place=branch_name(branch)), "success")
    return see_other(url_for(".holds", card=card))


def _view(card: UUID) -> View:
    """Return the card as it is after something was asked. 404 if it was disconnected in the meantime."""
    found = queries.views(current.db(), desk(), current.party(), session=session_id(), at=current.now())
    return next((view for view in found if view.card.id == card), None) or abort(404)
