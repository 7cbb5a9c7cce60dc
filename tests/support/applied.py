"""Applications that were sent, made without the pages: what staff's side of them is tested with."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from portal.blueprints.energy.actions.progressing import take_step
from portal.blueprints.energy.models import (
    EnergyApplication,
    EnergyCase,
    EnergyDeclaration,
    EnergyEvidence,
    EnergyMessage,
)
from portal.blueprints.energy.queries import applications
from portal.blueprints.energy.queries.afterwards import BODY
from portal.blueprints.energy.queries.evidence import KEY
from portal.blueprints.energy.queries.sent import Sent, by_name
from portal.blueprints.energy.rules.answers import Answers
from portal.blueprints.energy.rules.details import Address, Bank, Contact, ShownLater, TellsOfHealth, Who
from portal.blueprints.energy.rules.form import Form
from portal.blueprints.energy.rules.progress import State
from portal.blueprints.energy.schemes.catalogue import schemes_of
from portal.blueprints.energy.schemes.household import household_of
from portal.connectors.storage import FileStore
from portal.council import Council
from portal.models import Person
from portal.sealed import Sealer
from portal.uploads.envelope import encrypt

MARKER = "Zzyzx"
"""Stands in what people wrote, to be looked for where it must not be."""
BANK = Bank(holder=f"{MARKER} Holder", sort_code="112233", account="12345678")
HOUSEHOLD = {
    "nation": "england",
    "tenure": "owner",
    "savings": 120_050,
    "housing_costs": {"amount": 50_000, "period": "month"},
    "people": [
        {"role": "applicant", "date_of_birth": "1950-02-01", "benefits": ["universal_credit"]},
        {"role": "partner", "pregnant": False, "health": ["respiratory"]},
    ],
}
WITH_HEALTH = "warm-homes-local-grant"
"""A scheme that counts health conditions."""
WITHOUT_HEALTH = "crisis-and-resilience-fund"


def a_form(*, with_health: bool = True, with_bank: bool = True) -> Form:
    """Return a form as somebody filled it in, whose partner is ill."""
    answers = Answers(household_of(HOUSEHOLD), ("home", "people", "benefits/0", "health"))
    form = Form(answers)
    form = form.with_detail("who", Who(applying_for="myself"))
    form = form.with_detail("contact", Contact(name="Mary Example", by="phone", phone="01632 960001"))
    form = form.with_detail("address", Address(lines=("1 Mill Street", "MB1 1AA")))
    form = form.with_detail("tells-health", TellsOfHealth(tells=with_health))
    form = form.with_detail("evidence", ShownLater(kinds=("savings", "health", "pregnancy")))
    if with_bank:
        form = form.with_detail("bank", BANK)
    return form if with_health else form.without_health()


@dataclass
class Applied:
    """Makes applications and commits them."""

    db: Session
    sealer: Sealer
    council: Council
    numbers: int = 0

    def draft(self, person: Person, *, at: datetime, until: datetime) -> UUID:
        found = self._add(person, a_form(), at=at, expires_at=until)
        self.db.commit()
        return found

    def sent(
        self,
        person: Person,
        *,
        at: datetime,
        schemes: tuple[str, ...] = (WITHOUT_HEALTH,),
        home: bytes | None = None,
        form: Form | None = None,
    ) -> Sent:
        """Return an application that was sent at a moment."""
        self.numbers += 1
        reference = f"E-{self.numbers:04}"
        application = self._add(person, form or a_form(), at=at, sent_at=at, reference=reference, home=home)
        names = by_name(schemes_of(self.council))
        for scheme in schemes:
            edition = max(edition for slug, edition in names if slug == scheme)
            self.db.add(EnergyCase(application_id=application, scheme=scheme, edition=edition, state=State.DRAFT))
            self.db.flush()
            take_step(self.db, (application, scheme), State.SENT, before=(State.DRAFT,), by="resident", at=at)
        declared = {"at": at, "actor_id": person.id, "language": "en", "words": "What I said is true."}
        self.db.add(EnergyDeclaration(application_id=application, **declared))
        self.db.commit()
        return Sent(application, person.id, reference, at)

    def step(
        self, sent: Sent, then: State, *, at: datetime, scheme: str = WITHOUT_HEALTH, due: date | None = None
    ) -> None:
        """Take a case to a state, wherever it stands."""
        take_step(self.db, (sent.id, scheme), then, before=tuple(State), by="council", at=at, due=due)
        self.db.commit()

    def message(self, sent: Sent, words: str, *, at: datetime) -> None:
        body = self.sealer.seal(words, context=BODY)
        row = EnergyMessage(application_id=sent.id, from_council=False, kind="message", body=body, at=at)
        self.db.add(row)
        self.db.commit()

    def file(self, sent: Sent, files: FileStore, kind: str, data: bytes, *, at: datetime, state: str = "clean") -> UUID:
        file_id = uuid4()
        envelope = encrypt(data, file_id=file_id)
        files.put(file_id, envelope.data)
        row = EnergyEvidence(
            id=file_id,
            application_id=sent.id,
            kind=kind,
            name=self.sealer.seal(f"{MARKER}.jpg", context="energy_evidence.name"),
            media="image/jpeg",
            size=len(data),
            key=self.sealer.seal(envelope.key, context=KEY),
            digest=file_id.bytes,
            added_at=at,
            state=state,
            scanned_at=None if state == "waiting" else at,
        )
        self.db.add(row)
        self.db.commit()
        return file_id

    def _add(self, person: Person, form: Form, *, at: datetime, **values: object) -> UUID:
        application = uuid4()
        row = EnergyApplication(
            id=application,
            person_id=person.id,
            begun_at=at,
            changed_at=at,
            **applications.sealed(self.sealer, form),
            **values,
        )
        self.db.add(row)
        self.db.flush()
        return application


def retold(form: Form, **household: object) -> Form:
    """Return a form with other facts of the household."""
    changed = household_of({**HOUSEHOLD, **household})
    return replace(form, answers=replace(form.answers, household=changed))
