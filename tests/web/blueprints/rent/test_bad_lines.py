"""Lines of an extract that are bad, and nights that are much smaller than the one before."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.blueprints.rent.extract.records import ExtractRefused
from portal.blueprints.rent.models import RentAccount, RentArrangement, RentLine, RentTenant
from tests.factories.rent import BEFORE, GARAGE, HOME, JOHN, MARY, RENT, Line, Night
from tests.web.blueprints.rent.conftest import Load

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


class TestBadLinesThatAreAllowed:
    """They are left out and reported; what one may have been about stays as it was."""

    @pytest.fixture(autouse=True)
    def monday(self, load: Load) -> None:
        load(Night(on=MONDAY).account(BEFORE, PAID, tenants=(MARY, JOHN)).account(reference=GARAGE))

    def tuesday(self) -> Night:
        return Night(on=TUESDAY).account(BEFORE, PAID, RENT, tenants=(MARY, JOHN)).account(reference=GARAGE)

    def spoilt(self, name: str, row: int, column: int, value: str = "?") -> Night:
        night = self.tuesday()
        night.rows[name][row][column] = value
        return night

    @pytest.mark.parametrize(
        ("name", "column"), [("accounts", 3), ("balances", 1), ("tenants", 4), ("transactions", 5)]
    )
    def test_one_is_refused_unless_one_is_allowed(self, db: Session, load: Load, name: str, column: int) -> None:
        before = everything(db)
        with pytest.raises(ExtractRefused):
            load(self.spoilt(name, 0, column))
        assert everything(db) == before
        bad, *_ = load(self.spoilt(name, 0, column), quarantine=1).quarantined
        assert (bad.account, bad.line, bad.file) == (HOME, 2, f"rent.{name}20261124.csv.gz")

    def test_more_than_are_allowed_are_refused(self, load: Load) -> None:
        night = self.spoilt("transactions", 0, 5)
        night.rows["transactions"][1][5] = "?"
        with pytest.raises(ExtractRefused) as refused:
            load(night, quarantine=1)
        assert len(refused.value.complaints) == 2

    @pytest.mark.parametrize(("name", "column"), [("accounts", 3), ("balances", 1)])
    def test_an_account_whose_own_line_is_bad_stays_as_it_was(
        self, db: Session, load: Load, name: str, column: int
    ) -> None:
        held = self.account(db)
        imported = load(self.spoilt(name, 0, column), quarantine=1)
        assert self.account(db) == {**held, "told_on": MONDAY}
        assert (imported.ended, imported.lines, imported.doubtful) == (0, 2, 0)

    def test_an_account_keeps_the_night_that_told_of_it_last_until_one_tells_of_it_again(
        self, db: Session, load: Load
    ) -> None:
        told = []
        for on in (TUESDAY, TUESDAY + timedelta(days=1)):
            night = Night(on=on).account(BEFORE, PAID, RENT, tenants=(MARY, JOHN)).account(reference=GARAGE)
            night.rows["balances"][0][1] = "?"
            for _again in range(2):
                load(night, quarantine=1)
                told.append(self.told_on(db))
        back = load(Night(on=on).account(BEFORE, PAID, tenants=(MARY, JOHN)).account(reference=GARAGE))
        assert [*told, self.told_on(db)] == [{HOME: MONDAY, GARAGE: None}] * 4 + [{HOME: None, GARAGE: None}]
        assert (back.new, back.changed, back.ended) == (0, 0, 0)

    def told_on(self, db: Session) -> dict[str, date | None]:
        found = db.execute(select(RentAccount.reference, RentAccount.told_on)).all()
        db.rollback()
        return {row.reference: row.told_on for row in found}

    def test_nobody_goes_while_it_is_not_known_whose_line_was_bad(self, load: Load) -> None:
        night = self.spoilt("accounts", 0, 0, "")
        for name in ("balances", "tenants", "transactions"):
            night.rows[name] = [row for row in night.rows[name] if HOME not in row[0]]
        assert load(night, quarantine=1).ended == 0

    @pytest.mark.parametrize("reference", [HOME, ""])
    def test_no_tenant_goes_because_of_a_bad_line(self, load: Load, reference: str) -> None:
        night = self.spoilt("tenants", 0, 4)
        night.rows["tenants"][0][0] = reference
        assert load(night, quarantine=1).tenants == 3

    def test_a_tenant_of_another_account_goes_all_the_same(self, load: Load) -> None:
        night = self.spoilt("tenants", 2, 4)
        night.rows["tenants"].pop(0)
        imported = load(night, quarantine=1)
        assert imported.tenants == 2

    @pytest.mark.parametrize("reference", [HOME, ""])
    def test_no_line_goes_because_of_a_bad_one(self, db: Session, load: Load, reference: str) -> None:
        night = self.spoilt("transactions", 1, 5)
        night.rows["transactions"][1][0] = reference
        assert load(night, quarantine=1).lines == 3
        assert balance(db) == (BEFORE[2] + PAID[2] + RENT[2], False)

    def test_a_line_that_is_left_out_makes_its_account_doubtful(self, db: Session, load: Load) -> None:
        imported = load(self.spoilt("transactions", 2, 5), quarantine=1)
        assert [(one.account, one.line) for one in imported.quarantined] == [(HOME, 4), (HOME, None)]
        assert balance(db) == (BEFORE[2] + PAID[2], True)

    def test_an_arrangement_that_can_not_be_read_leaves_the_one_there_was(self, db: Session, load: Load) -> None:
        night = Night(on=TUESDAY).account(BEFORE, PAID, arrangement=("02/11/2026", "Weekly", "N", 500))
        load(night.account(reference=GARAGE))
        night.rows["arrangements"][0][3] = "Now and then"
        load(night, quarantine=1)
        assert db.execute(select(RentArrangement.amount_pence)).scalars().all() == [500]

    @pytest.mark.parametrize("name", ["tenants", "transactions"])
    def test_a_line_of_no_account_is_a_bad_one(self, load: Load, name: str) -> None:
        night = self.tuesday()
        night.rows[name].append(["4711", *night.rows[name][0][1:]])
        with pytest.raises(ExtractRefused, match="AccountReference: is no account"):
            load(night)
        [bad] = load(night, quarantine=1).quarantined
        assert (bad.account, bad.why) == ("4711", "is no account")

    def account(self, db: Session) -> Any:
        found = db.execute(select(RentAccount.__table__).where(RentAccount.reference == HOME)).one()
        db.rollback()
        return found._asdict()


class TestANightThatIsMuchSmaller:
    """A file that was cut off at the end of a line can't be told from a whole one, but for its size."""

    FIRST, NEXT = range(7204011000, 7204011060), range(7204011000, 7204011025)

    def night(self, on: date, references: range, *lines: Line, tenants: int = 60) -> Night:
        night = Night(on=on)
        for number, reference in enumerate(references):
            night.account(*lines, reference=str(reference), tenants=(MARY,) if number < tenants else ())
        return night

    def test_lacks_accounts(self, load: Load) -> None:
        load(self.night(MONDAY, self.FIRST))
        with pytest.raises(ExtractRefused, match=r"accounts20261124.csv.gz: has 25 lines, but 60 are held"):
            load(self.night(TUESDAY, self.NEXT))

    def test_lacks_tenants(self, db: Session, load: Load) -> None:
        load(self.night(MONDAY, self.FIRST))
        before = everything(db)
        with pytest.raises(ExtractRefused, match=r"tenants20261124.csv.gz: has 10 lines, but 60 are held"):
            load(self.night(TUESDAY, self.FIRST, tenants=10))
        assert everything(db) == before

    def test_lacks_lines(self, load: Load) -> None:
        load(self.night(MONDAY, self.FIRST, BEFORE))
        with pytest.raises(ExtractRefused, match=r"transactions20261124.csv.gz: has 0 lines, but 60 are held"):
            load(self.night(TUESDAY, self.FIRST))

    def test_is_loaded_if_that_is_asked_for(self, load: Load) -> None:
        load(self.night(MONDAY, self.FIRST))
        assert load(self.night(TUESDAY, self.NEXT), may_shrink=True).accounts == 25

    def test_may_lack_old_lines(self, load: Load) -> None:
        load(self.night(MONDAY, self.FIRST, OLD))
        assert load(self.night(TUESDAY, self.FIRST)).lines == 60
