"""Connecting a rent account with the code from a letter."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.blueprints.rent.actions.inviting import LASTS, TRIES, NoSuchTenant, invite
from portal.blueprints.rent.models import RentTenant as Tenant
from portal.clock import SetClock
from portal.council import Council
from portal.models import AuditEvent, Channel, Link, OneTimeCode, OutboxMessage
from portal.sealed import Sealer
from tests.factories import Factory
from tests.factories.rent import GARAGE, HOME, JOHN, MARY, RENT, Night
from tests.support.client import CheckingClient
from tests.support.pages import find
from tests.web.blueprints.rent.conftest import Connect, Load

Invite = Callable[..., str]
WRONG = "This code and payment reference don’t belong together, or the code no longer works"


@pytest.fixture
def resident(client: CheckingClient, make: Factory, load: Load) -> CheckingClient:
    """A browser in which somebody is signed in who isn't connected yet; Mary and John hold the home."""
    load(Night().account(RENT, tenants=(JOHN, MARY)).account(reference=GARAGE, tenure="FRG"))
    return client.sign_in(make.resident())


def enter(client: CheckingClient, code: str, reference: str = HOME) -> str:
    """Type reference and code in, and return the page that comes of it."""
    response = client.submit("/rent/connect", {"reference": reference, "code": code}, follow_redirects=True)
    return response.text


def linked(db: Session) -> int:
    count = db.execute(select(func.count()).select_from(Link).where(Link.ended_at.is_(None))).scalar_one()
    db.rollback()
    return count


def test_the_code_from_the_letter_connects(db: Session, resident: CheckingClient, invite: Invite) -> None:
    text = enter(resident, invite())
    assert "Your rent account is connected." in text
    assert "£112.35 to pay this week" in text
    link = db.execute(select(Link.service, Link.how, Link.level, Link.until)).one()
    assert link == ("rent", "activation-code", 2, None)


@pytest.mark.parametrize("typed", [str.lower, lambda code: code.replace("-", ""), lambda code: f" {code} "])
def test_it_may_be_typed_as_people_do(resident: CheckingClient, invite: Invite, typed: Callable[[str], str]) -> None:
    assert "is connected" in enter(resident, typed(invite()), reference="7204 011-836 ")


def test_it_works_once(db: Session, resident: CheckingClient, make: Factory, invite: Invite) -> None:
    code = invite()
    enter(resident, code)
    resident.sign_in(make.resident(email="other@example.org"))
    assert WRONG in enter(resident, code)
    assert linked(db) == 1


@pytest.mark.parametrize(("code", "reference"), [("K7QM-2F9D-XW3R-8HTA", HOME), (None, GARAGE), (None, "9999999999")])
def test_whatever_is_wrong_the_answer_is_the_same(
    db: Session, resident: CheckingClient, invite: Invite, code: str | None, reference: str
) -> None:
    sent = invite()
    assert WRONG in enter(resident, code or sent, reference)
    assert linked(db) == 0
    event = db.execute(select(AuditEvent.act, AuditEvent.outcome).order_by(AuditEvent.id.desc()).limit(1)).one()
    assert event == ("rent.connect", "refused")


def test_it_works_for_21_days(resident: CheckingClient, make: Factory, invite: Invite, clock: SetClock) -> None:
    code = invite()
    clock.advance(LASTS - timedelta(minutes=1))
    resident.sign_in(make.resident(email="late@example.org"))
    assert "is connected" in enter(resident, code)


def test_and_no_longer(resident: CheckingClient, make: Factory, invite: Invite, clock: SetClock) -> None:
    code = invite()
    clock.advance(LASTS)
    resident.sign_in(make.resident(email="late@example.org"))
    assert WRONG in enter(resident, code)


def test_five_wrong_tries_and_it_is_void(resident: CheckingClient, invite: Invite) -> None:
    code = invite()
    for _ in range(TRIES):
        assert WRONG in enter(resident, code[:-1] + ("A" if code[-1] != "A" else "B"))
    assert WRONG in enter(resident, code)


def test_too_many_tries_are_refused_until_later(resident: CheckingClient) -> None:
    for _ in range(10):
        enter(resident, "K7QM-2F9D-XW3R-8HTA")
    response = resident.submit("/rent/connect", {"reference": HOME, "code": "K7QM-2F9D-XW3R-8HTA"})
    assert response.status_code == 429
    assert "You can try again at 10:15am." in response.text
    assert int(response.headers["Retry-After"]) == 900


def test_a_new_letter_ends_the_code_in_the_former_one(resident: CheckingClient, invite: Invite) -> None:
    former = invite()
    assert invite() != former
    assert WRONG in enter(resident, former)


def test_a_letter_to_one_tenant_leaves_the_others_alone(resident: CheckingClient, invite: Invite) -> None:
    for_john = invite(tenant=0)
    invite(tenant=1)
    assert "is connected" in enter(resident, for_john)


def test_who_is_connected_already_is_told_so_and_keeps_the_code(
    db: Session, resident: CheckingClient, invite: Invite
) -> None:
    enter(resident, invite())
    assert "This account is connected already." in enter(resident, invite())
    assert db.execute(select(func.count()).where(OneTimeCode.used_at.is_(None))).scalar_one() == 1


def test_the_tenant_has_the_last_word_on_which_account_is_theirs(
    db: Session, resident: CheckingClient, make: Factory, invite: Invite, connect: Connect
) -> None:
    former = make.resident(email="former@example.org")
    connect(former)
    enter(resident, invite())
    ended = db.execute(select(Link.person_id, Link.ended_why).where(Link.ended_at.is_not(None))).all()
    assert ended == [(former.id, "connected-by-another")]


def test_a_tenant_who_is_gone_can_not_be_connected(
    db: Session, resident: CheckingClient, load: Load, invite: Invite
) -> None:
    code = invite(tenant=0)
    load(Night().account(RENT, tenants=(MARY,)))
    assert WRONG in enter(resident, code)
    assert linked(db) == 0


def test_blanks_are_asked_for(resident: CheckingClient) -> None:
    response = resident.submit("/rent/connect", {"reference": "", "code": ""})
    assert response.status_code == 422
    summary = find(response.text, "//div[contains(@class, 'govuk-error-summary')]//a/@href")
    assert summary == ["#reference", "#code"]


def test_with_htmx_only_the_content_comes_back(resident: CheckingClient) -> None:
    resident.get("/rent/connect")
    headers = {"HX-Request": "true", "HX-Target": "content"}
    response = resident.send("/rent/connect", {"reference": HOME, "code": "x"}, headers=headers)
    assert response.status_code == 422
    assert response.text.startswith("<title>Error: Connect your rent account – Millbrook Council</title>")
    assert "<html" not in response.text
    assert find(response.text, "//div[@data-module='govuk-error-summary']")


def test_with_htmx_the_browser_goes_on_to_the_account(resident: CheckingClient, invite: Invite) -> None:
    resident.get("/rent/connect")
    headers = {"HX-Request": "true", "HX-Target": "content"}
    response = resident.send("/rent/connect", {"reference": HOME, "code": invite()}, headers=headers)
    assert (response.status_code, response.headers["HX-Redirect"], response.text) == (200, "/rent", "")
    assert "Your rent account is connected." in resident.get("/rent").text


class TestTheLetter:
    def test_waits_for_the_print_room(self, db: Session, load: Load, invite: Invite, sealer: Sealer) -> None:
        load(Night().account(RENT))
        invite()
        message = db.execute(select(OutboxMessage)).scalar_one()
        assert (message.channel, message.template, message.state) == (Channel.POST, "rent-activation", "waiting")
        address = sealer.unseal(message.address, context="outbox_message.address")
        assert address == "Mary Example\n14 Weavers Row\nMillbrook\nZZ1 1AA"

    def test_is_handed_over_at_a_desk_instead(
        self, db: Session, load: Load, sealer: Sealer, council: Council, clock: SetClock
    ) -> None:
        load(Night().account(RENT))
        tenant = db.execute(select(Tenant.id)).scalar_one()
        invitation = invite(
            db, sealer, tenant=tenant, council=council, base_url="https://x", now=clock.now(), by_post=False
        )
        assert invitation.letter.startswith(b"%PDF")
        assert db.execute(select(func.count()).select_from(OutboxMessage)).scalar_one() == 0

    def test_names_the_last_whole_day(
        self, load: Load, db: Session, sealer: Sealer, council: Council, clock: SetClock
    ) -> None:
        load(Night().account(RENT))
        tenant = db.execute(select(Tenant.id)).scalar_one()
        invitation = invite(db, sealer, tenant=tenant, council=council, base_url="https://x", now=clock.now())
        assert invitation.until.isoformat() == "2026-12-14"

    def test_goes_to_nobody_who_is_no_tenant(
        self, db: Session, sealer: Sealer, council: Council, clock: SetClock, make: Factory
    ) -> None:
        with pytest.raises(NoSuchTenant):
            invite(db, sealer, tenant=make.resident().id, council=council, base_url="https://x", now=clock.now())


def test_the_code_lies_nowhere_in_the_database(db: Session, load: Load, invite: Invite) -> None:
    load(Night().account(RENT))
    code = invite()
    rows = [
        str(row) for table in (OneTimeCode, OutboxMessage, AuditEvent) for row in db.execute(select(table.__table__))
    ]
    assert rows
    assert not any(part in row for row in rows for part in (code, code.replace("-", "")))
