"""Files that came to harm, loaded by the whole import: all of a night or nothing of it, and no error but ours."""

import shutil
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.blueprints.rent.actions.importing import import_night
from portal.blueprints.rent.extract.mapping import RENTSENSE, load_mapping
from portal.blueprints.rent.extract.night import open_night
from portal.blueprints.rent.extract.records import ExtractRefused
from portal.blueprints.rent.models import RentAccount, RentLine, RentTenant
from portal.cli.demo.chance import seeded
from portal.clock import SetClock
from portal.council import Council
from tests.factories.rent import BEFORE, GARAGE, HOME, JOHN, MARY, RENT, Night
from tests.support.mutations import harm

TIMES = 60
Held = dict[str, tuple[int, int, int]]
"""Of each account the balance, and how many lines and tenants it has."""


def held(db: Session) -> Held:
    lines = select(func.count()).where(RentLine.account_id == RentAccount.id).scalar_subquery()
    tenants = select(func.count()).where(RentTenant.account_id == RentAccount.id).scalar_subquery()
    now = select(RentAccount.reference, RentAccount.balance_pence, lines, tenants).where(RentAccount.gone_on.is_(None))
    found = {row[0]: (row[1], row[2], row[3]) for row in db.execute(now)}
    db.rollback()
    return found


def said(folder: Path) -> Held:
    """Return what a night's files hold, read without a database."""
    night = open_night(folder, load_mapping(RENTSENSE))
    found = {record[0]: [0, 0, 0] for record in night.records("accounts")}
    for record in night.records("transactions"):
        found[record[0]][0] += record[4]
        found[record[0]][1] += 1
    for record in night.records("tenants"):
        found[record[0]][2] += 1
    return {reference: (pence, lines, tenants) for reference, (pence, lines, tenants) in found.items()}


def test_a_harmed_night_is_loaded_whole_or_not_at_all(
    db: Session, council: Council, clock: SetClock, tmp_path: Path
) -> None:
    night = Night().account(BEFORE, RENT, ("24/11/2026", "RSO", -20000), tenants=(MARY, JOHN))
    whole = night.account(reference=GARAGE, arrangement=("02/11/2026", "Weekly", "N", 500)).write(tmp_path)
    harmed, loaded = tmp_path / "harmed", 0
    import_night(db, whole, source=RENTSENSE, council=council, now=clock.now())
    for number in range(TIMES):
        before = held(db)
        shutil.copytree(whole, harmed)
        harm(harmed, seeded("harmed", number))
        try:
            import_night(db, harmed, source=RENTSENSE, council=council, now=clock.now())
        except ExtractRefused:
            assert held(db) == before
        else:
            loaded += 1
            assert held(db) == said(harmed)
        shutil.rmtree(harmed)
    assert 0 < loaded < TIMES, "or nothing of interest was tried"
    assert HOME in held(db)
