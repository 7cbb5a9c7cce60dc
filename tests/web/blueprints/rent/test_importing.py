"""Nights of the housing system's extract: all or nothing, again without change, one after the other."""

import threading
from collections import Counter
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, delete, func, select, text
from sqlalchemy.orm import Session

from portal.blueprints.rent.actions import importing
from portal.blueprints.rent.actions.importing import AlreadyImporting, import_night
from portal.blueprints.rent.extract.records import ExtractRefused
from portal.blueprints.rent.models import RentAccount, RentArrangement, RentImport, RentImportRun, RentLine, RentTenant
from portal.cli.demo.chance import seeded
from portal.clock import SetClock
from portal.council import Council
from portal.models import AuditEvent, Link
from tests.factories import Factory
from tests.factories.rent import BEFORE, GARAGE, HOME, JOHN, MARY, RENT, Line, Night
from tests.support.statements import rows_read
from tests.web.blueprints.rent.conftest import Connect, Load

MONDAY, TUESDAY = date(2026, 11, 23), date(2026, 11, 24)
PAID: Line = ("20/11/2026", "RSO", -5000)
OLD: Line = ("01/05/2026", "DBR", 9999)
"""More than 180 days before."""
CODES = ("DBR", "RSO", "RHB", "XQZ")


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


def test_the_last_day_of_charge_moves_with_the_nights(db: Session, load: Load) -> None:
    days = []
    for night in (MONDAY - timedelta(days=1), MONDAY, TUESDAY):
        load(Night(on=night).account(BEFORE))
        days.append(db.execute(select(RentAccount.charged_on)).scalar_one())
    assert days == [date(2026, 11, 16), MONDAY, MONDAY]


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


class TestArrangements:
    def test_are_one_set_for_each_account(self, db: Session, load: Load) -> None:
        load(Night(on=MONDAY).account(BEFORE, arrangement=("02/11/2026", "Weekly", "N", 500)))
        imported = load(Night(on=TUESDAY).account(BEFORE, arrangement=("24/11/2026", "Monthly", "C", 2000)))
        found = db.execute(select(RentArrangement.frequency, RentArrangement.by_court, RentArrangement.amount_pence))
        assert found.all() == [("monthly", True, 2000)]
        assert imported.changed == 1

    def test_stay_the_same_rows_while_nothing_changes(self, db: Session, load: Load) -> None:
        night = Night().account(RENT, arrangement=("02/11/2026", "Weekly", "N", 500))
        load(night)
        before = everything(db)
        load(night)
        assert everything(db) == before

    def test_go_with_the_night_that_lacks_them(self, db: Session, load: Load) -> None:
        load(Night(on=MONDAY).account(BEFORE, arrangement=("02/11/2026", "Weekly", "N", 500)))
        load(Night(on=TUESDAY).account(BEFORE))
        assert db.execute(select(RentArrangement)).all() == []


class TestNewChangedAndEnded:
    """Each account counts once."""

    def test_of_a_first_night(self, load: Load) -> None:
        imported = load(Night().account(RENT).account(reference=GARAGE, ends="20/11/2026"))
        assert (imported.new, imported.changed, imported.ended) == (2, 0, 0)

    @pytest.mark.parametrize(
        "change",
        [
            {"lines": (BEFORE, RENT)},
            {"tenants": (MARY, JOHN)},
            {"tenants": (JOHN,)},
            {"breathing_space": ("TRUE", "")},
            {"stated_pence": 1},
            {"arrangement": ("02/11/2026", "Weekly", "N", 500)},
        ],
        ids=lambda change: next(iter(change)),
    )
    def test_of_one_that_changed(self, load: Load, change: dict[str, Any]) -> None:
        load(Night(on=MONDAY).account(BEFORE).account(reference=GARAGE))
        lines = change.pop("lines", (BEFORE,))
        imported = load(Night(on=TUESDAY).account(*lines, **change).account(reference=GARAGE))
        assert (imported.new, imported.changed, imported.ended) == (0, 1, 0)

    def test_of_one_that_is_over(self, load: Load) -> None:
        load(Night(on=MONDAY).account(BEFORE).account(reference=GARAGE))
        imported = load(Night(on=TUESDAY).account(BEFORE, RENT, ends="23/11/2026").account(reference=GARAGE))
        assert (imported.new, imported.changed, imported.ended) == (0, 0, 1)

    def test_of_one_that_is_gone(self, load: Load) -> None:
        load(Night(on=MONDAY).account(BEFORE).account(reference=GARAGE))
        imported = load(Night(on=TUESDAY).account(BEFORE))
        assert (imported.new, imported.changed, imported.ended) == (0, 0, 1)


class TestRuns:
    """Each leaves its report."""

    def test_one_that_was_loaded(self, db: Session, load: Load) -> None:
        load(Night().account(RENT, ("24/11/2026", "XQZ", 0), stated_pence=RENT[2] + 100))
        run = db.execute(select(RentImportRun)).scalar_one()
        assert (run.source, run.night, run.outcome, run.new) == ("rentsense", TUESDAY, "loaded", 1)
        assert run.complaints == [
            {
                "account": HOME,
                "file": "rent.balances20261124.csv.gz",
                "line": None,
                "column": None,
                "why": "states a balance that its lines don't come to",
            },
            {
                "account": None,
                "file": "rent.transactions20261124.csv.gz",
                "line": None,
                "column": "TransactionCode",
                "why": "holds the code XQZ, which the mapping doesn't know",
            },
        ]

    def test_one_that_was_refused(self, db: Session, load: Load) -> None:
        night = Night().account(RENT)
        night.rows["transactions"][0][5] = "much"
        with pytest.raises(ExtractRefused):
            load(night)
        run = db.execute(select(RentImportRun)).scalar_one()
        assert (run.night, run.outcome, run.accounts, run.lines) == (TUESDAY, "refused", 0, 0)
        [complaint] = run.complaints
        assert (complaint["account"], complaint["line"], complaint["column"]) == (HOME, 2, "TransactionAmount")
        event = db.execute(select(AuditEvent.outcome, AuditEvent.details)).one()
        assert event == ("refused", {"complaints": 1})


def test_another_import_is_waited_for(
    db: Session, engine: Engine, council: Council, clock: SetClock, tmp_path: Path
) -> None:
    folder = Night().account(RENT).write(tmp_path)
    with Session(engine) as other:
        other.execute(text("select pg_advisory_xact_lock(:key)"), {"key": importing._LOCK})
        let_go = threading.Timer(0.5, other.rollback)
        let_go.start()
        assert import_night(db, folder, source="rentsense", council=council, now=clock.now()).new == 1
        let_go.join()


def test_accounts_that_do_not_reconcile_are_counted_and_the_first_are_named(
    load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "MOST_NAMED", 2)
    night = Night()
    for reference in ("1", "2", "3"):
        night.account(RENT, reference=reference, stated_pence=1)
    imported = load(night)
    assert imported.doubtful == 3
    assert [complaint.account for complaint in imported.quarantined] == ["1", "2"]


def test_nights_in_any_order_of_lines_add_up(db: Session, load: Load) -> None:
    """Whatever comes, goes and is corrected: what is held are the night's lines, and older ones that it lacks."""
    chance = seeded("lines that add up")
    held: Counter[Line] = Counter()
    for number in range(25):
        on = date(2026, 11, 1) + timedelta(days=number)
        begins = on - timedelta(days=180)
        inside, older = (
            [line for line in held.elements() if (day_of(line) > begins) is wanted] for wanted in (True, False)
        )
        lines = [line for line in inside if chance.random() < 0.8]
        lines += [
            (f"{on - timedelta(days=chance.randrange(260)):%d/%m/%Y}", chance.choice(CODES), chance.randint(-500, 500))
            for _ in range(chance.randrange(8))
        ]
        lines += chance.sample(lines, min(2, len(lines)))
        chance.shuffle(lines)
        held = Counter(lines) | Counter(older)
        total = sum(pence for _, _, pence in held.elements())

        imported = load(Night(on=on).account(*lines, starts="01/10/2026", stated_pence=total))

        found = db.execute(select(RentLine.posted_on, RentLine.code, RentLine.amount_pence))
        assert Counter((f"{day:%d/%m/%Y}", code, pence) for day, code, pence in found) == held, number
        assert balance(db) == (total, False)
        assert imported.lines == held.total()


def test_accounts_are_not_gone_through_once_for_each_account(db: Session, load: Load) -> None:
    """Whatever the database takes its tables to be like: nobody may have looked at them yet."""
    many = 500
    for on in (MONDAY, TUESDAY):
        night = Night(on=on)
        for number in range(many):
            night.account(BEFORE, reference=f"{number}")
        with rows_read(db) as rows:
            load(night)
        assert rows["merged"] >= many
        assert {table: read for table, read in rows.items() if read > 50 * many} == {}, on


def day_of(line: Line) -> date:
    return datetime.strptime(line[0], "%d/%m/%Y").date()  # noqa: DTZ007 -- a day, no moment
