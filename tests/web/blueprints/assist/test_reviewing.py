"""Managers look into helps: what was objected to, a month's figures, ten drawn at random. Nobody judges their own."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.clock import SetClock
from portal.db import committing
from portal.models import AuditEvent, HelpObjection, Person, StaffRelation, StaffTeam
from portal.party import Level, Role
from tests.factories import Factory
from tests.support.client import CheckingClient
from tests.support.helps import help_in
from tests.support.pages import find
from tests.web.blueprints.assist.conftest import MONDAY, Give, Object


def both(make: Factory) -> Person:
    """Return somebody who helps, and is a manager too."""
    return make.staff(roles=(Role.CUSTOMER_SERVICES, Role.MANAGER), name="Bo Both", email="bo@example.org")


def text_of(client: CheckingClient, address: str) -> str:
    (main,) = find(client.get(address).text, "//main")
    return " ".join(" ".join(main.itertext()).split())


def acts(db: Session) -> list[tuple[str, UUID | None, str]]:
    """Return what managers did: act, whose data, by what right."""
    db.rollback()
    by_managers = AuditEvent.act.like("staff.help.%") | AuditEvent.act.in_(("help.review", "help.settle", "help.check"))
    found = select(AuditEvent.act, AuditEvent.subject_id, AuditEvent.authority).where(by_managers)
    return [(row.act, row.subject_id, row.authority) for row in db.execute(found.order_by(AuditEvent.id))]


class TestObjections:
    def test_are_listed_open_ones_first(self, manager: CheckingClient, give: Give, object_to: Object) -> None:
        first, second = give(), give(at=MONDAY + timedelta(days=1))
        object_to(first)
        object_to(second)
        manager.get(f"/staff/assist/visits/{first}")
        manager.send(f"/staff/assist/visits/{first}/finding", {"words": "The call is on tape"})
        headings = find(manager.get("/staff/assist/objections").text, "//main//h2/text()")
        assert headings == ["Open, since Tuesday 24 November 2026", "Answered, from Tuesday 24 November 2026"]
        assert "1 waits for an answer" in text_of(manager, "/staff/assist/review")

    def test_show_who_helped_whom_why_and_what_was_done(
        self, manager: CheckingClient, db: Session, give: Give, object_to: Object, mary: Person
    ) -> None:
        help_id = give()
        object_to(help_id)
        text = text_of(manager, f"/staff/assist/visits/{help_id}")
        for words in (
            "Mary Example What was done in a help",
            "Tom Reyes helped, Monday 5 October 2026, 10am to 10:10am.",
            "You had a question about it. “Wants to know why”",
            "Nothing was changed",
            "“I never called”",
        ):
            assert words in text
        assert acts(db) == [("help.review", mary.id, "staff")]

    def test_are_answered_once_and_the_resident_reads_it(
        self,
        app: Flask,
        manager: CheckingClient,
        db: Session,
        mary: Person,
        ada: Person,
        give: Give,
        object_to: Object,
    ) -> None:
        help_id = give()
        object_to(help_id)
        manager.get(f"/staff/assist/visits/{help_id}")
        address = f"/staff/assist/visits/{help_id}/finding"
        assert manager.send(address, {"words": "The call is on tape"}).location == "/staff/assist/objections"
        manager.send(address, {"words": "Something else"})
        assert "it is answered already" in manager.get("/staff/assist/objections").text
        kept = db.scalars(select(HelpObjection)).one()
        assert (kept.settled_by, kept.finding and b"tape" in kept.finding) == (ada.id, False)
        resident = app.test_client()
        assert isinstance(resident, CheckingClient)
        read = text_of(resident.sign_in(mary), "/account/looks")
        assert "The council’s answer of Tuesday 24 November 2026: “The call is on tape”" in read
        assert [act for act, *_ in acts(db)] == ["help.review", "help.settle", "staff.help.objections"]

    def test_need_words_for_an_answer(
        self, manager: CheckingClient, db: Session, give: Give, object_to: Object
    ) -> None:
        help_id = give()
        object_to(help_id)
        manager.get(f"/staff/assist/visits/{help_id}")
        response = manager.send(f"/staff/assist/visits/{help_id}/finding", {"words": " "})
        assert response.status_code == 422
        assert "Say what you found" in response.text
        assert db.scalars(select(HelpObjection.settled_at)).one() is None

    def test_about_ones_own_help_are_another_managers(
        self, client: CheckingClient, db: Session, make: Factory, give: Give, object_to: Object
    ) -> None:
        bo = both(make)
        help_id = give(bo)
        object_to(help_id)
        client.sign_in(bo, level=Level.HIGH)
        text = client.get(f"/staff/assist/visits/{help_id}").text
        assert "another manager answers it" in text
        assert not find(text, "//form[contains(@action, 'finding')]")
        client.get("/staff/account/password")
        client.send(f"/staff/assist/visits/{help_id}/finding", {"words": "All was well"})
        assert db.scalars(select(HelpObjection.settled_at)).one() is None
        assert "waits for an answer" not in client.get("/staff/assist/review").text

    def test_of_ones_household_are_another_managers(
        self,
        manager: CheckingClient,
        db: Session,
        ada: Person,
        mary: Person,
        give: Give,
        object_to: Object,
        clock: SetClock,
    ) -> None:
        help_id = give()
        object_to(help_id)
        with committing(db):
            db.add(StaffRelation(staff_id=ada.id, subject_id=mary.id, noted_at=clock.now()))
        assert "Nobody has objected to a help." in manager.get("/staff/assist/objections").text
        assert manager.get(f"/staff/assist/visits/{help_id}").status_code == 404
        manager.get("/staff/account/password")
        manager.send(f"/staff/assist/visits/{help_id}/finding", {"words": "All was well"})
        assert db.scalars(select(HelpObjection.settled_at)).one() is None

    def test_of_a_protected_person_do_not_name_them(
        self, manager: CheckingClient, db: Session, mary: Person, give: Give, object_to: Object
    ) -> None:
        help_id = give()
        object_to(help_id)
        mary.restricted = True
        db.commit()
        text = text_of(manager, f"/staff/assist/visits/{help_id}")
        assert "A protected person" in text and "Mary" not in text

    def test_are_paged(self, manager: CheckingClient, give: Give, object_to: Object) -> None:
        for days in range(21):
            object_to(give(at=MONDAY + timedelta(days=days)))
        assert len(find(manager.get("/staff/assist/objections").text, "//main//h2")) == 20
        assert len(find(manager.get("/staff/assist/objections?page=2").text, "//main//h2")) == 1
        assert manager.get("/staff/assist/objections?page=3").status_code == 404


class TestFigures:
    def test_of_a_month_are_tables_and_a_spreadsheet(
        self,
        manager: CheckingClient,
        db: Session,
        make: Factory,
        tom: Person,
        give: Give,
        object_to: Object,
    ) -> None:
        with committing(db):
            db.add(StaffTeam(person_id=tom.id, team="rent-team"))
        object_to(give())
        give(at=MONDAY + timedelta(hours=2), minutes=40)
        give(make.staff(roles=(Role.CUSTOMER_SERVICES,), name="Una", email="una@example.org"), minutes=20)
        manager.get("/staff/assist/review?month=2026-10")
        rows = manager.get("/staff/assist/review.csv?month=2026-10").text.lstrip("\ufeff").splitlines()
        assert rows == [
            "Month,What,Which,Helps",
            "2026-10,All in all,All helps,3",
            "2026-10,All in all,Looked only,0",
            "2026-10,All in all,Might do things,3",
            "2026-10,All in all,Made longer,0",
            "2026-10,All in all,Objected to,1",
            "2026-10,By team,Rent team,2",
            "2026-10,By team,No team,1",
            "2026-10,By reason,They have a question about it,3",
            "2026-10,By length,Up to 15 minutes,1",
            "2026-10,By length,Up to 30 minutes,1",
            "2026-10,By length,Up to 60 minutes,1",
        ]
        text = text_of(manager, "/staff/assist/review?month=2026-10")
        assert "October 2026" in text and "Rent team 2" in text and "Half of them lasted 20 minutes or less." in text
        assert acts(db)[0][0] == "staff.help.month"

    def test_count_a_help_that_was_made_longer(self, manager: CheckingClient, tom: Person, mary: Person) -> None:
        browser = manager.application.test_client()
        assert isinstance(browser, CheckingClient)
        help_in(browser, tom, mary)
        browser.submit("/staff/assist/more", {"minutes": "30", "words": "Reads slowly"})
        browser.send("/staff/assist/finish")
        assert "Made longer 1" in text_of(manager, "/staff/assist/review?month=2026-11")

    def test_leave_out_what_goes_on(self, manager: CheckingClient, tom: Person, mary: Person) -> None:
        browser = manager.application.test_client()
        assert isinstance(browser, CheckingClient)
        help_in(browser, tom, mary)
        assert "All helps 0" in text_of(manager, "/staff/assist/review?month=2026-11")

    def test_are_of_the_councils_month(self, irish_app: Flask, ada: Person, give: Give) -> None:
        give(at=datetime(2026, 6, 30, 23, 30, tzinfo=UTC))
        client = irish_app.test_client()
        assert isinstance(client, CheckingClient)
        client.sign_in(ada, level=Level.HIGH)
        assert "All helps 1" in text_of(client, "/staff/assist/review?month=2026-07")
        assert "All helps 0" in text_of(client, "/staff/assist/review?month=2026-06")

    @pytest.mark.parametrize("month", ["2026-12", "2027-01", "2026-13", "october", ""])
    def test_of_what_is_no_month_or_has_not_begun_are_not_there(self, manager: CheckingClient, month: str) -> None:
        assert manager.get(f"/staff/assist/review?month={month}").status_code == 404

    def test_without_a_month_are_of_the_one_that_was_over_last(self, manager: CheckingClient, give: Give) -> None:
        give()
        assert "October 2026" in text_of(manager, "/staff/assist/review")


@pytest.mark.parametrize("role", [Role.CUSTOMER_SERVICES, Role.AUDITOR, Role.ADMINISTRATOR])
def test_nobody_but_managers_reviews(client: CheckingClient, make: Factory, give: Give, role: Role) -> None:
    help_id = give()
    client.sign_in(make.staff(roles=(role,), name="Una", email="una@example.org"), level=Level.HIGH)
    for address in ("review", "review.csv", "objections", f"visits/{help_id}"):
        assert client.get(f"/staff/assist/{address}").status_code == 403


def test_the_resident_sees_that_a_manager_looked(
    manager: CheckingClient, give: Give, object_to: Object, mary: Person
) -> None:
    help_id = give()
    object_to(help_id)
    manager.get(f"/staff/assist/visits/{help_id}")
    own = manager.application.test_client()
    assert isinstance(own, CheckingClient)
    assert "Millbrook Tuesday 24 November 2026, 10am How you were helped" in text_of(
        own.sign_in(mary), "/account/looks"
    )
