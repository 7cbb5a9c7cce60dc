"""What commands work with: the settings, the council, a session of the database with the application's rights."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy.orm import Session

from portal.clock import Clock, SystemClock
from portal.connectors.systems import Connectors
from portal.council import Council, load_council
from portal.db import make_engine
from portal.db.embedded import ensure_server
from portal.sealed import Sealer
from portal.settings import PROJECT, Settings, load_settings, needed_database
from portal.wiring import connect


@dataclass(frozen=True, slots=True)
class Workplace:
    """What a command works with."""

    settings: Settings
    council: Council
    clock: Clock
    sealer: Sealer
    db: Session

    def connectors(self) -> Connectors:
        """Return the other systems, made anew. Raises SettingsError."""
        return connect(self.settings, self.clock, zone=self.council.zone)


def other_systems() -> Connectors:
    """Return the other systems that the settings name, for a command that needs nothing else.

    Raises SettingsError, CouncilError.
    """
    settings = load_settings()
    return connect(settings, SystemClock(), zone=load_council(settings.council).zone)


@contextmanager
def with_database(settings: Settings) -> Iterator[Settings]:
    """Yield the settings with a database in them: the one that is set, or the embedded server's while it runs.

    A server that runs already (``make run``) goes on afterwards. Raises EmbeddedError.
    """
    if settings.database_url:
        yield settings
        return
    server = ensure_server(PROJECT)
    try:
        yield settings.model_copy(update={"database_url": server.database(database_name(settings))})
    finally:
        if not server.was_running:
            server.stop()


def database_name(settings: Settings) -> str:
    """Return the name of a council's database on the embedded server."""
    return f"portal_{settings.council.resolve().parent.name}"


@contextmanager
def workplace() -> Iterator[Workplace]:
    """Open what a command needs: settings, council, a database session with the application's rights.

    Raises SettingsError, CouncilError, EmbeddedError.
    """
    with with_database(load_settings()) as settings:
        engine = make_engine(needed_database(settings), pool_size=2)
        try:
            with Session(engine, expire_on_commit=False) as db:
                yield Workplace(
                    settings=settings,
                    council=load_council(settings.council),
                    clock=SystemClock(),
                    sealer=Sealer.from_text(settings.sealing_keys.get_secret_value()),
                    db=db,
                )
        finally:
            engine.dispose()
