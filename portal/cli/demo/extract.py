"""One night of the demo council's housing system, in the layout that it sends to its arrears system.

Source: LBHackney-IT/Data-Platform, scripts/jobs/housing/rentsense_to_refined.py; ``DateOfBirth`` is an addition.
"""

import csv
import gzip
import io
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Protocol

from portal.cli.demo.chance import seeded
from portal.cli.demo.habits import Arrangement
from portal.cli.demo.households import Account, Household, households
from portal.cli.demo.ledger import ODDITY, lines
from portal.cli.demo.scenery import Scenery

HEADINGS: dict[str, tuple[str, ...]] = {
    "accounts": (
        "AccountReference", "TenureType", "TenureTypeCode", "TenancyStartDate", "TenancyEndDate", "LocalAuthority",
        "HousingOfficerName", "Patch", "AccountReferenceUH", "BreathingSpace", "BreathingSpaceEndDate", "import_date",
    ),
    "balances": ("AccountReference", "CurrentBalance", "BalanceDate", "tenancy_ref", "import_date"),
    "transactions": (
        "AccountReference", "TransactionID", "TransactionDate", "TransactionPostDate", "TransactionCode",
        "TransactionAmount", "TransactionDescription", "tenancy_ref", "import_date",
    ),
    "tenants": (
        "AccountReference", "Title", "TenantFirstName", "TenantSurName", "DateOfBirth", "MobileNumber",
        "TelephoneNumber", "Address1", "Address2", "Address3", "PostCode", "Email", "PropertyType",
    ),
    "arrangements": (
        "AccountReference", "AgreementStartDate", "AgreementEndDate", "AgreementFrequency", "AgreementCode",
        "FirstInstallmentDueDate", "AgreementCreatedDate", "AgreementAmount",
    ),
}  # fmt: skip
KEY_WIDTH = 12
BLANK = "."
_OFFICER = "Officer, Duty"
_MORATORIUM = timedelta(days=60)
"""How long a breathing space lasts (The Debt Respite Scheme Regulations 2020, regulation 26); another one follows."""

_DESCRIPTIONS = {
    "DBR": "Basic Rent (No VAT)",
    "DSC": "Service Charges",
    "DHE": "Heating",
    "DGA": "Garage (Attached)",
    "RSO": "Standing Order",
    "RPY": "PayPoint/Post Office",
    "RCP": "Debit / Credit Card",
    "RDD": "Direct Debit",
    "RDN": "Direct Debit Unpaid",
    "RHB": "Housing Benefit",
    "RUC": "Universal Credit Rec",
    "ROB": "Opening Balance",
    ODDITY: "Migrated adj.",
}
_IRISH_DESCRIPTIONS = _DESCRIPTIONS | {"DBR": "Differential Rent", "RPY": "Post Office"}


class Table(Protocol):
    """Where lines of one file go."""

    def writerow(self, row: Sequence[str], /) -> object: ...


@dataclass(frozen=True, slots=True)
class Written:
    """How much a night holds."""

    accounts: int
    lines: int


def write_night(folder: Path, scenery: Scenery, *, wanted: int, seed: int, since: date, night: date) -> Written:
    """Write the files of ``night`` into ``folder``, household by household.

    wanted: how many households. since: where their lines begin. Whatever differs between two nights follows from the
    days between them: households, accounts and lines are the same otherwise.
    """
    writer = _Writer(scenery, since, night, first_id=seeded(seed, night).randrange(1, 10**6))
    with ExitStack() as stack:
        tables = {entity: stack.enter_context(_table(folder, entity, night)) for entity in HEADINGS}
        for household in islice(households(scenery, seed=seed, since=since), wanted):
            writer.write(household, tables)
    return Written(writer.accounts, writer.lines)


@contextmanager
def _table(folder: Path, entity: str, night: date) -> Iterator[Table]:
    encoding = "cp1252" if entity == "tenants" else "utf-8-sig"
    path = folder / f"rent.{entity}{night:%Y%m%d}.csv.gz"
    with (
        path.open("wb") as file,
        gzip.GzipFile(filename="", fileobj=file, mode="wb", compresslevel=1, mtime=0) as zipped,
        io.TextIOWrapper(io.BufferedWriter(zipped), encoding=encoding, errors="replace", newline="") as text,
    ):
        table = csv.writer(text, lineterminator="\r\n")
        table.writerow(HEADINGS[entity])
        yield table


class _Writer:
    """Writes households into the tables of one night. first_id: of its lines; the next night has other ones."""

    def __init__(self, scenery: Scenery, since: date, night: date, *, first_id: int) -> None:
        self._scenery, self._since, self._night = scenery, since, night
        self._today = _day(night)
        self._descriptions = _IRISH_DESCRIPTIONS if scenery.is_irish else _DESCRIPTIONS
        self._first_id = first_id
        self.accounts = 0
        self.lines = 0

    def write(self, household: Household, tables: dict[str, Table]) -> None:
        for account in household.accounts:
            if account.starts_on > self._night:
                continue
            key = account.reference.ljust(KEY_WIDTH)
            balance = self._write_lines(account, key, tables["transactions"])
            tables["balances"].writerow((key, _money(balance), self._today, account.tenancy, self._today))
            tables["accounts"].writerow((key, *self._of_account(account)))
            for row in self._of_tenants(household, account):
                tables["tenants"].writerow((key, *row))
            for row in self._of_arrangement(account):
                tables["arrangements"].writerow((key, *row))
            self.accounts += 1

    def _write_lines(self, account: Account, key: str, table: Table) -> int:
        """Write an account's lines and return what they come to."""
        balance = 0
        for on, code, pence in lines(account, self._scenery, since=self._since, night=self._night):
            balance += pence
            day, number = _day(on), str(self._first_id + self.lines)
            table.writerow(
                (key, number, day, day, code, _money(pence), self._descriptions[code], account.tenancy, self._today)
            )
            self.lines += 1
        return balance

    def _of_account(self, account: Account) -> tuple[str, ...]:
        has_ended = account.ends_on is not None and account.ends_on <= self._night
        return (
            *(("Garage", "FRG") if account.is_garage else ("Secure", "SEC")),
            _day(account.starts_on),
            _day(account.ends_on) if account.ends_on and has_ended else "",
            self._scenery.authority,
            _OFFICER,
            "E1",
            account.tenancy,
            *(("TRUE", _day(self._end_of_moratorium())) if account.left_in_peace else ("FALSE", "")),
            self._today,
        )

    def _end_of_moratorium(self) -> date:
        return self._since + ((self._night - self._since) // _MORATORIUM + 1) * _MORATORIUM

    def _of_tenants(self, household: Household, account: Account) -> Iterable[tuple[str, ...]]:
        for tenant in household.tenants:
            yield (
                tenant.title or BLANK,
                tenant.first_name,
                tenant.last_name,
                _day(tenant.born_on),
                tenant.mobile,
                "",
                *household.address,
                tenant.email,
                "Garage" if account.is_garage else household.home,
            )

    def _of_arrangement(self, account: Account) -> Iterable[tuple[str, ...]]:
        """Yield the row of an agreement that has begun."""
        habit = account.habit
        if not isinstance(habit, Arrangement):
            return
        agreed_on = self._since + timedelta(weeks=habit.from_week)
        if agreed_on <= self._night:
            first_due = _day(agreed_on + timedelta(weeks=1))
            code = "C" if habit.by_court else "N"
            yield _day(agreed_on), "", "Weekly", code, first_due, _day(agreed_on), _money(habit.instalment)


@lru_cache(4096)
def _day(day: date) -> str:
    return f"{day:%d/%m/%Y}"


@lru_cache(4096)
def _money(pence: int) -> str:
    return f"{pence / 100:,.2f}"
