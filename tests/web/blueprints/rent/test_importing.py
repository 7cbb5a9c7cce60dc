"""Nights of the housing system's extract: all or nothing, again without change, one after the other."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, delete, func, select, text
from sqlalchemy.orm import Session

from portal.blueprints.rent.actions import importing
from portal.blueprints.rent.actions.importing import AlreadyImporting, import_night
from portal.blueprints.rent.extract.records import ExtractRefused
from portal.blueprints.rent.models import RentAccount, RentArrangement, RentImport, RentLine, RentTenant
from portal.clock import SetClock
from portal.council import Council
from portal.models import AuditEvent, Link
from tests.factories import Factory
from tests.factories.rent import BEFORE, GARAGE, HOME, JOHN, MARY, RENT, Line, Night
from tests.web.blueprints.rent.conftest import Connect, Load

MONDAY, TUESDAY = date(2026, 11, 23), date(2026, 11, 24)
PAID: Line = ("20/11/2026", "RSO", -5000)
OLD: Line = ("01/05/2026", "DBR", 9999)
"""More than 180 days before."""


def everything(db: Session) -> list[Any]:
    """Return every row that an import writes, but for when it ran."""
    tables = (RentAccount, RentTenant, RentLine, RentArrangement)
    rows = [db.execute(select(table.__table__).order_by(table.id)).all() for table in tables]
    db.rollback()
    return rows


def balance(db: Session, reference: str = HOME) -> tuple[int, bool]:
    found = select(RentAccount.balance_pence, RentAccount.is_doubtful).where(RentAccount.reference == reference)
    row = db.execute(found).one()
    db.rollback()
    return row.balance_pence, row.is_doubtful


def test_a_night_is_loaded_and_counted(load: Load) -> None:
    imported = load(Night().account(RENT, PAID).account(reference=GARAGE, tenure="FRG", tenants=(MARY, JOHN)))
    assert (imported.accounts, imported.tenants, imported.lines, imported.total_pence) == (2, 3, 2, 6235)


def test_loading_a_night_again_changes_nothing(db: Session, load: Load) -> None:
    night = Night().account(RENT, RENT, PAID, tenants=(MARY, JOHN, JOHN))
    first = load(night)
    before = everything(db)

    assert load(night) == replace(first, new=0)
    assert everything(db) == before


def test_two_equal_lines_of_one_day_are_both_true(db: Session, load: Load) -> None:
    load(Night().account(RENT, RENT))
    assert balance(db) == (2 * RENT[2], False)


def test_a_later_night_brings_new_lines(db: Session, load: Load) -> None:
    load(Night(on=MONDAY).account(BEFORE))
    load(Night(on=TUESDAY).account(BEFORE, RENT))
    assert balance(db) == (BEFORE[2] + RENT[2], False)


def test_a_line_that_is_missing_was_taken_back(db: Session, load: Load) -> None:
    load(Night(on=MONDAY).account(BEFORE, PAID))
    load(Night(on=TUESDAY).account(BEFORE))
    assert balance(db) == (BEFORE[2], False)


def test_a_line_older_than_the_window_stays(db: Session, load: Load) -> None:
    load(Night(on=MONDAY).account(OLD, BEFORE, starts="01/04/2026"))
    load(Night(on=TUESDAY).account(BEFORE, starts="01/04/2026", stated_pence=OLD[2] + BEFORE[2]))
    assert balance(db) == (OLD[2] + BEFORE[2], False)


def test_an_account_whose_history_is_not_all_there_opens_with_what_is_stated(db: Session, load: Load) -> None:
    load(Night(on=MONDAY).account(BEFORE, starts="01/04/2010", stated_pence=50000))
    assert balance(db) == (50000, False)
    load(Night(on=TUESDAY).account(BEFORE, RENT, starts="01/04/2010", stated_pence=50000 + RENT[2]))
    assert balance(db) == (50000 + RENT[2], False)


def test_a_balance_that_is_not_what_its_lines_come_to_is_doubtful(db: Session, load: Load) -> None:
    imported = load(Night().account(RENT, stated_pence=RENT[2] + 100))
    assert imported.doubtful == 1
    assert balance(db) == (RENT[2], True)


def test_the_weeks_charge_is_what_was_charged_since_monday_less_benefit(db: Session, load: Load) -> None:
    load(Night().account(BEFORE, RENT, ("23/11/2026", "RHB", -4000), ("24/11/2026", "RSO", -1000)))
    charge = db.execute(select(RentAccount.week_pence, RentAccount.charged_on)).one()
    assert charge == (RENT[2] - 4000, MONDAY)


def test_nights_in_the_wrong_order_are_refused(db: Session, load: Load) -> None:
    load(Night(on=TUESDAY).account(RENT))
    before = everything(db)
    with pytest.raises(ExtractRefused, match="the night of 2026-11-23, but that of 2026-11-24 is loaded already"):
        load(Night(on=MONDAY).account(BEFORE))
    assert everything(db) == before


class TestARefusedNight:
    """Nothing of it is loaded, and what was loaded before stands."""

    @pytest.mark.parametrize(
        ("table", "row", "complaint"),
        [
            ("accounts", 0, "rent.accounts20261124.csv.gz, line 3, AccountReference: is there twice"),
            ("balances", 0, "rent.balances20261124.csv.gz, line 3, AccountReference: is there twice"),
        ],
    )
    def test_has_something_twice(self, db: Session, load: Load, table: str, row: int, complaint: str) -> None:
        night = Night(on=TUESDAY).account(RENT)
        night.rows[table].append(night.rows[table][row])
        self.check(db, load, night, complaint)

    @pytest.mark.parametrize(
        ("table", "complaint"),
        [
            ("accounts", "rent.balances20261124.csv.gz, line 2, AccountReference: is no account"),
            ("balances", "rent.accounts20261124.csv.gz, line 2, AccountReference: has no balance"),
        ],
    )
    def test_lacks_something(self, db: Session, load: Load, table: str, complaint: str) -> None:
        night = Night(on=TUESDAY).account(RENT).account(reference=GARAGE, tenants=())
        night.rows[table].pop(0)
        self.check(db, load, night, complaint)

    def test_holds_no_account(self, db: Session, load: Load) -> None:
        self.check(db, load, Night(on=TUESDAY), "rent.accounts20261124.csv.gz: holds no account")

    def test_has_one_bad_line(self, db: Session, load: Load) -> None:
        night = Night(on=TUESDAY).account(RENT, BEFORE, tenants=(JOHN,))
        night.rows["transactions"][1][5] = "much"
        self.check(db, load, night, "rent.transactions20261124.csv.gz, line 3, TransactionAmount: is not an amount")

    def check(self, db: Session, load: Load, night: Night, complaint: str) -> None:
        load(Night(on=MONDAY).account(BEFORE))
        before = everything(db)
        with pytest.raises(ExtractRefused) as refused:
            load(night)
        assert complaint in str(refused.value)
        assert everything(db) == before
        assert db.execute(select(RentImport.night)).scalars().all() == [MONDAY]


def test_a_second_import_at_the_same_time_is_refused(
    db: Session, engine: Engine, council: Council, clock: SetClock, tmp_path: Path
) -> None:
    folder = Night().account(RENT).write(tmp_path)
    with Session(engine) as other:
        other.execute(text("select pg_advisory_xact_lock(:key)"), {"key": importing._LOCK})
        with pytest.raises(AlreadyImporting):
            import_night(
                db, folder, source="rentsense", council=council, now=clock.now(), patience=timedelta(seconds=1)
            )
    assert db.execute(select(func.count()).select_from(RentAccount)).scalar_one() == 0


class TestWhenATenantsRowGoes:
    def test_the_link_ends_in_the_same_transaction(
        self, db: Session, load: Load, make: Factory, connect: Connect, clock: SetClock
    ) -> None:
        load(Night(on=MONDAY).account(BEFORE, tenants=(JOHN, MARY)))
        john, mary = make.resident(email="john@example.org"), make.resident()
        connect(john, tenant=0)
        connect(mary, tenant=1)
        clock.advance(timedelta(hours=1))

        imported = load(Night(on=TUESDAY).account(BEFORE, tenants=(MARY,)))

        assert imported.links_ended == 1
        ended = db.execute(select(Link.person_id, Link.ended_at, Link.ended_why).where(Link.ended_at.is_not(None)))
        assert ended.all() == [(john.id, clock.now(), "tenant-row-gone")]
        event = db.execute(select(AuditEvent.subject_id, AuditEvent.authority).where(AuditEvent.act == "link.end"))
        assert event.all() == [(john.id, "system")]

    def test_it_ends_with_the_account_too(self, db: Session, load: Load, make: Factory, connect: Connect) -> None:
        load(Night(on=MONDAY).account(BEFORE).account(reference=GARAGE))
        connect(make.resident())
        load(Night(on=TUESDAY).account(reference=GARAGE))
        assert db.execute(select(Link.ended_why)).scalars().all() == ["tenant-row-gone"]
        assert db.execute(select(RentAccount.gone_on).where(RentAccount.reference == HOME)).scalar_one() == TUESDAY

    def test_it_ends_whoever_deletes_the_row(self, db: Session, load: Load, make: Factory, connect: Connect) -> None:
        load(Night().account(RENT))
        connect(make.resident())
        db.execute(delete(RentTenant))
        assert db.execute(select(Link.ended_why)).scalars().all() == ["tenant-row-gone"]

    def test_a_link_of_another_service_stays(self, db: Session, load: Load, make: Factory) -> None:
        load(Night().account(RENT))
        tenant = db.execute(select(RentTenant.id)).scalar_one()
        make.link(make.resident(), "library", tenant)
        db.execute(delete(RentTenant))
        assert db.execute(select(Link.ended_at)).scalars().all() == [None]


def test_an_account_that_comes_back_is_the_same_one(db: Session, load: Load) -> None:
    load(Night(on=date(2026, 11, 22)).account(BEFORE).account(reference=GARAGE))
    load(Night(on=MONDAY).account(reference=GARAGE))
    load(Night(on=TUESDAY).account(BEFORE).account(reference=GARAGE))
    assert db.execute(select(func.count()).where(RentAccount.gone_on.is_not(None))).scalar_one() == 0
    assert balance(db) == (BEFORE[2], False)


def test_the_audit_says_what_was_loaded(db: Session, load: Load) -> None:
    load(Night().account(RENT))
    event = db.execute(select(AuditEvent.object, AuditEvent.authority, AuditEvent.details)).one()
    assert event.object == "rent.import:rentsense:2026-11-24"
    assert event.authority == "command"
    assert event.details == {"accounts": 1, "tenants": 1, "lines": 1, "doubtful": 0, "links_ended": 0}
