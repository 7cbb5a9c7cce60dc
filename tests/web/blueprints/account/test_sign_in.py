"""Signing in, proving it again, signing out."""

from collections.abc import Callable

import pytest
from argon2 import PasswordHasher
from flask import Flask
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from portal.blueprints.account import rules
from portal.clock import SetClock
from portal.identity.passwords import is_outdated
from portal.models import AuditEvent, Channel, Password
from portal.party import Level
from portal.settings import Settings
from portal.web import current
from tests.factories import PASSWORD, Factory
from tests.support.client import CheckingClient
from tests.support.observing import calls_of, statements

Acts = Callable[[], list[tuple[str, str]]]


def sign_in(
    client: CheckingClient, name: str = "mary@example.org", password: str = PASSWORD, *, next: str | None = None
) -> TestResponse:
    address = f"/sign-in?next={next}" if next else "/sign-in"
    return client.submit(address, {"name": name, "password": password})


def is_in(client: CheckingClient) -> bool:
    return client.get("/account").status_code == 200


class TestAResident:
    @pytest.mark.parametrize("name", ["mary@example.org", " Mary@Example.ORG ", "mary1", "MARY1"])
    def test_signs_in_with_address_or_username_in_any_case(
        self, client: CheckingClient, make: Factory, name: str
    ) -> None:
        make.resident(username="mary1")
        response = sign_in(client, name)
        assert (response.status_code, response.location) == (303, "/")
        assert is_in(client)

    def test_gets_the_level_that_a_password_gives(self, client: CheckingClient, make: Factory) -> None:
        make.resident()
        sign_in(client)
        with client:
            client.get("/account")
            assert current.party().level is Level.MEDIUM and current.party().fresh

    def test_comes_back_to_where_they_were_going(self, client: CheckingClient, make: Factory) -> None:
        make.resident()
        assert sign_in(client, next="/account/devices").location == "/account/devices"

    @pytest.mark.parametrize(
        "elsewhere",
        [
            "https://evil.example",
            "//evil.example",
            "/\\evil.example",
            "javascript:x",
            "/%09/evil.example",
            "evil.example",
        ],
    )
    def test_is_never_sent_to_another_site(self, client: CheckingClient, make: Factory, elsewhere: str) -> None:
        make.resident()
        assert sign_in(client, next=elsewhere).location == "/"

    def test_who_is_in_already_is_sent_on(self, client: CheckingClient, make: Factory) -> None:
        client.sign_in(make.resident())
        assert client.get("/sign-in").location == "/"

    def test_leaves_a_record(self, client: CheckingClient, make: Factory, acts: Acts, db: Session) -> None:
        mary = make.resident()
        sign_in(client)
        assert acts() == [("sign-in.password", "done")]
        assert db.execute(select(AuditEvent.actor_id, AuditEvent.subject_id)).one() == (mary.id, mary.id)


class TestARefusal:
    @pytest.mark.parametrize(
        ("name", "password"),
        [
            ("mary@example.org", "wrong horse battery"),
            ("nobody@example.org", PASSWORD),
            ("nobody", PASSWORD),
            ("closed@example.org", PASSWORD),
            ("fresh@example.org", PASSWORD),
            ("new@example.org", PASSWORD),
        ],
    )
    def test_is_the_same_whatever_is_wrong(
        self, client: CheckingClient, make: Factory, clock: SetClock, name: str, password: str
    ) -> None:
        make.resident()
        make.resident(email="closed@example.org", closed_at=clock.now())
        make.resident(email="fresh@example.org", password=None)
        make.contact(make.resident(email="other@example.org"), Channel.EMAIL, "new@example.org", confirmed=False)
        response = sign_in(client, name, password)
        assert response.status_code == 422
        assert "That name or that password is wrong" in response.text
        assert not is_in(client)

    def test_keeps_the_name_that_was_typed_and_never_the_password(self, client: CheckingClient, make: Factory) -> None:
        make.resident()
        response = sign_in(client, password="wrong horse battery")
        assert 'value="mary@example.org"' in response.text
        assert "wrong horse" not in response.text

    def test_leaves_a_record_without_what_was_typed(
        self, client: CheckingClient, make: Factory, acts: Acts, db: Session
    ) -> None:
        mary = make.resident()
        sign_in(client, password="wrong horse battery")
        sign_in(client, "nobody@example.org")
        assert acts() == [("sign-in.password", "refused")] * 2
        assert db.execute(select(AuditEvent.subject_id).order_by(AuditEvent.id)).scalars().all() == [mary.id, None]
        assert "nobody" not in str(db.execute(select(AuditEvent.__table__)).all())

    def test_of_an_empty_form_says_what_to_enter(self, client: CheckingClient) -> None:
        response = sign_in(client, "", "")
        assert response.status_code == 422
        assert "Enter your e-mail address or username" in response.text and "Enter your password" in response.text

    @pytest.mark.parametrize("address", ["/sign-in", "/sign-in?next=/account"])
    def test_is_the_same_work_for_an_account_as_for_none(
        self, client: CheckingClient, make: Factory, engine: Engine, clock: SetClock, address: str
    ) -> None:
        make.resident(username="mary1")
        make.resident(email="fresh@example.org", password=None)
        make.resident(email="closed@example.org", closed_at=clock.now())
        work = []
        for name in ("mary@example.org", "mary1", "fresh@example.org", "closed@example.org", "nobody@example.org"):
            client.get(address)
            with statements(engine) as sent, calls_of(PasswordHasher.verify, PasswordHasher.hash) as hashed:
                assert client.send(address, {"name": name, "password": "wrong horse battery"}).status_code == 422
            work.append((sent, hashed))
        assert all(one == work[0] for one in work)
        assert work[0][1] == ["verify"]


def test_a_password_kept_with_weaker_parameters_is_kept_anew(
    client: CheckingClient, make: Factory, db: Session
) -> None:
    make.resident()
    weak = PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1).hash(PASSWORD)
    db.execute(update(Password).values(hash=weak))
    db.commit()
    assert sign_in(client).status_code == 303
    kept = db.execute(select(Password.hash)).scalar_one()
    assert kept and not is_outdated(kept)
    client.submit("/sign-out")
    assert sign_in(client).status_code == 303


class TestStaff:
    def test_are_asked_for_their_second_factor_and_are_not_in_before(
        self, client: CheckingClient, make: Factory
    ) -> None:
        make.staff()
        assert sign_in(client, "sam@example.org").location == "/sign-in/code"
        assert client.get("/staff").location == "/sign-in?next=/staff"
        assert client.get("/sign-in/code").status_code == 200

    def test_prove_both_factors_again(self, client: CheckingClient, make: Factory) -> None:
        client.sign_in(make.staff(), level=Level.HIGH, fresh=False)
        answer = client.submit("/sign-in/again?next=/staff", {"password": PASSWORD})
        assert answer.location == "/sign-in/code"
        assert client.get("/staff").location == "/sign-in?next=/staff"


class TestProvingItAgain:
    def test_makes_the_sign_in_fresh_and_goes_on_with_a_new_token(
        self, client: CheckingClient, make: Factory, acts: Acts
    ) -> None:
        client.sign_in(make.resident(), fresh=False)
        old = client.session_token
        assert client.get("/account/contacts/add").location == "/sign-in/again?next=/account/contacts/add"
        answer = client.submit("/sign-in/again?next=/account/contacts/add", {"password": PASSWORD})
        assert answer.location == "/account/contacts/add"
        assert client.get(answer.location).status_code == 200
        assert client.session_token != old
        assert acts() == [("sign-in.again", "done")]

    def test_raises_a_weaker_sign_in(self, client: CheckingClient, make: Factory) -> None:
        client.sign_in(make.resident(), level=Level.LOW)
        assert client.get("/account").location == "/sign-in/again?next=/account"
        client.submit("/sign-in/again", {"password": PASSWORD})
        assert is_in(client)

    def test_with_a_wrong_password_changes_nothing(self, client: CheckingClient, make: Factory, acts: Acts) -> None:
        client.sign_in(make.resident(), fresh=False)
        old = client.session_token
        answer = client.submit("/sign-in/again", {"password": "wrong horse battery"})
        assert answer.status_code == 422
        assert client.session_token == old
        assert acts() == [("sign-in.again", "refused")]

    def test_can_be_tried_so_often_only(self, client: CheckingClient, make: Factory) -> None:
        client.sign_in(make.resident(), fresh=False)
        client.get("/sign-in/again")
        for _ in range(rules.HERE):
            client.send("/sign-in/again", {"password": "wrong horse battery"})
        assert client.send("/sign-in/again", {"password": PASSWORD}).status_code == 429

    def test_is_for_those_who_are_signed_in(self, client: CheckingClient) -> None:
        assert client.get("/sign-in/again?next=/account").location == "/sign-in?next=/account"


class TestSigningOut:
    def test_ends_the_session_for_good(self, client: CheckingClient, app: Flask, make: Factory, acts: Acts) -> None:
        client.sign_in(make.resident())
        token = client.session_token
        answer = client.submit("/sign-out")
        assert answer.location == "/sign-out"
        assert "You are signed out" in client.get("/sign-out").text
        assert acts() == [("sign-out", "done")]
        thief = app.test_client()
        thief.set_cookie("portal", token or "")
        assert thief.get("/account").status_code == 303

    def test_makes_the_browser_forget(self, client: CheckingClient, make: Factory) -> None:
        client.sign_in(make.resident())
        assert client.submit("/sign-out").headers["Clear-Site-Data"] == '"cache", "storage"'

    def test_needs_more_than_a_link(self, client: CheckingClient, make: Factory) -> None:
        client.sign_in(make.resident())
        assert "You are still signed in" in client.get("/sign-out").text
        assert is_in(client)

    def test_after_the_session_has_ended_by_itself_is_signing_out_all_the_same(
        self, client: CheckingClient, make: Factory, clock: SetClock, settings: Settings
    ) -> None:
        client.sign_in(make.resident()).get("/account")
        clock.advance(settings.resident_idle)
        answer = client.send("/sign-out")
        assert (answer.status_code, answer.location) == (303, "/sign-out")
        assert answer.headers["Clear-Site-Data"]

    def test_by_another_site_is_refused(self, client: CheckingClient, make: Factory) -> None:
        client.sign_in(make.resident())
        assert client.post("/sign-out").status_code == 400
        client.get("/account")
        assert client.send("/sign-out", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 400
        assert is_in(client)

    def test_twice_is_no_error(self, client: CheckingClient) -> None:
        client.get("/sign-in")
        assert client.send("/sign-out").location == "/sign-out"
