"""What the tests of energy help stand on: a council with schemes made up, and ways to answer the check."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from portal.app import create_app
from portal.clock import SetClock
from portal.connectors.systems import Connectors
from portal.council import Council
from portal.models import Person
from portal.sealed import Sealer
from portal.settings import Settings
from tests.conftest import IRISH_COUNCIL
from tests.factories import Factory
from tests.support.applied import Applied
from tests.support.client import CheckingClient
from tests.support.energy import council_with_schemes
from tests.support.pages import find

Answer = Callable[..., None]
Fill = Callable[..., TestResponse]
OLD = {"person-0-day": "1", "person-0-month": "1", "person-0-year": "1950"}
ALONE = {"partner": "no", "children": "0", "adults": "0", "lodgers": "0"}


@pytest.fixture
def settings_with_schemes(settings: Settings, tmp_path: Path) -> Settings:
    path = council_with_schemes(tmp_path / "millbrook", like=settings.council)
    return settings.model_copy(update={"council": path})


@pytest.fixture
def app(engine: Engine, settings_with_schemes: Settings, clock: SetClock, connectors: Connectors) -> Flask:
    return _application(settings_with_schemes, engine, clock, connectors)


@pytest.fixture
def irish_app(engine: Engine, settings: Settings, clock: SetClock, connectors: Connectors, tmp_path: Path) -> Flask:
    path = council_with_schemes(tmp_path / "dunmarra", like=IRISH_COUNCIL)
    return _application(settings.model_copy(update={"council": path}), engine, clock, connectors)


def _application(settings: Settings, engine: Engine, clock: SetClock, connectors: Connectors) -> Flask:
    app = create_app(settings, clock=clock, engine=engine, connectors=connectors)
    app.testing = True
    app.test_client_class = CheckingClient
    return app


@pytest.fixture
def mary(make: Factory) -> Person:
    return make.resident()


@pytest.fixture
def answer(client: CheckingClient) -> Answer:
    """Answer one page of the check, which takes it."""

    def send(page: str, **given: Any) -> None:
        response = client.submit(f"/energy/check/{page}", given)
        assert response.status_code == 303, response.text

    return send


@pytest.fixture
def tenant(answer: Answer) -> None:
    """Answer as an old tenant of the council does who lives alone, on Universal Credit, with nothing put by."""
    answer("home", tenure="council")
    answer("people", **ALONE)
    answer("birthdays", **OLD)
    answer("benefits/0", benefits="universal_credit")
    answer("savings", savings="0")


@pytest.fixture
def fill(client: CheckingClient) -> Fill:
    """Answer one page of a form, as it is shown: ``fill(form, "home", tenure="owner")``."""

    def send(form: str, page: str, **given: Any) -> TestResponse:
        address = f"{form}/form/{page}"
        (seen,) = find(client.get(address).text, "//input[@name='seen']/@value")
        return client.send(address, {"seen": seen, **given})

    return send


@pytest.fixture
def told(client: CheckingClient, mary: Person, request: pytest.FixtureRequest) -> CheckingClient:
    """Mary is signed in and has answered the check as ``tenant`` does."""
    client.sign_in(mary)
    request.getfixturevalue("tenant")
    return client


@pytest.fixture
def form(told: CheckingClient) -> str:
    """Address of a form that Mary began from the check's result."""
    response = told.submit("/energy/apply", {"schemes": "warm-grant"})
    assert response.status_code == 303, response.text
    address: str = response.location
    return address


@pytest.fixture
def applied(db: Session, sealer: Sealer, council: Council) -> Applied:
    return Applied(db, sealer, council)
