"""Sending a form: declared in the words that were shown, once, whole; with a reference and a receipt."""

import gzip
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import BytesIO
from threading import Barrier
from uuid import UUID

import pytest
from pypdf import PdfReader
from pypdf.generic import DictionaryObject
from sqlalchemy import Engine, delete, func, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from portal.blueprints.energy.actions import sending
from portal.blueprints.energy.actions.sending import Declared, Office
from portal.blueprints.energy.models import (
    EnergyApplication,
    EnergyCase,
    EnergyDeclaration,
    EnergyEvent,
    EnergyEvidence,
)
from portal.blueprints.energy.queries import afterwards, applications
from portal.blueprints.energy.queries import sent as handed_over
from portal.blueprints.energy.queries.sent import Sent
from portal.blueprints.energy.rules.form import Correction
from portal.blueprints.energy.rules.progress import State
from portal.blueprints.energy.rules.reference import as_typed
from portal.clock import SetClock
from portal.council import Council
from portal.db import Base
from portal.models import AuditEvent, HelpChange, OutboxMessage, Person
from portal.party import Role
from portal.sealed import Sealer
from tests.factories import Factory
from tests.support.applied import Applied
from tests.support.client import CheckingClient
from tests.support.helps import changes, help_in
from tests.support.mail import MailSink
from tests.support.observing import statements
from tests.support.pages import find
from tests.support.storage import FakeFileStore
from tests.web.blueprints.energy.conftest import Fill

Press = Callable[..., TestResponse]


def id_of(form: str) -> UUID:
    return UUID(form.rpartition("/")[2])


def row(db: Session, form: str) -> EnergyApplication:
    db.rollback()
    return db.get_one(EnergyApplication, id_of(form), populate_existing=True)


def reference_of(db: Session, form: str) -> str:
    found = row(db, form).reference
    assert found
    return found


@pytest.fixture
def tom(make: Factory) -> Person:
    return make.staff(roles=(Role.CUSTOMER_SERVICES,), name="Tom Reyes")


class TestWhatIsDeclared:
    def test_is_kept_in_the_words_that_were_shown_with_who_pressed_the_button(
        self, told: CheckingClient, ready: str, send: Press, db: Session, mary: Person
    ) -> None:
        shown = find(told.get(f"{ready}/send").text, "//div[@class='card']//li/text()")
        assert any("true and complete" in statement for statement in shown)
        assert any("Department for Work and Pensions" in statement for statement in shown)
        assert any("taken to court" in statement for statement in shown)
        assert send(ready).status_code == 303
        kept = db.scalars(select(EnergyDeclaration)).one()
        assert kept.words.splitlines() == shown
        assert (kept.actor_id, kept.help_id, kept.language) == (mary.id, None, "en")

    def test_needs_the_box_to_be_ticked(self, ready: str, send: Press, db: Session) -> None:
        response = send(ready, agreed="")
        assert response.status_code == 422
        assert "Tick the box if you declare this" in response.text
        assert row(db, ready).sent_at is None

    def test_says_what_of_health_leaves_only_where_health_was_told(
        self, told: CheckingClient, form: str, finish: Callable[..., None]
    ) -> None:
        told.submit("/energy/apply", {"schemes": "eco4-flex"})
        finish(form)
        assert "about health" not in told.get(f"{form}/send").text
        finish(form, health="respiratory")
        html = told.get(f"{form}/send").text
        assert "uses what I said about health to decide" in html
        assert "says only “yes” or “no”" in html

    def test_health_that_no_scheme_asks_for_is_not_sent(
        self,
        told: CheckingClient,
        form: str,
        finish: Callable[..., None],
        send: Press,
        applied: Applied,
        files: FakeFileStore,
        db: Session,
        mary: Person,
        clock: SetClock,
    ) -> None:
        finish(form, health="respiratory")
        for kind in ("health", "savings"):
            applied.file(Sent(id_of(form), mary.id, "", clock.now()), files, kind, kind.encode(), at=clock.now())
        assert row(db, form).health is not None
        assert "about health" not in told.get(f"{form}/send").text
        assert send(form).status_code == 303
        assert row(db, form).health is None
        assert db.scalars(select(EnergyEvidence.kind)).all() == ["savings"]

    def test_is_in_english_where_no_translator_has_been_over_it(
        self, told: CheckingClient, ready: str, send: Press, db: Session
    ) -> None:
        html = told.get(f"{ready}/send?lang=cy").text
        assert find(html, "//div[@class='card']/@lang") == ["en"]
        assert any("true and complete" in statement for statement in find(html, "//div[@class='card']//li/text()"))
        send(ready)
        assert db.scalars(select(EnergyDeclaration.language)).one() == "en"


class TestWhoseFormIsntDone:
    def test_is_led_back_to_the_list_and_told_what_is_missing(self, told: CheckingClient, form: str) -> None:
        response = told.get(f"{form}/send")
        assert response.location == form
        assert "You can send the form when these parts are done:" in told.get(form).text
        assert told.send(f"{form}/send", {"agreed": "yes", "seen": "x"}).location == form


class TestSending:
    def test_gives_a_reference_and_takes_each_case_a_step(self, sent: str, db: Session, clock: SetClock) -> None:
        found = row(db, sent)
        assert found.reference and as_typed(found.reference) == found.reference
        assert (found.sent_at, found.expires_at) == (clock.now(), None)
        assert found.home is not None
        case = db.scalars(select(EnergyCase)).one()
        assert (case.state, case.edition) == (State.SENT, "2026-27")
        event = db.scalars(select(EnergyEvent)).one()
        assert (event.state, event.by, event.at) == (State.SENT, "resident", clock.now())

    def test_shows_the_reference_and_what_happens_next(self, told: CheckingClient, sent: str, db: Session) -> None:
        html = told.get(f"{sent}/send").text
        assert reference_of(db, sent) in find(html, "//strong[contains(@class, 'code')]/text()")
        assert "What happens next" in html

    def test_is_on_record_without_what_was_said(self, sent: str, db: Session) -> None:
        event = db.scalars(select(AuditEvent).where(AuditEvent.act == "energy.send-form")).one()
        assert event.object == f"application:{id_of(sent)}"
        assert event.details == {"schemes": 1}

    def test_tells_by_a_message_with_the_reference_and_nothing_else(
        self, sent: str, db: Session, mail: MailSink, run_jobs: Callable[[], None]
    ) -> None:
        run_jobs()
        body = mail.received[-1].get_content()
        assert reference_of(db, sent) in body
        assert f"http://localhost{sent}" in body
        assert "Warm Grant" not in body

    def test_needs_no_way_to_reach_somebody(self, ready: str, send: Press, db: Session) -> None:
        db.execute(text("delete from contact"))
        db.commit()
        assert send(ready).status_code == 303
        assert db.scalars(select(OutboxMessage)).all() == []

    def test_tells_the_housing_team_what_is_corrected(
        self, ready: str, send: Press, db: Session, sealer: Sealer, clock: SetClock
    ) -> None:
        found = row(db, ready)
        held = applications.opened(sealer, found.answers, found.health, found.bank, nation="england")
        old = Correction({"lines": ["1 Old Road", "MB1 1AA"]}, "rent", clock.now().isoformat())
        corrected = held.with_correction("address", old).texts.answers
        found.answers = sealer.seal(corrected, context=applications.ANSWERS)
        db.commit()
        assert send(ready).status_code == 303
        assert sorted(db.scalars(select(OutboxMessage.template))) == ["energy-corrections", "energy-received"]

    def test_twice_sends_once(self, told: CheckingClient, ready: str, db: Session) -> None:
        (seen,) = find(told.get(f"{ready}/send").text, "//input[@name='seen']/@value")
        given = {"seen": seen, "agreed": "yes"}
        first = told.send(f"{ready}/send", given)
        kept = reference_of(db, ready)
        assert told.send(f"{ready}/send", given).location == first.location == f"{ready}/send"
        assert reference_of(db, ready) == kept
        assert len(db.scalars(select(EnergyEvent)).all()) == 1
        assert len(db.scalars(select(OutboxMessage)).all()) == 1

    def test_at_the_same_moment_gives_one_reference(
        self,
        ready: str,
        db: Session,
        engine: Engine,
        make: Factory,
        mary: Person,
        sealer: Sealer,
        council: Council,
        clock: SetClock,
    ) -> None:
        held = row(db, ready)
        mark = applications.opened(sealer, held.answers, held.health, held.bank, nation="england").mark
        db.rollback()
        declared = Declared("I declare it", "en", mark, {"warm-grant": "2026-27"})
        together = Barrier(2)
        mine = make.party(mary)

        def press(_: int) -> str:
            with Session(engine) as own:
                together.wait()
                office = Office(sealer, council, b"secret", "http://localhost/x")
                return sending.send(own, office, mine, id_of(ready), declared, now=clock.now())

        with ThreadPoolExecutor(2) as pool:
            given = list(pool.map(press, range(2)))
        assert given[0] == given[1] == reference_of(db, ready)
        assert len(db.scalars(select(EnergyEvent)).all()) == 1

    def test_never_gives_a_reference_that_is_another_ones(
        self,
        told: CheckingClient,
        ready: str,
        finish: Callable[..., None],
        db: Session,
        make: Factory,
        mary: Person,
        sealer: Sealer,
        council: Council,
        clock: SetClock,
    ) -> None:
        drawn: Iterator[str] = iter(["222-222-222", "222-222-222", "333-333-333"])

        def send_it(form: str) -> str:
            held = row(db, form)
            mark = applications.opened(sealer, held.answers, held.health, held.bank, nation="england").mark
            db.rollback()
            declared = Declared("I declare it", "en", mark, {"warm-grant": "2026-27"})
            office = Office(sealer, council, b"secret", "http://localhost/x")
            return sending.send(
                db, office, make.party(mary), id_of(form), declared, now=clock.now(), draw=lambda: next(drawn)
            )

        assert send_it(ready) == "222-222-222"
        again = told.submit("/energy/apply", {"schemes": "warm-grant"}).location
        assert again != ready
        finish(again)
        assert send_it(again) == "333-333-333"
        assert len(db.scalars(select(EnergyEvent)).all()) == 2

    def test_is_all_or_nothing(self, ready: str, send: Press, db: Session, owner_engine: Engine) -> None:
        with owner_engine.begin() as owner:
            owner.execute(text("alter table energy_declaration add constraint fails check (false)"))
        try:
            with pytest.raises(DBAPIError):
                send(ready)
        finally:
            with owner_engine.begin() as owner:
                owner.execute(text("alter table energy_declaration drop constraint fails"))
        assert row(db, ready).sent_at is None
        assert db.scalars(select(EnergyEvent)).all() == []
        assert db.scalars(select(OutboxMessage)).all() == []
        assert send(ready).status_code == 303


class TestTwoDevices:
    def test_what_was_changed_elsewhere_is_looked_at_again(
        self, told: CheckingClient, ready: str, fill: Fill, db: Session
    ) -> None:
        (seen,) = find(told.get(f"{ready}/send").text, "//input[@name='seen']/@value")
        fill(ready, "savings", savings="20")
        response = told.send(f"{ready}/send", {"seen": seen, "agreed": "yes"})
        assert response.status_code == 409
        assert "The form was changed since you opened this page" in response.text
        assert row(db, ready).sent_at is None
        (anew,) = find(response.text, "//input[@name='seen']/@value")
        assert told.send(f"{ready}/send", {"seen": anew, "agreed": "yes"}).status_code == 303

    def test_what_was_changed_after_the_last_look_is_not_sent(
        self, ready: str, db: Session, make: Factory, mary: Person, sealer: Sealer, council: Council, clock: SetClock
    ) -> None:
        office = Office(sealer, council, b"secret", "http://localhost/x")
        declared = Declared("I declare it", "en", "the mark of something else", {"warm-grant": "2026-27"})
        with pytest.raises(sending.NotAsShown):
            sending.send(db, office, make.party(mary), id_of(ready), declared, now=clock.now())
        assert row(db, ready).sent_at is None

    def test_a_scheme_that_was_added_elsewhere_is_not_sent_unseen(
        self, ready: str, db: Session, make: Factory, mary: Person, sealer: Sealer, council: Council, clock: SetClock
    ) -> None:
        held = row(db, ready)
        mark = applications.opened(sealer, held.answers, held.health, held.bank, nation="england").mark
        db.add(EnergyCase(application_id=id_of(ready), scheme="other", edition="1", state="draft"))
        db.commit()
        office = Office(sealer, council, b"secret", "http://localhost/x")
        declared = Declared("I declare it", "en", mark, {"warm-grant": "2026-27"})
        with pytest.raises(sending.NotAsShown):
            sending.send(db, office, make.party(mary), id_of(ready), declared, now=clock.now())

    def test_answers_cannot_be_given_once_it_is_sent(self, told: CheckingClient, sent: str, db: Session) -> None:
        before = row(db, sent).answers
        assert told.send(f"{sent}/form/savings", {"savings": "20", "seen": "x"}).status_code == 404
        assert row(db, sent).answers == before


class TestWhatWasSent:
    @pytest.mark.usefixtures("sent")
    def test_cannot_be_changed_by_anybody(self, owner_engine: Engine) -> None:
        for change in (
            "update energy_application set answers = answers || 'x'",
            "update energy_application set reference = '000-000-000'",
            "update energy_application set sent_at = now()",
            "update energy_application set home = null",
        ):
            with pytest.raises(DBAPIError, match="stays as it was"), owner_engine.begin() as owner:
                owner.execute(text(change))

    @pytest.mark.usefixtures("sent")
    @pytest.mark.parametrize("table", [EnergyEvent, EnergyDeclaration])
    def test_steps_and_declarations_are_only_added(self, engine: Engine, table: type[Base]) -> None:
        for change in (update(table).values(at=func.now()), delete(table)):
            with pytest.raises(DBAPIError, match="permission denied"), engine.begin() as portal:
                portal.execute(change)

    def test_is_another_form_than_the_next_one(self, told: CheckingClient, sent: str) -> None:
        assert told.submit("/energy/apply", {"schemes": "warm-grant"}).location != sent


class TestReceipt:
    def test_has_the_reference_the_declaration_and_the_answers(
        self, told: CheckingClient, sent: str, db: Session
    ) -> None:
        response = told.get(f"{sent}/receipt.pdf")
        assert response.mimetype == "application/pdf"
        words = text_of(response)
        assert reference_of(db, sent) in words
        assert "true and complete" in words
        assert "Warm Grant" in words
        assert "14 Mill Street" in words

    def test_has_nothing_of_health_and_no_account(
        self, told: CheckingClient, form: str, finish: Callable[..., None], send: Press, db: Session
    ) -> None:
        told.submit("/energy/apply", {"schemes": "eco4-flex"})
        finish(form, health="respiratory")
        send(form)
        assert row(db, form).health is not None
        words = text_of(told.get(f"{form}/receipt.pdf"))
        assert "What you told us about health isn’t printed here." in words
        assert "A condition of the lungs" not in words
        assert "An account whose number ends in 819" in words
        assert "31926819" not in words

    def test_says_in_which_language_the_declaration_is(self, told: CheckingClient, sent: str) -> None:
        languages = languages_of(told.get(f"{sent}/receipt.pdf?lang=cy"))
        assert languages == {"cy", "en"}

    def test_is_there_once_it_is_sent(self, told: CheckingClient, ready: str) -> None:
        assert told.get(f"{ready}/receipt.pdf").status_code == 404


class TestHelp:
    @pytest.mark.parametrize("in_help", [False, True])
    def test_is_told_of_when_the_help_is_deleted(
        self,
        applied: Applied,
        mary: Person,
        tom: Person,
        db: Session,
        owner_engine: Engine,
        sealer: Sealer,
        clock: SetClock,
        in_help: bool,
    ) -> None:
        """A help is deleted long before what was declared in it: then only who pressed the button is left."""
        id_ = applied.sent(mary, at=clock.now()).id
        if in_help:
            with owner_engine.begin() as owner:
                owner.execute(update(EnergyDeclaration).values(actor_id=tom.id))
        shown, handed = afterwards.declaration(db, id_), handed_over.handed(db, sealer, id_, "england").declared
        assert shown and shown.was_read_out is in_help
        assert handed and handed.on_behalf is in_help

    def test_sends_on_behalf_of_the_person_in_words_that_were_read_out(
        self, told: CheckingClient, ready: str, send: Press, db: Session, sealer: Sealer, mary: Person, tom: Person
    ) -> None:
        help_id = help_in(told, tom, mary)
        html = told.get(f"{ready}/send").text
        assert "Read this out to Mary Example, word for word" in html
        assert "I have read this out to Mary Example, and they agree" in html
        assert send(ready).status_code == 303
        kept = db.scalars(select(EnergyDeclaration)).one()
        assert kept.words.startswith("On behalf of Mary Example")
        assert (kept.actor_id, kept.help_id) == (tom.id, help_id)
        assert ("energy.send-form", None, reference_of(db, ready)) in changes(db, sealer, help_id)

    def test_that_only_looks_sends_nothing(
        self, told: CheckingClient, ready: str, send: Press, db: Session, mary: Person, tom: Person
    ) -> None:
        help_in(told, tom, mary, acts=False)
        assert send(ready).status_code == 403
        assert row(db, ready).sent_at is None
        assert db.scalars(select(HelpChange)).all() == []


class TestStrangers:
    @pytest.mark.parametrize("page", ["send", "receipt.pdf"])
    def test_another_resident_finds_nothing(self, client: CheckingClient, sent: str, make: Factory, page: str) -> None:
        client.sign_in(make.resident(name="Ann Other", email="ann@example.org"))
        assert client.get(f"{sent}/{page}").status_code == 404

    def test_another_resident_cannot_send_it(
        self, client: CheckingClient, ready: str, make: Factory, db: Session
    ) -> None:
        (seen,) = find(client.get(f"{ready}/send").text, "//input[@name='seen']/@value")
        client.sign_in(make.resident(name="Ann Other", email="ann@example.org"))
        client.get("/energy")
        assert client.send(f"{ready}/send", {"seen": seen, "agreed": "yes"}).status_code == 404
        assert row(db, ready).sent_at is None


def test_an_old_draft_is_sent_by_the_edition_that_holds_now_or_not_at_all(
    told: CheckingClient, ready: str, clock: SetClock, mary: Person, db: Session
) -> None:
    db.execute(text("update energy_application set expires_at = '2027-06-01'"))
    db.commit()
    clock.advance(timedelta(days=150))
    told.sign_in(mary)
    assert told.get(f"{ready}/send").location == ready
    assert "You can’t apply for this any more: Warm Grant." in told.get(ready).text


def test_the_page_costs_six_queries_and_five_kilobytes_at_most(
    told: CheckingClient, ready: str, send: Press, engine: Engine
) -> None:
    with statements(engine) as before:
        shown = told.get(f"{ready}/send").data
    send(ready)
    with statements(engine) as after:
        confirmed = told.get(f"{ready}/send").data
    assert len(before) <= 6, before
    assert len(after) <= 6, after
    assert max(len(gzip.compress(html)) for html in (shown, confirmed)) <= 5000


def languages_of(response: TestResponse) -> set[str]:
    """Return the languages that a PDF's parts say they are in."""
    reader = PdfReader(BytesIO(response.data))
    numbers = {*reader.xref_objStm, *(number for found in reader.xref.values() for number in found)}
    parts = [reader.get_object(number) for number in numbers if number]
    return {str(part.get("/Lang")) for part in parts if isinstance(part, DictionaryObject) and "/Lang" in part}


def text_of(response: TestResponse) -> str:
    pages = PdfReader(BytesIO(response.data)).pages
    return " ".join(" ".join(page.extract_text().split()) for page in pages)


def test_what_the_person_corrects_is_told_to_the_housing_team_when_it_is_sent(
    ready: str, send: Press, db: Session, sealer: Sealer, council: Council
) -> None:
    held = row(db, ready)
    form = applications.opened(sealer, held.answers, held.health, held.bank, nation="england")
    corrected = form.with_correction("home", Correction({"tenure": "owner"}, "rent", "2026-11-23T09:00:00+00:00"))
    for name, value in applications.sealed(sealer, corrected).items():
        setattr(held, name, value)
    db.commit()
    assert db.scalars(select(OutboxMessage.template)).all() == []
    send(ready)
    (message,) = db.scalars(select(OutboxMessage).where(OutboxMessage.template == "energy-corrections"))
    address = sealer.unseal(message.address, context="outbox_message.address")
    assert address == council.energy.corrections_to
    assert reference_of(db, ready) in sealer.unseal(message.fields, context="outbox_message.fields")
