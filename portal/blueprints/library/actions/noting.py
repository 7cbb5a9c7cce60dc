"""What staff had the library do for somebody whom they help, noted for that person to read."""

from datetime import datetime

from sqlalchemy.orm import Session

from portal.blueprints.library.actions import checking
from portal.blueprints.library.queries import Connected
from portal.blueprints.library.rules.desk import Desk
from portal.blueprints.library.rules.settling import Deed, Question, Told
from portal.connectors.library import Borrower
from portal.i18n import words
from portal.identity import helping
from portal.party import Party

Values = tuple[str | None, str | None]
"""What was before, and what is now."""


def note_done(
    db: Session, desk: Desk, party: Party, card: Connected, *, question: Question, told: Told, now: datetime
) -> None:
    """Note that something was done, in the caller's transaction, before what is kept of the card changes."""
    if party.help is None:
        return
    last = checking.kept(db, desk, card.link)
    old, new = _values(desk, last.borrower if last else None, question, told)
    helping.note_change(db, desk.sealer, party, question.deed.act, old=old, new=new, at=now)


def _values(desk: Desk, borrower: Borrower | None, question: Question, told: Told) -> Values:
    if question.deed is Deed.RENEW:
        loan = next((loan for loan in borrower.loans if loan.item == question.thing), None) if borrower else None
        title = loan.title if loan else ""
        before = (loan.due_on or loan.due_text) if loan else None
        return _joined(title, before), _joined(title, told.due_on or told.due_text)
    hold = next((hold for hold in borrower.holds if hold.id == question.thing), None) if borrower else None
    title = hold.title if hold else ""
    if question.deed is Deed.CANCEL:
        return _joined(title), None
    return _joined(title, _branch(desk, hold.branch if hold else None)), _joined(title, _branch(desk, question.branch))


def _branch(desk: Desk, code: str | None) -> str | None:
    return words(desk.rules.branches[code]) if code in desk.rules.branches else code


def _joined(*parts: object) -> str | None:
    """Return what is known, with commas between; None if nothing is. A day is in ISO 8601."""
    return ", ".join(str(part) for part in parts if part) or None
