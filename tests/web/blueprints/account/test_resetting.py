"""Choosing a new password, having forgotten the old one: by a link in an e-mail, or by a letter with a code."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import Engine
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from portal.blueprints.account import rules
from portal.clock import SetClock
from portal.council import Council
from portal.db import committing
from portal.db.jobs import defer
from portal.identity import contacts, persons, resets
from portal.identity.mailing import Mailing
from portal.messages.print_room import hand_over
from portal.messages.texts import compose
from portal.models import Channel, Person
from portal.sealed import Sealer
from portal.web import current
from tests.factories import PASSWORD, Factory
from tests.support.client import CheckingClient
from tests.support.observing import calls_of, statements
from tests.support.outbox import Outbox

Acts = Callable[[], list[tuple[str, str]]]
Browser = Callable[[], CheckingClient]
NEW = "four words at random"
HOME = "1 Mill Lane\nMillbrook\nZZ1 1AB"


def ask(client: CheckingClient, name: str = "mary@example.org") -> TestResponse:
    return client.submit("/reset", {"name": name})


def signs_in(client: CheckingClient, name: str, password: str) -> bool:
    return client.submit("/sign-in", {"name": name, "password": password}).status_code == 303


@pytest.fixture
def link(client: CheckingClient, outbox: Outbox, mary: Person) -> str:
    """Path of the link that ``mary`` was sent."""
    assert mary.kind == "resident" and ask(client).status_code == 303
    return outbox.path("reset")


@pytest.fixture
def code(client: CheckingClient, outbox: Outbox, make: Factory) -> str:
    """The code in the letter that somebody without e-mail was sent: their username is patrick."""
    make.contact(make.resident(email=None, username="patrick", name="Patrick Example"), Channel.POST, HOME)
    assert ask(client, "patrick").status_code == 303
    return outbox.code()


class TestAsking:
    def test_sends_a_link_to_the_address_that_was_entered(
        self, client: CheckingClient, outbox: Outbox, make: Factory, mary: Person
    ) -> None:
        make.contact(mary, Channel.EMAIL, "second@example.org")
        answer = ask(client, "Second@example.org")
        assert (answer.status_code, answer.location) == (303, "/reset/sent")
        assert "We have written to you" in client.get("/reset/sent").text
        assert outbox.sent() == [("reset", "second@example.org")]

    @pytest.mark.parametrize("name", ["nobody@example.org", "nobody", "closed@example.org", "unreachable"])
    def test_says_the_same_where_nobody_can_be_written_to(
        self, client: CheckingClient, outbox: Outbox, make: Factory, clock: SetClock, name: str
    ) -> None:
        make.resident(email="closed@example.org", closed_at=clock.now())
        make.resident(email=None, username="unreachable")
        answer = ask(client, name)
        assert (answer.status_code, answer.location) == (303, "/reset/sent")
        assert outbox.sent() == []

    @pytest.mark.usefixtures("mary")
    def test_is_the_same_work_whether_there_is_an_account_or_not(self, client: CheckingClient, engine: Engine) -> None:
        work = []
        for name in ("mary@example.org", "nobody@example.org"):
            client.get("/reset")
            with statements(engine) as sent, calls_of(defer) as deferred:
                client.send("/reset", {"name": name})
            work.append([step.replace("rollback to", "release") for step in sent] + deferred)
        there, nowhere = work
        assert [step.split(" sa_")[0] for step in there] == [step.split(" sa_")[0] for step in nowhere]
        assert "defer" in there

    def test_leaves_a_record_without_what_was_typed(self, client: CheckingClient, acts: Acts) -> None:
        ask(client, "nobody@example.org")
        assert acts() == [("account.reset.ask", "done")]

    @pytest.mark.usefixtures("mary")
    def test_too_often_for_one_name_is_refused_whether_it_has_an_account_or_not(self, client: CheckingClient) -> None:
        for name in ("mary@example.org", "nobody@example.org"):
            assert [ask(client, name).status_code for _ in range(rules.MAIL_NAME + 1)] == [303] * rules.MAIL_NAME + [
                429
            ]

    @pytest.mark.usefixtures("mary")
    def test_is_possible_however_often_somebody_registers_with_the_name(
        self, client: CheckingClient, outbox: Outbox
    ) -> None:
        for _ in range(rules.MAIL_NAME + 1):
            client.submit("/register", {"email": "mary@example.org"})
        assert ask(client).status_code == 303
        assert ("reset", "mary@example.org") in outbox.sent()

    def test_again_stops_the_earlier_link(
        self, client: CheckingClient, outbox: Outbox, link: str, clock: SetClock
    ) -> None:
        clock.advance(timedelta(seconds=1))
        ask(client)
        assert client.get(link).status_code == 404
        assert client.get(outbox.path("reset")).status_code == 200


class TestTheLink:
    def test_is_looked_at_by_mail_filters_and_stays_good(self, browser: Browser, link: str) -> None:
        for _ in range(3):
            assert browser().get(link).status_code == 200
        assert browser().submit(link, {"password": NEW}).status_code == 303

    def test_changes_the_password_and_signs_the_owner_in(
        self, client: CheckingClient, browser: Browser, link: str, acts: Acts
    ) -> None:
        answer = client.submit(link, {"password": NEW})
        assert (answer.status_code, answer.location) == (303, "/")
        assert client.get("/account").status_code == 200
        assert acts()[-1] == ("account.reset", "done")
        assert not signs_in(browser(), "mary@example.org", PASSWORD)
        assert signs_in(browser(), "mary@example.org", NEW)

    def test_ends_all_sessions(self, browser: Browser, link: str, mary: Person) -> None:
        elsewhere = [browser().sign_in(mary), browser().sign_in(mary)]
        browser().submit(link, {"password": NEW})
        assert [other.get("/account").status_code for other in elsewhere] == [303, 303]

    def test_tells_the_owner_at_all_their_addresses(
        self, client: CheckingClient, outbox: Outbox, make: Factory, mary: Person, link: str
    ) -> None:
        make.contact(mary, Channel.EMAIL, "second@example.org")
        make.contact(mary, Channel.EMAIL, "never.confirmed@example.org", confirmed=False)
        client.submit(link, {"password": NEW})
        assert outbox.sent()[:2] == [
            ("password-changed", "mary@example.org"),
            ("password-changed", "second@example.org"),
        ]

    def test_works_once(self, browser: Browser, link: str) -> None:
        browser().submit(link, {"password": NEW})
        again = browser().get(link)
        assert again.status_code == 404
        assert "This link doesn’t work any more" in again.text

    def test_works_for_an_hour(self, client: CheckingClient, link: str, clock: SetClock) -> None:
        clock.advance(resets.LINK_LASTS - timedelta(seconds=1))
        assert client.get(link).status_code == 200
        clock.advance(timedelta(seconds=1))
        assert client.get(link).status_code == 404

    def test_is_void_once_the_password_was_changed_otherwise(
        self, client: CheckingClient, browser: Browser, link: str, mary: Person
    ) -> None:
        client.sign_in(mary).submit("/account/password", {"present": PASSWORD, "password": NEW})
        assert browser().get(link).status_code == 404

    def test_is_void_once_the_address_was_removed_that_it_was_sent_to(
        self, client: CheckingClient, browser: Browser, link: str, mary: Person, make: Factory, db: Session
    ) -> None:
        make.contact(mary, Channel.EMAIL, "second@example.org")
        client.sign_in(mary).get("/account/contacts")
        (first,) = [way for way in contacts.of_person(db, mary.id) if way.value == "mary@example.org"]
        assert client.send("/account/contacts", {"contact": str(first.id)}).status_code == 303
        assert browser().get(link).status_code == 404

    def test_keeps_a_weak_password_out_and_stays_good(self, client: CheckingClient, link: str) -> None:
        assert client.submit(link, {"password": "maryexample1"}).status_code == 422
        assert client.submit(link, {"password": ""}).status_code == 422
        assert client.submit(link, {"password": NEW}).status_code == 303

    def test_of_an_account_that_was_closed_meanwhile_is_no_good(
        self, client: CheckingClient, link: str, db: Session, mary: Person, clock: SetClock
    ) -> None:
        persons.close(db, mary.id, at=clock.now())
        db.commit()
        assert client.get(link).status_code == 404

    def test_of_staff_does_not_go_round_their_second_factor(
        self, client: CheckingClient, outbox: Outbox, make: Factory
    ) -> None:
        make.staff()
        ask(client, "sam@example.org")
        answer = client.submit(outbox.path("reset"), {"password": NEW})
        assert answer.location == "/sign-in/code"
        assert client.get("/staff").status_code == 303


class TestTheLetter:
    def test_goes_to_who_has_no_email_with_a_code_that_is_easy_to_type(self, outbox: Outbox, code: str) -> None:
        assert outbox.sent() == [("reset", f"Patrick Example\n{HOME}")]
        assert [len(group) for group in code.split("-")] == [4, 4, 4, 4]

    @pytest.mark.usefixtures("code")
    def test_tells_the_name_to_sign_in_with(
        self, db: Session, council: Council, sealer: Sealer, clock: SetClock, tmp_path: Path
    ) -> None:
        (batch,) = hand_over(db, tmp_path, council=council, sealer=sealer, at=clock.now())
        (letter,) = batch.folder.glob("*.pdf")
        assert "Your username is patrick." in PdfReader(letter).pages[0].extract_text()

    def test_to_somebody_without_a_username_tells_of_none(
        self, db: Session, make: Factory, outbox: Outbox, council: Council, sealer: Sealer, clock: SetClock
    ) -> None:
        ann = make.resident(email=None, name="Ann Example")
        mailing = Mailing(sealer, "http://localhost")
        with committing(db):
            resets.send(db, mailing, person_id=ann.id, to=(Channel.POST, HOME), at=clock.now())
        [(template, _, fields)] = outbox.all()
        paragraphs = compose(template, fields, language="en", council=council).paragraphs
        assert len(paragraphs) == 3 and "username" not in " ".join(paragraphs)

    def test_changes_the_password_however_the_code_is_typed(
        self, client: CheckingClient, browser: Browser, code: str
    ) -> None:
        typed = f" {code.lower().replace('-', ' ')} "
        assert client.submit("/reset/letter", {"code": typed, "password": NEW}).location == "/"
        assert client.get("/account").status_code == 200
        assert signs_in(browser(), "patrick", NEW)

    def test_works_once(self, browser: Browser, code: str) -> None:
        form = {"code": code, "password": NEW}
        assert [browser().submit("/reset/letter", form).status_code for _ in range(2)] == [303, 422]

    def test_works_for_three_weeks(self, client: CheckingClient, code: str, clock: SetClock) -> None:
        clock.advance(resets.LETTER_LASTS)
        assert client.submit("/reset/letter", {"code": code, "password": NEW}).status_code == 422

    def test_is_void_after_five_wrong_tries(self, client: CheckingClient, code: str, acts: Acts) -> None:
        wrong = code[:4] + "-2222-2222-2222"
        for _ in range(resets.LETTER_TRIES):
            refused = client.submit("/reset/letter", {"code": wrong, "password": NEW})
            assert refused.status_code == 422
            assert "That code doesn&#39;t work" in refused.text
        assert client.submit("/reset/letter", {"code": code, "password": NEW}).status_code == 422
        assert acts()[1:] == [("account.reset", "refused")] * (resets.LETTER_TRIES + 1)

    def test_is_good_after_four_wrong_tries_and_a_weak_password(self, client: CheckingClient, code: str) -> None:
        for _ in range(resets.LETTER_TRIES - 1):
            client.submit("/reset/letter", {"code": code[:4] + "-2222-2222-2222", "password": NEW})
        assert client.submit("/reset/letter", {"code": code, "password": "patrick12345"}).status_code == 422
        assert client.submit("/reset/letter", {"code": code, "password": NEW}).status_code == 303

    def test_is_not_voided_by_wrong_tries_at_other_codes(self, client: CheckingClient, code: str) -> None:
        other = ("2" if code[0] != "2" else "3") + code[1:]
        for _ in range(resets.LETTER_TRIES):
            client.submit("/reset/letter", {"code": other, "password": NEW})
        assert client.submit("/reset/letter", {"code": code, "password": NEW}).status_code == 303

    def test_cannot_be_tried_in_the_place_of_a_link_where_nobody_counts(
        self, client: CheckingClient, code: str
    ) -> None:
        assert client.get(f"/reset/{code}").status_code == 404
        client.get("/reset/letter")
        assert client.send(f"/reset/{code}", {"password": NEW}).status_code == 404

    @pytest.mark.usefixtures("code")
    def test_is_not_followed_by_another_one_within_three_days(
        self, client: CheckingClient, outbox: Outbox, clock: SetClock
    ) -> None:
        """Whoever asks again must not void the code that is on its way."""
        clock.advance(resets.NEXT_LETTER - timedelta(seconds=1))
        ask(client, "patrick")
        assert len(outbox.sent()) == 1
        clock.advance(timedelta(seconds=1))
        ask(client, "patrick")
        assert len(outbox.sent()) == 2

    def test_tries_are_limited_for_each_network(self, app: Flask, client: CheckingClient) -> None:
        with app.app_context():
            throttle, db, now = current.throttle(), current.db(), current.now()
            for _ in range(rules.NETWORK - 1):
                throttle.ask(db, rules.of_code(throttle, address="127.0.0.1"), at=now)
        wrong = {"code": "2222-2222-2222-2222", "password": NEW}
        assert [client.submit("/reset/letter", wrong).status_code for _ in range(2)] == [422, 429]


def test_the_password_may_not_be_the_username(client: CheckingClient, outbox: Outbox, make: Factory) -> None:
    make.contact(make.resident(email=None, username="zorblax-wimble"), Channel.POST, HOME)
    ask(client, "zorblax-wimble")
    refused = client.submit("/reset/letter", {"code": outbox.code(), "password": "Zorblax-Wimble"})
    assert refused.status_code == 422
    assert "easy to guess" in refused.text
