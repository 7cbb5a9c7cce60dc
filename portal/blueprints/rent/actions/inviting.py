"""A letter with a code, for one tenant: the other tenants of the account aren't told."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from portal import messages
from portal.audit import record
from portal.blueprints.rent import queries
from portal.blueprints.rent.queries import Tenant
from portal.council import Council
from portal.db import committing
from portal.documents import Letter, letter
from portal.i18n import format_date, use_locale
from portal.identity import codes
from portal.messages.texts import compose, signature
from portal.models import Channel
from portal.sealed import Sealer

PURPOSE = "rent.activate"
LASTS = timedelta(days=21)
TRIES = 5
TEMPLATE = "rent-activation"


class NoSuchTenant(Exception):
    """Nobody by that id holds a rent account (any more)."""


@dataclass(frozen=True, slots=True)
class Invitation:
    """reference: of the account. until: the last whole day on which the code works. letter: PDF."""

    code: str
    reference: str
    until: date
    letter: bytes


def tenants(db: Session, *, reference: str) -> list[Tenant]:
    """Return who holds the account with a payment reference; empty if there is no such account."""
    return queries.tenants(db, reference=reference)


def invite(
    db: Session, sealer: Sealer, *, tenant: UUID, council: Council, base_url: str, now: datetime, by_post: bool = True
) -> Invitation:
    """Make a code for one tenant, with its letter. Codes that they were sent before stop working.

    by_post: the letter waits for the print room; otherwise the caller hands it over. Raises NoSuchTenant.
    """
    found = queries.tenant(db, tenant)
    if found is None:
        raise NoSuchTenant(str(tenant))
    language = council.languages[0]
    until = (now + LASTS).astimezone(council.zone).date() - timedelta(days=1)
    details = {"tenant": str(tenant)}
    with committing(db):
        codes.void_like(db, PURPOSE, details, at=now)
        code = codes.issue(db, PURPOSE, at=now, lasts=LASTS, details=details, typed=True, tries=TRIES)
        fields = {
            "name": found.name,
            "address": f"{base_url}/rent/connect",
            "reference": found.reference,
            "code": code,
            "until": _day(until, language, council),
        }
        if by_post:
            to = (Channel.POST, "\n".join((found.name, *found.address)))
            messages.send(
                db, person_id=None, template=TEMPLATE, fields=fields, at=now, sealer=sealer, to=to, language=language
            )
        record(db, None, "rent.invite", at=now, object=f"rent.tenant:{tenant}", authority="command", by_post=by_post)
    return Invitation(code, found.reference, until, _letter(found, fields, language, council, now))


def _day(day: date, language: str, council: Council) -> str:
    with use_locale(language, council.zone):
        return format_date(day)


def _letter(tenant: Tenant, fields: dict[str, str], language: str, council: Council, now: datetime) -> bytes:
    composed = compose(TEMPLATE, fields, language=language, council=council)
    content = Letter(
        language=language,
        address=(tenant.name, *tenant.address),
        title=composed.subject,
        paragraphs=composed.paragraphs,
        signature=signature(language=language, council=council),
        written_at=now,
        code=composed.code,
    )
    return letter(content, council=council)
