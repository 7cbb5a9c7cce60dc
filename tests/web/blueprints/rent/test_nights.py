"""All three nights of both layouts, one after the other, give what is expected of them."""

from collections.abc import Callable
from datetime import date
from functools import partial

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from portal.blueprints.rent.actions.importing import Imported, import_night
from portal.blueprints.rent.extract.mapping import BUILT_IN
from portal.blueprints.rent.models import RentAccount, RentArrangement, RentLine, RentTenant
from portal.clock import SetClock
from portal.council import Council
from tests.support import first_nights
from tests.support.nights import Nights, unpack

Bring = Callable[[str], Imported]


@pytest.fixture(scope="session", params=BUILT_IN)
def nights(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Nights:
    return unpack(request.param, tmp_path_factory.mktemp("nights"))


@pytest.fixture
def bring(db: Session, nights: Nights, council: Council, clock: SetClock, owner_engine: Engine) -> Bring:
    """Import one night; a first one that an earlier test imported is brought back."""

    def bring(day: str) -> Imported:
        source, now = nights.source, clock.now()
        import_ = partial(import_night, db, nights.folder / day, source=source, council=council, now=now)
        return first_nights.load(db, owner_engine, (source, day, now), import_)

    return bring


def accounts(db: Session) -> dict[str, RentAccount]:
    db.expire_all()
    found = {account.reference: account for account in db.scalars(select(RentAccount))}
    db.rollback()
    return found


def count(db: Session, table: type[RentLine | RentTenant], reference: str) -> int:
    of_account = select(func.count()).select_from(table).join(RentAccount, RentAccount.id == table.account_id)
    return db.execute(of_account.where(RentAccount.reference == reference)).scalar_one()


def test_each_night_gives_what_is_expected(db: Session, nights: Nights, bring: Bring) -> None:
    assert len(nights.dates) == 3
    for day in nights.dates:
        imported = bring(day)
        expected = nights.expected[day]
        found = {name: getattr(imported, name) for name in ("accounts", "lines", "tenants", "total_pence")}
        found["balances"] = {reference: one.balance_pence for reference, one in accounts(db).items()}
        assert found == expected, day
        assert (imported.source, imported.night) == (nights.source, date.fromisoformat(day))


def test_each_night_tells_what_came_and_went(nights: Nights, bring: Bring) -> None:
    first, second, third = map(bring, nights.dates)
    assert (first.new, first.changed, first.ended) == (nights.expected[nights.dates[0]]["accounts"], 0, 0)
    assert (second.new, second.ended) == (1, 1)
    assert second.changed > 0
    assert (third.new, third.ended) == (0, 0)
    assert 0 < third.changed < third.accounts


def test_a_night_again_changes_nothing(nights: Nights, bring: Bring) -> None:
    for day in nights.dates:
        bring(day)
        again = bring(day)
        assert (again.new, again.changed, again.ended) == (0, 0, 0), day


def test_the_accounts_that_are_named_show_what_they_are_there_for(db: Session, nights: Nights, bring: Bring) -> None:
    notes = nights.expected["notes"]
    first, second, third = nights.dates
    bring(first)
    assert accounts(db)[notes["ended"]].ends_on is None
    before = {name: count(db, RentTenant, notes[name]) for name in ("tenant_gone", "tenant_gone_third_night")}
    lines = count(db, RentLine, notes["corrected"])

    imported = bring(second)
    after = accounts(db)
    assert after[notes["ended"]].ends_on == date.fromisoformat(second)
    assert [complaint.account for complaint in imported.quarantined] == [notes["wrong_balance"]]
    doubtful = after[notes["wrong_balance"]]
    assert doubtful.is_doubtful and abs(doubtful.stated_pence - doubtful.balance_pence) == 100
    assert count(db, RentTenant, notes["tenant_gone"]) == before["tenant_gone"] - 1
    assert count(db, RentLine, notes["corrected"]) >= lines

    imported = bring(third)
    assert imported.quarantined == ()
    assert count(db, RentTenant, notes["tenant_gone_third_night"]) == before["tenant_gone_third_night"] - 1


def test_what_the_mapping_does_not_know_is_reported_and_kept(db: Session, nights: Nights, bring: Bring) -> None:
    imported = bring(nights.dates[0])
    [unknown] = imported.unknown
    assert "XQZ, which the mapping doesn't know" in unknown.why
    found = db.execute(select(RentLine.kind, RentLine.label).where(RentLine.code.endswith("XQZ")).distinct())
    assert found.all() == [("adjustment" if nights.source == "nec" else "other", None)]


def test_kinds_and_labels_are_those_of_the_codes(db: Session, nights: Nights, bring: Bring) -> None:
    bring(nights.dates[0])
    found = {(kind, label) for kind, label in db.execute(select(RentLine.kind, RentLine.label).distinct())}
    assert found >= {
        ("charge", "rent"),
        ("charge", "service"),
        ("charge", "garage"),
        ("charge", "court-costs"),
        ("benefit", "housing-benefit"),
        ("universal-credit", "universal-credit"),
        ("payment", "direct-debit-unpaid"),
        ("opening", "opening-balance"),
    }
    kinds = set(db.scalars(select(RentAccount.kind).distinct()))
    assert kinds == {"home", "garage"}


def test_arrangements_are_there_where_the_layout_has_them(db: Session, nights: Nights, bring: Bring) -> None:
    bring(nights.dates[0])
    counts = select(RentArrangement.frequency, RentArrangement.by_court, func.count()).group_by(
        RentArrangement.frequency, RentArrangement.by_court
    )
    found = {(frequency, by_court): number for frequency, by_court, number in db.execute(counts)}
    of_rentsense = {
        ("weekly", False): 5,
        ("weekly", True): 3,
        ("fortnightly", False): 5,
        ("fortnightly", True): 6,
        ("four-weekly", False): 11,
        ("four-weekly", True): 2,
        ("monthly", False): 10,
    }
    assert found == (of_rentsense if nights.source == "rentsense" else {})


def test_letters_are_those_of_the_names(db: Session, nights: Nights, bring: Bring) -> None:
    bring(nights.dates[0])
    names = "".join(db.scalars(select(RentTenant.first_name + RentTenant.last_name)))
    assert "é" in names and "Ã" not in names
