"""Properties of sessions: what the table holds, when a token changes, and that no token works after its end."""

import hashlib
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import Engine, func, select, text
from sqlalchemy.orm import Session

from portal.clock import SetClock
from portal.identity import sessions
from portal.models import Person, SignInSession
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

    def test_with_an_unknown_token_gets_a_new_one(self, client: CheckingClient) -> None:
        client.set_cookie(PLAIN_COOKIE, "planted-by-somebody")
        client.get("/sign-in")
        assert client.session_token not in (None, "planted-by-somebody")


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
    def test_at_sign_in(self, client: CheckingClient, mary: Person) -> None:
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
    """Tell whether a token opens its owner's account."""
    other = app.test_client()
    other.set_cookie(PLAIN_COOKIE, token or "")
    return other.get("/account").status_code == 200


class TestNoTokenWorksAfter:
    def test_sign_out(self, app: Flask, client: CheckingClient, mary: Person) -> None:
        token = client.sign_in(mary).session_token
        assert works(app, token)
        client.get("/account")
        client.send("/sign-out")
        assert not works(app, token)

    def test_a_while_without_a_request(
        self, app: Flask, client: CheckingClient, mary: Person, clock: SetClock, settings: Settings
    ) -> None:
        token = client.sign_in(mary).session_token
        clock.advance(settings.resident_idle - timedelta(seconds=1))
        assert works(app, token)
        clock.advance(settings.resident_idle + timedelta(seconds=1))
        assert not works(app, token)

    def test_the_longest_time_however_busy(
        self, app: Flask, client: CheckingClient, mary: Person, clock: SetClock, settings: Settings
    ) -> None:
        token = client.sign_in(mary).session_token
        for _ in range(int(settings.resident_absolute / timedelta(minutes=20)) - 1):
            clock.advance(timedelta(minutes=20))
            assert works(app, token)
        clock.advance(timedelta(minutes=20))
        assert not works(app, token)

    @pytest.mark.parametrize(
        "end",
        [
            lambda db, mary: sessions.end_all(db, mary.id),
            lambda db, mary: db.execute(text("update person set closed_at = now()")),
            lambda db, mary: db.execute(text("delete from person")),
        ],
        ids=["revocation", "closing the account", "deleting the person"],
    )
    def test_the_account_changes(
        self, app: Flask, client: CheckingClient, db: Session, mary: Person, end: Callable[[Session, Person], object]
    ) -> None:
        token = client.sign_in(mary).session_token
        assert works(app, token)
        end(db, mary)
        db.commit()
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
    app: Flask, client: CheckingClient, mary: Person, engine: Engine, owner_engine: Engine
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
