"""Nights of a housing system's extract, in the layout of RentSense, and what comes of them: letters and links."""

import csv
import gzip
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from portal.blueprints.rent.actions import connecting, inviting
from portal.blueprints.rent.actions.importing import Imported, import_night
from portal.council import Council
from portal.identity.throttle import Throttle
from portal.models import Person
from tests.factories import Factory
from tests.support import first_nights

HOME, GARAGE = "7204011836", "7204011837"

HEADERS = {
    "accounts": "AccountReference,TenureType,TenureTypeCode,TenancyStartDate,TenancyEndDate,LocalAuthority,"
    "HousingOfficerName,Patch,AccountReferenceUH,BreathingSpace,BreathingSpaceEndDate,import_date",
    "balances": "AccountReference,CurrentBalance,BalanceDate,tenancy_ref,import_date",
    "tenants": "AccountReference,Title,TenantFirstName,TenantSurName,DateOfBirth,MobileNumber,TelephoneNumber,"
    "Address1,Address2,Address3,PostCode,Email,PropertyType",
    "transactions": "AccountReference,TransactionID,TransactionDate,TransactionPostDate,TransactionCode,"
    "TransactionAmount,TransactionDescription,tenancy_ref,import_date",
    "arrangements": "AccountReference,AgreementStartDate,AgreementEndDate,AgreementFrequency,AgreementCode,"
    "FirstInstallmentDueDate,AgreementCreatedDate,AgreementAmount",
}
ENCODINGS = dict.fromkeys(HEADERS, "utf-8-sig") | {"tenants": "cp1252"}

Line = tuple[str, str, int]
"""Day (``23/11/2026``), code, pence."""
MARY = ("Mary", "Example", "01/02/1980")
JOHN = ("John", "Example", "03/04/1979")
RENT: Line = ("23/11/2026", "DBR", 11235)
BEFORE: Line = ("16/11/2026", "DBR", 11235)


@dataclass
class Night:
    """The files of one night. ``write`` puts them into a folder."""

    on: date = date(2026, 11, 24)
    rows: dict[str, list[list[str]]] = field(default_factory=lambda: {name: [] for name in HEADERS})

    def account(
        self,
        *lines: Line,
        reference: str = HOME,
        tenants: tuple[tuple[str, str, str], ...] = (MARY,),
        tenure: str = "SEC",
        starts: str = "02/11/2026",
        ends: str = "",
        stated_pence: int | None = None,
        breathing_space: tuple[str, str] = ("FALSE", ""),
        arrangement: tuple[str, str, str, int] | None = None,
    ) -> "Night":
        """Add an account. stated_pence: None for what the lines come to.

        arrangement: the day it begins, how often (``4 Weekly``), ``C`` for a court's or ``N``, pence.
        """
        balance = sum(pence for _, _, pence in lines) if stated_pence is None else stated_pence
        padded = f"{reference}  "
        self.rows["accounts"].append(
            [
                padded,
                "",
                tenure,
                starts,
                ends,
                "Millbrook",
                "Officer, Duty",
                "E1",
                "069332/01",
                *breathing_space,
                self.day,
            ]
        )
        self.rows["balances"].append([padded, amount(balance), self.day, "069332/01", self.day])
        for first, last, born in tenants:
            address = ["14 Weavers Row", "", "Millbrook", "ZZ1 1AA"]
            self.rows["tenants"].append([padded, ".", first, last, born, "", "", *address, "", "Flat"])
        for number, (day, code, pence) in enumerate(lines):
            words = "Basic Rent (No VAT)" if code == "DBR" else "Something else"
            self.rows["transactions"].append(
                [padded, str(number), day, day, code, amount(pence), words, "069332/01", self.day]
            )
        if arrangement:
            begins, often, by, pence = arrangement
            self.rows["arrangements"].append([padded, begins, "", often, by, begins, begins, amount(pence)])
        return self

    @property
    def day(self) -> str:
        return f"{self.on:%d/%m/%Y}"

    def write(self, folder: Path) -> Path:
        """Write the files into a folder inside ``folder``, and return it."""
        place = folder / self.on.isoformat()
        place.mkdir(parents=True, exist_ok=True)
        for name, rows in self.rows.items():
            with gzip.open(self.path(place, name), "wt", encoding=ENCODINGS[name], newline="") as file:
                file.write(HEADERS[name] + "\r\n")
                csv.writer(file).writerows(rows)
        return place

    def path(self, place: Path, name: str) -> Path:
        return place / f"rent.{name}{self.on:%Y%m%d}.csv.gz"


def amount(pence: int) -> str:
    """Return an amount as the extract writes it: ``-1,441.09``."""
    return f"{pence / 100:,.2f}"


@dataclass(frozen=True)
class Tenancies:
    """Loads nights, invites tenants and connects them as the portal itself does. folder: where nights are written.
    owner: connections with the owner's rights.
    """

    make: Factory
    council: Council
    throttle: Throttle
    folder: Path
    owner: Engine

    def load(self, night: Night, *, without: Sequence[str] = (), **given: Any) -> Imported:
        """Load a night. without: files that are missing. given: as ``import_night``."""
        place = night.write(self.folder)
        for name in without:
            night.path(place, name).unlink()
        db, now = self.make.db, self.make.clock.now()
        import_ = partial(import_night, db, place, source="rentsense", council=self.council, now=now, **given)
        if without or given:
            return import_()
        return first_nights.load(db, self.owner, (night.on, repr(night.rows), repr(self.council.rent), now), import_)

    def invite(self, reference: str = HOME, tenant: int = 0) -> str:
        """Send a tenant a letter, and return the code in it."""
        db, now = self.make.db, self.make.clock.now()
        found = inviting.tenants(db, reference=reference)[tenant]
        letter = inviting.invite(
            db, self.make.sealer, tenant=found.id, council=self.council, base_url="http://localhost", now=now
        )
        return letter.code

    def connect(self, person: Person, reference: str = HOME, tenant: int = 0) -> None:
        """Connect a person to an account, as they would with their letter."""
        connecting.connect(
            self.make.db,
            self.throttle,
            self.make.party(person),
            reference=reference,
            code=self.invite(reference, tenant),
            address="127.0.0.1",
            now=self.make.clock.now(),
        )
