"""Energy help's place on the home page."""

from collections.abc import Iterator
from datetime import datetime

from flask import url_for
from sqlalchemy.orm import Session

from portal.blueprints.energy.queries import checks
from portal.blueprints.energy.queries.checks import Kept
from portal.blueprints.energy.routes import common, standing_words
from portal.blueprints.energy.routes import kept as kept_words
from portal.blueprints.energy.rules.answers import Answers
from portal.facts import Panel, PanelState, ToDo
from portal.i18n import format_date, ngettext
from portal.i18n import gettext as _
from portal.party import Party


def panel(db: Session, party: Party, at: datetime) -> Panel:
    """Return how applications stand; else what was found last, as it is today, and when to look again: in this visit,
    or from what is kept.
    """
    return standing_words.panel(db, party, at) or _of_check(db, party)


def todos(db: Session, party: Party, at: datetime) -> Iterator[ToDo]:
    """Yield what waits for the person."""
    return standing_words.todos(db, party, at)


def _of_check(db: Session, party: Party) -> Panel:
    kept = checks.kept(db, party)
    before, now = common.opened(kept.answers) if kept else None, common.answers()
    if now.asked and (before is None or not before.is_part_of(now)):
        fact, text = _found(now)
        return Panel(
            fact=fact,
            text=text,
            state=PanelState.FRESH,
            state_text=_("From your answers in this visit. They are not kept yet."),
            link=(url_for("energy_check.result"), _("See what you could get")),
        )
    if kept is None or before is None:
        return Panel(
            fact=None,
            text=_("Find out what help with energy you could get, and why."),
            state=PanelState.NOT_CONNECTED,
            link=(url_for("energy.index"), _("See what there is")),
        )
    fact, text = _found(before)
    return Panel(
        fact=fact,
        text=text,
        state=PanelState.OLDER if kept_words.is_due(kept) else PanelState.FRESH,
        state_text=_state(kept),
        link=(url_for("energy.index"), _("See what you could get")),
    )


def _found(answers: Answers) -> tuple[str, str]:
    found_now = common.found_in(answers)
    alone = found_now.by_themselves
    fact = ngettext("%(num)d kind of help to ask for", "%(num)d kinds of help to ask for", found_now.to_ask_for)
    text = (
        ngettext("And %(num)d that should come by itself.", "And %(num)d that should come by themselves.", alone)
        if alone
        else _("See why, and what to do.")
    )
    return fact, text


def _state(kept: Kept) -> str:
    """Return from when the answers are, and when to look again."""
    day, why = format_date(kept.kept_at, "long"), kept_words.again(kept)
    return _("From your answers of %(day)s. %(why)s", day=day, why=why).strip()
