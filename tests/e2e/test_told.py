"""Pages of those who were helped, and of managers who look into it: axe finds nothing, nothing scrolls sideways."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from portal.audit import record
from portal.blueprints.account.actions import objecting, waiting
from portal.clock import Clock
from portal.council import Council
from portal.db import committing
from portal.identity import helping
from portal.identity.figures import month_before, month_of
from portal.identity.mailing import Mailing
from portal.identity.throttle import Throttle
from portal.models import Channel, Person, StaffTeam
from portal.party import Level, Party, Role
from portal.sealed import Sealer
from tests.e2e.conftest import Visit
from tests.e2e.tour import Tour
from tests.factories import Factory
from tests.support.helps import past_help

WORDS = "Wants to know why the rent went up, and whether there is any help with heating"


@pytest.fixture
def mary(make: Factory) -> Person:
    return make.resident(name="Mary Bartholomew-Featherstonehaugh")


@pytest.fixture
def tom(make: Factory, db: Session) -> Person:
    person = make.staff(roles=(Role.CUSTOMER_SERVICES,), name="Tom Reyes", email="tom@example.org")
    with committing(db):
        db.add(StaffTeam(person_id=person.id, team="customer-services"))
    return person


@pytest.fixture
def helped(
    db: Session,
    sealer: Sealer,
    make: Factory,
    throttle: Throttle,
    mary: Person,
    tom: Person,
    clock: Clock,
    council: Council,
) -> tuple[UUID, UUID]:
    """Two helps: one last month that was objected to, one today in which something was changed and something waits."""
    now = clock.now()
    earlier = month_before(month_of(now, council.zone))
    first = past_help(
        db, sealer, tom, mary, at=now.replace(year=earlier.year, month=earlier.month, day=15), words=WORDS
    )
    second = past_help(db, sealer, tom, mary, at=now - timedelta(hours=1), words=WORDS)
    party = Party(subject=mary.id, actor=tom.id, level=Level.HIGH, help=second)
    make.contact(mary, Channel.EMAIL, "second@example.org")
    mailing = Mailing(sealer, "http://localhost")
    waiting.ask_to_add(
        db,
        throttle,
        mailing,
        party,
        email="a.very.long.address.without.any.blanks@subdomain.example.org",
        address="127.0.0.1",
        zone=council.zone,
        now=now,
    )
    with committing(db):
        helping.note_change(db, sealer, party, "account.language", old="English", new="Cymraeg", at=now)
        for act, outcome in (("rent.view", "done"), ("access.refused", "refused"), ("library.renew", "unknown")):
            record(db, party, act, at=now, outcome=outcome)
        record(db, None, "link.end", at=now - timedelta(days=1), subject=mary.id)
    objecting.object_to(db, sealer, make.party(mary), first, words="I never called that day", now=now)
    return first, second


@pytest.mark.parametrize(("council_name", "language"), [("millbrook", "en"), ("millbrook", "cy"), ("dunmarra", "ga")])
def test_the_residents_pages(
    visit: Visit, db: Session, mary: Person, helped: tuple[UUID, UUID], council_name: str, language: str
) -> None:
    mary.language = language
    db.commit()
    tour = Tour(visit(mary, council=council_name, language=language, width=320), language, (320, 1280))
    tour.to("/account/looks", "/account/contacts")
    address = f"/account/looks/{helped[1]}/object"
    tour.to(address)
    tour.refused(address)
    tour.taken(address, "/account/looks, objected", words="I did not agree")
    tour.page.goto("/account/contacts")
    tour.page.locator("main [name=answer][value=no]").click()
    tour.page.locator(".govuk-notification-banner").wait_for()
    tour.look("/account/contacts, answered")
    tour.check()


def test_the_managers_pages(visit: Visit, make: Factory, helped: tuple[UUID, UUID]) -> None:
    ada = make.staff(roles=(Role.MANAGER,), name="Ada Second", email="ada@example.org")
    tour = Tour(visit(ada, level=Level.HIGH, width=320), "en", (320, 1280))
    address = f"/staff/assist/visits/{helped[0]}"
    tour.to("/staff/assist/review", "/staff/assist/objections", address)
    tour.refused(address)
    tour.taken(address, "/staff/assist/objections, answered", words="The call is on tape")
    tour.taken(address, "/staff/assist/review, looked at")
    tour.to("/staff/assist/objections", address)
    tour.check()


def test_an_objection_is_made_without_scripts(visit: Visit, mary: Person, helped: tuple[UUID, UUID]) -> None:
    page = visit(mary, javascript=False)
    page.goto("/account")
    page.get_by_role("link", name="Who has looked at my account").click()
    page.get_by_role("link", name="I did not agree to this").click()
    page.fill("[name=words]", "I did not agree")
    page.get_by_role("button", name="Send").click()
    assert page.locator("main").get_by_text("“I did not agree”").count() == 1
    assert helped
