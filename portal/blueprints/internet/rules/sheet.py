"""A file of branches, hours and computers (CSV), as docs/branches.md describes it: read whole, or refused with each
fault by line and column.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from portal.blueprints.internet.rules.hours import Hours
from portal.blueprints.internet.rules.kinds import Kind
from portal.blueprints.internet.rules.written import NoHours, read_time

MOST_BYTES = 256 * 1024
MOST_LINES = 5000
MOST_FAULTS = 50
"""So many are told; whoever has more has another kind of file."""
COLUMNS = (
    *("what", "branch", "name", "address", "phone", "bank holidays"),
    *("weekday", "opens", "closes", "computer", "kind"),
)
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
NAME_LENGTH, COMPUTER_LENGTH, ADDRESS_LENGTH = 80, 20, 200
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,19}")
_PHONE = re.compile(r"\+?[0-9][0-9 ()]{4,24}")
_FORMULA = re.compile(r"[=+@\-\t\r]")
"""How a cell begins that a spreadsheet would work out (OWASP, CSV injection)."""


@dataclass(frozen=True, slots=True)
class Fault:
    """line: from 1, the heading included. column: its heading; empty for the line as a whole."""

    line: int
    column: str
    why: str

    def __str__(self) -> str:
        where = f"line {self.line}, column “{self.column}”" if self.column else f"line {self.line}"
        return f"{where}: {self.why}"


@dataclass
class SheetRefused(Exception):
    """A file can't be read, or doesn't fit what is there. Nothing was changed."""

    faults: Sequence[Fault]


@dataclass(frozen=True, slots=True)
class BranchLine:
    """What a file says of a branch; empty and None: nothing. name: by language."""

    line: int
    name: Mapping[str, str]
    address: str
    phone: str
    on_bank_holidays: bool | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a file says. week: hours by branch and weekday, Monday 0. computers: kinds by branch and name. lines: on
    which a branch's code stands first.
    """

    branches: dict[str, BranchLine] = field(default_factory=dict)
    week: dict[str, dict[int, tuple[Hours, ...]]] = field(default_factory=dict)
    computers: dict[str, dict[str, Kind]] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)


class _Wrong(ValueError):
    """column, and why."""


def read_sheet(data: bytes, languages: Sequence[str]) -> Sheet:
    """Read a file. languages: of branches' names, the council's own first: its column is ``name``, others' ``name ga``.

    Raises SheetRefused.
    """
    rows = _rows(data)
    heading = [cell.strip().lower() for cell in next(rows, (1, []))[1]]
    allowed = {*COLUMNS, *(f"name {language}" for language in languages[1:])}
    if faults := list(_faults_of_heading(heading, allowed)):
        raise SheetRefused(faults)
    sheet, found = Sheet(), list[Fault]()
    for line, row in rows:
        if not any(cell.strip() for cell in row):
            continue
        try:
            _read_row(sheet, line, _cells(heading, row), languages)
        except _Wrong as wrong:
            found.append(Fault(line, *wrong.args))
    if found:
        raise SheetRefused(found[:MOST_FAULTS])
    return sheet


def _rows(data: bytes) -> Iterator[tuple[int, list[str]]]:
    if len(data) > MOST_BYTES:
        raise SheetRefused([Fault(1, "", f"the file has more than {MOST_BYTES // 1024} KiB")])
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise SheetRefused([Fault(line, "", "is not UTF-8: save the file as “CSV UTF-8”")]) from None
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    begins = 1
    try:
        for number, row in enumerate(reader):
            if number > MOST_LINES:
                raise SheetRefused([Fault(begins, "", f"the file has more than {MOST_LINES} lines")])
            yield begins, row
            begins = reader.line_num + 1
    except csv.Error as error:
        raise SheetRefused([Fault(begins, "", f"can’t be read as CSV: {error}")]) from None


def _faults_of_heading(heading: list[str], allowed: set[str]) -> Iterator[Fault]:
    if len(heading) <= 1:
        yield Fault(1, "", f"the first line names the columns, divided by commas: {', '.join(COLUMNS)}")
        return
    for column in ("what", "branch"):
        if column not in heading:
            yield Fault(1, column, "this column is missing")
    for column in dict.fromkeys(heading):
        if column not in allowed:
            yield Fault(1, column, "there is no such column")
        elif heading.count(column) > 1:
            yield Fault(1, column, "is there twice")


def _cells(heading: list[str], row: list[str]) -> dict[str, str]:
    if len(row) > len(heading):
        raise _Wrong("", f"has {len(row)} cells, and the heading names {len(heading)}")
    cells = {column: cell.strip() for column, cell in zip(heading, row, strict=False)}
    for column, cell in cells.items():
        if _FORMULA.match(cell) and not (column == "phone" and cell.startswith("+")):
            raise _Wrong(column, "begins like a formula of a spreadsheet")
    return {column: cell for column, cell in cells.items() if cell}


def _read_row(sheet: Sheet, line: int, cells: Mapping[str, str], languages: Sequence[str]) -> None:
    code = cells.get("branch", "")
    if not _CODE.fullmatch(code):
        raise _Wrong("branch", "a code of 20 letters, digits or dashes at most, without blanks")
    sheet.lines.setdefault(code, line)
    match cells.get("what", "").lower():
        case "branch":
            _read_branch(sheet, line, code, cells, languages)
        case "hours":
            _read_hours(sheet, code, cells)
        case "computer":
            _read_computer(sheet, code, cells)
        case _:
            raise _Wrong("what", "is branch, hours or computer")


def _read_branch(sheet: Sheet, line: int, code: str, cells: Mapping[str, str], languages: Sequence[str]) -> None:
    _only(cells, "what", "branch", "address", "phone", "bank holidays", *_names(languages))
    if code in sheet.branches:
        raise _Wrong("branch", f"is on line {sheet.branches[code].line} already")
    for column, most in (*((column, NAME_LENGTH) for column in _names(languages)), ("address", ADDRESS_LENGTH)):
        if len(cells.get(column, "")) > most:
            raise _Wrong(column, f"{most} characters at most")
    if not _PHONE.fullmatch(cells.get("phone", "000000")):
        raise _Wrong("phone", "digits and blanks, such as 01632 960 001")
    holidays = cells.get("bank holidays", "").lower()
    if holidays not in ("", "open", "closed"):
        raise _Wrong("bank holidays", "is open or closed")
    name = {language: cells[column] for column, language in _names(languages).items() if column in cells}
    sheet.branches[code] = BranchLine(
        line, name, cells.get("address", ""), cells.get("phone", ""), holidays == "open" if holidays else None
    )


def _names(languages: Sequence[str]) -> dict[str, str]:
    """Return languages by the columns of their names."""
    return {"name" if not number else f"name {language}": language for number, language in enumerate(languages)}


def _read_hours(sheet: Sheet, code: str, cells: Mapping[str, str]) -> None:
    _only(cells, "what", "branch", "weekday", "opens", "closes")
    if cells.get("weekday", "").lower() not in WEEKDAYS:
        raise _Wrong("weekday", f"is one of {', '.join(WEEKDAYS)}")
    weekday = WEEKDAYS.index(cells["weekday"].lower())
    week = sheet.week.setdefault(code, {})
    if cells.get("opens", "").lower() == "closed" and "closes" not in cells:
        if weekday in week:
            raise _Wrong("opens", "has hours on an earlier line")
        week[weekday] = ()
        return
    hours = Hours(_time(cells, "opens"), _time(cells, "closes"))
    if hours.opens >= hours.closes:
        raise _Wrong("closes", "must be after it opens")
    if weekday in week and (not week[weekday] or any(_overlap(hours, one) for one in week[weekday])):
        raise _Wrong("opens", "overlaps with an earlier line")
    week[weekday] = tuple(sorted((*week.get(weekday, ()), hours), key=lambda one: one.opens))


def _time(cells: Mapping[str, str], column: str) -> int:
    try:
        return read_time(cells.get(column, ""))
    except NoHours:
        raise _Wrong(column, "a time such as 09:00") from None


def _overlap(one: Hours, other: Hours) -> bool:
    return one.opens < other.closes and other.opens < one.closes


def _read_computer(sheet: Sheet, code: str, cells: Mapping[str, str]) -> None:
    _only(cells, "what", "branch", "computer", "kind")
    name = cells.get("computer", "")
    if not 0 < len(name) <= COMPUTER_LENGTH:
        raise _Wrong("computer", f"what stands on it, {COMPUTER_LENGTH} characters at most")
    if cells.get("kind", "").lower() not in list(Kind):
        raise _Wrong("kind", f"is one of {', '.join(Kind)}")
    computers = sheet.computers.setdefault(code, {})
    if name in computers:
        raise _Wrong("computer", "is on an earlier line already")
    computers[name] = Kind(cells["kind"].lower())


def _only(cells: Mapping[str, str], *columns: str) -> None:
    for column in cells:
        if column not in columns:
            raise _Wrong(column, f"stays empty on a line for “{cells['what'].lower()}”")
