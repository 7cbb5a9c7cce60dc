"""Who was registered and never got in is sent the way to sign in again; another e-mail address only at the desk."""

import json
from datetime import timedelta
from threading import Thread
from uuid import uuid4

import pytest
from sqlalchemy import Engine, delete, select
from sqlalchemy.orm import Session

from portal.blueprints.assist.actions import welcoming
from portal.blueprints.assist.actions.welcoming import Corrected
from portal.blueprints.assist.rules import How
from portal.clock import SetClock
from portal.identity import codes, contacts, persons, resets
from portal.identity.mailing import Mailing
from portal.identity.protected import Protected, Why
from portal.models import AuditEvent, Channel, Contact, OutboxMessage, Person
from portal.party import Level, Role
from portal.sealed import Sealer
from tests.factories import Factory
from tests.factories.rent import Tenancies
from tests.support.client import CheckingClient
from tests.support.finding import find, way
from tests.support.helps import help_in
from tests.support.outbox import Outbox
from tests.web.blueprints.assist.test_protected import FINDERS
from tests.web.blueprints.assist.test_registering import (
    BY_EMAIL,
    BY_LETTER,
    JOHN,
    PASSWORD,
    at_the_desk,
    person,
    to_register,
)
from tests.web.blueprints.assist.test_reviewing_protected import yes

SAME = {"to": "same"}
OTHER = {"to": "other", "email": "john.new@example.org", "how": "passport"}

pytestmark = pytest.mark.usefixtures("household")


@pytest.fixture
def john(client: CheckingClient, tom: Person, household: Tenancies, db: Session) -> Person:
    """Registered with an e-mail address, by his passport."""
    assert household
    at_the_desk(client, tom, BY_EMAIL)
    return person(db)


def again(client: CheckingClient, staff: Person) -> str:
    """Find John again and return the address of the page by which the way to sign in is sent again."""
    start = client.get(way(find(client, staff, **JOHN), "Help"))
    return way(start, "Send the way to sign in again")


def links(db: Session, sealer: Sealer) -> list[tuple[str, str]]:
    """Return to whom links were sent, and which, in their order."""
    db.rollback()
    sent = db.scalars(select(OutboxMessage).where(OutboxMessage.channel == "email").order_by(OutboxMessage.created_at))
    return [
        (
            sealer.unseal(one.address, context="outbox_message.address"),
            json.loads(sealer.unseal(one.fields, context="outbox_message.fields"))["link"],
        )
        for one in sent
    ]


def emails(db: Session, whose: Person) -> list[tuple[str, bool]]:
    db.rollback()
    return [(one.value, one.confirmed) for one in contacts.of_person(db, whose.id) if one.channel is Channel.EMAIL]


class TestByEmail:
    @pytest.mark.usefixtures("john")
    def test_a_link_that_expired_is_sent_again_and_the_earlier_one_stops(
        self, client: CheckingClient, tom: Person, db: Session, sealer: Sealer, clock: SetClock
    ) -> None:
        clock.advance(timedelta(hours=23))
        response = client.submit(again(client, tom), SAME, follow_redirects=True)
        assert "We sent a link again" in response.text
        (_, before), (to, link) = links(db, sealer)
        assert to == "John@example.org"
        own = client.application.test_client()
        assert isinstance(own, CheckingClient)
        assert own.get(before).status_code == 404
        assert own.submit(link, {"password": PASSWORD}).location == "/"
        assert "14 Weavers Row" in own.get("/rent").text

    def test_a_mistyped_address_is_corrected_and_forgotten(
        self, client: CheckingClient, tom: Person, john: Person, db: Session, sealer: Sealer, clock: SetClock
    ) -> None:
        clock.advance(timedelta(minutes=5))
        assert client.submit(again(client, tom), OTHER).location == f"/staff/assist/{john.id}/start"
        assert emails(db, john) == [("john.new@example.org", False)]
        (_, before), (to, link) = links(db, sealer)
        assert to == "john.new@example.org"
        own = client.application.test_client()
        assert isinstance(own, CheckingClient)
        assert own.get(before).status_code == 404
        own.submit(link, {"password": PASSWORD})
        assert emails(db, john) == [("john.new@example.org", True)]

    @pytest.mark.usefixtures("john")
    def test_of_a_correction_a_letter_tells_where_the_record_has_them(
        self, client: CheckingClient, tom: Person, outbox: Outbox, clock: SetClock
    ) -> None:
        clock.advance(timedelta(minutes=5))
        client.submit(again(client, tom), OTHER)
        letters = [(template, to.splitlines()[1]) for template, to in outbox.sent() if to.startswith("John Example")]
        assert letters == [("account-noted", "14 Weavers Row"), ("sign-in-method-changed", "14 Weavers Row")]

    def test_no_letter_goes_to_where_somebody_at_risk_may_live_with_others(
        self,
        make: Factory,
        tom: Person,
        ada: Person,
        john: Person,
        db: Session,
        sealer: Sealer,
        outbox: Outbox,
        clock: SetClock,
    ) -> None:
        persons.restrict(db, john.id, restricted=True, at=clock.now())
        db.commit()
        yes(db, clock, ada, tom, john, Why.RESTRICTED)
        party, corrected = make.party(tom, level=Level.HIGH), Corrected("john.new@example.org", How.PASSPORT)
        welcoming.send_again(db, Mailing(sealer, ""), FINDERS, party, john.id, corrected=corrected, now=clock.now())
        assert "sign-in-method-changed" not in dict(outbox.sent())
        assert ("account-made", "john.new@example.org") in outbox.sent()

    @pytest.mark.usefixtures("john")
    def test_neither_page_shows_the_address_on_record(self, client: CheckingClient, tom: Person) -> None:
        address = again(client, tom)
        assert "john@example.org" not in client.get(address).text.lower()

    @pytest.mark.parametrize(
        ("form", "message"),
        [
            ({}, "Say where it goes"),
            ({"to": "other", "how": "passport"}, "Enter their e-mail address"),
            ({"to": "other", "how": "passport", "email": "john"}, "in the right form"),
            ({"to": "other", "email": "john.new@example.org"}, "Say how you know who they are"),
            ({**OTHER, "how": "phone"}, "Not a valid choice"),
        ],
    )
    def test_another_address_wants_to_be_seen_who_gives_it(
        self, client: CheckingClient, tom: Person, john: Person, db: Session, form: dict[str, str], message: str
    ) -> None:
        response = client.submit(again(client, tom), form)
        assert response.status_code == 422
        assert message in response.text
        assert emails(db, john) == [("John@example.org", False)]

    @pytest.mark.parametrize(
        ("form", "message"),
        [
            ({**OTHER, "how": "papers"}, "ask to see one again"),
            ({**OTHER, "email": "MARY@example.org"}, "Another account has this address"),
        ],
    )
    @pytest.mark.usefixtures("mary")
    def test_what_would_be_weaker_or_anothers_is_refused_and_the_earlier_link_stays_good(
        self,
        client: CheckingClient,
        tom: Person,
        john: Person,
        db: Session,
        sealer: Sealer,
        form: dict[str, str],
        message: str,
    ) -> None:
        response = client.submit(again(client, tom), form)
        assert response.status_code == 409
        assert message in response.text
        assert emails(db, john) == [("John@example.org", False)]
        ((_, link),) = links(db, sealer)
        assert client.get(link).status_code == 200

    def test_papers_are_enough_where_they_were(self, client: CheckingClient, tom: Person, db: Session) -> None:
        how = client.submit(to_register(client, tom, **JOHN), {"how": "papers"}).location or ""
        client.submit(how, BY_EMAIL)
        assert client.submit(again(client, tom), {**OTHER, "how": "papers"}).status_code == 303
        assert emails(db, person(db)) == [("john.new@example.org", False)]

    def test_an_address_that_was_added_in_a_help_is_not_where_it_goes(
        self, client: CheckingClient, tom: Person, john: Person, db: Session, sealer: Sealer
    ) -> None:
        help_in(client, tom, john)
        client.submit("/account/contacts/add", {"email": "added@example.org"})
        client.send("/staff/assist/finish")
        client.submit(again(client, tom), SAME)
        assert links(db, sealer)[-1][0] == "John@example.org"

    def test_an_address_that_is_gone_is_said(
        self, client: CheckingClient, tom: Person, john: Person, db: Session
    ) -> None:
        db.execute(delete(Contact).where(Contact.person_id == john.id, Contact.channel == Channel.EMAIL))
        db.commit()
        response = client.submit(again(client, tom), SAME)
        assert response.status_code == 409
        assert "isn’t there any more" in response.text
        assert client.submit(again(client, tom), OTHER).status_code == 303


class TestByLetter:
    def test_another_one_goes_to_the_address_of_the_record_after_three_days(
        self, client: CheckingClient, tom: Person, outbox: Outbox, clock: SetClock
    ) -> None:
        at_the_desk(client, tom, BY_LETTER)
        response = client.submit(again(client, tom), SAME)
        assert response.status_code == 409
        assert "A letter is on its way" in response.text
        clock.advance(timedelta(days=3))
        address = again(client, tom)
        assert "e-mail" not in client.get(address).text.split("<form", 1)[1].split("</form")[0]
        assert "We send another letter" in client.submit(address, OTHER, follow_redirects=True).text
        (_, _, first), (template, to, second) = outbox.all()
        assert (template, to.splitlines()[:2]) == ("account-made", ["John Example", "14 Weavers Row"])
        assert second["username"] == "john.example"
        own = client.application.test_client()
        assert isinstance(own, CheckingClient)
        for code, status in ((first["code"], 422), (second["code"], 303)):
            assert own.submit("/reset/letter", {"code": code, "password": PASSWORD}).status_code == status


class TestWho:
    def test_not_somebody_who_got_in(
        self, client: CheckingClient, tom: Person, john: Person, db: Session, sealer: Sealer
    ) -> None:
        address = again(client, tom)
        ((_, link),) = links(db, sealer)
        own = client.application.test_client()
        assert isinstance(own, CheckingClient)
        own.submit(link, {"password": PASSWORD})
        assert "Send the way to sign in again" not in client.get(f"/staff/assist/{john.id}/start").text
        for form in (SAME, OTHER):
            assert client.send(address, form).status_code == 404
        assert emails(db, john) == [("John@example.org", True)]

    def test_not_somebody_who_gets_in_just_then(
        self,
        engine: Engine,
        make: Factory,
        tom: Person,
        john: Person,
        db: Session,
        sealer: Sealer,
        clock: SetClock,
    ) -> None:
        """Else whoever gave another address would choose a password after its owner has."""
        token = codes.issue(db, resets.PURPOSE, at=clock.now(), lasts=resets.WELCOME_LASTS, person_id=john.id)
        db.commit()
        party, came = make.party(tom, level=Level.HIGH), []
        corrected = Corrected("john.new@example.org", How.PASSPORT)

        def send_again() -> None:
            with Session(engine) as mine:
                try:
                    welcoming.send_again(
                        mine, Mailing(sealer, ""), FINDERS, party, john.id, corrected=corrected, now=clock.now()
                    )
                except welcoming.NotSent as why:
                    came.append(why.reason)

        thread = Thread(target=send_again)
        with Session(engine) as getting_in:
            codes.redeem(getting_in, resets.PURPOSE, token, at=clock.now())
            persons.set_password(getting_in, john.id, "hash", at=clock.now())
            thread.start()
            thread.join(timeout=0.5)  # it waits for the link
            assert thread.is_alive()
            getting_in.commit()
        thread.join()
        assert came == [welcoming.Reason.NOT_WAITING]
        assert emails(db, john) == [("John@example.org", False)]

    def test_not_somebody_whom_staff_did_not_register(
        self, client: CheckingClient, tom: Person, db: Session, sealer: Sealer, clock: SetClock
    ) -> None:
        bare = persons.add(db, name="Bare Other", language="en", at=clock.now())
        db.commit()
        assert welcoming.waits_by(db, bare.id) is None
        db.rollback()
        client.sign_in(tom, level=Level.HIGH).get("/staff/account/password")
        with client.session_transaction(environ_base={"REMOTE_ADDR": "127.0.0.1"}) as session:
            session["found"] = [str(bare.id)]
        assert client.get(f"/staff/assist/{bare.id}/welcome").status_code == 404
        assert client.send(f"/staff/assist/{bare.id}/welcome", OTHER).status_code == 404
        assert links(db, sealer) == []

    @pytest.mark.usefixtures("john")
    def test_nobody_who_was_not_found(self, client: CheckingClient, tom: Person) -> None:
        address = again(client, tom)
        find(client, tom, name="Rose Other", born_on="1990-09-09")
        assert client.get(address).status_code == 404
        assert client.send(address, SAME).status_code == 404
        assert client.get(f"/staff/assist/{uuid4()}/welcome").status_code == 404

    def test_nobody_who_is_protected(
        self, client: CheckingClient, tom: Person, john: Person, db: Session, sealer: Sealer, clock: SetClock
    ) -> None:
        address = again(client, tom)
        persons.restrict(db, john.id, restricted=True, at=clock.now())
        db.commit()
        assert client.get(address).location == "/staff/assist/ask"
        client.get("/staff/assist/ask")
        assert client.send(address, OTHER).status_code in (303, 404)
        assert len(links(db, sealer)) == 1

    def test_nobody_who_is_restricted_in_the_same_moment(
        self, john: Person, make: Factory, tom: Person, db: Session, sealer: Sealer, clock: SetClock
    ) -> None:
        persons.restrict(db, john.id, restricted=True, at=clock.now())
        db.commit()
        party = make.party(tom, level=Level.HIGH)
        mailing = Mailing(sealer, "")
        with pytest.raises(Protected):
            welcoming.send_again(db, mailing, FINDERS, party, john.id, corrected=None, now=clock.now())
        assert len(links(db, sealer)) == 1

    @pytest.mark.parametrize("role", [Role.AUDITOR, Role.ADMINISTRATOR])
    def test_not_by_who_may_not_register(self, client: CheckingClient, make: Factory, john: Person, role: Role) -> None:
        client.sign_in(make.staff(roles=(role,), name="Una", email="una@example.org"), level=Level.HIGH)
        assert client.get(f"/staff/assist/{john.id}/welcome").status_code == 403

    @pytest.mark.usefixtures("john")
    def test_an_old_sign_in_proves_itself_again_first(self, client: CheckingClient, tom: Person) -> None:
        address = again(client, tom)
        client.sign_in(tom, level=Level.HIGH, fresh=False)
        assert (client.get(address).location or "").startswith("/sign-in/again")


def test_it_is_on_record_and_they_read_it(client: CheckingClient, tom: Person, john: Person, db: Session) -> None:
    client.submit(again(client, tom), SAME)
    client.submit(again(client, tom), OTHER)
    db.rollback()
    found = db.execute(select(AuditEvent).where(AuditEvent.act == "person.welcome").order_by(AuditEvent.id)).scalars()
    records = [(one.actor_id, one.subject_id, one.authority, one.details) for one in found]
    assert records == [
        (tom.id, john.id, "staff", {"channel": "email", "how": ""}),
        (tom.id, john.id, "staff", {"channel": "email", "how": "passport"}),
    ]
    own = client.application.test_client()
    assert isinstance(own, CheckingClient)
    assert "Anfon y ffordd i fewngofnodi atoch eto" in own.sign_in(john).get("/account/looks").text


def test_nothing_of_it_is_shown_of_somebody_who_signs_in(client: CheckingClient, tom: Person, mary: Person) -> None:
    client.sign_in(tom, level=Level.HIGH).get("/staff/account/password")
    with client.session_transaction(environ_base={"REMOTE_ADDR": "127.0.0.1"}) as session:
        session["found"] = [str(mary.id)]
    assert "never signed in" not in client.get(f"/staff/assist/{mary.id}/start").text
