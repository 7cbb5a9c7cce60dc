"""Properties of sessions: what the table holds, when a token changes, and that no token works after its end."""

import hashlib
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import Engine, delete, func, select, text, update
from sqlalchemy.orm import Session

from portal.clock import SetClock
from portal.identity import codes, persons, sessions, staff
from portal.models import Person, SignInSession
from portal.party import Level, Role
from portal.sealed import Sealer
from portal.settings import Settings
from portal.web.sessions import COOKIE, PLAIN_COOKIE
from tests.factories import PASSWORD, Factory
from tests.support.client import CheckingClient


def rows(db: Session) -> int:
    db.rollback()
    return db.scalar(select(func.count()).select_from(SignInSession)) or 0


@pytest.fixture
def mary(make: Factory) -> Person:
    return make.resident()


class TestAVisitor:
    def test_has_no_row_until_a_form_is_shown(self, client: CheckingClient, db: Session) -> None:
        client.get("/")
        assert (client.session_token, rows(db)) == (None, 0)
        client.get("/sign-in")
        assert rows(db) == 1

    @pytest.mark.parametrize(
        "address", ["/", "/help", "/privacy", "/cookies", "/register/sent", "/account", "/nowhere"]
    )
    def test_has_no_row_for_a_page_without_a_form(self, client: CheckingClient, db: Session, address: str) -> None:
        client.get(address)
        assert (client.session_token, rows(db)) == (None, 0)

    def test_has_one_row_however_many_forms_are_shown(self, client: CheckingClient, db: Session) -> None:
        for address in ("/sign-in", "/register", "/reset", "/sign-in"):
            client.get(address)
        assert rows(db) == 1

    def test_with_an_unknown_token_gets_a_new_one(self, client: CheckingClient) -> None:
        client.set_cookie(PLAIN_COOKIE, "planted-by-somebody")
        client.get("/sign-in")
        assert client.session_token not in (None, "planted-by-somebody")

    @pytest.mark.usefixtures("mary")
    def test_who_signs_in_with_a_planted_token_is_not_found_by_it(self, app: Flask, client: CheckingClient) -> None:
        client.set_cookie(PLAIN_COOKIE, "planted-by-somebody")
        client.submit("/sign-in", {"name": "mary@example.org", "password": PASSWORD})
        assert client.get("/account").status_code == 200
        assert not works(app, "planted-by-somebody")

    @pytest.mark.usefixtures("mary")
    def test_who_signs_in_leaves_nothing_of_the_visit_behind(self, client: CheckingClient, db: Session) -> None:
        client.get("/sign-in")
        visited = client.session_token or ""
        client.send("/sign-in", {"name": "mary@example.org", "password": PASSWORD})
        hashes = db.execute(select(SignInSession.hash)).scalars().all()
        assert len(hashes) == 1 and sessions.digest(visited) not in hashes


class TestTheTable:
    def test_holds_no_token(self, client: CheckingClient, db: Session, mary: Person) -> None:
        token = client.sign_in(mary).session_token
        assert token
        row = db.execute(text("select * from sign_in_session")).one()
        assert token not in str(row)
        assert row.hash == hashlib.sha256(token.encode()).digest()

    def test_holds_tokens_of_256_bits(self, client: CheckingClient, mary: Person) -> None:
        token = client.sign_in(mary).session_token
        assert token and len(token) == 43

    def test_holds_nothing_personal_but_whose_it_is(self, client: CheckingClient, db: Session, mary: Person) -> None:
        client.sign_in(mary).get("/account")
        assert "mary" not in str(db.execute(text("select * from sign_in_session")).one()).lower()


class TestTheCookie:
    def test_is_bound_to_the_host_and_hidden_from_scripts(self, client: CheckingClient) -> None:
        response = client.get("/sign-in", base_url="https://portal.example.org")
        (cookie,) = [value for value in response.headers.getlist("Set-Cookie") if value.startswith(COOKIE)]
        for part in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
            assert part in cookie
        assert "Domain" not in cookie and "Expires" not in cookie and "Max-Age" not in cookie

    def test_of_the_language_is_bound_to_the_host_too(self, client: CheckingClient) -> None:
        response = client.get("/?lang=cy", base_url="https://portal.example.org")
        (cookie,) = response.headers.getlist("Set-Cookie")
        assert cookie.startswith("__Host-lang=cy")
        for part in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
            assert part in cookie
        assert '<html lang="cy"' in client.get("/", base_url="https://portal.example.org").text

    def test_over_plain_http_from_elsewhere_is_never_the_plain_one(self, client: CheckingClient) -> None:
        response = client.get("/sign-in", environ_base={"REMOTE_ADDR": "192.0.2.7"})
        assert all(value.startswith(COOKIE) for value in response.headers.getlist("Set-Cookie"))


class TestTheTokenChanges:
    @pytest.mark.usefixtures("mary")
    def test_at_sign_in(self, client: CheckingClient) -> None:
        client.get("/sign-in")
        before = client.session_token
        client.send("/sign-in", {"name": "mary@example.org", "password": PASSWORD})
        assert client.session_token not in (None, before)

    def test_at_proving_it_again(self, client: CheckingClient, mary: Person) -> None:
        before = client.sign_in(mary, fresh=False).session_token
        client.submit("/sign-in/again", {"password": PASSWORD})
        assert client.session_token not in (None, before)

    def test_and_the_old_one_is_gone(self, app: Flask, client: CheckingClient, mary: Person) -> None:
        before = client.sign_in(mary, fresh=False).session_token
        client.submit("/sign-in/again", {"password": PASSWORD})
        assert not works(app, before)


def works(app: Flask, token: str | None) -> bool:
    """Tell whether a token opens its owner's account, a resident's or one of staff."""
    other = app.test_client()
    other.set_cookie(PLAIN_COOKIE, token or "")
    return 200 in (other.get(address).status_code for address in ("/account", "/staff/account"))


KINDS = pytest.mark.parametrize("kind", ["resident", "staff"])


def person(make: Factory, kind: str) -> Person:
    return make.resident() if kind == "resident" else make.staff()


class TestNoTokenWorksAfter:
    @pytest.fixture
    def app(self, own_app: Flask) -> Flask:
        """One that a test here adds to."""
        return own_app

    def test_sign_out(self, app: Flask, client: CheckingClient, mary: Person) -> None:
        token = client.sign_in(mary).session_token
        assert works(app, token)
        client.get("/account")
        client.send("/sign-out")
        assert not works(app, token)

    @KINDS
    def test_a_while_without_a_request(
        self, app: Flask, client: CheckingClient, make: Factory, clock: SetClock, settings: Settings, kind: str
    ) -> None:
        token = client.sign_in(person(make, kind), level=Level.HIGH).session_token
        idle = {"resident": settings.resident_idle, "staff": settings.staff_idle}[kind]
        clock.advance(idle - timedelta(seconds=1))
        assert works(app, token)
        clock.advance(idle)
        assert not works(app, token)

    @KINDS
    def test_the_longest_time_however_busy(
        self, app: Flask, client: CheckingClient, make: Factory, clock: SetClock, settings: Settings, kind: str
    ) -> None:
        token = client.sign_in(person(make, kind), level=Level.HIGH).session_token
        absolute = {"resident": settings.resident_absolute, "staff": settings.staff_absolute}[kind]
        for _ in range(int(absolute / timedelta(minutes=10)) - 1):
            clock.advance(timedelta(minutes=10))
            assert works(app, token)
        clock.advance(timedelta(minutes=10))
        assert not works(app, token)

    @pytest.mark.parametrize("how", ["revoking", "closing the account", "closing it by hand", "deleting the person"])
    def test_the_account_ends(
        self, app: Flask, client: CheckingClient, db: Session, mary: Person, clock: SetClock, how: str
    ) -> None:
        token = client.sign_in(mary).session_token
        assert works(app, token)
        match how:
            case "revoking":
                sessions.end_all(db, mary.id)
            case "closing the account":
                persons.close(db, mary.id, at=clock.now())
            case "closing it by hand":
                db.execute(update(Person).values(closed_at=clock.now()))
            case _:
                db.execute(delete(Person))
        db.commit()
        assert not works(app, token)

    @pytest.mark.parametrize("how", ["a password change elsewhere", "a new password by link", "being ended elsewhere"])
    def test_what_its_owner_does_in_another_browser(
        self, app: Flask, client: CheckingClient, db: Session, mary: Person, clock: SetClock, how: str
    ) -> None:
        token = client.sign_in(mary).session_token
        other = app.test_client()
        assert isinstance(other, CheckingClient)
        match how:
            case "a password change elsewhere":
                form = {"present": PASSWORD, "password": "four words at random"}
                other.sign_in(mary).submit("/account/password", form)
            case "a new password by link":
                link = codes.issue(db, "reset", at=clock.now(), lasts=timedelta(hours=1), person_id=mary.id)
                db.commit()
                other.submit(f"/reset/{link}", {"password": "four words at random"})
            case _:
                (device,) = sessions.devices(db, mary.id, at=clock.now())
                other.sign_in(mary).submit("/account/devices", {"session": str(device.id)})
        assert other.get("/account").status_code == 200
        assert not works(app, token)

    @pytest.mark.parametrize("what", ["the role", "the authenticator", "the access"])
    def test_an_administrator_changes(
        self, app: Flask, client: CheckingClient, db: Session, make: Factory, clock: SetClock, sealer: Sealer, what: str
    ) -> None:
        make.staff(email="boss@example.org")
        sam = make.staff()
        token = client.sign_in(sam, level=Level.HIGH).session_token
        assert works(app, token)
        match what:
            case "the role":
                staff.set_roles(db, None, sam.id, {Role.AUDITOR}, at=clock.now())
            case "the authenticator":
                staff.reset_second_factor(db, None, sam.id, sealer=sealer, base_url="http://localhost", at=clock.now())
            case _:
                staff.remove(db, None, sam.id, at=clock.now())
        assert not works(app, token)

    def test_a_revocation_even_if_it_is_used_at_that_moment(
        self, app: Flask, client: CheckingClient, db: Session, mary: Person
    ) -> None:
        """A request that was under way when its session was revoked brings it not back."""
        under_way: list[bool] = []

        @app.before_request
        def revoke_meanwhile() -> None:
            if under_way:
                sessions.end_all(db, mary.id)
                db.commit()

        client.sign_in(mary, fresh=False).get("/sign-in/again")
        under_way.append(True)
        assert client.send("/sign-in/again", {"password": PASSWORD}).status_code == 303
        assert rows(db) == 0


class TestLastSeen:
    def test_is_written_at_most_once_a_minute(
        self, client: CheckingClient, db: Session, mary: Person, clock: SetClock
    ) -> None:
        client.sign_in(mary).get("/account")

        def seen() -> object:
            db.rollback()
            return db.scalar(select(SignInSession.seen_at))

        first = seen()
        clock.advance(timedelta(seconds=59))
        client.get("/account")
        assert seen() == first
        clock.advance(timedelta(seconds=1))
        client.get("/account")
        assert seen() == clock.now()


def test_when_the_database_is_away_nobody_is_told_that_they_are_signed_out(
    app: Flask, client: CheckingClient, mary: Person, owner_engine: Engine
) -> None:
    token = client.sign_in(mary).session_token
    with owner_engine.begin() as connection:
        connection.execute(text("alter table sign_in_session rename to elsewhere"))
    try:
        response = client.get("/account")
    finally:
        with owner_engine.begin() as connection:
            connection.execute(text("alter table elsewhere rename to sign_in_session"))
    assert response.status_code == 503
    assert not response.headers.getlist("Set-Cookie")
    assert works(app, token)
