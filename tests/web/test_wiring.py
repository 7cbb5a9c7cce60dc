"""Other systems as the settings name them, made for a council: the library's days are those of its zone."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine

from portal.app import create_app
from portal.clock import SetClock
from portal.connectors.calling import REFRESHER_WAITS_S
from portal.settings import Settings
from portal.web import current
from simulators.library.catalogue import copies_of, titles
from simulators.library.clock import end_of
from simulators.library.conversation import LOGIN_PASSWORD, LOGIN_USER
from simulators.library.dialects import dialect_named
from simulators.library.simulator import LibrarySimulator
from tests.support.sip2_library import SETTINGS, Sip2UnderTest

CARD = Sip2UnderTest.card
DUE_ON = date(2026, 12, 1)
"""In London, where the simulator is; it says so in UTC, as FOLIO does."""


@pytest.fixture
def far_council(settings: Settings, tmp_path: Path) -> Path:
    """The file of a council in whose zone the day is over sooner."""
    text = settings.council.read_text("utf-8")
    assert 'time_zone = "Europe/London"' in text
    file = tmp_path / "council.toml"
    file.write_text(text.replace("Europe/London", "Pacific/Auckland"), "utf-8")
    return file


@pytest.mark.parametrize(
    ("named", "due_on"), [("", DUE_ON + timedelta(days=1)), ("&zone=Europe/London", DUE_ON)], ids=["council", "address"]
)
def test_the_zone_is_the_councils_unless_the_address_names_one(
    engine: Engine, settings: Settings, far_council: Path, clock: SetClock, named: str, due_on: date
) -> None:
    with LibrarySimulator(dialect_named("folio"), clock=clock.now) as simulator:
        simulator.lend(CARD.number, copies_of(titles()[110])[0].barcode, due=end_of(DUE_ON))
        url = f"sip2://{LOGIN_USER}@{simulator.host}:{simulator.port}/?{SETTINGS['folio']}{named}"
        given = {"council": far_council, "library_url": url, "library_password": SecretStr(LOGIN_PASSWORD)}
        app = create_app(settings.model_copy(update=given), clock=clock, engine=engine)
        with app.app_context():
            library = current.connectors().library
        assert library
        assert [loan.due_on for loan in library.read(CARD, within_s=REFRESHER_WAITS_S).loans] == [due_on]
