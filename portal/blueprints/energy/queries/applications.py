"""Applications of one person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, case, func, or_, select
from sqlalchemy.orm import Session

from portal.blueprints.energy.models import EnergyApplication, EnergyCase, EnergyEvidence
from portal.blueprints.energy.rules.form import Form, Texts, Unreadable
from portal.blueprints.energy.rules.progress import State
from portal.blueprints.energy.schemes.household import Nation
from portal.party import Party
from portal.sealed import SealBroken, Sealer

ANSWERS, HEALTH, BANK = "energy_application.answers", "energy_application.health", "energy_application.bank"
"""What is sealed for where."""


@dataclass(frozen=True, slots=True)
class CaseView:
    """One scheme of an application; see ``EnergyCase``."""

    scheme: str
    edition: str
    state: State
    due: date | None


@dataclass(frozen=True, slots=True)
class ApplicationView:
    """An application without what it says; see ``EnergyApplication``. shown: kinds of evidence that have a file."""

    id: UUID
    begun_at: datetime
    changed_at: datetime
    expires_at: datetime | None
    sent_at: datetime | None
    reference: str | None
    cases: tuple[CaseView, ...]
    shown: frozenset[str] = frozenset()

    @property
    def schemes(self) -> tuple[str, ...]:
        return tuple(case.scheme for case in self.cases)


@dataclass(frozen=True, slots=True)
class Whole:
    """An application with what it says. others: what else the person has, without what it says."""

    view: ApplicationView
    form: Form
    others: tuple[ApplicationView, ...] = ()


_COLUMNS: Final = (
    EnergyApplication.id,
    EnergyApplication.begun_at,
    EnergyApplication.changed_at,
    EnergyApplication.expires_at,
    EnergyApplication.sent_at,
    EnergyApplication.reference,
    select(func.array_agg(EnergyEvidence.kind.distinct()))
    .where(EnergyEvidence.application_id == EnergyApplication.id, EnergyEvidence.state != "infected")
    .scalar_subquery()
    .label("shown"),
)
_CASE: Final = (EnergyCase.scheme, EnergyCase.edition, EnergyCase.state, EnergyCase.due)
SEALED: Final = (EnergyApplication.answers, EnergyApplication.health, EnergyApplication.bank)


def of_person(db: Session, party: Party, *, at: datetime) -> list[ApplicationView]:
    """Return the applications of the party's subject, the latest first. A draft whose time is over isn't there."""
    return _views(db.execute(_of(party, at)).all())


def one(db: Session, party: Party, application: UUID, *, at: datetime) -> ApplicationView | None:
    """Return one of the subject's applications; None if there is none, or it isn't theirs."""
    return next(iter(_views(db.execute(_of(party, at).where(EnergyApplication.id == application)).all())), None)


def draft(db: Session, party: Party, *, at: datetime) -> ApplicationView | None:
    """Return the subject's draft, if there is one: nobody has two."""
    return next(iter(_views(db.execute(_of(party, at).where(EnergyApplication.sent_at.is_(None))).all())), None)


def whole(
    db: Session, sealer: Sealer, party: Party, application: UUID, nation: Nation, *, at: datetime
) -> Whole | None:
    """Return one of the subject's applications with what it says; None as ``one``. Raises Unreadable."""
    sealed = [case((EnergyApplication.id == application, column)).label(column.key) for column in SEALED]
    found = db.execute(_of(party, at).add_columns(*sealed)).all()
    row = next((row for row in found if row.id == application), None)
    if row is None:
        return None
    views = {view.id: view for view in _views(found)}
    form = opened(sealer, row.answers, row.health, row.bank, nation=nation)
    return Whole(views.pop(application), form, tuple(views.values()))


def opened(sealer: Sealer, answers: bytes, health: bytes | None, bank: bytes | None, *, nation: Nation) -> Form:
    """Return the form that is sealed in these columns; health and bank are None for who may not see them.

    Raises Unreadable.
    """
    try:
        texts = Texts(
            sealer.unseal(answers, context=ANSWERS),
            sealer.unseal(health, context=HEALTH) if health else None,
            sealer.unseal(bank, context=BANK) if bank else None,
        )
    except SealBroken as error:
        raise Unreadable from error
    return Form.from_texts(texts, nation)


def sealed(sealer: Sealer, form: Form) -> dict[str, bytes | None]:
    """Return the columns of a form, by name."""
    texts = form.texts
    return {
        "answers": sealer.seal(texts.answers, context=ANSWERS),
        "health": sealer.seal(texts.health, context=HEALTH) if texts.health else None,
        "bank": sealer.seal(texts.bank, context=BANK) if texts.bank else None,
    }


def theirs(party: Party, at: datetime) -> tuple[ColumnElement[bool], ...]:
    """Match the applications that are the subject's and there now."""
    is_there = or_(EnergyApplication.expires_at.is_(None), EnergyApplication.expires_at > at)
    return EnergyApplication.person_id == party.subject, is_there


def _of(party: Party, at: datetime) -> Select[*tuple[Any, ...]]:
    with_cases = select(*_COLUMNS, *_CASE).join(EnergyCase, EnergyCase.application_id == EnergyApplication.id)
    return with_cases.where(*theirs(party, at)).order_by(EnergyApplication.begun_at.desc(), EnergyCase.scheme)


def _views(found: Sequence[Row[*tuple[Any, ...]]]) -> list[ApplicationView]:
    """Return the applications of rows that have one case each, in their order."""
    by_id: dict[UUID, list[Row[*tuple[Any, ...]]]] = {}
    for row in found:
        by_id.setdefault(row.id, []).append(row)
    return [
        ApplicationView(
            id=id_,
            begun_at=rows[0].begun_at,
            changed_at=rows[0].changed_at,
            expires_at=rows[0].expires_at,
            sent_at=rows[0].sent_at,
            reference=rows[0].reference,
            shown=frozenset(rows[0].shown or ()),
            cases=tuple(CaseView(row.scheme, row.edition, State(row.state), row.due) for row in rows),
        )
        for id_, rows in by_id.items()
    ]
