"""Other systems as the settings name them, made for a council: the library's days are those of its zone."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine

from portal.app import create_app
from portal.clock import SetClock
from portal.connectors.calling import REFRESHER_WAITS_S
from portal.connectors.errors import Unavailable
from portal.connectors.systems import Connectors
from portal.settings import Settings, SettingsError
from portal.web import current
from portal.wiring import connect
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


class TestFiles:
    """Millbrook offers energy help, for which people send files."""

    def test_production_doesnt_start_without_what_they_need(
        self, engine: Engine, settings: Settings, connectors: Connectors
    ) -> None:
        production = settings.model_copy(update={"profile": "production"})
        create_app(production, engine=engine, connectors=connectors)
        with pytest.raises(SettingsError, match="PORTAL_FILES_FOLDER: missing"):
            create_app(production, engine=engine, connectors=replace(connectors, files=None))
        with pytest.raises(SettingsError, match="PORTAL_SCANNER_URL: missing"):
            create_app(production, engine=engine, connectors=replace(connectors, scanner=None))

    def test_the_demo_starts_without(self, engine: Engine, settings: Settings, connectors: Connectors) -> None:
        create_app(settings, engine=engine, connectors=replace(connectors, files=None, scanner=None))

    def test_they_are_made_of_the_settings(self, settings: Settings, clock: SetClock, tmp_path: Path) -> None:
        given = {"files_folder": tmp_path / "files", "scanner_url": "clamd://127.0.0.1:1"}
        made = connect(settings.model_copy(update=given), clock, zone=ZoneInfo("UTC"))
        assert made.files and made.scanner
        made.files.check()
        assert [system.name for system in made.systems] == ["scanner"]
        with pytest.raises(Unavailable):
            made.scanner.check()

    def test_without_settings_there_are_none(self, settings: Settings, clock: SetClock) -> None:
        made = connect(settings, clock, zone=ZoneInfo("UTC"))
        assert (made.files, made.scanner, made.systems) == (None, None, ())
