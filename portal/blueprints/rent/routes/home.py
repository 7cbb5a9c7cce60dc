"""Rent's place on pages of others: the home page, and what is connected to an account."""

from datetime import datetime
from uuid import UUID

from flask import url_for
from sqlalchemy.orm import Session

from portal.blueprints.rent import queries
from portal.blueprints.rent.actions import looking
from portal.blueprints.rent.routes.words import in_short, in_words
from portal.facts import Panel, PanelState
from portal.i18n import gettext as _
from portal.party import Party


def panel(db: Session, party: Party, at: datetime) -> Panel:
    """Return the account that comes first; others are a click away."""
    found = looking.look(db, party, now=at)
    if not found:
        return Panel(
            fact=None,
            text=_("See what you owe and what you have paid."),
            state=PanelState.NOT_CONNECTED,
            link=(url_for("rent.connect"), _("Connect your rent account")),
        )
    words = in_words(found[0])
    more = (url_for("rent.accounts"), _("See your rent"))
    return Panel(fact=words.fact, text=words.why, state=words.state, state_text=words.as_of, link=more)


def linked(db: Session, party: Party, at: datetime) -> dict[UUID, str]:
    """Return which account each link leads to."""
    return {link: in_short(which) for link, which in queries.linked(db, party, at=at).items()}
