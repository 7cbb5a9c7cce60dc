"""The demo council's nights of rent: what they hold, how they follow one another, and that the portal can read them."""

import csv
import gzip
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from functools import cache
from itertools import islice, pairwise
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from portal.blueprints.rent.extract.mapping import RENTSENSE, load_mapping
from portal.blueprints.rent.extract.night import open_night
from portal.cli import portal
from portal.cli.demo.extract import write_night
from portal.cli.demo.habits import Habit, HousingBenefit, Monthly
from portal.cli.demo.households import (
    AHEAD_WITH_GARAGE,
    GARAGE,
    LEFT_IN_PEACE,
    OWING,
    PAID_UP,
    Account,
    households,
    reference,
)
from portal.cli.demo.ledger import ODDITY, lines
from portal.cli.demo.scenery import Scenery, scenery_of
from portal.council import load_council
from portal.settings import PROJECT

SINCE = date(2025, 4, 7)
NIGHT = date(2026, 11, 24)
MILLBROOK, DUNMARRA = (
    scenery_of(load_council(PROJECT / "councils" / name / "council.toml")) for name in ("millbrook", "dunmarra")
)
BOTH = pytest.mark.parametrize("scenery", [MILLBROOK, DUNMARRA], ids=["millbrook", "dunmarra"])

sceneries = st.sampled_from([MILLBROOK, DUNMARRA])
seeds = st.integers(0, 10**6)
nights = st.dates(SINCE, date(2028, 12, 31))

HEADINGS = {
    "accounts": b"\xef\xbb\xbfAccountReference,TenureType,TenureTypeCode,TenancyStartDate,TenancyEndDate,"
    b"LocalAuthority,HousingOfficerName,Patch,AccountReferenceUH,BreathingSpace,BreathingSpaceEndDate,import_date\r\n",
    "balances": b"\xef\xbb\xbfAccountReference,CurrentBalance,BalanceDate,tenancy_ref,import_date\r\n",
    "transactions": b"\xef\xbb\xbfAccountReference,TransactionID,TransactionDate,TransactionPostDate,TransactionCode,"
    b"TransactionAmount,TransactionDescription,tenancy_ref,import_date\r\n",
    "tenants": b"AccountReference,Title,TenantFirstName,TenantSurName,DateOfBirth,MobileNumber,TelephoneNumber,"
    b"Address1,Address2,Address3,PostCode,Email,PropertyType\r\n",
    "arrangements": b"\xef\xbb\xbfAccountReference,AgreementStartDate,AgreementEndDate,AgreementFrequency,"
    b"AgreementCode,FirstInstallmentDueDate,AgreementCreatedDate,AgreementAmount\r\n",
}
"""As the files of the layout begin, byte for byte."""


class Night:
    """The files of one night, read without the portal's own reader."""

    def __init__(self, folder: Path, night: date) -> None:
        self._folder, self._night = folder, night

    def raw(self, entity: str) -> bytes:
        return gzip.decompress((self._folder / f"rent.{entity}{self._night:%Y%m%d}.csv.gz").read_bytes())

    @cache  # noqa: B019 -- a test's own, and short-lived
    def rows(self, entity: str) -> list[dict[str, str]]:
        text = self.raw(entity).decode("cp1252" if entity == "tenants" else "utf-8-sig")
        return list(csv.DictReader(text.splitlines()))

    def account(self, entity: str, reference: str) -> list[dict[str, str]]:
        return [row for row in self.rows(entity) if row["AccountReference"].strip() == reference]

    def balances(self) -> dict[str, int]:
        return {row["AccountReference"]: pence(row["CurrentBalance"]) for row in self.rows("balances")}


Write = Callable[..., Night]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a night into a folder of its own and returns it."""

    def write(
        scenery: Scenery = MILLBROOK, *, wanted: int = 40, seed: int = 1, since: date = SINCE, night: date = NIGHT
    ) -> Night:
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        folder.mkdir()
        write_night(folder, scenery, wanted=wanted, seed=seed, since=since, night=night)
        return Night(folder, night)

    return write


@pytest.fixture(scope="module")
def towns(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Night]:
    """One large night of each council."""
    nights = {}
    for name, scenery in {"millbrook": MILLBROOK, "dunmarra": DUNMARRA}.items():
        folder = tmp_path_factory.mktemp(name)
        write_night(folder, scenery, wanted=300, seed=1, since=SINCE, night=NIGHT)
        nights[name] = Night(folder, NIGHT)
    return nights


@pytest.fixture(params=["millbrook", "dunmarra"])
def town(request: pytest.FixtureRequest, towns: dict[str, Night]) -> Night:
    return towns[request.param]


@pytest.fixture
def millbrook(towns: dict[str, Night]) -> Night:
    return towns["millbrook"]


def pence(text: str) -> int:
    return round(float(text.replace(",", "")) * 100)


def line_of(row: dict[str, str]) -> tuple[str, ...]:
    """Return what a transaction says, without the number that it has on its night."""
    return tuple(
        row[column] for column in ("AccountReference", "TransactionPostDate", "TransactionCode", "TransactionAmount")
    )


def balance(scenery: Scenery, household: int, night: date, *, account: int = 0) -> int:
    home = next(islice(households(scenery, seed=1, since=SINCE), household, None)).accounts[account]
    return sum(line.pence for line in lines(home, scenery, since=SINCE, night=night))


def test_the_same_call_writes_the_same_bytes(write: Write) -> None:
    one, again = write(), write()
    for entity in HEADINGS:
        assert one.raw(entity) == again.raw(entity)


def test_another_seed_gives_other_households(write: Write) -> None:
    assert write(seed=1).raw("tenants") != write(seed=2).raw("tenants")


def test_a_household_is_the_same_however_many_there_are(write: Write) -> None:
    few, many = write(wanted=5), write(wanted=20)
    assert many.raw("tenants").startswith(few.raw("tenants"))


@given(scenery=sceneries, seed=seeds, number=st.integers(0, 60), one=nights, other=nights)
def test_a_later_night_has_the_lines_of_an_earlier_one_and_no_others_of_its_days(
    scenery: Scenery, seed: int, number: int, one: date, other: date
) -> None:
    earlier, later = sorted((one, other))
    for account in next(islice(households(scenery, seed=seed, since=SINCE), number, None)).accounts:
        before = Counter(lines(account, scenery, since=SINCE, night=earlier))
        after = lines(account, scenery, since=SINCE, night=later)
        assert before == Counter(line for line in after if line.on <= earlier)


def test_files_of_the_next_night_have_one_day_of_lines_more(write: Write) -> None:
    sunday, monday = write(night=date(2026, 11, 22)), write(night=date(2026, 11, 23))
    before, after = (Counter(map(line_of, night.rows("transactions"))) for night in (sunday, monday))
    assert before < after
    assert {line[1] for line in after - before} == {"23/11/2026"}
    assert sunday.raw("tenants") == monday.raw("tenants")


def test_a_line_has_another_number_on_another_night(write: Write) -> None:
    sunday, monday = write(night=date(2026, 11, 22)), write(night=date(2026, 11, 23))
    numbers = [night.rows("transactions")[0]["TransactionID"] for night in (sunday, monday)]
    assert numbers[0] != numbers[1]


@BOTH
@pytest.mark.parametrize("seed", range(3))
def test_balances_are_what_the_lines_come_to(write: Write, scenery: Scenery, seed: int) -> None:
    night = write(scenery, seed=seed, wanted=60)
    sums: Counter[str] = Counter()
    for row in night.rows("transactions"):
        sums[row["AccountReference"]] += pence(row["TransactionAmount"])
    assert night.balances() == {account: sums[account] for account in night.balances()}


@BOTH
def test_headings_encodings_and_line_ends_are_those_of_the_layout(write: Write, scenery: Scenery) -> None:
    night = write(scenery)
    for entity, heading in HEADINGS.items():
        raw = night.raw(entity)
        assert raw.startswith(heading), entity
        assert raw.endswith(b"\r\n")
        assert raw.count(b"\n") == raw.count(b"\r\n")


def test_values_are_written_as_the_housing_system_does(millbrook: Night) -> None:
    night = millbrook
    assert all(len(row["AccountReference"]) == 12 for entity in HEADINGS for row in night.rows(entity))
    assert b',"1,' in night.raw("balances")
    assert {row["Title"] for row in night.rows("tenants")} >= {".", "Mx", "Dr"}
    assert "Ren\xe9e".encode("cp1252") in night.raw("tenants")
    assert any("?" in row["TenantSurName"] for row in night.rows("tenants")), "letters that Windows-1252 lacks"
    assert {row["BalanceDate"] for row in night.rows("balances")} == {"24/11/2026"}


def test_nobody_can_be_reached(town: Night) -> None:
    for row in town.rows("tenants"):
        assert row["Email"] == "" or row["Email"].endswith("@example.org")
        assert row["PostCode"].startswith("ZZ")
        assert row["MobileNumber"] == "" or row["MobileNumber"].startswith("07700 900")
        assert row["TelephoneNumber"] == ""


@BOTH
def test_the_portals_own_reader_has_nothing_to_complain_of(tmp_path: Path, scenery: Scenery) -> None:
    written = write_night(tmp_path, scenery, wanted=40, seed=1, since=SINCE, night=NIGHT)
    night = open_night(tmp_path, load_mapping(RENTSENSE))
    read = {entity: len(list(night.records(entity))) for entity in night.entities}
    assert read["transactions"] == written.lines
    assert read["accounts"] == read["balances"] == written.accounts
    assert read["tenants"] and read["arrangements"]
    assert night.complaints == []


def test_an_irish_council_has_no_benefits_and_rents_that_follow_incomes(towns: dict[str, Night]) -> None:
    night = towns["dunmarra"]
    codes = {row["TransactionCode"] for row in night.rows("transactions")}
    assert codes.isdisjoint({"RHB", "RHA", "RUC", "RDP"})
    assert {row["TransactionDescription"] for row in night.rows("transactions") if row["TransactionCode"] == "DBR"} == {
        "Differential Rent"
    }
    assert {row["BreathingSpace"] for row in night.rows("accounts")} == {"FALSE"}


def test_every_code_of_an_english_council_occurs(millbrook: Night) -> None:
    codes = {row["TransactionCode"] for row in millbrook.rows("transactions")}
    charges, payments = {"DBR", "DSC", "DGA"}, {"RSO", "RPY", "RCP", "RDD", "RDN", "RHB", "RUC"}
    assert codes == charges | payments | {"ROB", ODDITY}


def test_accounts_stand_in_every_way(town: Night) -> None:
    accounts, balances = town.rows("accounts"), town.balances()
    weekly = Counter[str]()
    for row in town.rows("transactions"):
        if row["TransactionPostDate"] == "23/11/2026" and row["TransactionCode"].startswith("D"):
            weekly[row["AccountReference"]] += pence(row["TransactionAmount"])
    present = [row["AccountReference"] for row in accounts if not row["TenancyEndDate"]]
    ended = [row["AccountReference"] for row in accounts if row["TenancyEndDate"]]
    holders = Counter(row["AccountReference"] for row in town.rows("tenants"))

    assert sum(balances[one] < 0 for one in present) > 30
    assert sum(balances[one] == 0 for one in present) > 20
    assert sum(balances[one] == weekly[one] > 0 for one in present) > 10
    assert sum(weekly[one] < balances[one] < 5 * weekly[one] for one in present) > 20
    assert any(balances[one] > 0 for one in ended)
    assert {row["TenureTypeCode"] for row in accounts} == {"SEC", "FRG"}
    assert max(holders.values()) > 1
    assert {row["AgreementCode"] for row in town.rows("arrangements")} == {"C", "N"}


def test_a_rent_free_week_costs_nothing_and_is_written(write: Write) -> None:
    night = write(night=date(2026, 4, 1))
    free = [
        row for row in night.account("transactions", reference(OWING)) if row["TransactionPostDate"] == "30/03/2026"
    ]
    assert [(row["TransactionCode"], row["TransactionAmount"]) for row in free if row["TransactionCode"] == "DBR"] == [
        ("DBR", "0.00")
    ]


def test_two_equal_lines_of_one_day_occur(millbrook: Night) -> None:
    times = Counter(map(line_of, millbrook.rows("transactions"))).values()
    assert max(times) == 2


@given(scenery=sceneries, night=nights)
def test_known_households_stand_the_same_on_every_night(scenery: Scenery, night: date) -> None:
    week = [
        line.pence
        for line in lines(next(households(scenery, seed=1, since=SINCE)).accounts[0], scenery, since=SINCE, night=night)
        if line.on > night - timedelta(days=7) and line.code.startswith("D")
    ]
    assert balance(scenery, OWING, night) == sum(week) + 28_10
    assert balance(scenery, AHEAD_WITH_GARAGE, night) < 0
    assert balance(scenery, AHEAD_WITH_GARAGE, night, account=1) < 0
    assert balance(scenery, LEFT_IN_PEACE, night) > 0
    assert balance(scenery, PAID_UP, night) == 0


@pytest.mark.parametrize("days", [0, 59, 60, 700])
def test_a_breathing_space_ends_after_the_night(write: Write, days: int) -> None:
    night = SINCE + timedelta(days=days)
    [row] = write(wanted=3, night=night).account("accounts", reference(LEFT_IN_PEACE))
    day, month, year = map(int, row["BreathingSpaceEndDate"].split("/"))
    assert row["BreathingSpace"] == "TRUE"
    assert timedelta(0) < date(year, month, day) - night <= timedelta(days=60)


@BOTH
def test_nobodys_balance_runs_away_over_the_years(scenery: Scenery) -> None:
    night = date(2031, 11, 24)
    for household in islice(households(scenery, seed=1, since=SINCE), 100):
        for account in household.accounts:
            week = sum(pence for _, pence in account.charges)
            final = sum(line.pence for line in lines(account, scenery, since=SINCE, night=night))
            assert -10 * week < final < 40 * week, account


def first_home(habit: Callable[[Habit], bool]) -> Account:
    """Return the first home of Millbrook that is paid like this."""
    homes = (household.accounts[0] for household in households(MILLBROOK, seed=1, since=SINCE))
    return next(home for home in homes if habit(home.habit))


@pytest.mark.parametrize("phase", range(4))
def test_housing_benefit_for_all_of_the_rent_leaves_nothing_owed_but_the_week(phase: int) -> None:
    account = first_home(lambda habit: habit == HousingBenefit(share=1, phase=phase))
    paid = [line for line in lines(account, MILLBROOK, since=SINCE, night=NIGHT) if line.code == "RHB"]
    assert {(later.on - earlier.on).days for earlier, later in pairwise(paid)} == {28}
    for line in paid:
        until = list(lines(account, MILLBROOK, since=SINCE, night=line.on))
        charged = [one.pence for one in until if one.on == line.on and one.code.startswith("D")]
        oddities = sum(one.pence for one in until if one.code == ODDITY)
        assert sum(one.pence for one in until) == sum(charged) + oddities


def test_a_joint_tenancy_has_a_garage(write: Write) -> None:
    night = write(wanted=4)
    assert len(night.account("tenants", reference(AHEAD_WITH_GARAGE))) == 2
    [garage] = night.account("accounts", reference(AHEAD_WITH_GARAGE, GARAGE))
    assert garage["TenureTypeCode"] == "FRG"


def test_what_comes_monthly_is_a_years_rent_in_a_year() -> None:
    account = first_home(lambda habit: isinstance(habit, Monthly) and habit.code == "RUC")
    year = [one for one in lines(account, MILLBROOK, since=SINCE, night=date(2026, 4, 5)) if one.code != "ROB"]
    charged = sum(one.pence for one in year if one.code.startswith("D"))
    paid = [one.pence for one in year if one.code == "RUC"]
    assert len(paid) == 12
    assert abs(charged + sum(paid)) < 12


def test_an_account_is_not_there_before_its_tenancy_begins(write: Write, millbrook: Night) -> None:
    starts = {row["AccountReference"]: row["TenancyStartDate"] for row in millbrook.rows("accounts")}
    begun_later = {account for account, day in starts.items() if day.endswith("/2026")}
    assert begun_later
    assert begun_later.isdisjoint(write(wanted=300, night=date(2025, 12, 31)).balances())


def generate(*words: str) -> tuple[int, str]:
    result = CliRunner(env={"PORTAL_PROFILE": "test"}).invoke(portal, ["demo", "generate", *words], prog_name="portal")
    assert "Traceback" not in result.output
    return result.exit_code, result.output


def test_the_command_says_what_it_wrote(tmp_path: Path) -> None:
    folder = tmp_path / "a new folder"
    status, said = generate("--households", "3", "--night", "2026-11-24", str(folder))
    assert status == 0
    assert len(list(folder.iterdir())) == len(HEADINGS)
    count = len(Night(folder, NIGHT).rows("transactions"))
    assert said == f"{folder}: 4 accounts, {count} lines\n"


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--households", "3", "--night", "2026-13-01"), "is not a day such as 2026-11-24"),
        (("--households", "3", "--night", "2025-01-01"), "is before 2025-04-07, where lines begin"),
        (("--households", "0", "--night", "2026-11-24"), "0"),
        (("--households", "3"), "--night"),
    ],
)
def test_a_wrong_call_is_said_in_a_line(tmp_path: Path, words: tuple[str, ...], why: str) -> None:
    status, said = generate(*words, str(tmp_path))
    assert status == 2
    assert why in said
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    status, said = generate("--households", "3", "--night", "2026-11-24", str(tmp_path / "file" / "folder"))
    assert (status, "can't be written: Not a directory" in said) == (1, True)
