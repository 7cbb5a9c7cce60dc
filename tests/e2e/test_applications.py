"""A form for help with energy is sent and followed, on a phone, with and without JavaScript."""

from datetime import timedelta
from uuid import UUID

import pytest
from playwright.sync_api import expect
from sqlalchemy.orm import Session

from portal.blueprints.energy.actions import drafting
from portal.blueprints.energy.actions.progressing import take_step
from portal.blueprints.energy.models import EnergyMessage
from portal.blueprints.energy.rules.answers import Answers
from portal.blueprints.energy.rules.progress import State
from portal.clock import Clock
from portal.council import Council
from portal.models import Person
from portal.sealed import Sealer
from tests.e2e.conftest import Visit
from tests.e2e.pages import AnyPage
from tests.factories import Factory
from tests.support.applications import complete
from tests.support.axe import scrolls_sideways, violations

SCHEMES = {"crisis-and-resilience-fund": "2026-29", "warm-homes-local-grant": "2025-28"}


@pytest.fixture
def mary(make: Factory) -> Person:
    return make.resident()


@pytest.fixture
def form(db: Session, sealer: Sealer, make: Factory, mary: Person, clock: Clock, council: Council) -> UUID:
    """A form for two schemes that can be sent, with something of health in it."""
    none, now = Answers.none("england"), clock.now()
    application = drafting.begin(db, sealer, make.party(mary), SCHEMES, none, now=now)
    complete(db, sealer, application, council=council, on=now.date(), health="respiratory")
    return application


@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "no-javascript"])
def test_a_form_is_sent_and_followed_to_its_end(
    visit: Visit, mary: Person, form: UUID, db: Session, sealer: Sealer, clock: Clock, javascript: bool
) -> None:
    page = AnyPage(visit(mary, javascript=javascript, width=320)).open(f"/energy/applications/{form}/send")

    def look() -> None:
        """axe looks where there are scripts."""
        assert not scrolls_sideways(page.page)
        assert not javascript or violations(page.page) == []

    page.is_headed("Send your form")
    look()
    page.press("Send")
    expect(page.page.get_by_role("alert")).to_contain_text("Tick the box if you declare this")
    look()
    page.page.get_by_label("I declare this").check()
    page.press("Send")
    page.is_headed("Your form is sent")
    look()
    reference = page.page.locator(".code").inner_text()
    page.page.reload()
    assert page.page.locator(".code").inner_text() == reference

    page.press("See how it stands")
    expect(page.page.get_by_text(f"Reference {reference}")).to_be_visible()
    look()
    case = (form, "crisis-and-resilience-fund")
    now = clock.now()
    due = now.date() + timedelta(days=7)
    take_step(db, case, State.EVIDENCE_NEEDED, before=(State.SENT,), by="council", at=now, due=due)
    body = sealer.seal("Please show us your last bill.", context="energy_message.body")
    db.add(EnergyMessage(application_id=form, from_council=True, kind="message", body=body, at=now))
    db.commit()
    page.open("/")
    expect(page.page.get_by_role("link", name="Show us what we asked for")).to_be_visible()
    look()
    page.open(f"/energy/applications/{form}")
    expect(page.page.get_by_role("heading", name="We wait for you")).to_be_visible()
    look()
    page.follow("You have 1 new message from us")
    expect(page.page.get_by_text("Please show us your last bill.")).to_be_visible()
    page.fill("Your message", "I will send it tomorrow.")
    look()
    page.press("Send the message")
    assert page.told == ["Your message is sent."]
    page.follow("Your application")
    page.follow("Tell us what has changed")
    look()
    page.fill("What has changed, and since when?", "My daughter moved out.")
    page.press("Send")
    assert page.told == ["Thank you. Somebody will look at what has changed."]
    page.follow("Withdraw it")
    look()
    page.page.get_by_label("Crisis and Resilience Fund").check()
    page.press("Withdraw it")
    assert page.told == ["It is withdrawn. Nobody works on it any more."]
    expect(page.page.get_by_text("You withdrew it")).to_be_visible()
    page.open("/energy")
    expect(page.page.get_by_role("heading", name="What you have sent us")).to_be_visible()
    look()
