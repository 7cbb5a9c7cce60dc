"""The layout that a council's housing system writes each night for its arrears system (Hackney to Mobysoft RentSense).

One file for each entity, ``rent.<entity>YYYYMMDD.csv.gz``, each line with the account's payment reference. A positive
amount is owed. Transactions are those of the last 180 days; older lines may be there and are taken, but a line that is
missing was taken back only inside those days. ``TransactionID`` isn't stable from night to night, so it isn't read.
Source: LBHackney-IT/Data-Platform, scripts/jobs/housing/rentsense_to_refined.py.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final

from portal.blueprints.rent.extract import fields
from portal.blueprints.rent.extract.records import (
    AccountRecord,
    BalanceRecord,
    Complaint,
    ExtractRefused,
    LineRecord,
    TenantRecord,
)
from portal.blueprints.rent.extract.table import BadValue, Row, records

NAME: Final = "rentsense"
WINDOW = timedelta(days=180)
_ENTITIES = ("accounts", "balances", "tenants", "transactions")
_FILE = re.compile(r"rent\.(\w+?)(\d{8})\.csv(?:\.gz)?")

_ACCOUNT = (
    "AccountReference",
    "TenureTypeCode",
    "TenancyStartDate",
    "TenancyEndDate",
    "AccountReferenceUH",
    "BreathingSpace",
    "BreathingSpaceEndDate",
)
_BALANCE = ("AccountReference", "CurrentBalance", "BalanceDate")
_TENANT = (
    "AccountReference",
    "Title",
    "TenantFirstName",
    "TenantSurName",
    "Address1",
    "Address2",
    "Address3",
    "PostCode",
)
_BIRTH = "DateOfBirth"
_TRANSACTION = (
    "AccountReference",
    "TransactionDate",
    "TransactionPostDate",
    "TransactionCode",
    "TransactionAmount",
    "TransactionDescription",
)

_KINDS = {"SEC": "home", "FRG": "garage"}
_BENEFIT = frozenset({"RHB", "RHA"})
_END_NOT_SAID = date(9999, 12, 31)
"""A Breathing Space without an end date goes on until a later night says otherwise."""


@dataclass(frozen=True, slots=True)
class RentSenseNight:
    """One night's files. What is wrong with their lines is added to ``complaints`` as they are read."""

    night: date
    files: dict[str, Path]
    complaints: list[Complaint]

    @property
    def window_starts_after(self) -> date:
        """Lines of later days than this that are missing were taken back."""
        return self.night - WINDOW

    def accounts(self) -> Iterator[AccountRecord]:
        return records(
            self.files["accounts"], encoding="utf-8-sig", columns=_ACCOUNT, read=_account, complaints=self.complaints
        )

    def balances(self) -> Iterator[BalanceRecord]:
        return records(
            self.files["balances"],
            encoding="utf-8-sig",
            columns=_BALANCE,
            read=self._balance,
            complaints=self.complaints,
        )

    def tenants(self) -> Iterator[TenantRecord]:
        return records(
            self.files["tenants"], encoding="cp1252", columns=_TENANT, read=_tenant, complaints=self.complaints
        )

    def lines(self) -> Iterator[LineRecord]:
        return records(
            self.files["transactions"],
            encoding="utf-8-sig",
            columns=_TRANSACTION,
            read=_line,
            complaints=self.complaints,
        )

    def _balance(self, row: Row) -> BalanceRecord:
        if row.read("BalanceDate", fields.day) != self.night:
            raise BadValue("BalanceDate", "is another night's")
        return BalanceRecord(
            reference=row.read("AccountReference", fields.key),
            stated_pence=row.read("CurrentBalance", fields.pence),
            line=row.line,
        )


def open_night(folder: Path) -> RentSenseNight:
    """Return the one night whose files are in ``folder``. Raises ExtractRefused: some are missing."""
    found: dict[str, dict[str, Path]] = {}
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        name = _FILE.fullmatch(path.name)
        if name and name[1] in _ENTITIES:
            found.setdefault(name[2], {})[name[1]] = path
    if len(found) != 1:
        why = f"holds files of {len(found)} nights" if found else "holds no rent.accountsYYYYMMDD.csv.gz"
        raise ExtractRefused([Complaint(folder.name, why)])
    [(night, files)] = found.items()
    if missing := [f"rent.{entity}{night}.csv.gz" for entity in _ENTITIES if entity not in files]:
        raise ExtractRefused([Complaint(name, "is missing") for name in missing])
    return RentSenseNight(night=_night(night, folder), files=files, complaints=[])


def _night(text: str, folder: Path) -> date:
    try:
        return datetime.strptime(text, "%Y%m%d").date()  # noqa: DTZ007 -- a day, no moment
    except ValueError:
        raise ExtractRefused([Complaint(folder.name, f"{text} in the files' names is no date")]) from None


def _account(row: Row) -> AccountRecord:
    has_breathing_space = row.read("BreathingSpace", fields.yes_or_no)
    until = row.read("BreathingSpaceEndDate", fields.day_or_none)
    return AccountRecord(
        reference=row.read("AccountReference", fields.key),
        tenancy_reference=row.read("AccountReferenceUH", fields.key),
        kind=_KINDS.get(row.read("TenureTypeCode", fields.key), "other"),
        starts_on=row.read("TenancyStartDate", fields.day),
        ends_on=row.read("TenancyEndDate", fields.day_or_none),
        breathing_space_until=(until or _END_NOT_SAID) if has_breathing_space else None,
        line=row.line,
    )


def _tenant(row: Row) -> TenantRecord:
    first, last = row.read("TenantFirstName", fields.words), row.read("TenantSurName", fields.words)
    if not (first or last):
        raise BadValue("TenantSurName", "is empty, and so is the first name")
    lines = [row.read(column, fields.words) for column in ("Address1", "Address2", "Address3", "PostCode")]
    return TenantRecord(
        reference=row.read("AccountReference", fields.key),
        identity=f"{first} {last}|{_born_on(row)}".casefold(),
        title=row.read("Title", fields.words),
        first_name=first,
        last_name=last,
        address="\n".join(filter(None, lines)),
        line=row.line,
    )


def _born_on(row: Row) -> str:
    """Return the birth date, empty where it isn't known: the layout as published has none."""
    born_on = row.read(_BIRTH, fields.day_or_none) if row.has(_BIRTH) else None
    return born_on.isoformat() if born_on else ""


def _line(row: Row) -> LineRecord:
    code = row.read("TransactionCode", fields.key)
    return LineRecord(
        reference=row.read("AccountReference", fields.key),
        posted_on=row.read("TransactionPostDate", fields.day),
        dated_on=row.read("TransactionDate", fields.day),
        code=code,
        kind=_kind(code),
        description=row.read("TransactionDescription", fields.words),
        amount_pence=row.read("TransactionAmount", fields.pence),
        line=row.line,
    )


def _kind(code: str) -> str:
    """Return what a code of Universal Housing means: D… are debits, R… receipts, but for a few."""
    if code in _BENEFIT:
        return "benefit"
    if code == "ROB":
        return "other"
    return {"D": "charge", "R": "payment"}.get(code[0], "other")
