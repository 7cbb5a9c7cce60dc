"""Forms for help with energy that are filled in, so that they can be sent."""

from dataclasses import replace
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.blueprints.energy.models import EnergyApplication, EnergyCase
from portal.blueprints.energy.queries import applications
from portal.blueprints.energy.rules.answers import with_people
from portal.blueprints.energy.rules.details import (
    Address,
    Bank,
    Contact,
    Detail,
    Happened,
    Meter,
    Names,
    ShownLater,
    Supplier,
    TellsOfHealth,
    Who,
)
from portal.blueprints.energy.rules.form import Form
from portal.blueprints.energy.rules.needs import needs
from portal.blueprints.energy.rules.parts import steps
from portal.blueprints.energy.rules.questions import Page
from portal.blueprints.energy.schemes.catalogue import Ready, schemes_of
from portal.blueprints.energy.schemes.household import Person
from portal.council import Council
from portal.sealed import Sealer

DETAILS: dict[str, Detail] = {
    "who": Who(applying_for="myself"),
    "contact": Contact(name="Mary Example", by="phone", phone="01632 960123"),
    "address": Address(lines=("14 Mill Street", "Millbrook", "MB1 2AB")),
    "names": Names(names=()),
    "supplier": Supplier(name="Northern Power", account="12345"),
    "meter": Meter(electricity="1200012345678"),
    "happened": Happened(what="The boiler broke.", would_help="Money for a heater"),
    "tells-health": TellsOfHealth(tells=False),
    "bank": Bank(holder="Mary Example", sort_code="200052", account="31926819"),
}


def complete(db: Session, sealer: Sealer, application: UUID, *, council: Council, on: date, health: str = "") -> None:
    """Answer all of a form that isn't answered yet: what it asks with "I don't know". health: what is told of that."""
    row = db.get_one(EnergyApplication, application, populate_existing=True)
    held = applications.opened(sealer, row.answers, row.health, row.bank, nation="england")
    for slug, detail in DETAILS.items():
        held = held.with_detail(slug, detail)
    if held.household.people is None:
        alone = held.household.model_copy(update={"people": (Person(role="applicant"),)})
        held = replace(held, answers=held.answers.answered("people", alone))
    if health:
        household = with_people(held.household, "health", [(health,)])
        told = held.with_detail("tells-health", TellsOfHealth(tells=True))
        held = replace(told, answers=held.answers.answered("health/0", household))
    chosen = _editions(db, application, council)
    while missing := _questions(held, chosen, on):
        answers = held.answers
        for page in missing:
            answers = answers.answered(page.name, answers.unanswered(page))
        held = replace(held, answers=answers)
    papers = needs(chosen, held.answers.weighable, on).evidence
    held = held.with_detail("evidence", ShownLater(kinds=papers))
    for name, value in applications.sealed(sealer, held).items():
        setattr(row, name, value)
    db.commit()


def _editions(db: Session, application: UUID, council: Council) -> list[Ready]:
    cases = select(EnergyCase.scheme, EnergyCase.edition).where(EnergyCase.application_id == application)
    wanted = {(scheme, edition) for scheme, edition in db.execute(cases)}
    return [
        ready
        for scheme in schemes_of(council)
        for ready in scheme.editions
        if (scheme.slug, ready.edition.edition) in wanted
    ]


def _questions(held: Form, chosen: list[Ready], on: date) -> list[Page]:
    """Return the questions that a form still has to answer."""
    asked = steps(held, needs(chosen, held.answers.weighable, on))
    return [one.page for one in asked if one.page and not held.is_answered(one.name)]
