"""Many residents who are signed in, each with a library card of their own and with what was last said of it."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from portal import snapshots
from portal.blueprints.library.actions import connecting
from portal.blueprints.library.queries import FRESH_FOR
from portal.blueprints.library.rules.desk import Desk
from portal.blueprints.library.rules.keeping import as_text
from portal.cli.demo.library import OWN
from portal.clock import Clock, SystemClock
from portal.connectors.calling import REFRESHER_WAITS_S
from portal.connectors.library import Card, LibrarySystem
from portal.council import load_council
from portal.identity import links, persons, sessions
from portal.party import Level
from portal.sealed import Sealer
from portal.settings import Settings, needed_database
from portal.wiring import connect

AGE = FRESH_FOR * 2
"""Of an answer that a page finds too old."""
LASTS = timedelta(hours=1)
_SET_BACK = text(
    """
    update snapshot set taken_at = now() - :age, wanted_at = null, claimed_until = null, retry_at = null,
        failed_at = null, failure = null, reason = null, failures = 0
    """
)
_TENANTS = text("select id from rent_tenant where id not in (select target from link) order by id limit :number")


def bring(settings: Settings, number: int) -> list[str]:
    """Make residents and sign them in; return their cookies. Those tenants whom nobody has claimed are shared out among
    them. The library that the settings name is asked once: all have the same loans on their cards, too old to be shown
    as they are.
    """
    clock = SystemClock()
    library = connect(settings, clock, zone=load_council(settings.council).zone).library
    if library is None:
        raise RuntimeError("the settings name no library")
    answer = as_text(library.read(OWN, within_s=REFRESHER_WAITS_S))
    engine = create_engine(needed_database(settings))
    try:
        with Session(engine) as db:
            tenants = list(db.scalars(_TENANTS, {"number": number}))
            homes = [*tenants, *[None] * (number - len(tenants))]
            desk = _desk(settings, library, clock)
            cookies = [_reader(db, desk, nth, home, answer) for nth, home in enumerate(homes)]
            db.commit()
    finally:
        engine.dispose()
    set_back(needed_database(settings), AGE)
    return cookies


def set_back(database_url: str, age: timedelta) -> None:
    """Make all answers so old, as if nobody had looked at any since."""
    engine = create_engine(database_url)
    try:
        with engine.begin() as connection:
            connection.execute(_SET_BACK, {"age": age})
    finally:
        engine.dispose()


def _desk(settings: Settings, library: LibrarySystem, clock: Clock) -> Desk:
    secret, sealing = settings.secret_key.get_secret_value(), settings.sealing_keys.get_secret_value()
    return Desk(library, Sealer.from_text(sealing), secret.encode(), load_council(settings.council), clock)


def _reader(db: Session, desk: Desk, nth: int, home: UUID | None, answer: str) -> str:
    """Make one resident and return their cookie. home: their row as a tenant, if they are one."""
    now = desk.clock.now()
    person = persons.add(db, name="Sam Example", language="en", email=f"reader{nth}@example.org", at=now)
    party = persons.themselves(person.id)
    if home:
        links.create(db, party, service="rent", target=home, how="activation-code", level=Level.MEDIUM, at=now)
    added = connecting.add_own(db, desk, party, Card(f"29999001{nth:06}"), now=now)
    snapshots.put(db, desk.sealer, added.link, answer, taken_at=now)
    token = sessions.begin(
        db,
        person_id=person.id,
        level=Level.MEDIUM,
        lifetimes=sessions.Lifetimes(LASTS, LASTS),
        data={},
        device="",
        at=now,
    )
    return f"portal={token}"
