"""What the demo is filled with: everybody who is printed signs in, and filling it again does no harm."""

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.blueprints.energy.models import EnergyApplication
from portal.blueprints.rent.models import RentAccount, RentImport, RentLine, RentTenant
from portal.cli import portal
from portal.cli.demo import loading
from portal.cli.demo.households import AHEAD_WITH_GARAGE, GARAGE, PAID_UP, reference
from portal.cli.demo.logins import DemoLogin
from portal.cli.demo.people import PASSWORD
from portal.cli.demo.running import greeting
from portal.clock import SetClock
from portal.identity import links, passwords, persons, second_factors, staff
from portal.models import Link, OneTimeCode, OutboxMessage, Password, Person
from portal.settings import Settings, SettingsError
from tests.factories import Factory
from tests.factories.rent import Night, Tenancies
from tests.support.client import CheckingClient
from tests.web.cli.conftest import Load


def browser(app: Flask) -> CheckingClient:
    client = app.test_client()
    assert isinstance(client, CheckingClient)
    return client


def signed_in(app: Flask, login: DemoLogin) -> CheckingClient:
    """Return a browser in which somebody signed in with what is printed of them."""
    client = browser(app)
    response = client.submit("/sign-in", {"name": login.sign_in, "password": login.password})
    if response.location == "/sign-in/code":
        code = re.search(r"code now (\d{6})", "\n".join(login.more))
        assert code
        response = client.submit("/sign-in/code", {"code": code[1]})
    assert response.status_code == 303, login
    assert client.get("/sign-in").status_code == 303, f"{login.name} is not in"
    return client


def count(db: Session, table: Any) -> int:
    found = db.execute(select(func.count()).select_from(table)).scalar_one()
    db.rollback()
    return found


def id_of(db: Session, login: DemoLogin) -> UUID:
    account = persons.find(db, login.sign_in)
    assert account
    db.rollback()
    return account.id


def of_person(db: Session, login: DemoLogin) -> UUID:
    """Return the one application of somebody."""
    person = id_of(db, login)
    found = db.scalars(select(EnergyApplication.id).where(EnergyApplication.person_id == person)).one()
    db.rollback()
    return found


def connections(db: Session, login: DemoLogin) -> int:
    """Return how many rent accounts somebody is connected to."""
    held = select(Link).where(Link.person_id == id_of(db, login), Link.ended_at.is_(None))
    return count(db, held.subquery())


def accounts_on(page: str) -> set[str]:
    """Return the payment references of the demo's accounts on a page."""
    return set(re.findall(r"\b21\d{8}\b", page))


def by_name(logins: list[DemoLogin]) -> dict[str, DemoLogin]:
    return {login.name.split()[0]: login for login in logins}


def test_everybody_who_is_printed_signs_in(load: Load, app: Flask) -> None:
    logins = load()
    assert len(logins) == 13
    for login in logins:
        signed_in(app, login)


def test_everybody_signs_in_in_ireland(load_irish: Load, irish_app: Flask) -> None:
    for login in load_irish():
        signed_in(irish_app, login)


def test_residents_see_what_is_said_of_them(load: Load, app: Flask) -> None:
    logins = by_name(load())
    residents = ("Halima", "Catrin", "Bartosz", "Renée")
    pages = {name: signed_in(app, logins[name]).get("/rent").text for name in residents}

    assert "£28.10" in pages["Halima"]
    assert 'lang="cy"' in pages["Catrin"]
    assert accounts_on(pages["Catrin"]) == {reference(AHEAD_WITH_GARAGE), reference(AHEAD_WITH_GARAGE, GARAGE)}
    assert "Breathing Space" in pages["Bartosz"]
    assert accounts_on(pages["Renée"]) == set()


@pytest.mark.parametrize("loading", ["load", "load_irish"])
def test_residents_are_connected_as_themselves(loading: str, request: pytest.FixtureRequest, db: Session) -> None:
    request.getfixturevalue(loading)()
    tenant = RentTenant.first_name + " " + RentTenant.last_name
    pairs = (
        select(Person.name, tenant)
        .join(Link, Link.person_id == Person.id)
        .join(RentTenant, RentTenant.id == Link.target)
    )
    connected = db.execute(pairs).all()
    assert len(connected) == 5
    assert all(person == named for person, named in connected)


def test_staff_land_on_their_page_at_the_strongest_level(load: Load, app: Flask) -> None:
    logins = by_name(load())
    assert (logins["Ivy"].what, logins["Tariq"].what) == ("administrator", "housing officer")
    assert signed_in(app, logins["Ivy"]).get("/staff/access").status_code == 200
    assert signed_in(app, logins["Tariq"]).get("/staff").status_code == 200


def test_one_has_applied_for_help_with_energy_and_one_has_begun(load: Load, app: Flask, db: Session) -> None:
    load()
    logins = by_name(load())
    asked = signed_in(app, logins["Bartosz"])
    assert "has applied for help with energy, and is asked for a paper" in logins["Bartosz"].more
    assert "Show us what we asked for by Tuesday 8 December 2026" in asked.get("/").text
    assert count(db, EnergyApplication) == 2, "once, however often it starts"
    application = of_person(db, logins["Bartosz"])
    assert "newest letter about Universal Credit" in asked.get(f"/energy/applications/{application}/messages").text
    assert "prepayment meter" in asked.get(f"/energy/applications/{application}/answers").text

    begun = signed_in(app, logins["Catrin"])
    assert "has begun a form for help with energy" in logins["Catrin"].more
    assert begun.get(f"/energy/applications/{of_person(db, logins['Catrin'])}").status_code == 200


def test_nobody_has_applied_where_no_scheme_has_a_form(load_irish: Load, db: Session) -> None:
    load_irish()
    assert count(db, EnergyApplication) == 0


def test_staff_who_help_find_residents_and_not_who_is_at_risk(load: Load, app: Flask, db: Session) -> None:
    logins = by_name(load())
    hidden = next(login for login in logins.values() if "at risk" in login.what)
    desk = signed_in(app, logins["Nell"])
    assert (logins["Nell"].what, logins["Owen"].what) == ("customer services", "manager")
    assert "Halima Draper" in found_by(desk, db, "Halima")
    page = found_by(desk, db, hidden.name.split()[0])
    assert "1 record is protected" in page and hidden.name not in page.split("</form>")[-1]
    assert signed_in(app, logins["Owen"]).get("/staff/assist/requests").status_code == 200


def found_by(desk: CheckingClient, db: Session, first_name: str) -> str:
    """Return what a member of staff is shown of a resident's tenancy, found by their name and birth date."""
    held = select(RentTenant.last_name, RentTenant.born).join(Link, Link.target == RentTenant.id)
    last_name, born = db.execute(held.where(RentTenant.first_name == first_name)).one()
    return desk.submit("/staff/assist", {"name": f"{first_name} {last_name}", "born_on": born or ""}).text


def test_the_newcomer_connects_with_what_is_printed(load: Load, app: Flask) -> None:
    newcomer = by_name(load())["Renée"]
    typed = re.search(r"payment reference (\S+), code (\S+)", newcomer.more[0])
    assert typed
    client = signed_in(app, newcomer)

    client.submit("/rent/connect", {"reference": typed[1], "code": typed[2]})

    assert accounts_on(client.get("/rent").text) == {reference(PAID_UP)}
    again = by_name(load())["Renée"]
    assert (again.what, again.more) == ("owes nothing", ())


def test_a_second_start_adds_nothing_but_a_new_code(load: Load, db: Session) -> None:
    tables = (Person, Link, Password, RentImport, RentAccount, RentLine, OutboxMessage)
    first = load()
    before = [count(db, table) for table in tables]
    codes = count(db, OneTimeCode)

    second = load()

    assert [count(db, table) for table in tables] == before
    assert count(db, OneTimeCode) == codes + 1
    assert [login for login in first if "code" not in str(login.more)] == [
        login for login in second if "code" not in str(login.more)
    ]
    assert by_name(first)["Renée"].more != by_name(second)["Renée"].more


def test_another_day_brings_its_night_and_leaves_connections(load: Load, db: Session, clock: SetClock) -> None:
    logins = by_name(load())
    lines = count(db, RentLine)

    clock.advance(timedelta(days=7))
    load()

    assert count(db, RentImport) == 2
    assert count(db, RentLine) > lines
    assert connections(db, logins["Catrin"]) == 2
    assert not db.scalar(select(func.bool_or(RentAccount.is_doubtful)))


def test_a_new_rent_year_goes_on_where_the_first_night_began(load: Load, db: Session, clock: SetClock) -> None:
    load()
    clock.advance(timedelta(days=365))
    load()
    assert not db.scalar(select(func.bool_or(RentAccount.is_doubtful)))


def test_what_was_tried_out_is_set_right_again(load: Load, app: Flask, db: Session, clock: SetClock) -> None:
    halima, catrin, _, _, _, ivy, tariq, *_ = [id_of(db, login) for login in load()]
    for person in (halima, ivy):
        persons.set_password(db, person, passwords.hash_password("something else entirely"), at=clock.now())
    links.end_all(db, catrin, why="disconnected", at=clock.now())
    second_factors.remove(db, tariq)
    db.commit()

    logins = load()

    for login in logins:
        signed_in(app, login)
    assert connections(db, logins[1]) == 2


def test_staff_who_were_let_go_are_back(load: Load, app: Flask, db: Session, clock: SetClock) -> None:
    staff.remove(db, None, id_of(db, load()[-1]), at=clock.now())
    signed_in(app, load()[-1])


def test_another_extract_stays(load: Load, db: Session, clock: SetClock, tenancies: Tenancies) -> None:
    today = clock.now().date()
    tenancies.load(Night(on=today).account(("23/11/2026", "DBR", 100_00)))
    clock.advance(timedelta(days=1))

    logins = load()

    assert count(db, RentAccount) == 1
    assert {login.what for login in logins[:4]} == {"has no rent account: another extract was loaded"}


def test_a_database_with_other_peoples_accounts_is_left_alone(load: Load, db: Session, make: Factory) -> None:
    make.resident()
    with pytest.raises(SettingsError, match="PORTAL_DATABASE_URL: people have accounts in this database"):
        load()
    assert count(db, Person) == 1


def test_production_has_no_demo_people(settings: Settings) -> None:
    production = settings.model_copy(update={"profile": "production"})
    with pytest.raises(SettingsError, match="production"):
        loading.load(production)


def test_what_is_printed_fits_into_a_terminal(load: Load) -> None:
    lines = "\n".join(greeting("Millbrook Council", "http://localhost:8000", load())).splitlines()
    assert max(map(len, lines)) <= 80
    assert sum(PASSWORD in line for line in lines) == 13


def test_it_fits_in_ireland_as_well(load_irish: Load) -> None:
    lines = "\n".join(greeting("Dunmarra County Council", "http://localhost:8000", load_irish())).splitlines()
    assert max(map(len, lines)) <= 80


def test_the_password_is_one_that_the_portal_takes(load: Load) -> None:
    for login in load():
        passwords.check(login.password, names=(login.name, login.sign_in, "Millbrook Council"))


def test_the_present_code_is_printed_on_its_own() -> None:
    result = CliRunner().invoke(portal, ["demo", "code"], prog_name="portal")
    assert re.fullmatch(r"\d{6}\n", result.output)
