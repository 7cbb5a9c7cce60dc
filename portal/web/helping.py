"""While staff help a resident: what each page and fragment says of it, and what is refused.

A page is the resident's own. Above it stands who helps whom; before its title, that it is help.
"""

from dataclasses import dataclass
from datetime import datetime
from math import ceil
from typing import Literal

from flask import Flask, abort, g, render_template
from flask_login import current_user
from markupsafe import Markup

from portal.i18n import gettext as _
from portal.i18n import words
from portal.identity.helping import AGREED, Agreement
from portal.identity.sessions import Helping
from portal.party import Party
from portal.web import current, refusals

Alone = Literal["sign-in", "links", "permission"]
"""What a resident does alone: how they sign in, what is connected, what they allow."""


@dataclass(frozen=True, slots=True)
class Banner:
    """What stands above each page. how: the agreement was given. seconds, minutes: that are left."""

    name: str
    staff: str
    team: str
    how: str
    services: tuple[str, ...]
    acts: bool
    seconds: int
    minutes: int
    until: datetime


def install(app: Flask) -> None:
    app.jinja_env.globals["helping"] = banner
    app.jinja_env.globals["banner_of_help"] = html
    app.jinja_env.globals["title_of_help"] = title


def now() -> Helping | None:
    """Return the help that this request belongs to, over or not."""
    helping: Helping | None = getattr(current_user, "helping", None)  # a visitor has none
    return helping


def party() -> Party:
    """Return who acts and for whom, on a page that anybody may see. Raises Forbidden where a help is over."""
    refuse_if_over()
    mine: Party = current_user.party()
    return mine


def refuse_if_over() -> None:
    helping = now()
    if helping and helping.is_over(current.now()):
        _refuse("help-over")


def refuse_unless_agreed(service: str, alone: Alone | None, *, changes: bool) -> None:
    """Keep staff to what was agreed. alone: what kind of page it is, if only the resident may use it. changes: it isn't
    a look.
    """
    helping = now()
    if helping is None:
        return
    refuse_if_over()
    if service not in helping.services:
        _refuse("help-scope")
    if alone:
        _refuse(f"help-{alone}")
    if changes and not helping.acts:
        _refuse("help-look")


def refuse_elsewhere() -> None:
    """Keep staff who help from their own pages and from everybody's forms, such as signing in as somebody."""
    if now():
        _refuse("help-elsewhere")


def _refuse(why: str) -> None:
    refusals.because(why)
    abort(403)


def why_refused() -> str | None:
    """Return why this request was refused, if a help's limits did it: a code."""
    why: str = g.get("refused", "")
    return why.removeprefix("help-") if why.startswith("help-") else None


def banner() -> Banner | None:
    """Return what stands above the page; None where nobody is being helped."""
    helping = now()
    if helping is None:
        return None
    left = max((helping.ends_at - current.now()).total_seconds(), 0)
    names = {service.slug: str(service.name) for service in current.services()}
    return Banner(
        name=helping.name,
        staff=current_user.name,
        team=team_name(helping.team),
        how=_how(helping),
        services=tuple(names[slug] for slug in names if slug in helping.services),
        acts=helping.acts,
        seconds=ceil(left),
        minutes=ceil(left / 60),
        until=helping.ends_at,
    )


def team_name(code: str) -> str:
    """Return what residents read of a team; empty where the council has none of this code."""
    teams = current.council().staff.teams
    return words(teams[code]) if code in teams else ""


def _how(helping: Helping) -> str:
    agreed = current.sealer().unseal(helping.agreed, context=AGREED)
    match Agreement(helping.agreement):
        case Agreement.IN_PERSON:
            return _("They are here with you.")
        case Agreement.PHONE:
            return _("On the phone, call %(reference)s.", reference=agreed)
        case Agreement.STANDING:
            return _("They agreed for longer: %(document)s.", document=agreed)
        case Agreement.LEGAL:
            return _("By legal authority: %(document)s.", document=agreed)


def html(*, is_fragment: bool = False) -> Markup:
    """Return the banner, empty outside of help. is_fragment: htmx puts it in the place of the page's own."""
    told = banner()
    if told is None:
        return Markup()
    text = render_template("layouts/helping.html", help=told, is_fragment=is_fragment)
    return Markup(text)  # noqa: S704 -- Jinja has escaped it


def title() -> str:
    """Return how each title begins during help."""
    return _("Helping a resident: ") if now() else ""
