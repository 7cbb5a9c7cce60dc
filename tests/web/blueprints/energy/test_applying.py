"""Filling in a form: begun with what the check was told, kept answer by answer, never overwritten silently."""

from concurrent.futures import ThreadPoolExecutor, wait
from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from portal.blueprints.energy.actions import drafting
from portal.blueprints.energy.models import EnergyApplication, EnergyCase
from portal.blueprints.energy.queries import applications
from portal.blueprints.energy.rules.answers import with_people, with_person, with_roles
from portal.blueprints.energy.rules.form import Form
from portal.clock import SetClock
from portal.models import AuditEvent, Person
from portal.sealed import Sealer
from tests.factories import Factory
from tests.support.client import CheckingClient
from tests.support.observing import statements
from tests.support.pages import find
from tests.web.blueprints.energy.conftest import ALONE, Fill


class TestBeginning:
    def test_offers_what_the_council_decides_or_refers_with_what_fits_chosen(self, told: CheckingClient) -> None:
        html = told.get("/energy/apply").text
        assert "warm-grant" in find(html, "//input[@name='schemes'][@checked]/@value")

    def test_carries_over_what_the_check_was_told(self, told: CheckingClient, form: str) -> None:
        html = told.get(form).text
        assert find(html, "//a[normalize-space()='Who lives with you']")
        assert [one.strip() for one in find(html, "//*[@id='part-household-status']/text()")] == ["Done"]

    def test_twice_begins_one(self, told: CheckingClient, form: str, db: Session) -> None:
        assert told.submit("/energy/apply", {"schemes": "warm-grant"}).location == form
        assert len(db.scalars(select(EnergyApplication)).all()) == 1
        assert len(db.scalars(select(EnergyCase)).all()) == 1

    def test_in_the_place_of_one_whose_time_is_over_notes_that_it_is_deleted(
        self, told: CheckingClient, form: str, clock: SetClock, mary: Person, db: Session
    ) -> None:
        clock.advance(timedelta(days=28))
        told.sign_in(mary)
        assert told.submit("/energy/apply", {"schemes": "warm-grant"}).location != form
        event = db.scalars(select(AuditEvent).where(AuditEvent.act == "energy.tidy")).one()
        assert (event.authority, event.subject_id, event.details) == ("system", None, {"draft": 1})

    def test_begins_another_where_the_draft_goes_while_it_waits_for_it(
        self, told: CheckingClient, form: str, db: Session, engine: Engine
    ) -> None:
        told.get("/energy/apply")
        with Session(engine) as other, ThreadPoolExecutor(1) as pool:
            # Locked by hand: an insert beside a row that is being deleted would wait, and so never meet this.
            row = other.scalars(select(EnergyApplication).with_for_update()).one()
            begun = pool.submit(told.send, "/energy/apply", {"schemes": "warm-grant"})
            assert not wait([begun], 0.5).done, "it waits"
            other.delete(row)
            other.commit()
            assert begun.result(10).status_code == 303
            assert begun.result().location != form
        db.rollback()
        assert len(db.scalars(select(EnergyApplication)).all()) == 1


class TestAnswering:
    def test_is_kept_sealed(self, told: CheckingClient, form: str, fill: Fill, db: Session, sealer: Sealer) -> None:
        assert fill(form, "who", applying_for="myself").status_code == 303
        row = db.scalars(select(EnergyApplication)).one()
        assert "myself" in sealer.unseal(row.answers, context="energy_application.answers")
        assert find(told.get(f"{form}/form/who").text, "//input[@checked]/@value") == ["myself"]

    def test_the_later_of_two_sees_both_and_chooses(self, told: CheckingClient, form: str, fill: Fill) -> None:
        address = f"{form}/form/home"
        seen = find(told.get(address).text, "//input[@name='seen']/@value")[0]
        fill(form, "home", tenure="owner")
        response = told.send(address, {"tenure": "private_rented", "seen": seen})
        assert response.status_code == 409
        assert "I own it" in response.text
        (new,) = find(response.text, "//input[@name='seen']/@value")
        assert told.send(address, {"tenure": "private_rented", "seen": new}).status_code == 303

    def test_costs_six_queries_at_most(self, told: CheckingClient, form: str, engine: Engine) -> None:
        with statements(engine) as run:
            told.get(f"{form}/form/who")
        assert len(run) <= 6, run

    def test_is_over_when_its_time_is(self, told: CheckingClient, form: str, clock: SetClock, mary: Person) -> None:
        clock.advance(timedelta(days=28))
        told.sign_in(mary)
        assert told.get(form).status_code == 404


class TestWhoeverMovesOutMeanwhile:
    """One device takes somebody out of the household while another's answer about them waits for its turn."""

    @pytest.mark.parametrize("page", ["birthdays", "health/1"])
    def test_is_told_of_the_answer(
        self, form: str, db: Session, sealer: Sealer, make: Factory, mary: Person, clock: SetClock, page: str
    ) -> None:
        def changed(before: Form) -> Form:
            if page == "birthdays":
                both = with_people(before.household, "date_of_birth", (None, date(1951, 2, 2)))
                return before.with_answer(page, both)
            return before.with_answer(page, with_person(before.household, 1, health=()))

        given, id_ = drafting.Answer(page, "of two people", changed), UUID(form.rpartition("/")[2])
        with pytest.raises(drafting.ChangedMeanwhile):
            drafting.answer(db, sealer, make.party(mary), id_, given, nation="england", now=clock.now())

    def test_leads_from_a_page_of_their_own_back_to_the_list(
        self, told: CheckingClient, form: str, fill: Fill, db: Session, engine: Engine, sealer: Sealer
    ) -> None:
        fill(form, "people", **ALONE | {"partner": "yes"})
        address = f"{form}/form/benefits/1"
        (seen,) = find(told.get(address).text, "//input[@name='seen']/@value")
        with Session(engine) as other, ThreadPoolExecutor(1) as pool:
            row = other.scalars(select(EnergyApplication).with_for_update()).one()
            held = applications.opened(sealer, row.answers, row.health, row.bank, nation="england")
            alone = held.with_answer("people", with_roles(held.household, ("applicant",), none_of={}))
            other.execute(update(EnergyApplication).values(**applications.sealed(sealer, alone)))
            answered = pool.submit(told.send, address, {"seen": seen, "benefits": "universal_credit"})
            assert not wait([answered], 0.5).done, "it waits"
            other.commit()
            assert answered.result(10).location == form
        db.rollback()
        assert "It isn’t asked now." in told.get(form).text
