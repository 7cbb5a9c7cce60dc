"""Telling the housing team what people say otherwise than their rent account does: once, when a form is sent."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.blueprints.energy.rules.form import Correction, Form
from portal.blueprints.energy.rules.known import said_otherwise
from portal.council import Council
from portal.i18n import format_date, format_money, use_locale
from portal.messages import send
from portal.models import Channel, Person
from portal.sealed import Sealer

_TENURES: Final = {
    "council": "rents it from the council",
    "housing_association": "rents it from a housing association",
    "private_rented": "rents it from somebody else",
    "owner": "owns it",
}
_EACH: Final = {
    "week": "a week",
    "fortnight": "every two weeks",
    "four_weeks": "every four weeks",
    "month": "a month",
    "year": "a year",
}
_NAMES: Final = {
    "lines": "Address",
    "tenure": "Who the home is rented from",
    "housing_costs": "Rent",
    "heating_included_in_rent": "All of the heating included in the rent",
}


def tell_housing(
    db: Session, sealer: Sealer, council: Council, *, person: UUID, form: Form, reference: str, at: datetime
) -> None:
    """Write one message to the housing team with what the person says otherwise, in the caller's transaction.

    Nothing is written where there is no correction, or the council names no address. The message is in English, as all
    that staff read. Of somebody at risk it says only that there is something: the rest is behind a permission.
    """
    to = council.energy.corrections_to
    if not form.corrections or to is None:
        return
    name, is_at_risk = db.execute(select(Person.name, Person.restricted).where(Person.id == person)).one()
    with use_locale("en", council.zone):
        lines = [_line(form, page, told, council.currency) for page, told in form.corrections.items()]
    fields = {"reference": reference} | ({} if is_at_risk else {"name": name, "text": "\n".join(lines)})
    send(
        db,
        person_id=None,
        template="energy-corrections",
        fields=fields,
        at=at,
        sealer=sealer,
        to=(Channel.EMAIL, to),
        language="en",
    )


def _line(form: Form, page: str, told: Correction, currency: str) -> str:
    day = format_date(datetime.fromisoformat(told.as_of), "long")
    return " ".join(
        f"{_NAMES[key]}: the record says “{_said(told.fact[key], currency)}” (as of {day}), the person says"
        f" “{_said(now, currency)}”."
        for key, now in said_otherwise(told.fact, form, page).items()
    )


def _said(value: Any, currency: str) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case Mapping():
            return f"{format_money(value['amount'], currency)} {_EACH[value['period']]}"
        case str():
            return _TENURES[value]
        case _:
            return ", ".join(value)
