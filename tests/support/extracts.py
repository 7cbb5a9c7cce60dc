"""Nights of a housing system that doesn't exist: its mapping is made up, and its files are written as that says."""

import csv
import gzip
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from portal.blueprints.rent.extract import fields
from portal.blueprints.rent.extract.mapping import (
    Accounts,
    Arrangements,
    Balances,
    File,
    Mapping,
    Tenants,
    Transactions,
)

NIGHT = date(2026, 11, 24)


def written_amount(pence: int, sample: str) -> str:
    """Write an amount as a sample of ``fields.AMOUNTS`` does."""
    pounds, rest = divmod(abs(pence), 100)
    with_zeros, without = f"{rest:02}", f".{rest:02}".rstrip("0").rstrip(".")
    text = {
        "1,234.50": f"{pounds:,}.{with_zeros}",
        "1234.50": f"{pounds}.{with_zeros}",
        "1,234.5": f"{pounds:,}{without}",
        "1234.5": f"{pounds}{without}",
        "1.234,50": f"{pounds:,}".replace(",", ".") + f",{with_zeros}",
        "1 234,50": f"{pounds:,}".replace(",", " ") + f",{with_zeros}",
        "1234,50": f"{pounds},{with_zeros}",
        "123450": f"{abs(pence)}",
    }[sample]
    return f"-{text}" if pence < 0 else text


@dataclass(frozen=True)
class Tenancy:
    """One account with all it has. lines: day, code and pence, positive where owed."""

    reference: str
    kind: str
    starts_on: date
    ends_on: date | None
    tenants: Sequence[tuple[str, str, date | None]]
    lines: Sequence[tuple[date, str, int]]
    arrangements: Sequence[tuple[date, str, bool, int]]

    @property
    def balance_pence(self) -> int:
        return sum(pence for _, _, pence in self.lines)


def write_night(folder: Path, mapping: Mapping, tenancies: Sequence[Tenancy], *, zipped: bool = True) -> None:
    """Write the files of ``NIGHT`` as a mapping says that they are."""
    for file in (mapping.accounts, mapping.balances, mapping.tenants, mapping.transactions, mapping.arrangements):
        if file:
            rows = [row for tenancy in tenancies for row in _rows(file, tenancy)]
            name = file.file.replace("{YYYYMMDD}", f"{NIGHT:%Y%m%d}").removesuffix(".gz")
            content = _as_bytes(file, rows)
            (folder / f"{name}{'.gz' if zipped else ''}").write_bytes(gzip.compress(content, 1) if zipped else content)


def _rows(file: File, tenancy: Tenancy) -> list[dict[str, str]]:
    """Return the lines of one account in a file, by the mapping's keys."""
    padded = {"reference": f"{tenancy.reference}  "}
    match file:
        case Accounts():
            kind = next((name for name, kind in file.types.items() if kind == tenancy.kind), "")
            starts, ends = _day(file, tenancy.starts_on), _day(file, tenancy.ends_on)
            return [{**padded, "type": kind, "starts": starts, "ends": ends, "breathing_space": file.no[0]}]
        case Balances():
            return [{**padded, "balance": _amount(file, tenancy.balance_pence), "night": _day(file, NIGHT)}]
        case Tenants():
            return [
                {**padded, "first_name": first, "last_name": last, "born": _day(file, born), "address": "1 Mill Lane"}
                for first, last, born in tenancy.tenants
            ]
        case Transactions():
            return [
                {**padded, "posted": _day(file, day), "dated": _day(file, day), "code": code, **_pence(file, pence)}
                for day, code, pence in tenancy.lines
            ]
        case Arrangements():
            words = {str(frequency): word for word, frequency in file.frequencies.items()}
            return [
                {
                    **padded,
                    "starts": _day(file, begins),
                    "frequency": words[frequency],
                    "by_court": (file.yes if by_court else file.no)[0],
                    "amount": written_amount(pence, file.amount),
                    "first_due": _day(file, begins),
                    "agreed": _day(file, begins),
                }
                for begins, frequency, by_court, pence in tenancy.arrangements
            ]
        case _:
            raise TypeError(file)


def _day(file: File, day: date | None) -> str:
    return (file.blank or ("",))[0] if day is None else fields.written(day, file.date)


def _amount(file: File, pence: int) -> str:
    return written_amount(pence if file.positive == "owed" else -pence, file.amount)


def _pence(file: Transactions, pence: int) -> dict[str, str]:
    if file.columns.amount is not None:
        return {"amount": _amount(file, pence)}
    unused = written_amount(0, file.amount) if file.unused == "zero" else ""
    used = written_amount(abs(pence), file.amount)
    return {"debit": used, "credit": unused} if pence >= 0 else {"debit": unused, "credit": used}


def _as_bytes(file: File, rows: Sequence[dict[str, str]]) -> bytes:
    """Lay rows out in columns. Those that no row fills are blank; a column by its position stands there."""
    places = _places(file)
    width = max(places.values()) + 1
    table = [[row.get(key, "") for key in _by_place(places, width)] for row in rows]
    header = [[str(_column(file, key)) for key in _by_place(places, width)]] if file.header else []
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=file.delimiter, quotechar=file.quote, lineterminator="\r\n").writerows([*header, *table])
    return text.getvalue().encode({"windows-1252": "cp1252", "utf-8": "utf-8-sig"}.get(file.encoding, file.encoding))


def _column(file: File, key: str) -> Any:
    column = getattr(file.columns, key, None) if key else "Unread"
    return column[0] if isinstance(column, tuple) else column


def _places(file: File) -> dict[str, int]:
    """Return where each of the mapping's keys stands, from 0."""
    columns = {key: column for key in type(file.columns).model_fields if (column := _column(file, key)) is not None}
    headings = list(file.headings) or list(columns.values())
    return {key: column - 1 if isinstance(column, int) else headings.index(column) for key, column in columns.items()}


def _by_place(places: dict[str, int], width: int) -> list[str]:
    keys = {place: key for key, place in places.items()}
    return [keys.get(place, "") for place in range(width)]
