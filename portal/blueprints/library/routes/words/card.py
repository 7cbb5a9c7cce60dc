"""A card: what it is called, how fresh its facts are, all that is on it in short, why it may do less than usual."""

from dataclasses import dataclass
from datetime import date, timedelta

from portal.blueprints.library.queries import Connected, View
from portal.blueprints.library.rules.due import When, due, in_order
from portal.connectors.library import Block, Borrower, HoldState, Reason
from portal.facts import PanelState
from portal.i18n import Lazy, format_date, ngettext
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.web import current
from portal.web.watching import as_of, state_text

EXPIRES_SOON = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class State:
    """How fresh a card's facts are. is_away: the library system isn't answering. wants_pin: it needs the PIN first."""

    kind: PanelState
    text: str
    is_away: bool
    wants_pin: bool


def name(view: View) -> str:
    """Return what a card is called."""
    return name_of(view.card)


def name_of(card: Connected) -> str:
    """As ``name``."""
    if card.child_name:
        return _("Card of %(name)s", name=card.child_name)
    return _("Your card ending %(four)s", four=card.last_four)


def state(view: View) -> State:
    """Return how fresh a card's facts are. A library system that wants the PIN first, or refuses, isn't away."""
    kind, text = view.state, state_text(view.state, view.taken_at)
    wants_pin = not view.has_pin or view.reason in (Reason.PIN_NEEDED, Reason.WRONG_CARD_OR_PIN)
    if kind is PanelState.FRESH or not (wants_pin or view.reason):
        return State(kind, text, kind in (PanelState.AWAY, PanelState.NEVER), wants_pin=False)
    why = (
        _("The library wants the PIN first.")
        if wants_pin
        else _("The library doesn’t answer for this card any more. Ask the library why.")
    )
    if view.taken_at is None:
        return State(PanelState.NEVER, why, is_away=False, wants_pin=wants_pin)
    as_of_then = _("As of %(moment)s.", moment=as_of(view.taken_at))
    return State(PanelState.OLDER, f"{as_of_then} {why}", is_away=False, wants_pin=wants_pin)


def local_day() -> date:
    return current.now().astimezone(current.council().zone).date()


def in_short(borrower: Borrower) -> tuple[str, str]:
    """Return the sentence that matters of a card, and what follows it."""
    whens = [due(loan, local_day()).when for loan in borrower.loans]
    loans = ngettext("%(num)d loan", "%(num)d loans", len(whens))
    counts = {one: whens.count(one) for one in (When.LATE, When.TODAY, When.TOMORROW)}
    if not whens:
        fact = _("Nothing is out")
    elif counts[When.LATE]:
        fact = _("%(loans)s, %(number)s late", loans=loans, number=counts[When.LATE])
    elif counts[When.TODAY]:
        fact = _("%(loans)s, %(number)s due today", loans=loans, number=counts[When.TODAY])
    elif counts[When.TOMORROW]:
        fact = _("%(loans)s, %(number)s due tomorrow", loans=loans, number=counts[When.TOMORROW])
    else:
        fact = loans
    return fact, " ".join(_what_follows(borrower, counts))


def _what_follows(borrower: Borrower, counts: dict[When, int]) -> list[str]:
    said = []
    if counts[When.LATE] and counts[When.TODAY]:
        said.append(_("Due today: %(number)s.", number=counts[When.TODAY]))
    if (counts[When.LATE] or counts[When.TODAY]) and counts[When.TOMORROW]:
        said.append(_("Due tomorrow: %(number)s.", number=counts[When.TOMORROW]))
    if ready := sum(hold.state is HoldState.READY for hold in borrower.holds):
        said.append(_("Ready to collect: %(number)s.", number=ready))
    if not said and borrower.loans:
        first = next((loan for loan in in_order(borrower.loans, local_day()) if loan.due_on), None)
        if first and first.due_on and not any(counts.values()):
            said.append(_("The first is due on %(day)s.", day=format_date(first.due_on, "day")))
    return said


def owes_pence(borrower: Borrower) -> int | None:
    """Return what is owed in all, None where nobody says."""
    if borrower.account.owes_pence is not None:
        return borrower.account.owes_pence
    amounts = [charge.pence for charge in borrower.charges]
    return sum(pence for pence in amounts if pence) if amounts and None not in amounts else None


def warnings(borrower: Borrower) -> list[str]:
    """Return why the card may do less than usual, or soon will."""
    said = [str(_BLOCKS[block]) for block in Block if block in borrower.account.blocks - _explained(borrower)]
    expires_on = borrower.account.expires_on
    if expires_on and Block.EXPIRED not in borrower.account.blocks and expires_on - local_day() <= EXPIRES_SOON:
        day = format_date(expires_on)
        said.append(
            _("This card expired on %(day)s. The library can make it good again.", day=day)
            if expires_on < local_day()
            else _("This card expires on %(day)s. The library can make it good for longer.", day=day)
        )
    return said


def _explained(borrower: Borrower) -> frozenset[Block]:
    """Return what needs no saying, and no asking the library why, since another block is the reason."""
    reasons = borrower.account.blocks - _RESTRICTIONS
    if reasons - {Block.TOO_MANY_LOANS}:
        return _RESTRICTIONS
    return frozenset({Block.NO_BORROWING}) if reasons else frozenset()


_RESTRICTIONS = frozenset({Block.NO_BORROWING, Block.NO_RENEWING, Block.NO_RESERVING})

_BLOCKS: dict[Block, Lazy] = {
    Block.EXPIRED: _l("This card has expired. The library can make it good again."),
    Block.LOST: _l("This card is reported lost. Ask the library for a new one."),
    Block.OWES_TOO_MUCH: _l(
        "So much is owed on this card that the library lends and renews nothing. See what you owe."
    ),
    Block.TOO_MANY_LATE: _l(
        "So many loans are late that the library lends and renews nothing. Take back what is late."
    ),
    Block.TOO_MANY_LOANS: _l("As much is out on this card as may be. Take something back to borrow more."),
    Block.TOO_MANY_LOST: _l("Too many loans count as lost. Ask the library what to do."),
    Block.RECALL_LATE: _l("The library has asked for something back, and that day is over. Take it back now."),
    Block.NO_BORROWING: _l("The library lends nothing on this card just now. Ask the library why."),
    Block.NO_RENEWING: _l("The library renews nothing on this card just now. Ask the library why."),
    Block.NO_RESERVING: _l("Nothing can be reserved on this card just now. Ask the library why."),
}
