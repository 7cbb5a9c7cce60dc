"""What the routes of energy help read of a request, and keep of a visit."""

import base64
import binascii
from datetime import date
from typing import cast
from uuid import UUID

from flask import g, session, url_for
from flask_login import current_user

from portal.blueprints.energy.queries import checks
from portal.blueprints.energy.queries.checks import ANSWERS
from portal.blueprints.energy.rules.answers import Answers
from portal.blueprints.energy.rules.findings import Found
from portal.blueprints.energy.rules.known import Known
from portal.blueprints.energy.rules.known import known as known_of
from portal.blueprints.energy.rules.walk import Standing, stand
from portal.blueprints.energy.schemes.catalogue import Ready, Scheme, nation_of, schemes_of
from portal.blueprints.energy.schemes.household import Nation
from portal.facts import Fact
from portal.i18n import current_language, reviewed_languages
from portal.party import Party
from portal.sealed import SealBroken
from portal.web import current, helping

SERVICE = "energy"
KEPT = "energy"
"""Name in the session under which the answers of a visit lie, sealed."""
CONTEXT = "sign_in_session.data.energy"


def schemes() -> tuple[Scheme, ...]:
    """Return the schemes of this installation, with what the council says of them: read once."""
    return schemes_of(current.council())


def edition(scheme: str, slug: str) -> Ready | None:
    """Return one edition of a scheme; None if this release doesn't have it any more."""
    those = (ready for one in schemes() if one.slug == scheme for ready in one.editions)
    return next((ready for ready in those if ready.edition.edition == slug), None)


def nation() -> Nation:
    return nation_of(current.council())


def local_day() -> date:
    """Return the day of this request in the council's zone."""
    return current.now().astimezone(current.council().zone).date()


def binding_language() -> str:
    """Return the language of what somebody may be held to: the reader's only where a translator has been over it."""
    return current_language() if current_language() in reviewed_languages() else "en"


def link_to(application: UUID) -> str:
    """Return the whole address of an application's page, as messages have it."""
    return current.settings().base_url + url_for("energy.application", application=application)


def answers() -> Answers:
    """Return what was answered in this visit."""
    if KEPT not in session:
        return Answers.none(nation())
    try:
        text = current.sealer().unseal(base64.b64decode(session[KEPT], validate=True), context=CONTEXT)
    except (SealBroken, binascii.Error):
        return Answers.none(nation())
    return Answers.from_text(text, nation()) or Answers.none(nation())


def keep(given: Answers) -> None:
    """Keep answers until the visit ends."""
    sealed = current.sealer().seal(given.text, context=CONTEXT)
    session[KEPT] = base64.b64encode(sealed).decode()
    g.pop("energy_standing", None)


def forget() -> None:
    session.pop(KEPT, None)
    g.pop("energy_standing", None)


def standing() -> Standing:
    """Return how far the check of this visit has come, worked out once in a request."""
    if "energy_standing" not in g:
        g.energy_standing = stand(schemes(), answers(), local_day())
    return cast(Standing, g.energy_standing)


def opened(sealed: bytes) -> Answers | None:
    """Return answers that were kept; None if this release can't read them."""
    try:
        return Answers.from_text(current.sealer().unseal(sealed, context=ANSWERS), nation())
    except SealBroken:
        return None


def is_kept(of: Party, given: Answers) -> bool | None:
    """Tell whether these are the answers that are kept, what was said of health perhaps left out; None if none are."""
    row = checks.kept(current.db(), of)
    before = opened(row.answers) if row else None
    return None if before is None else before.is_part_of(given)


def found_in(given: Answers) -> Found:
    """Return what answers come to today."""
    return stand(schemes(), given, local_day()).found


def party() -> Party | None:
    """Return the resident who is signed in or helped with this, on a page that anybody may see; None for others."""
    if not current_user.is_authenticated or (current_user.is_staff and not helping.now()):
        return None
    mine: Party = current_user.party()
    return mine if mine.may_see(SERVICE) else None


def facts(of: Party) -> list[Fact]:
    """Return what other services know of a resident, as far as this sign-in may see it."""
    return [
        fact
        for service in current.services()
        if service.facts and service.is_open_to(of)
        for fact in service.facts(current.db(), of, current.now())
    ]


def has_to_ask(resident: Party) -> bool:
    """Tell whether to ask if facts of other services may be used: once, and only where there are any."""
    return _permission(resident) is None and bool(facts(resident))


def known() -> dict[str, Known]:
    """Return what other services know that the check would ask for, if the resident allows it; by the page's name.

    Asked once in a request.
    """
    if "energy_known" not in g:
        resident = party()
        allowed = resident is not None and _permission(resident)
        every = current.council().rent.calendar.every
        g.energy_known = known_of(facts(resident), every=every) if resident and allowed else {}
    return cast(dict[str, Known], g.energy_known)


def _permission(resident: Party) -> bool | None:
    if "energy_permission" not in g:
        g.energy_permission = checks.permission(current.db(), resident)
    return cast(bool | None, g.energy_permission)
