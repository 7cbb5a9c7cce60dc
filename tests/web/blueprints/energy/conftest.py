"""What the tests of energy help stand on: a council with schemes made up, and ways to answer the check."""

import base64
from collections.abc import Callable
from datetime import date
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import Engine
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from portal.blueprints.energy.actions.progressing import take_step
from portal.blueprints.energy.models import EnergyMessage
from portal.blueprints.energy.routes import common
from portal.blueprints.energy.rules.answers import Answers
from portal.blueprints.energy.rules.desk import Desk
from portal.blueprints.energy.rules.progress import State
from portal.blueprints.energy.schemes.household import household_of
from portal.clock import SetClock
from portal.connectors.systems import Connectors
from portal.council import Council, load_council
from portal.models import Person
from portal.sealed import Sealer
from portal.settings import Settings
from tests.conftest import IRISH_COUNCIL
from tests.factories import Factory
from tests.support import portals
from tests.support.applications import complete
from tests.support.applied import Applied
from tests.support.client import CheckingClient
from tests.support.energy import council_with_schemes
from tests.support.pages import find
from tests.support.scanner import FakeScanner
from tests.support.storage import FakeFileStore

Answer = Callable[..., None]
Fill = Callable[..., TestResponse]
Add = Callable[..., TestResponse]
OLD = {"person-0-day": "1", "person-0-month": "1", "person-0-year": "1950"}
ALONE = {"partner": "no", "children": "0", "adults": "0", "lodgers": "0"}
TENANT = Answers(
    household_of(
        {
            "nation": "england",
            "tenure": "council",
            "savings": 0,
            "free_school_meals": False,
            "people": [{"role": "applicant", "date_of_birth": "1950-01-01", "benefits": ["universal_credit"]}],
        }
    ),
    ("home", "people", "birthdays", "benefits/0", "savings"),
)
"""What has been told after ``tenant``."""


@pytest.fixture(scope="session")
def settings_with_schemes(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    path = council_with_schemes(tmp_path_factory.mktemp("millbrook"), like=settings.council)
    return settings.model_copy(update={"council": path})


@pytest.fixture(scope="session")
def irish_settings_with_schemes(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    path = council_with_schemes(tmp_path_factory.mktemp("dunmarra"), like=IRISH_COUNCIL)
    return settings.model_copy(update={"council": path})


@pytest.fixture
def app(engine: Engine, settings_with_schemes: Settings, clock: SetClock, connectors: Connectors) -> Flask:
    return portals.shared(settings_with_schemes, clock, engine, connectors)


@pytest.fixture
def irish_app(engine: Engine, irish_settings_with_schemes: Settings, clock: SetClock, connectors: Connectors) -> Flask:
    return portals.shared(irish_settings_with_schemes, clock, engine, connectors)


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
def told(client: CheckingClient, mary: Person, sealer: Sealer) -> CheckingClient:
    """Mary is signed in and has told what ``tenant`` tells, without its pages: hundreds of tests begin so."""
    sealed = sealer.seal(TENANT.text, context=common.CONTEXT)
    return client.sign_in(mary, data={common.KEPT: base64.b64encode(sealed).decode()})


@pytest.fixture
def form(told: CheckingClient) -> str:
    """Address of a form that Mary began from the check's result."""
    response = told.submit("/energy/apply", {"schemes": "warm-grant"})
    assert response.status_code == 303, response.text
    address: str = response.location
    return address


@pytest.fixture
def finish(db: Session, sealer: Sealer, settings_with_schemes: Settings, clock: SetClock) -> Callable[..., None]:
    """Answer all of a form that isn't answered yet; ``finish(form, health="respiratory")`` tells of health, too."""
    council = load_council(settings_with_schemes.council)

    def fill_in(form: str, *, health: str = "") -> None:
        application, today = UUID(form.rpartition("/")[2]), clock.now().date()
        complete(db, sealer, application, council=council, on=today, health=health)

    return fill_in


@pytest.fixture
def ready(form: str, finish: Callable[..., None]) -> str:
    """Address of a form of Mary's that can be sent."""
    finish(form)
    return form


@pytest.fixture
def add(client: CheckingClient) -> Add:
    """Add files to a form: ``add(form, "savings", ("IMG_1.jpg", jpeg()))``."""

    def send(form: str, kind: str, *files: tuple[str, bytes]) -> TestResponse:
        address = f"{form}/evidence/{kind}"
        client.get(address)
        data = {"files": [(BytesIO(content), name) for name, content in files]}
        response = client.send(address, data, content_type="multipart/form-data")
        response.request.environ["wsgi.input"].close()  # a temporary file, if it was much
        return response

    return send


@pytest.fixture
def send(client: CheckingClient) -> Callable[..., TestResponse]:
    """Send a form as its page is shown: ``send(form)``."""

    def press(form: str, **given: Any) -> TestResponse:
        (seen,) = find(client.get(f"{form}/send").text, "//input[@name='seen']/@value")
        return client.send(f"{form}/send", {"seen": seen, "agreed": "yes", **given})

    return press


@pytest.fixture
def sent(ready: str, send: Callable[..., TestResponse]) -> str:
    """Address of an application that Mary has sent."""
    response = send(ready)
    assert response.status_code == 303, response.text
    return ready


@pytest.fixture
def step(db: Session, clock: SetClock) -> Callable[..., None]:
    """Let the council take a step with an application: ``step(sent, State.CHECKING)``."""

    def take(form: str, then: State, *, scheme: str = "warm-grant", due: date | None = None) -> None:
        case = (UUID(form.rpartition("/")[2]), scheme)
        take_step(db, case, then, before=tuple(State), by="council", at=clock.now(), due=due)
        db.commit()

    return take


@pytest.fixture
def council_writes(db: Session, clock: SetClock, sealer: Sealer) -> Callable[[str, str], None]:
    def write(form: str, body: str) -> None:
        application = UUID(form.rpartition("/")[2])
        sealed = sealer.seal(body, context="energy_message.body")
        db.add(
            EnergyMessage(application_id=application, from_council=True, kind="message", body=sealed, at=clock.now())
        )
        db.commit()

    return write


@pytest.fixture
def applied(db: Session, sealer: Sealer, council: Council) -> Applied:
    return Applied(db, sealer, council)


@pytest.fixture
def desk(files: FakeFileStore, scanner: FakeScanner, sealer: Sealer, settings: Settings) -> Desk:
    """What the actions about files work with, in jobs and on pages."""
    return Desk(files, scanner, sealer, settings.secret_key.get_secret_value().encode())
