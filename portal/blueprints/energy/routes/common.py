"""What the routes of energy help read of a request, and keep of a visit."""

import base64
import binascii
from datetime import date
from typing import cast

from flask import current_app, g, session

from portal.blueprints.energy.rules.answers import Answers
from portal.blueprints.energy.rules.walk import Standing, stand
from portal.blueprints.energy.schemes.catalogue import CouncilChoices, Scheme, load_schemes
from portal.blueprints.energy.schemes.household import Nation
from portal.sealed import SealBroken
from portal.web import current

KEPT = "energy"
"""Name in the session under which the answers of a visit lie, sealed."""
CONTEXT = "sign_in_session.data.energy"
SCHEMES = "portal.energy.schemes"
"""Where an application keeps its schemes: their files are read once."""


def schemes() -> tuple[Scheme, ...]:
    """Return the schemes of this installation, with what the council says of them."""
    extensions = current_app.extensions
    if SCHEMES not in extensions:
        extensions[SCHEMES] = load_schemes(CouncilChoices(), (current.settings().council.parent / "schemes",))
    return cast(tuple[Scheme, ...], extensions[SCHEMES])


def nation() -> Nation:
    return cast(Nation, current.council().nation.replace("-", "_"))


def local_day() -> date:
    """Return the day of this request in the council's zone."""
    return current.now().astimezone(current.council().zone).date()


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
