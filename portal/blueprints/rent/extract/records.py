"""What an extract tells, one value a line, and what can be wrong with it."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Complaint:
    """One thing that is wrong. file: its name. line: counted from 1, None of the file as a whole.

    why: in words, without the value: it may be personal.
    """

    file: str
    why: str
    line: int | None = None
    column: str | None = None

    def __str__(self) -> str:
        where = self.file if self.line is None else f"{self.file}, line {self.line}"
        return f"{where}, {self.column}: {self.why}" if self.column else f"{where}: {self.why}"


class ExtractRefused(Exception):
    """Something is wrong with the set, and nothing of it was loaded. complaints: the first of them."""

    def __init__(self, complaints: list[Complaint]) -> None:
        super().__init__("\n".join(map(str, complaints)))
        self.complaints = complaints


@dataclass(frozen=True, slots=True)
class AccountRecord:
    """kind: as ``RentAccount.kind``. line: where it stands in its file."""

    reference: str
    tenancy_reference: str
    kind: str
    starts_on: date
    ends_on: date | None
    breathing_space_until: date | None
    line: int


@dataclass(frozen=True, slots=True)
class BalanceRecord:
    """stated_pence: positive where owed."""

    reference: str
    stated_pence: int
    line: int


@dataclass(frozen=True, slots=True)
class TenantRecord:
    """address: its lines, divided by line ends, the post code last. identity: as ``RentTenant.identity``."""

    reference: str
    identity: str
    title: str
    first_name: str
    last_name: str
    address: str
    line: int


@dataclass(frozen=True, slots=True)
class LineRecord:
    """kind: as ``RentLine.kind``. amount_pence: positive where charged."""

    reference: str
    posted_on: date
    dated_on: date
    code: str
    kind: str
    description: str
    amount_pence: int
    line: int
