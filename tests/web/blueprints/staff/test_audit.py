"""The audit at ``/staff/audit``: searched, downloaded, and both on record."""

import csv
import io
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.audit import record
from portal.blueprints.staff import queries
from portal.clock import SetClock
from portal.models import AuditEvent, Person
from portal.party import Level, Role
from tests.factories import Factory
from tests.support.client import CheckingClient
from tests.support.pages import find

AUDIT, CSV = "/staff/audit", "/staff/audit/records.csv"


def newest(db: Session) -> AuditEvent:
    db.rollback()
    return db.execute(select(AuditEvent).order_by(AuditEvent.id.desc()).limit(1)).scalar_one()


def rows(text: str) -> list[str]:
    return [" ".join(row.text_content().split()) for row in find(text, "//*[@id='events']//li")]


def happened(db: Session, act: str, at: datetime, *, subject: UUID | None = None, object: str = "") -> None:
    record(db, None, act, at=at, subject=subject, object=object)
    db.commit()


def downloaded(client: CheckingClient, query: str = "") -> list[dict[str, str]]:
    response = client.get(f"{CSV}?{query}")
    assert response.status_code == 200
    return list(csv.DictReader(io.StringIO(response.text.removeprefix("\ufeff"))))


def test_the_audit_shows_ids_and_no_names(
    administrator: CheckingClient, db: Session, make: Factory, clock: SetClock
) -> None:
    mary = make.resident(name="Mary Quill")
    happened(db, "rent.view", clock.now(), subject=mary.id, object="rent.account:7")
    page = administrator.get("/staff/audit").text
    (row,) = rows(page)
    assert "rent.view: done" in row and str(mary.id) in row and "rent.account:7" in row
    assert "Mary" not in page and "mary@" not in page


def test_a_restricted_person_cannot_be_told_from_another(
    administrator: CheckingClient, db: Session, make: Factory, clock: SetClock
) -> None:
    hidden = make.resident(restricted=True)
    happened(db, "rent.view", clock.now(), subject=hidden.id, object="rent.account:7")
    (row,) = rows(administrator.get("/staff/audit").text)
    assert "a restricted person" in row
    assert str(hidden.id) not in row and "rent.account:7" not in row


def test_looking_at_the_audit_is_on_record(administrator: CheckingClient, db: Session, boss: Person) -> None:
    administrator.get("/staff/audit")
    assert (newest(db).act, newest(db).actor_id) == ("audit.search", boss.id)


def test_the_audit_is_filtered_by_act_and_by_the_councils_day(administrator: CheckingClient, db: Session) -> None:
    summer_evening = datetime(2026, 6, 30, 23, 30, tzinfo=UTC)  # in the council's zone it is the first of July
    happened(db, "rent.view", summer_evening, object="a")
    happened(db, "rent.view", summer_evening - timedelta(hours=1), object="b")
    happened(db, "staff.invite", summer_evening, object="c")
    (row,) = rows(administrator.get("/staff/audit?act=rent.&from=2026-07-01&to=2026-07-01").text)
    assert "1 Jul 2026, 12:30am" in row and "What: a" in row


def test_the_audit_goes_back_page_by_page(administrator: CheckingClient, db: Session, clock: SetClock) -> None:
    for number in range(60):
        record(db, None, "rent.view", at=clock.now(), object=f"n:{number}")
    db.commit()
    first = administrator.get("/staff/audit?act=rent.view")
    (older,) = find(first.text, "//main//a[contains(@href, 'before=')]/@href")
    second = administrator.get(older)
    seen = rows(first.text) + rows(second.text)
    assert len(rows(first.text)) == 50 and len(seen) == len(set(seen)) == 60
    assert not find(second.text, "//main//a[contains(@href, 'before=')]")


def test_the_audits_records_are_a_fragment_of_their_page(administrator: CheckingClient) -> None:
    address = "/staff/audit?act=nothing"
    whole = administrator.get(address).text
    part = administrator.get(address, headers={"HX-Request": "true", "HX-Target": "events"}).text
    assert "<html" not in part and part.strip() in whole


class TestSearching:
    @pytest.fixture
    def mary(self, make: Factory, db: Session, clock: SetClock) -> Person:
        """Somebody who looked at their rent, and was looked at by staff, among others."""
        mary, officer = make.resident(), make.staff(roles=(Role.HOUSING_OFFICER,), email="officer@example.org")
        record(db, make.party(mary), "rent.view", at=clock.now(), object="rent.account:7")
        party = make.party(officer)
        record(db, party, "rent.import.view", at=clock.now(), object="rent.import:9", outcome="refused", complaints=3)
        record(db, None, "library.remind", at=clock.now(), subject=mary.id, object="library.card:8")
        db.commit()
        return mary

    def test_finds_by_whose_data_it_is(self, administrator: CheckingClient, mary: Person) -> None:
        found = rows(administrator.get(f"{AUDIT}?person={mary.id}").text)
        assert [row.split(":")[0] for row in found] == ["library.remind", "rent.view"]

    def test_finds_by_who_did_it(self, administrator: CheckingClient, mary: Person) -> None:
        (row,) = rows(administrator.get(f"{AUDIT}?actor=%20{mary.id}%20").text)
        assert row.startswith("rent.view")

    @pytest.mark.parametrize(
        ("query", "act"),
        [
            ("outcome=refused", "rent.import.view"),
            ("object=rent.import:9", "rent.import.view"),
            ("object=library.card:", "library.remind"),
            ("object=rent.account:7&act=rent.v", "rent.view"),
        ],
    )
    @pytest.mark.usefixtures("mary")
    def test_finds_by_outcome_and_thing(self, administrator: CheckingClient, query: str, act: str) -> None:
        (row,) = rows(administrator.get(f"{AUDIT}?{query}").text)
        assert row.startswith(f"{act}:")

    @pytest.mark.usefixtures("mary")
    def test_shows_the_counts_of_a_record(self, administrator: CheckingClient) -> None:
        assert rows(administrator.get(f"{AUDIT}?act=rent.import").text)[0].endswith("complaints: 3")

    def test_by_a_restricted_person_finds_nothing(
        self, administrator: CheckingClient, db: Session, make: Factory, clock: SetClock
    ) -> None:
        hidden = make.resident(restricted=True)
        record(db, make.party(hidden), "rent.view", at=clock.now(), object="rent.account:7")
        db.commit()
        for query in (f"person={hidden.id}", f"actor={hidden.id}", "object=rent.account:7"):
            assert rows(administrator.get(f"{AUDIT}?{query}").text) == []
            assert downloaded(administrator, query) == []

    def test_by_a_day_includes_the_first_and_the_last(self, administrator: CheckingClient, db: Session) -> None:
        for day in (1, 2, 3, 4):
            happened(db, "rent.view", datetime(2026, 7, day, 12, tzinfo=UTC), object=f"n:{day}")
        found = rows(administrator.get(f"{AUDIT}?from=2026-07-02&to=2026-07-03").text)
        assert [row[-1] for row in found] == ["3", "2"]

    @pytest.mark.parametrize(
        ("query", "message"),
        [
            ("act=%25", "Enter the beginning of an act"),
            ("outcome=1", "Enter an outcome"),
            ("person=mary", "Enter the whole number of a person"),
            ("actor=7", "Enter the whole number of a person"),
            ("object=7", "Enter a kind and a number"),
            ("from=yesterday", "Enter a date such as 2026-11-23"),
            ("from=2026-07-02&to=2026-07-01", "The second date must not be before the first"),
        ],
    )
    def test_that_cannot_be_understood_is_an_error_and_shows_nothing(
        self, administrator: CheckingClient, db: Session, clock: SetClock, query: str, message: str
    ) -> None:
        happened(db, "rent.view", clock.now())
        response = administrator.get(f"{AUDIT}?{query}")
        assert (response.status_code, rows(response.text)) == (422, [])
        assert message in response.text
        assert administrator.get(f"{CSV}?{query}").status_code == 404

    def test_is_on_record_by_counts_and_not_by_whom_it_was_for(
        self, administrator: CheckingClient, db: Session, mary: Person
    ) -> None:
        administrator.get(f"{AUDIT}?person={mary.id}&act=rent.")
        assert (newest(db).act, newest(db).details) == ("audit.search", {"events": 1, "filters": 2})

    def test_keeps_what_was_searched_for_in_its_links_and_nothing_else(
        self, administrator: CheckingClient, db: Session, clock: SetClock
    ) -> None:
        for _ in range(51):
            happened(db, "rent.view", clock.now())
        page = administrator.get(f"{AUDIT}?act=rent.&outcome=done&from=2026-01-01&_scheme=javascript&endpoint=x").text
        links = find(page, "//main//div[@id='events']//a/@href")
        assert len(links) == 2
        assert all(link.endswith("act=rent.&outcome=done&from=2026-01-01") for link in links)


class TestDownloading:
    def test_gives_every_record_newest_first(self, administrator: CheckingClient, db: Session, clock: SetClock) -> None:
        count = 2 * queries.EVENTS_A_BLOCK
        for number in range(count):
            record(db, None, "rent.view", at=clock.now(), object=f"n:{number}", lines=number)
        db.commit()
        found = downloaded(administrator, "act=rent.view")
        assert [row["object"] for row in found] == [f"n:{number}" for number in reversed(range(count))]
        assert found[0] == {
            "id": found[0]["id"],
            "at": "2026-11-24T10:00:00+00:00",
            "act": "rent.view",
            "outcome": "done",
            "authority": "system",
            "actor": "",
            "subject": "",
            "object": f"n:{count - 1}",
            "request_id": "",
            "details": f'{{"lines": {count - 1}}}',
        }

    def test_is_on_record_with_how_many(self, administrator: CheckingClient, db: Session, clock: SetClock) -> None:
        happened(db, "rent.view", clock.now())
        downloaded(administrator, "act=rent.")
        assert (newest(db).act, newest(db).details) == ("audit.export", {"events": 1, "filters": 1})

    def test_hides_a_restricted_person(
        self, administrator: CheckingClient, db: Session, make: Factory, clock: SetClock
    ) -> None:
        hidden = make.resident(restricted=True)
        record(db, make.party(hidden), "rent.view", at=clock.now(), object="rent.account:7", lines=3)
        db.commit()
        (row,) = downloaded(administrator, "act=rent.")
        assert (row["actor"], row["subject"], row["object"], row["details"]) == ("restricted", "restricted", "", "")

    @pytest.mark.parametrize("begin", ["=", "+", "-", "@"])
    def test_gives_a_spreadsheet_nothing_to_work_out(
        self, administrator: CheckingClient, db: Session, clock: SetClock, begin: str
    ) -> None:
        happened(db, "rent.view", clock.now(), object=f"{begin}1+1")
        assert downloaded(administrator, "act=rent.")[0]["object"] == f"'{begin}1+1"

    def test_is_for_who_may_read_the_audit(self, client: CheckingClient, make: Factory, db: Session) -> None:
        client.sign_in(make.staff(roles=(Role.HOUSING_OFFICER,)), level=Level.HIGH)
        assert client.get(CSV).status_code == 403
        assert db.scalar(select(func.count()).where(AuditEvent.act == "audit.export")) == 0

    def test_of_nothing_is_a_file_with_its_heading(self, administrator: CheckingClient) -> None:
        assert downloaded(administrator, f"person={uuid4()}") == []
