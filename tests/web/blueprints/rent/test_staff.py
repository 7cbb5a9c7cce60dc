"""What staff see of the imports: each run, loaded or refused, and its report."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.blueprints.rent.actions import reporting
from portal.blueprints.rent.extract.records import ExtractRefused
from portal.blueprints.rent.models import RentImportRun
from portal.clock import SetClock
from portal.models import AuditEvent
from portal.party import Level, Role
from tests.factories import Factory
from tests.factories.rent import HEADERS, HOME, RENT, Night
from tests.support.client import CheckingClient
from tests.support.pages import find
from tests.web.blueprints.rent.conftest import Load

MONDAY = date(2026, 11, 23)


@pytest.fixture
def officer(client: CheckingClient, make: Factory) -> CheckingClient:
    return client.sign_in(make.staff(roles=(Role.HOUSING_OFFICER,)), level=Level.HIGH)


def newest(db: Session) -> RentImportRun:
    db.rollback()
    return db.execute(select(RentImportRun).order_by(RentImportRun.at.desc()).limit(1)).scalar_one()


def rows(text: str) -> list[str]:
    return [" ".join(" ".join(row.itertext()).split()) for row in find(text, "//ul[contains(@class, 'rows')]/li")]


def summary(text: str) -> dict[str, str]:
    keys, values = (find(text, f"//{tag}") for tag in ("dt", "dd"))
    return {key.text_content(): value.text_content() for key, value in zip(keys, values, strict=True)}


def refuse(load: Load, clock: SetClock) -> None:
    """Load a night, and then an earlier one, which is refused."""
    load(Night().account(RENT, stated_pence=RENT[2] + 100))
    clock.advance(timedelta(minutes=5))
    with pytest.raises(ExtractRefused):
        load(Night(on=MONDAY).account(RENT))


def test_before_the_first_import_there_is_none(officer: CheckingClient) -> None:
    assert "No night has been imported yet." in officer.get("/staff/imports").text


def test_every_run_is_listed_newest_first(officer: CheckingClient, load: Load, clock: SetClock) -> None:
    refuse(load, clock)
    refused, loaded = rows(officer.get("/staff/imports").text)
    assert refused.startswith("rentsense: night of Monday 23 November 2026 Refused , Tuesday 24 November 2026, 10:05am")
    assert "1 complaint" in refused
    assert "Loaded, Tuesday 24 November 2026, 10am Accounts: 1 new, 0 changed, 0 ended 1 complaint" in loaded


@pytest.mark.parametrize(
    ("without", "night"),
    [(("tenants",), "night of Tuesday 24 November 2026"), (tuple(HEADERS), "a night that the files don’t name")],
)
def test_a_night_that_lacks_files_is_listed(
    officer: CheckingClient, load: Load, without: tuple[str, ...], night: str
) -> None:
    with pytest.raises(ExtractRefused):
        load(Night().account(RENT), without=without)
    [row] = rows(officer.get("/staff/imports").text)
    assert row.startswith(f"rentsense: {night} Refused")


def test_the_report_of_a_night_that_was_loaded(officer: CheckingClient, db: Session, load: Load) -> None:
    load(Night().account(RENT, stated_pence=RENT[2] + 100))
    text = officer.get(f"/staff/imports/{newest(db).id}").text
    said = summary(text)
    assert (said["Source"], said["Night"], said["Outcome"]) == ("rentsense", "Tuesday 24 November 2026", "Loaded")
    assert (said["Accounts that are new"], said["Charges and payments"]) == ("1", "1")
    assert said["Owed, all together"] == "£112.35"
    [row] = rows(text)
    assert row == f"rent.balances20261124.csv.gz states a balance that its lines don't come to Account: {HOME}"


def test_the_report_of_a_night_that_was_refused(
    officer: CheckingClient, db: Session, load: Load, clock: SetClock
) -> None:
    refuse(load, clock)
    text = officer.get(f"/staff/imports/{newest(db).id}").text
    assert summary(text)["Outcome"] == "Refused: nothing was changed"
    assert "Accounts that are new" not in text
    [row] = rows(text)
    assert row.endswith("is the night of 2026-11-23, but that of 2026-11-24 is loaded already")


def test_a_complaint_says_file_line_and_column(officer: CheckingClient, db: Session, load: Load) -> None:
    night = Night().account(RENT)
    night.rows["transactions"][0][5] = "much"
    with pytest.raises(ExtractRefused):
        load(night)
    [row] = rows(officer.get(f"/staff/imports/{newest(db).id}").text)
    assert row.startswith("rent.transactions20261124.csv.gz, line 2, TransactionAmount is not an amount")


def test_looking_at_a_report_is_on_record(officer: CheckingClient, db: Session, load: Load) -> None:
    load(Night().account(RENT))
    run = newest(db).id
    officer.get(f"/staff/imports/{run}")
    db.rollback()
    event = db.execute(select(AuditEvent.object).where(AuditEvent.act == "rent.import.view")).scalars().all()
    assert event == [f"rent.import:{run}"]


def test_runs_come_page_by_page(officer: CheckingClient, load: Load, clock: SetClock) -> None:
    night = Night().account(RENT)
    for _ in range(reporting.RUNS_A_PAGE + 1):
        load(night)
        clock.advance(timedelta(minutes=1))
    first, second = (officer.get(f"/staff/imports?page={number}").text for number in (1, 2))
    assert (len(rows(first)), len(rows(second))) == (reporting.RUNS_A_PAGE, 1)
    assert "Page 1 of 2" in first
    assert "1 new" in rows(second)[0]
    assert [link.get("href") for link in find(second, "//nav[@class='pages']//a")] == ["/staff/imports?page=1"]


@pytest.mark.parametrize("number", ["0", "2", "-1", "100001"])
def test_a_page_that_there_is_not_is_not_found(officer: CheckingClient, number: str) -> None:
    assert officer.get(f"/staff/imports?page={number}").status_code == 404


def test_a_run_that_there_is_not_is_not_found(officer: CheckingClient) -> None:
    assert officer.get("/staff/imports/00000000-0000-4000-8000-000000000000").status_code == 404


@pytest.mark.parametrize(
    ("role", "status"), [(Role.ADMINISTRATOR, 200), (Role.HOUSING_OFFICER, 200), (Role.AUDITOR, 403)]
)
def test_only_those_with_the_permission_are_let_in(
    client: CheckingClient, make: Factory, role: Role, status: int
) -> None:
    client.sign_in(make.staff(roles=(role,)), level=Level.HIGH)
    assert client.get("/staff/imports").status_code == status
    assert ("/staff/imports" in client.get("/staff").text) is (status == 200)
