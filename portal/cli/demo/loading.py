"""What ``portal demo run`` fills its database with: today's night of rent, people to sign in as, applications, library
branches.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from portal.audit import record
from portal.blueprints.rent.actions.importing import import_night
from portal.blueprints.rent.actions.inviting import tenants
from portal.blueprints.rent.extract.mapping import RENTSENSE
from portal.blueprints.rent.models import RentImport
from portal.cli.demo.applications import bring_applications
from portal.cli.demo.extract import write_night
from portal.cli.demo.households import OWING, reference
from portal.cli.demo.logins import DemoLogin
from portal.cli.demo.people import bring_residents, bring_staff
from portal.cli.demo.rooms import bring_branches, codes_of_programs
from portal.cli.demo.scenery import Scenery, scenery_of
from portal.cli.demo.visitors import bring_visitors
from portal.clock import Clock, SystemClock
from portal.council import load_council
from portal.db import committing, make_engine
from portal.models import AuditEvent, Person
from portal.sealed import Sealer
from portal.settings import Settings, SettingsError, needed_database
from portal.workplace import Workplace

HOUSEHOLDS = 240
SEED = 1
RESIDENTS = 4
"""So many of those who are printed first are residents with an account of their own."""
ACT = "demo.load"
"""The audit record by which a database is known to be a demo's."""


def load(settings: Settings, *, clock: Clock | None = None, households: int = HOUSEHOLDS) -> list[DemoLogin]:
    """Bring today's night of rent and the demo's people into the database, and return whom to sign in as.

    Harmless to repeat. households: how many live there. Raises SettingsError in production, and for a database in which
    others have accounts: the demo's passwords are public.
    """
    if settings.profile == "production":
        raise SettingsError("PORTAL_PROFILE: production has no demo people, whose passwords are public")
    with _at_work(settings, clock) as place:
        scenery = scenery_of(place.council)
        _expect_a_demo(place)
        _bring_night(place, scenery, households)
        logins = [*bring_residents(place, scenery), *bring_staff(place)]
        residents, others = logins[:RESIDENTS], logins[RESIDENTS:]
        if "energy" in place.council.services:
            residents = bring_applications(place, residents)
        if "internet" in place.council.services:
            bring_branches(place)
            bring_visitors(place, [login.sign_in for login in residents])
        return [*residents, *others]


def codes_of_room(settings: Settings, *, clock: Clock | None = None) -> dict[str, str]:
    """Return a code for each computer of the demo's first branch, by its name: with it, its program is enrolled. None
    where the council has no such branch.
    """
    with _at_work(settings, clock) as place:
        return codes_of_programs(place)


@contextmanager
def _at_work(settings: Settings, clock: Clock | None) -> Iterator[Workplace]:
    engine = make_engine(needed_database(settings), pool_size=1)
    try:
        with Session(engine, expire_on_commit=False) as db:
            sealer = Sealer.from_text(settings.sealing_keys.get_secret_value())
            yield Workplace(settings, load_council(settings.council), clock or SystemClock(), sealer, db)
    finally:
        engine.dispose()


def _expect_a_demo(place: Workplace) -> None:
    db = place.db
    if db.scalar(select(exists().where(AuditEvent.act == ACT))):
        return
    if db.scalar(select(exists(select(Person.id)))):
        raise SettingsError(
            "PORTAL_DATABASE_URL: people have accounts in this database, which is no demo's. The demo needs one of its"
            " own: its passwords are public"
        )
    with committing(db):
        record(db, None, ACT, at=place.clock.now(), authority="command")


def _bring_night(place: Workplace, scenery: Scenery, households: int) -> None:
    """Load today's night, unless it is there, or somebody has loaded other accounts than the demo's."""
    nights = select(func.min(RentImport.night), func.max(RentImport.night)).where(RentImport.source == RENTSENSE)
    oldest, newest = place.db.execute(nights).one()
    now = place.clock.now()
    today = now.astimezone(place.council.zone).date()
    if newest and (newest >= today or not tenants(place.db, reference=reference(OWING))):
        return
    since = _beginning(scenery, oldest or today)
    with TemporaryDirectory(prefix="portal-demo-") as name:
        folder = Path(name)
        write_night(folder, scenery, wanted=households, seed=SEED, since=since, night=today)
        import_night(place.db, folder, source=RENTSENSE, council=place.council, now=now)


def _beginning(scenery: Scenery, first_night: date) -> date:
    """Return where lines begin: with the rent year before the one of the first night, and so for all later nights."""
    return scenery.year_starts_on(scenery.rent_year(first_night) - 1)
