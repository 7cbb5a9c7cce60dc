"""The form by which staff look for a resident, and what comes of it: for every page that has it."""

from collections.abc import Collection
from typing import Any

from wtforms import StringField
from wtforms.validators import Length, Optional

from portal.i18n import format_time
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.identity import looking
from portal.identity.finding import Clues
from portal.identity.looking import Found, TooFewFacts
from portal.identity.throttle import Throttled
from portal.web import current
from portal.web.forms import DayField, Form


class FindForm(Form):
    """services: slugs of those that are there; what the others have can't be looked for."""

    reference = StringField(_l("Rent reference"), validators=[Optional(), Length(max=40)])
    card = StringField(_l("Library card"), validators=[Optional(), Length(max=40)])
    name = StringField(_l("Last or full name"), validators=[Optional(), Length(max=100)])
    postcode = StringField(_l("Post code"), validators=[Optional(), Length(max=20)])
    born_on = DayField(_l("Date of birth"), validators=[Optional()])

    def __init__(self, services: Collection[str]) -> None:
        super().__init__()
        for service, field in (("rent", "reference"), ("library", "card")):
            if service not in services:
                del self[field]

    def clues(self) -> Clues:
        given: dict[str, Any] = {name: value for name, value in self.data.items() if value}
        return Clues(**given)


class NotFound(Exception):
    """Nobody was looked for, and the form says why. headers: of the answer."""

    def __init__(self, status: int, **headers: str) -> None:
        super().__init__(str(status))
        self.status = status
        self.headers = headers


def form() -> FindForm:
    """Return the form, as it was sent if it was."""
    return FindForm([service.slug for service in current.services()])


def find(form: FindForm) -> Found:
    """Return whom the facts fit, as far as the member of staff may see them. Raises NotFound."""
    if not form.is_good():
        raise NotFound(422)
    db, now = current.db(), current.now()
    try:
        return looking.find(db, current.throttle(), current.finders(), current.party(), form.clues(), now=now)
    except TooFewFacts:
        form.fail("name", _("Give at least two facts, such as a name and a date of birth"))
        raise NotFound(422) from None
    except Throttled as throttled:
        form.fail(
            "name", _("That was a lot of searches. You can go on at %(time)s.", time=format_time(throttled.until))
        )
        raise NotFound(429, **{"Retry-After": str(round((throttled.until - now).total_seconds()))}) from None
