"""Somebody without an account is registered: at the desk or by phone, by letter or e-mail, once."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.blueprints.assist.rules import WRONG_OF_ONE
from portal.clock import SetClock
from portal.council import Council
from portal.identity import persons
from portal.messages.texts import compose
from portal.models import AuditEvent, Channel, Contact, Link, OutboxMessage, Person, SignInSession
from portal.party import Level, Role
from portal.sealed import Sealer
from tests.factories import Factory
from tests.factories.rent import GARAGE, HOME, Tenancies
from tests.support import pages
from tests.support.client import CheckingClient
from tests.support.finding import find, way
from tests.support.outbox import Outbox

JOHN = {"name": "John Example", "reference": HOME}
BY_LETTER = {"language": "en", "username": "john.example"}
BY_EMAIL = {"language": "cy", "email": "John@Example.org"}
NEWCOMER = {
    "how": "passport",
    "name": "Nora Newcomer",
    "lines": "Flat 2\r\n\r\n3 Mill Lane \r\nZZ4 4DD",
    "language": "en",
    "username": "nora",
}
RIGHT = {
    "born": "1979-04-03",
    "postcode": "zz1 1aa",
    "since": "2026",
    "rent": "£112",
    "paid": "80",
    "together": "Mary",
}
WRONG = dict.fromkeys(RIGHT, "1") | {"born": "1979-03-04"}
PASSWORD = "correct horse battery staple"

pytestmark = pytest.mark.usefixtures("household")


def to_register(client: CheckingClient, staff: Person, **facts: str) -> str:
    """Look for somebody and return the address of the page on which they are registered."""
    return way(find(client, staff, **facts), "Register")


def at_the_desk(client: CheckingClient, staff: Person, account: dict[str, str], **facts: str) -> str:
    """Register somebody who shows a passport; return the address of the page that follows."""
    address = to_register(client, staff, **(facts or JOHN))
    follows = client.submit(address, {"how": "passport"}).location or ""
    return client.submit(follows, account).location or ""


def person(db: Session, name: str = "John Example") -> Person:
    return db.execute(select(Person).where(Person.name == name)).scalar_one()


def message(db: Session, sealer: Sealer) -> tuple[OutboxMessage, dict[str, str]]:
    """Return the message that brings the way to sign in."""
    sent = db.execute(select(OutboxMessage).where(OutboxMessage.template == "account-made")).scalar_one()
    fields: dict[str, str] = json.loads(sealer.unseal(sent.fields, context="outbox_message.fields"))
    return sent, fields


def ask(client: CheckingClient, address: str) -> tuple[str, list[str]]:
    """Choose the phone; return the address of the questions, and which were drawn."""
    follows = client.submit(address, {"how": "phone"}).location or ""
    names = pages.find(client.get(follows).text, "//main//input[not(@type='hidden')]/@name")
    return follows, [str(name) for name in names]


def answers(drawn: list[str], *, right: int) -> dict[str, str]:
    return {name: (RIGHT if number < right else WRONG)[name] for number, name in enumerate(drawn)}


class TestAtTheDesk:
    def test_a_tenant_gets_an_account_with_name_address_and_rent_from_the_record(
        self, client: CheckingClient, tom: Person, db: Session, clock: SetClock
    ) -> None:
        follows = at_the_desk(client, tom, BY_LETTER)
        john = person(db)
        assert follows == f"/staff/assist/{john.id}/registered"
        (contact,) = db.execute(select(Contact).where(Contact.person_id == john.id)).scalars()
        assert (contact.channel, contact.value, contact.confirmed_at) == (
            Channel.POST,
            "14 Weavers Row\nMillbrook\nZZ1 1AA",
            clock.now(),
        )
        link = db.execute(select(Link).where(Link.person_id == john.id)).scalar_one()
        assert (link.service, link.how, link.level) == ("rent", "staff", Level.HIGH)
        page = client.get(follows).text
        assert "John Example" in page and "<strong>john.example</strong>" in page
        assert way(client.get(follows), "Help them now") == f"/staff/assist/{john.id}/start"
        assert client.get(f"/staff/assist/{john.id}/start").status_code == 200

    def test_a_letter_brings_the_way_to_sign_in(
        self, client: CheckingClient, tom: Person, db: Session, sealer: Sealer
    ) -> None:
        at_the_desk(client, tom, BY_LETTER)
        sent, fields = message(db, sealer)
        assert (sent.channel, sent.template, fields["username"]) == ("post", "account-made", "john.example")
        assert sealer.unseal(sent.address, context="outbox_message.address").splitlines()[0] == "John Example"
        own = client.application.test_client()
        assert isinstance(own, CheckingClient)
        response = own.submit("/reset/letter", {"code": fields["code"], "password": PASSWORD})
        assert response.location == "/"
        assert "14 Weavers Row" in own.get("/rent").text

    def test_an_e_mail_address_is_confirmed_by_its_owner_alone(
        self, client: CheckingClient, tom: Person, db: Session, sealer: Sealer
    ) -> None:
        follows = at_the_desk(client, tom, BY_EMAIL)
        assert "We sent a link to their e-mail address" in client.get(follows).text
        sent, fields = message(db, sealer)
        assert (sent.channel, sent.template, sent.language) == ("email", "account-made", "cy")
        email = select(Contact.confirmed_at).where(Contact.value == "John@example.org")
        assert db.execute(email).scalar_one() is None
        db.rollback()
        own = client.application.test_client()
        assert isinstance(own, CheckingClient)
        assert own.submit(fields["link"], {"password": PASSWORD}).location == "/"
        assert "14 Weavers Row" in own.get("/rent").text
        assert db.execute(email).scalar_one()
        found = persons.find(db, "john@example.org")
        assert found and found.username is None

    def test_a_letter_tells_of_it_where_the_record_has_them(
        self, client: CheckingClient, tom: Person, council: Council, outbox: Outbox
    ) -> None:
        """Whoever shows a false document chooses the e-mail address; whose record it is has to learn of it."""
        at_the_desk(client, tom, BY_EMAIL)
        letters = [(to, fields) for template, to, fields in outbox.all() if template == "account-noted"]
        assert letters == [("John Example\n14 Weavers Row\nMillbrook\nZZ1 1AA", {})]
        text = " ".join(compose("account-noted", {}, language="en", council=council).paragraphs)
        assert "If it was not, call us." in text
        for detail in ("rent", "tenan", "@"):
            assert detail not in text.lower()

    def test_no_letter_goes_to_an_address_that_was_typed(
        self, client: CheckingClient, tom: Person, outbox: Outbox
    ) -> None:
        client.sign_in(tom, level=Level.HIGH)
        newcomer = {name: value for name, value in NEWCOMER.items() if name != "username"}
        client.submit("/staff/assist/register", {**newcomer, "email": "nora@example.org"})
        assert outbox.sent() == [("account-made", "nora@example.org")]

    def test_a_link_works_for_a_day(
        self, client: CheckingClient, tom: Person, db: Session, sealer: Sealer, clock: SetClock
    ) -> None:
        at_the_desk(client, tom, BY_EMAIL)
        _, fields = message(db, sealer)
        clock.advance(timedelta(hours=24))
        assert client.get(fields["link"]).status_code == 404

    def test_a_link_confirms_nothing_that_another_has_confirmed_meanwhile(
        self, client: CheckingClient, tom: Person, make: Factory, db: Session, sealer: Sealer
    ) -> None:
        at_the_desk(client, tom, BY_EMAIL)
        _, fields = message(db, sealer)
        make.resident(name="Another", email="john@example.org")
        own = client.application.test_client()
        assert isinstance(own, CheckingClient)
        assert own.submit(fields["link"], {"password": PASSWORD}).status_code == 404

    def test_papers_without_a_photo_prove_less(self, client: CheckingClient, tom: Person, db: Session) -> None:
        address = to_register(client, tom, **JOHN)
        follows = client.submit(address, {"how": "papers"}).location or ""
        client.submit(follows, BY_LETTER)
        assert db.execute(select(Link.level)).scalar_one() == Level.MEDIUM

    def test_somebody_whom_no_record_names_is_typed(
        self, client: CheckingClient, tom: Person, db: Session, sealer: Sealer
    ) -> None:
        client.sign_in(tom, level=Level.HIGH)
        response = client.submit("/staff/assist/register", NEWCOMER)
        nora = person(db, "Nora Newcomer")
        assert response.location == f"/staff/assist/{nora.id}/registered"
        assert db.execute(select(Contact.value)).scalars().all()[-1] == "Flat 2\n3 Mill Lane\nZZ4 4DD"
        assert db.execute(select(Link)).first() is None
        assert message(db, sealer)[0].channel == "post"

    @pytest.mark.parametrize("field", ["how", "name", "lines", "language"])
    def test_what_is_missing_is_asked_for(self, client: CheckingClient, tom: Person, db: Session, field: str) -> None:
        client.sign_in(tom, level=Level.HIGH)
        given = {name: value for name, value in NEWCOMER.items() if name != field}
        assert client.submit("/staff/assist/register", given).status_code == 422
        assert residents(db) == 0

    def test_nobody_is_registered_by_phone_without_a_record(
        self, client: CheckingClient, tom: Person, db: Session
    ) -> None:
        client.sign_in(tom, level=Level.HIGH)
        assert client.submit("/staff/assist/register", NEWCOMER | {"how": "phone"}).status_code == 422
        assert residents(db) == 0


def residents(db: Session) -> int:
    return db.scalar(select(func.count()).where(Person.kind == "resident")) or 0


class TestByPhone:
    def test_two_right_answers_of_three_are_enough(self, client: CheckingClient, tom: Person, db: Session) -> None:
        follows, drawn = ask(client, to_register(client, tom, **JOHN))
        assert len(drawn) == 3
        response = client.send(follows, answers(drawn, right=2))
        assert client.submit(response.location or "", BY_LETTER).status_code == 303
        link = db.execute(select(Link)).scalar_one()
        assert (link.person_id, link.how, link.level) == (person(db).id, "staff", Level.MEDIUM)

    def test_one_is_not_and_nobody_is_told_which(self, client: CheckingClient, tom: Person, db: Session) -> None:
        address = to_register(client, tom, **JOHN)
        follows, drawn = ask(client, address)
        response = client.send(follows, answers(drawn, right=1))
        assert response.status_code == 422
        assert "These answers aren’t enough. We can’t say which" in response.text
        assert not pages.find(response.text, "//*[contains(@class, 'error-message')]")
        assert client.get(f"{address}/account").location == address
        assert client.send(f"{address}/account", BY_LETTER).location == address
        assert residents(db) == 0

    def test_the_way_to_sign_in_comes_by_letter_to_the_records_address(
        self, client: CheckingClient, tom: Person, db: Session, sealer: Sealer
    ) -> None:
        follows, drawn = ask(client, to_register(client, tom, **JOHN))
        account = client.send(follows, answers(drawn, right=2)).location or ""
        assert "E-mail address" not in client.get(account).text
        assert client.send(account, BY_EMAIL).status_code == 422
        assert residents(db) == 0
        assert client.send(account, BY_LETTER | {"email": "John@Example.org"}).status_code == 303
        sent, _ = message(db, sealer)
        assert (sent.channel, sent.template) == ("post", "account-made")

    def test_right_answers_are_never_shown(self, client: CheckingClient, tom: Person) -> None:
        follows, _ = ask(client, to_register(client, tom, **JOHN))
        text = client.get(follows).text
        for told in ("112", "1979", "ZZ1", "Mary", "80.00"):
            assert told not in text, told

    def test_one_answer_is_no_try(self, client: CheckingClient, tom: Person, db: Session) -> None:
        follows, drawn = ask(client, to_register(client, tom, **JOHN))
        response = client.send(follows, answers(drawn[:1], right=1))
        assert response.status_code == 422
        assert "Type at least two answers" in response.text
        tried = db.execute(select(AuditEvent).where(AuditEvent.act == "assist.identify"))
        assert tried.first() is None

    def test_who_fails_is_asked_the_same_again(self, client: CheckingClient, tom: Person) -> None:
        address = to_register(client, tom, **JOHN)
        follows, drawn = ask(client, address)
        client.send(follows, answers(drawn, right=0))
        assert ask(client, address)[1] == drawn

    def test_nor_does_asking_somebody_else_meanwhile_bring_others(self, client: CheckingClient, tom: Person) -> None:
        both = find(client, tom, reference=HOME, postcode="ZZ1 1AA")
        john, mary, *_ = pages.find(both.text, "//main//a[contains(., 'Register')]/@href")
        _, drawn = ask(client, str(john))
        for _ in range(5):
            ask(client, str(mary))
            assert ask(client, str(john))[1] == drawn

    def test_wrong_answers_count_whoever_asks(
        self, client: CheckingClient, tom: Person, make: Factory, db: Session, clock: SetClock
    ) -> None:
        follows, drawn = ask(client, to_register(client, tom, **JOHN))
        for _ in range(WRONG_OF_ONE):
            assert client.send(follows, answers(drawn, right=1)).status_code == 422
        other = make.staff(roles=(Role.CUSTOMER_SERVICES,), name="Another One", email="another@example.org")
        follows, drawn = ask(client, to_register(client, other, **JOHN))
        response = client.send(follows, answers(drawn, right=3))
        assert response.status_code == 429
        assert "There were too many wrong answers" in response.text
        assert residents(db) == 0
        clock.advance(timedelta(days=1))
        follows, drawn = ask(client, to_register(client, other, **JOHN))
        assert client.send(follows, answers(drawn, right=3)).status_code == 303

    def test_what_was_said_when_they_were_looked_for_is_no_question(self, client: CheckingClient, tom: Person) -> None:
        for _ in range(5):
            facts = {"name": "John Example", "born_on": "1979-04-03", "postcode": "ZZ1 1AA"}
            _, drawn = ask(client, to_register(client, tom, **facts))
            assert not {"born", "postcode"} & set(drawn)

    def test_a_record_that_holds_too_little_sends_them_to_a_desk(self, client: CheckingClient, tom: Person) -> None:
        facts = {"name": "Rose Other", "born_on": "1990-09-09", "postcode": "ZZ1 1AA"}
        response = client.submit(to_register(client, tom, **facts), {"how": "phone"})
        assert response.status_code == 409
        assert "Their record holds too little to ask about" in response.text

    def test_each_try_is_on_record_without_the_answers(self, client: CheckingClient, tom: Person, db: Session) -> None:
        follows, drawn = ask(client, to_register(client, tom, **JOHN))
        client.send(follows, answers(drawn, right=1))
        client.send(follows, answers(drawn, right=2))
        tries = db.execute(select(AuditEvent).where(AuditEvent.act == "assist.identify").order_by(AuditEvent.id))
        refused, done = tries.scalars()
        assert (refused.outcome, done.outcome, done.actor_id) == ("refused", "done", tom.id)
        assert set(done.details) == {"asked"} and done.details["asked"].split() == sorted(drawn)
        kept = " ".join(str(data) for data in db.execute(select(SignInSession.data)).scalars())
        assert "1979" not in kept and "Mary" not in kept


class TestOnce:
    def test_whoever_has_an_account_is_not_registered_again(
        self, client: CheckingClient, tom: Person, mary: Person, household: Tenancies, db: Session
    ) -> None:
        address = to_register(client, tom, **JOHN)
        follows = client.submit(address, {"how": "passport"}).location or ""
        client.get(follows)
        household.connect(mary, HOME, 0)  # John's row, by his letter
        response = client.send(follows, BY_LETTER, follow_redirects=True)
        assert "They have an account already" in response.text
        assert residents(db) == 1

    def test_nor_by_another_of_their_records(
        self, client: CheckingClient, tom: Person, mary: Person, household: Tenancies
    ) -> None:
        """Mary is connected to the home; the garage is hers, too."""
        garage = to_register(client, tom, name="Mary Example", reference=GARAGE)
        household.connect(mary, HOME, 1)
        assert "They have an account already" in client.get(garage, follow_redirects=True).text

    def test_two_colleagues_at_once_register_them_once(
        self, client: CheckingClient, tom: Person, make: Factory, db: Session, clock: SetClock
    ) -> None:
        at_the_desk(client, tom, BY_LETTER)
        linked = db.execute(select(Link)).scalar_one()
        other = make.resident()
        db.add(Link(person_id=other.id, service="rent", target=linked.target, how="staff", level=2, since=clock.now()))
        with pytest.raises(IntegrityError, match="uq_link_by_staff"):
            db.commit()

    @pytest.mark.parametrize(
        ("account", "message"),
        [
            ({"language": "en", "username": "taken"}, "Somebody else has this username"),
            ({"language": "en", "username": "a b"}, "A username has 3 to 40"),
            ({"language": "en", "email": "mary@example.org"}, "An account has this address already"),
        ],
    )
    def test_what_is_anothers_is_refused_and_nothing_is_half_done(
        self, client: CheckingClient, tom: Person, make: Factory, db: Session, account: dict[str, str], message: str
    ) -> None:
        make.resident(username="taken")
        address = to_register(client, tom, **JOHN)
        follows = client.submit(address, {"how": "passport"}).location or ""
        response = client.submit(follows, account)
        assert response.status_code == 409
        assert message in response.text
        assert residents(db) == 1
        assert db.execute(select(OutboxMessage)).first() is None
        assert client.send(follows, BY_LETTER).status_code == 303

    def test_neither_e_mail_nor_username_is_too_little(self, client: CheckingClient, tom: Person, db: Session) -> None:
        assert at_the_desk(client, tom, {"language": "en"}) == ""
        assert residents(db) == 0


class TestWho:
    def test_nobody_who_was_not_found(self, client: CheckingClient, tom: Person) -> None:
        address = to_register(client, tom, **JOHN)
        find(client, tom, name="Rose Other", born_on="1990-09-09")
        for page in ("", "/questions", "/account"):
            assert client.get(address + page).status_code == 404

    def test_nobody_who_was_not_identified(self, client: CheckingClient, tom: Person, db: Session) -> None:
        address = to_register(client, tom, **JOHN)
        assert client.get(f"{address}/account").location == address
        assert client.get(f"{address}/questions").location == address
        assert client.send(f"{address}/account", BY_LETTER).location == address
        assert residents(db) == 0

    def test_nobody_of_ones_own_name(self, client: CheckingClient, make: Factory, db: Session) -> None:
        nora = make.staff(roles=(Role.CUSTOMER_SERVICES,), name="Nora Newcomer")
        client.sign_in(nora, level=Level.HIGH)
        response = client.submit("/staff/assist/register", NEWCOMER, follow_redirects=True)
        assert "This record is protected from you" in response.text
        assert residents(db) == 0

    def test_all_of_it_is_one_record_and_in_one_commit(self, client: CheckingClient, tom: Person, db: Session) -> None:
        at_the_desk(client, tom, BY_LETTER)
        john = person(db)
        found = db.execute(select(AuditEvent).where(AuditEvent.subject_id == john.id).order_by(AuditEvent.id))
        records = [(one.act, one.actor_id, one.authority, one.request_id) for one in found.scalars()]
        assert [record[:3] for record in records] == [
            ("person.register", tom.id, "staff"),
            ("link.begin", tom.id, "staff"),
        ]
        assert len({record[3] for record in records}) == 1

    def test_what_was_sent_is_told_of_whoever_was_just_registered_alone(
        self, client: CheckingClient, tom: Person, db: Session
    ) -> None:
        """A search shows no e-mail address, and no page behind it does."""
        address = at_the_desk(client, tom, BY_EMAIL)
        assert client.get(address).status_code == 200
        find(client, tom, **JOHN)
        assert client.get(f"/staff/assist/{person(db).id}/start").status_code == 200
        assert client.get(address).status_code == 404

    def test_an_old_sign_in_proves_itself_again_first(self, client: CheckingClient, tom: Person) -> None:
        client.sign_in(tom, level=Level.HIGH, fresh=False)
        assert (client.get("/staff/assist/register").location or "").startswith("/sign-in/again")
