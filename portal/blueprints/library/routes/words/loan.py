"""Loans: when each is due, and what came of renewing it."""

from dataclasses import dataclass, field

from portal.blueprints.library.queries import View
from portal.blueprints.library.routes.words.card import local_day, state
from portal.blueprints.library.routes.words.refusal import (
    TAKE_BACK,
    instead,
    nothing_sent,
    then_again,
    unclear,
    why_not,
)
from portal.blueprints.library.routes.words.tag import Tag, of_due
from portal.blueprints.library.rules.desk import Desk
from portal.blueprints.library.rules.due import Due, When, as_seen, due, in_order
from portal.blueprints.library.rules.settling import Deed, Outcome, Told
from portal.connectors.library import Loan, Reason
from portal.i18n import format_date, format_time
from portal.i18n import gettext as _
from portal.web.watching import as_of


@dataclass(frozen=True, slots=True)
class LoanRow:
    """One loan. id: of its element. due: as ``Seen``. has_button: it can be asked to be renewed now."""

    id: str
    item: str = field(repr=False)
    due: str
    title: str = field(repr=False)
    tag: Tag | None
    text: str
    strong: str
    needs_doing: bool
    has_button: bool
    wants_pin: bool


def loan_rows(view: View, desk: Desk) -> list[LoanRow]:
    """Return a card's loans, what needs doing first."""
    loans = in_order(view.borrower.loans, local_day()) if view.borrower else []
    is_away = state(view).is_away
    return [_loan_row(view, desk, loan, number, is_away=is_away) for number, loan in enumerate(loans, start=1)]


def _loan_row(view: View, desk: Desk, loan: Loan, number: int, *, is_away: bool) -> LoanRow:
    how = due(loan, local_day())
    is_asked, told = view.is_asked(loan.item), view.told_of(loan.item)
    tag, strong, text = _of_loan(loan, how, told, is_asked=is_asked, is_away=is_away)
    return LoanRow(
        id=f"loan-{desk.key('row', str(view.card.id), loan.item).hex()[:12]}",
        item=loan.item,
        due=as_seen(loan),
        title=loan.title or _("Loan %(number)s", number=number),
        tag=tag,
        strong=strong,
        text=text,
        needs_doing=how.needs_doing or _is_to_be_taken_back(told, how),
        has_button=not (is_asked or is_away or (told and told.is_final)) and desk.system.abilities.renew,
        wants_pin=bool(told and told.reason in (Reason.PIN_NEEDED, Reason.WRONG_CARD_OR_PIN)),
    )


def _is_to_be_taken_back(told: Told | None, how: Due) -> bool:
    """Tell whether a loan that isn't renewed has to go back in the next days."""
    is_refused = told is not None and told.outcome is Outcome.REFUSED and told.reason in TAKE_BACK
    return is_refused and how.when is When.SOON


def _of_loan(loan: Loan, how: Due, told: Told | None, *, is_asked: bool, is_away: bool) -> tuple[Tag | None, str, str]:
    """Return the tag of a loan, what is said of it in bold, and the rest."""
    plain = _is_due(loan, how)
    if is_asked:
        asked = _(
            "We asked to renew it, but didn’t hear the library’s answer. You don’t need to ask again: we will tell you"
            " here."
        )
        return Tag(_("We’re finding out"), "blue"), "", f"{asked} {plain}"
    if told is None or told.deed is not Deed.RENEW:
        return of_due(how), "", plain
    match told.outcome:
        case Outcome.DONE:
            return Tag(_("Renewed"), "green"), "", _now_due(loan)
        case Outcome.REFUSED:
            return of_due(how), _("Not renewed."), f"{why_not(told.reason)} {instead(told.reason, loan)}"
        case Outcome.UNAVAILABLE:
            return of_due(how), _("Not renewed."), f"{nothing_sent(is_away=is_away)} {plain}"
        case _:
            is_unclear = told.outcome is Outcome.UNCLEAR
            not_renewed = then_again(_("We found out: the library did not renew it."), is_away=is_away)
            found = unclear() if is_unclear else not_renewed
            return of_due(how), "" if is_unclear else _("Not renewed."), f"{found} {plain}"


def _is_due(loan: Loan, how: Due) -> str:
    said = _day_of(loan, how)
    if loan.due_as_of is None:
        return said
    return said + " " + _("The library said so %(moment)s.", moment=as_of(loan.due_as_of))


def _day_of(loan: Loan, how: Due) -> str:
    if loan.due_on is None:
        return (
            _("The library says when it is due: %(text)s", text=loan.due_text)
            if loan.due_text
            else _("The library doesn’t say when it is due.")
        )
    day = format_date(loan.due_on)
    if how.when is When.LATE:
        return _("It was due on %(day)s.", day=day)
    if loan.due_at and how.days is not None and how.days <= 1:
        return _("It is due on %(day)s, by %(time)s.", day=day, time=format_time(loan.due_at))
    return _("It is due on %(day)s.", day=day)


def _now_due(loan: Loan) -> str:
    if loan.due_on:
        return _("Now it is due on %(day)s.", day=format_date(loan.due_on))
    return _("The library says when it is due: %(text)s", text=loan.due_text)


def is_renewed(view: View, item: str) -> bool:
    """Tell whether a loan was renewed a short while ago."""
    told = view.told_of(item)
    return told is not None and told.deed is Deed.RENEW and told.outcome is Outcome.DONE
