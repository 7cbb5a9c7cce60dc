"""The library's place on the home page."""

from collections.abc import Iterator
from datetime import datetime, time
from uuid import UUID

from flask import url_for
from sqlalchemy.orm import Session

from portal.blueprints.library import queries
from portal.blueprints.library.queries import View
from portal.blueprints.library.routes.common import desk, views
from portal.blueprints.library.routes.words.branch import branch_name
from portal.blueprints.library.routes.words.card import State, in_short, local_day, name, name_of, state
from portal.blueprints.library.rules.cards import as_number
from portal.blueprints.library.rules.due import When, due, in_order
from portal.connectors.library import HoldState, Loan
from portal.facts import Panel, PanelState, ToDo
from portal.i18n import gettext as _
from portal.i18n import ngettext
from portal.identity.finding import Clue, Clues, Trace
from portal.party import Party
from portal.web import current


def panel(_db: Session, party: Party, _at: datetime) -> Panel:
    """Return the card that comes first; others are a click away."""
    found = views(party)
    if not found:
        return Panel(
            fact=None,
            text=_("See your loans and renew them here."),
            state=PanelState.NOT_CONNECTED,
            link=(url_for("library.connect"), _("Connect your library card")),
        )
    first = found[0]
    stands, link = state(first), (url_for("library.cards"), _("See your loans"))
    if stands.wants_pin:
        link = (url_for("library.pin", card=first.card.id), _("Enter your PIN"))
    fact, text = in_short(first.borrower) if first.borrower else (None, _nothing_known(stands))
    away = _("The library’s system is not answering.") if stands.is_away else ""
    if away and fact:
        text = _("You can’t renew just now.")
    return Panel(fact=fact, text=text, state=stands.kind, state_text=stands.text, link=link, away=away)


def _nothing_known(stands: State) -> str:
    if stands.is_away:
        return _("We haven’t heard from it yet, so we can’t show your loans. Your card is connected.")
    if stands.kind is PanelState.ASKING:
        return _("We’re asking the library for your loans.")
    return _("We don’t know your loans yet. Your card is connected.")


def todos(_db: Session, party: Party, _at: datetime) -> Iterator[ToDo]:
    """Yield what has to be done about loans and holds, for each card."""
    for view in views(party):
        if view.borrower:
            loans = in_order(view.borrower.loans, local_day())
            late = [loan for loan in loans if due(loan, local_day()).when is When.LATE]
            soon = [loan for loan in loans if due(loan, local_day()).when in (When.TODAY, When.TOMORROW)]
            if late:
                text = ngettext("%(num)d library loan is late", "%(num)d library loans are late", len(late))
                yield _todo(view, text, late, is_late=True)
            if soon:
                text = ngettext("%(num)d library loan is due", "%(num)d library loans are due", len(soon))
                yield _todo(view, text, soon, is_late=False)
            yield from _to_collect(view)


def _todo(view: View, text: str, loans: list[Loan], *, is_late: bool) -> ToDo:
    if len(loans) == 1 and loans[0].title:
        detail = _("Take back “%(title)s”, or renew it.", title=loans[0].title)
    else:
        detail = _("Take back what is due, or renew it.")
    if not view.card.is_own:
        detail = f"{name(view)}. {detail}"
    first = loans[0].due_on
    return ToDo(
        text=text,
        detail=detail,
        address=url_for("library.loans", card=view.card.id),
        due=datetime.combine(first, time.min, current.council().zone) if first else None,
        is_late=is_late,
    )


def _to_collect(view: View) -> Iterator[ToDo]:
    borrower = view.borrower
    ready = [hold for hold in borrower.holds if hold.state is HoldState.READY] if borrower else []
    if ready:
        day = min((hold.last_day for hold in ready if hold.last_day), default=None)
        yield ToDo(
            text=_("Something that you reserved is ready"),
            detail=_("Collect it at %(place)s.", place=branch_name(ready[0].branch)),
            address=url_for("library.holds", card=view.card.id),
            due=datetime.combine(day, time.min, current.council().zone) if day else None,
        )


def linked(db: Session, party: Party, at: datetime) -> dict[UUID, str]:
    """Return which card each link leads to."""
    return {card.link: name_of(card) for card in queries.cards(db, party, at=at)}


def find(db: Session, clues: Clues, _at: datetime) -> Iterator[Trace]:
    """Yield who has connected a card as their own. A child's card is found by whoever connected it, not by staff."""
    number = as_number(clues.card)
    if number and (owner := queries.owner(db, desk(), number)):
        yield Trace(person=owner, matches=frozenset({Clue.CARD}))
