"""Making an account: the address is confirmed first, and nobody learns who has one."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from portal.blueprints.account import rules
from portal.blueprints.account.actions import registering
from portal.clock import SetClock
from portal.db.jobs import defer
from portal.models import Contact, OutboxMessage, Password, Person
from tests.factories import Factory
from tests.support.client import CheckingClient
from tests.support.observing import calls_of, statements
from tests.support.outbox import Outbox
from tests.support.pages import find

Acts = Callable[[], list[tuple[str, str]]]
Browser = Callable[[], CheckingClient]
GOOD = "four words at random"


def ask(client: CheckingClient, email: str = "new@example.org") -> TestResponse:
    return client.submit("/register", {"email": email})


def finish(client: CheckingClient, link: str, *, name: str = "Nora New", password: str = GOOD) -> TestResponse:
    return client.submit(link, {"name": name, "password": password})


def accounts(db: Session) -> int:
    db.rollback()
    return db.scalar(select(func.count()).select_from(Person)) or 0


@pytest.fixture
def link(client: CheckingClient, outbox: Outbox) -> str:
    """Path of the link that a newcomer was sent."""
    ask(client)
    return outbox.path("register-confirm")


class TestAsking:
    def test_sends_a_link_and_makes_no_account_yet(
        self, client: CheckingClient, outbox: Outbox, db: Session, acts: Acts
    ) -> None:
        answer = ask(client)
        assert (answer.status_code, answer.location) == (303, "/register/sent")
        assert "Look in your e-mail" in client.get("/register/sent").text
        assert outbox.sent() == [("register-confirm", "new@example.org")]
        assert accounts(db) == 0
        assert acts() == [("account.register.ask", "done")]

    @pytest.mark.parametrize("email", ["mary@example.org", "MARY@example.org", "mary@EXAMPLE.org"])
    def test_for_an_address_with_an_account_writes_to_its_owner_and_says_the_same(
        self, client: CheckingClient, browser: Browser, outbox: Outbox, mary: Person, email: str
    ) -> None:
        there, nowhere = ask(client, email), ask(browser(), "new@example.org")
        assert (there.status_code, there.location) == (nowhere.status_code, nowhere.location)
        assert [template for template, _ in outbox.sent()] == ["register-confirm", "register-exists"]
        fields = next(fields for template, _, fields in outbox.all() if template == "register-exists")
        assert fields == {"sign_in": "http://localhost/sign-in", "reset": "http://localhost/reset"}
        assert mary.name not in str(fields)

    @pytest.mark.usefixtures("mary")
    def test_is_the_same_work_whether_there_is_an_account_or_not(self, client: CheckingClient, engine: Engine) -> None:
        work = []
        for email in ("mary@example.org", "new@example.org"):
            client.get("/register")
            with statements(engine) as sent, calls_of(defer) as deferred:
                client.send("/register", {"email": email})
            work.append((sent, deferred))
        assert work[0] == work[1]
        assert work[0][1] == ["defer"]

    def test_writes_in_the_language_of_the_page_and_to_owners_in_theirs(
        self, client: CheckingClient, make: Factory, db: Session
    ) -> None:
        make.resident(language="cy")
        ask(client, "mary@example.org")
        client.get("/register?lang=cy")
        client.send("/register", {"email": "new@example.org"})
        client.get("/register?lang=en")
        client.send("/register", {"email": "other@example.org"})
        found = select(OutboxMessage.language).order_by(OutboxMessage.created_at, OutboxMessage.language)
        assert db.execute(found).scalars().all() == ["cy", "cy", "en"]

    @pytest.mark.parametrize(
        "email", ["", "mary", "mary@", "mary@example", "a b@example.org", "m" * 250 + "@example.org"]
    )
    def test_of_what_is_no_address_says_so_and_sends_nothing(
        self, client: CheckingClient, outbox: Outbox, email: str
    ) -> None:
        assert ask(client, email).status_code == 422
        assert outbox.sent() == []

    def test_too_often_for_one_address_is_refused_for_an_hour(
        self, client: CheckingClient, outbox: Outbox, clock: SetClock
    ) -> None:
        for _ in range(rules.MAIL_NAME):
            assert ask(client).status_code == 303
        refused = ask(client)
        assert refused.status_code == 429
        assert refused.headers["Retry-After"] == "3600"
        assert len(outbox.sent()) == rules.MAIL_NAME
        clock.advance(timedelta(hours=1))
        assert ask(client).status_code == 303

    def test_too_often_from_one_network_is_refused_whatever_the_address(self, client: CheckingClient) -> None:
        client.get("/register")
        for turn in range(rules.MAIL_NETWORK):
            assert client.send("/register", {"email": f"new{turn}@example.org"}).status_code == 303
        assert ask(client, "another@example.org").status_code == 429


class TestTheLink:
    def test_is_looked_at_by_mail_filters_and_stays_good(
        self, client: CheckingClient, browser: Browser, link: str, db: Session
    ) -> None:
        for _ in range(3):
            assert browser().get(link).status_code == 200
        assert accounts(db) == 0
        assert finish(client, link).status_code == 303

    def test_works_in_another_browser_than_the_one_that_asked(self, browser: Browser, link: str) -> None:
        other = browser()
        assert finish(other, link).location == "/"
        assert other.get("/account").status_code == 200

    def test_makes_the_account_and_signs_its_owner_in(
        self, client: CheckingClient, link: str, db: Session, acts: Acts
    ) -> None:
        client.get(link)
        before = client.session_token
        answer = finish(client, link)
        assert (answer.status_code, answer.location) == (303, "/")
        assert client.session_token not in (None, before)
        assert "Your account is made, and you are signed in" in client.get("/").text
        assert acts()[-1] == ("account.register", "done")
        person, contact = db.execute(select(Person, Contact).join(Contact, Contact.person_id == Person.id)).one()
        assert (person.kind, person.name, contact.value) == ("resident", "Nora New", "new@example.org")
        assert contact.confirmed_at is not None

    def test_shows_the_address_that_it_was_sent_to(self, client: CheckingClient, link: str) -> None:
        page = client.get(link).text
        assert find(page, "//input[@readonly]/@value") == ["new@example.org"]

    def test_works_once(self, client: CheckingClient, browser: Browser, link: str, db: Session) -> None:
        finish(client, link)
        again = browser().get(link)
        assert again.status_code == 404
        assert "This link doesn’t work any more" in again.text
        assert "new@example.org" not in again.text
        assert accounts(db) == 1

    def test_that_was_open_twice_works_once(
        self, client: CheckingClient, browser: Browser, link: str, db: Session
    ) -> None:
        other = browser()
        other.get(link)
        finish(client, link)
        assert other.send(link, {"name": "Nora New", "password": GOOD}).status_code == 404
        assert accounts(db) == 1

    def test_works_for_a_day(self, client: CheckingClient, link: str, clock: SetClock) -> None:
        clock.advance(registering.LASTS - timedelta(seconds=1))
        assert client.get(link).status_code == 200
        clock.advance(timedelta(seconds=1))
        assert client.get(link).status_code == 404

    def test_that_was_never_sent_is_no_good(self, client: CheckingClient) -> None:
        for token in ("x", "y" * 43):
            assert client.get(f"/register/{token}").status_code == 404

    def test_for_an_address_that_got_an_account_meanwhile_makes_no_second_one(
        self, client: CheckingClient, link: str, make: Factory, db: Session
    ) -> None:
        make.resident(email="New@Example.org")
        assert finish(client, link).status_code == 404
        assert accounts(db) == 1

    def test_for_registering_resets_no_password(self, client: CheckingClient, link: str) -> None:
        assert client.get(link.replace("/register/", "/reset/")).status_code == 404

    def test_sent_again_leaves_the_first_one_good(self, client: CheckingClient, link: str) -> None:
        """Somebody else may ask as well: it must not stop the owner's link."""
        ask(client)
        assert client.get(link).status_code == 200


class TestThePassword:
    @pytest.mark.parametrize(
        ("password", "message"),
        [
            ("elevenchars", "Your password must be 12 characters or more"),
            ("xq" * 128 + "!", "Your password must be 256 characters or fewer"),
            ("password1234", "on a list that thieves have"),
            ("correcthorsebatterystaple", "on a list that thieves have"),
            ("Millbrook2026", "easy to guess"),
            ("CyngorMillbrook", "easy to guess"),
            ("rent portal", "12 characters or more"),
            ("residentportal", "easy to guess"),
            ("noranewnoranew", "easy to guess"),
            ("new@example.org", "easy to guess"),
            ("", "Enter a password"),
        ],
    )
    def test_that_is_short_long_leaked_or_guessable_is_refused_and_the_link_stays_good(
        self, client: CheckingClient, link: str, db: Session, password: str, message: str
    ) -> None:
        refused = finish(client, link, password=password)
        assert refused.status_code == 422
        assert message in refused.text
        assert not find(refused.text, "//input[@type='password']/@value")
        assert accounts(db) == 0
        assert finish(client, link).status_code == 303

    @pytest.mark.parametrize(
        "password",
        [
            "twelve chars",
            "ŷ ŵ ô á ŷ ŵ ô á ŷ ŵ",
            "🐕 barks at the 🌙 all night",
            "  blanks count, at both ends  ",
            "tab\tand quote' and \" and <b>",
            "".join(chr(ord("a") + (number * 7919) % 23) for number in range(256)),
        ],
        ids=["12 characters", "Welsh", "pictures", "blanks", "signs", "256 characters"],
    )
    def test_may_have_any_characters_all_of_which_count(
        self, client: CheckingClient, browser: Browser, link: str, password: str
    ) -> None:
        assert finish(client, link, password=password).status_code == 303
        almost = browser().submit("/sign-in", {"name": "new@example.org", "password": password[:-1]})
        whole = browser().submit("/sign-in", {"name": "new@example.org", "password": password})
        assert (almost.status_code, whole.status_code) == (422, 303)

    def test_is_kept_as_a_hash_alone(self, client: CheckingClient, link: str, db: Session) -> None:
        finish(client, link)
        kept = db.execute(select(Password.hash)).scalar_one()
        assert kept and kept.startswith("$argon2id$") and GOOD not in kept

    def test_field_lets_managers_and_pasting_work_and_hides_what_is_typed(
        self, client: CheckingClient, link: str
    ) -> None:
        (field,) = find(client.get(link).text, "//input[@type='password']")
        assert field.get("autocomplete") == "new-password"
        assert not {"maxlength", "onpaste", "pattern"} & set(field.attrib)


class TestTheName:
    @pytest.mark.parametrize("name", ["", "   ", "x" * 101])
    def test_that_is_empty_or_too_long_is_asked_for_again(
        self, client: CheckingClient, link: str, db: Session, name: str
    ) -> None:
        assert finish(client, link, name=name).status_code == 422
        assert accounts(db) == 0

    @pytest.mark.parametrize("name", ["Seán Ó Súilleabháin", "Siân", "李", "O'Brien-Jones"])
    def test_may_be_anybodys(self, client: CheckingClient, link: str, db: Session, name: str) -> None:
        finish(client, link, name=f" {name} ")
        assert db.execute(select(Person.name)).scalar_one() == name
