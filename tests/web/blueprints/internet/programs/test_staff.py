"""Staff enrol a computer's program, see whether it asks, and revoke it."""

from datetime import timedelta
from uuid import UUID

import pytest
from flask import Flask

from portal.clock import SetClock
from portal.models import Person
from portal.party import Level, Role
from tests.factories import Factory
from tests.support import pages
from tests.support.client import CheckingClient
from tests.support.programs import Program, enrol, enrolled


@pytest.fixture
def manager(make: Factory) -> Person:
    return make.staff(roles=(Role.LIBRARY_MANAGER,), name="Gwil Shelf", email="gwil@example.org")


@pytest.fixture
def desk(app: Flask, manager: Person) -> CheckingClient:
    """The browser of a manager: programs have none."""
    client = app.test_client()
    assert isinstance(client, CheckingClient)
    return client.sign_in(manager, level=Level.HIGH)


@pytest.fixture
def address(branch: UUID, computer: UUID) -> str:
    return f"/staff/branches/{branch}/edit/computers/{computer}/program"


def code_on(desk: CheckingClient, address: str) -> str:
    desk.get(address)
    [code] = pages.find(desk.send(f"{address}/code").text, "//*[@class='hero']/text()")
    return str(code).strip()


def test_a_computers_page_leads_there(desk: CheckingClient, address: str) -> None:
    page = desk.get(address.removesuffix("/program"))
    assert pages.find(page.text, f"//a[@href='{address}']")
    assert "No program is enrolled." in desk.get(address).text


def test_a_code_is_shown_once_and_enrols(desk: CheckingClient, app: Flask, address: str, clock: SetClock) -> None:
    code = code_on(desk, address)
    assert code not in desk.get(address).text
    program = enrolled(app.test_client(), code)
    program.told()
    page = desk.get(address).text
    assert "Locked" in page and "silent" not in page
    clock.advance(timedelta(minutes=3))
    assert "It is silent" in desk.get(address).text


def test_revoking_puts_it_out(desk: CheckingClient, app: Flask, address: str, clock: SetClock) -> None:
    program: Program = enrolled(app.test_client(), code_on(desk, address))
    program.told()
    desk.get(address)
    assert desk.send(f"{address}/revoke").location == address
    clock.advance(timedelta(seconds=30))
    assert program.heartbeat().status_code == 401
    page = desk.get(address).text
    assert "No program is enrolled." in page and "silent" not in page


def test_revoking_takes_back_a_code_as_well(desk: CheckingClient, app: Flask, address: str) -> None:
    code = code_on(desk, address)
    desk.get(address)
    desk.send(f"{address}/revoke")
    assert enrol(app.test_client(), code).status_code == 403


def test_another_branchs_address_leads_nowhere(desk: CheckingClient, address: str, branch: UUID) -> None:
    desk.get("/staff/branches")
    wrong = address.replace(str(branch), "00000000-0000-4000-8000-000000000000")
    assert desk.get(wrong).status_code == 404
    for deed in ("code", "revoke"):
        assert desk.send(f"{wrong}/{deed}").status_code == 404


def test_who_runs_a_room_makes_no_code(app: Flask, make: Factory, address: str) -> None:
    client = app.test_client()
    assert isinstance(client, CheckingClient)
    client.sign_in(make.staff(roles=(Role.LIBRARY,), email="sunita@example.org"), level=Level.HIGH)
    assert client.get(address).status_code == 403
