"""How staff get in: by the link of an invitation once, and by password and code each time."""

import re
from datetime import timedelta
from typing import Any

import pyotp
import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from portal.clock import SetClock
from portal.identity import second_factors, staff
from portal.models import AuditEvent, Person, SignInSession
from portal.party import Role
from portal.sealed import Sealer
from portal.settings import Settings
from portal.web import second_step
from tests.factories import PASSWORD, Factory
from tests.support.client import CheckingClient
from tests.support.pages import find

SECRET = pyotp.random_base32()
GOOD_PASSWORD = "lantern gravel oboe"


@pytest.fixture
def person(make: Factory) -> Person:
    return make.staff(secret=SECRET)


@pytest.fixture
def after_password(client: CheckingClient, person: Person) -> CheckingClient:
    """A browser in which the right password of ``person`` was given just now."""
    assert person.closed_at is None
    client.submit("/sign-in", {"name": "sam@example.org", "password": PASSWORD})
    return client


@pytest.fixture
def link(db: Session, settings: Settings, sealer: Sealer, clock: SetClock) -> str:
    """Path of the link that somebody new was sent."""
    whole = staff.invite(
        db,
        None,
        name="New Example",
        email="new@example.org",
        roles=frozenset({Role.AUDITOR}),
        sealer=sealer,
        base_url=settings.base_url,
        at=clock.now(),
    )
    return whole.removeprefix(settings.base_url)


def code(clock: SetClock, secret: str = SECRET) -> str:
    return pyotp.TOTP(secret).at(clock.now())


def secret_on(page: TestResponse) -> str:
    (shown,) = find(page.text, "//*[@id='key']/text()")
    return str(shown).replace(" ", "")


def levels(db: Session, person: Person) -> list[int]:
    db.rollback()
    return list(db.execute(select(SignInSession.level).where(SignInSession.person_id == person.id)).scalars())


def outcomes(db: Session) -> list[str]:
    db.rollback()
    found = select(AuditEvent.outcome).where(AuditEvent.act == staff.SECOND_FACTOR).order_by(AuditEvent.id)
    return list(db.execute(found).scalars())


def test_a_password_alone_signs_nobody_in(after_password: CheckingClient, db: Session, person: Person) -> None:
    assert levels(db, person) == []
    assert after_password.get("/staff").location == "/sign-in?next=/staff"


def test_password_and_code_sign_in_strongly_with_a_new_session(
    after_password: CheckingClient, db: Session, person: Person, clock: SetClock
) -> None:
    before = after_password.session_token
    response = after_password.submit("/sign-in/code", {"code": code(clock)})
    assert (response.status_code, response.location) == (303, "/staff")
    assert after_password.session_token != before
    assert levels(db, person) == [3]
    assert outcomes(db) == ["done"]
    assert "You are signed in as Sam Example" in after_password.get("/staff").text


def test_a_code_signs_in_once(after_password: CheckingClient, app: Flask, clock: SetClock) -> None:
    used = code(clock)
    after_password.submit("/sign-in/code", {"code": used})
    other = app.test_client()
    assert isinstance(other, CheckingClient)
    other.submit("/sign-in", {"name": "sam@example.org", "password": PASSWORD})
    assert other.submit("/sign-in/code", {"code": used}).status_code == 422


def test_a_wrong_code_is_refused_and_on_record(after_password: CheckingClient, db: Session, person: Person) -> None:
    response = after_password.submit("/sign-in/code", {"code": "wrong"})
    assert response.status_code == 422
    assert "That code isn&#39;t right" in response.text
    assert levels(db, person) == []
    assert outcomes(db) == ["refused"]


def test_a_recovery_code_signs_in_once(after_password: CheckingClient, db: Session, person: Person, app: Flask) -> None:
    recovery_code = second_factors.renew_recovery_codes(db, person.id)[0]
    db.commit()
    assert after_password.submit("/sign-in/code", {"code": recovery_code}).status_code == 303
    assert "You have 9 recovery codes left" in after_password.get("/staff").text
    other = app.test_client()
    assert isinstance(other, CheckingClient)
    other.submit("/sign-in", {"name": "sam@example.org", "password": PASSWORD})
    assert other.submit("/sign-in/code", {"code": recovery_code}).status_code == 422


def test_after_ten_wrong_codes_even_the_right_one_has_to_wait(
    after_password: CheckingClient, db: Session, person: Person, clock: SetClock
) -> None:
    for _ in range(10):
        assert after_password.submit("/sign-in/code", {"code": "wrong"}).status_code == 422
    response = after_password.submit("/sign-in/code", {"code": code(clock)})
    assert response.status_code == 429
    assert "too many tries" in response.text
    assert levels(db, person) == []


def test_five_minutes_after_the_password_the_code_is_not_asked_for(
    after_password: CheckingClient, clock: SetClock
) -> None:
    after_password.get("/sign-in/code")
    clock.advance(second_step.VALID_FOR + timedelta(seconds=1))
    for response in (after_password.get("/sign-in/code"), after_password.send("/sign-in/code", {"code": code(clock)})):
        assert (response.status_code, response.location) == (303, "/sign-in")


@pytest.mark.usefixtures("person")
def test_without_a_password_no_code_is_asked_for(client: CheckingClient, clock: SetClock) -> None:
    assert client.get("/sign-in/code").location == "/sign-in"
    client.get("/sign-in")
    assert client.send("/sign-in/code", {"code": code(clock)}).location == "/sign-in"


def test_who_was_let_go_between_password_and_code_stays_outside(
    after_password: CheckingClient, db: Session, person: Person, make: Factory, clock: SetClock
) -> None:
    make.staff(email="boss@example.org")
    after_password.get("/sign-in/code")
    staff.remove(db, None, person.id, at=clock.now())
    assert after_password.send("/sign-in/code", {"code": code(clock)}).status_code == 422
    assert levels(db, person) == []


def test_an_account_without_an_authenticator_does_not_get_in(
    after_password: CheckingClient, db: Session, person: Person, clock: SetClock
) -> None:
    after_password.get("/sign-in/code")
    second_factors.remove(db, person.id)
    db.commit()
    assert after_password.send("/sign-in/code", {"code": code(clock)}).status_code == 422


def join(client: CheckingClient, link: str, **password: Any) -> TestResponse:
    return client.submit(link, {"password": GOOD_PASSWORD, **password})


def test_somebody_new_joins_and_is_signed_in(client: CheckingClient, db: Session, link: str, clock: SetClock) -> None:
    assert join(client, link).location == "/staff/join"
    secret = secret_on(client.get("/staff/join"))
    response = client.send("/staff/join", {"code": code(clock, secret)})
    assert response.status_code == 200
    shown = re.findall(r">([0-9A-Z-]{34})<", response.text)
    assert len(set(shown)) == 10
    (member,) = staff.members(db)
    assert member.has_joined and member.last_sign_in_at == clock.now()
    assert client.get("/staff").status_code == 200
    assert client.get(link).status_code == 404


def test_after_joining_password_and_next_code_sign_in(
    client: CheckingClient, app: Flask, link: str, clock: SetClock
) -> None:
    join(client, link)
    secret = secret_on(client.get("/staff/join"))
    client.send("/staff/join", {"code": code(clock, secret)})
    other = app.test_client()
    assert isinstance(other, CheckingClient)
    clock.advance(timedelta(seconds=30))
    other.submit("/sign-in", {"name": "new@example.org", "password": GOOD_PASSWORD})
    assert other.submit("/sign-in/code", {"code": code(clock, secret)}).location == "/staff"


def test_the_link_stays_good_until_the_authenticator_works(client: CheckingClient, link: str) -> None:
    for _ in range(2):
        assert client.get(link).status_code == 200
    join(client, link)
    assert client.get(link).status_code == 200


def test_a_wrong_code_while_joining_shows_the_same_key_again(client: CheckingClient, link: str) -> None:
    join(client, link)
    secret = secret_on(client.get("/staff/join"))
    response = client.send("/staff/join", {"code": "wrong"})
    assert response.status_code == 422
    assert secret_on(response) == secret


def test_the_key_is_drawn_as_a_code_without_style_or_image(client: CheckingClient, link: str) -> None:
    join(client, link)
    page = client.get("/staff/join")
    drawing = find(page.text, "//*[local-name()='svg'][@class='qr']")
    assert len(drawing) == 1
    assert "data:" not in page.text


@pytest.mark.parametrize("password", ["short", "aaaaaaaaaaaa", "new@example.org", "x" * 257, ""])
def test_a_weak_password_is_refused_with_a_reason(client: CheckingClient, link: str, password: str) -> None:
    response = join(client, link, password=password)
    assert response.status_code == 422
    assert password not in find(response.text, "//input/@value") or not password
    assert client.get("/staff/join").status_code == 404


def test_the_key_is_shown_to_nobody_else(client: CheckingClient, app: Flask, link: str) -> None:
    join(client, link)
    other = app.test_client()
    assert isinstance(other, CheckingClient)
    assert other.get("/staff/join").status_code == 404


def test_a_link_that_is_not_ours_or_too_old_says_what_to_do(client: CheckingClient, link: str, clock: SetClock) -> None:
    for address in ("/staff/join/made-up-token", link):
        clock.advance(staff.INVITED_FOR)
        response = client.get(address)
        assert response.status_code == 404
        assert "ask an administrator" in response.text


def test_an_invitation_that_is_withdrawn_while_joining_lets_nobody_in(
    client: CheckingClient, db: Session, link: str, clock: SetClock
) -> None:
    join(client, link)
    secret = secret_on(client.get("/staff/join"))
    (member,) = staff.members(db)
    staff.remove(db, None, member.id, at=clock.now())
    assert client.send("/staff/join", {"code": code(clock, secret)}).status_code == 404
    assert client.get("/staff").status_code == 303


def test_an_address_that_became_a_residents_meanwhile_lets_nobody_in(
    client: CheckingClient, make: Factory, db: Session, link: str, clock: SetClock
) -> None:
    join(client, link)
    secret = secret_on(client.get("/staff/join"))
    make.resident(email="New@example.org")
    assert client.send("/staff/join", {"code": code(clock, secret)}).status_code == 404
    (member,) = staff.members(db)
    assert not member.has_joined
