"""From a line's values to a record: for each kind of file, what is read from which column, as its mapping says."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from operator import itemgetter
from typing import Any, Final

from portal.blueprints.rent.extract import fields
from portal.blueprints.rent.extract.labels import LABELS
from portal.blueprints.rent.extract.mapping import (
    Accounts,
    Arrangements,
    Balances,
    File,
    Mapping,
    Tenants,
    Transactions,
)
from portal.blueprints.rent.extract.records import Complaint, ExtractRefused
from portal.blueprints.rent.extract.table import Header

Values = list[str]
Record = list[Any]

RECORDS: Final = {
    "accounts": "reference tenancy_reference kind starts_on ends_on breathing_space_until",
    "balances": "reference stated_pence",
    "tenants": "reference identity title first_name last_name address",
    "transactions": "reference posted_on dated_on code amount_pence description source_id",
    "arrangements": "reference starts_on ends_on frequency by_court amount_pence first_due_on agreed_on",
}
"""What a record of each file holds, in this order. Days are ISO texts. address: its lines, divided by line ends."""

END_NOT_SAID: Final = date.max.isoformat()
"""A Breathing Space without an end date goes on until a later night says otherwise."""
MOST_CODES: Final = 1000
"""No housing system has more; a column with more is another one."""


class OtherNight(ValueError):
    """A balance is another night's."""


@dataclass(slots=True)
class Met:
    """What a night's files were found to hold. codes: of transactions. types: that the mapping of accounts lacks."""

    codes: set[str] = field(default_factory=set)
    types: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Part:
    """One value of a record. heading: of its column, for complaints. read: from a line's values; raises ValueError."""

    heading: str
    read: Callable[[Values], Any]


@dataclass(frozen=True, slots=True)
class Layout:
    """How a line becomes a record. finish: makes it of the parts; None where they are the record. least: how many
    columns it needs. reference: the part that says whose line it is.
    """

    parts: tuple[Part, ...]
    finish: Callable[..., Record] | None
    least: int

    @property
    def reference(self) -> Part:
        return self.parts[0]


class _Columns:
    """Finds a file's columns. Those that it lacks are collected, so that all can be named at once."""

    def __init__(self, file: File, header: Header) -> None:
        self._file, self._header = file, header
        self.missing: list[str] = []
        self.least = 0

    def one(self, column: int | str | None, read: fields.Read[Any]) -> Part:
        """Return what reads one column; of a column that isn't mapped, or may be missing, what a blank gives."""
        at = self._find(column)
        if at is None:
            return Part(str(column), lambda _: read(""))
        heading = self._header.name_of(column or "")
        if isinstance(read, fields.Remembered):
            return Part(heading, lambda values: read[values[at]])
        return Part(heading, lambda values: read(values[at]))

    def several(self, columns: Iterable[int | str], read: Callable[[tuple[str, ...]], Any]) -> Part:
        """Return what reads some columns together."""
        columns = tuple(columns)
        found = [at for column in columns if (at := self._find(column)) is not None]
        heading = self._header.name_of(columns[0])
        if len(found) == 1:
            return Part(heading, lambda values: read((values[found[0]],)))
        if not found:
            return Part(heading, lambda _: read(()))
        pick = itemgetter(*found)
        if isinstance(read, fields.Remembered):
            return Part(heading, lambda values: read[pick(values)])
        return Part(heading, lambda values: read(pick(values)))

    def _find(self, column: int | str | None) -> int | None:
        if column is None:
            return None
        at = self._header.find(column)
        if at is not None:
            self.least = max(self.least, at + 1)
        elif column not in self._file.optional:
            self.missing.append(str(column))
        return at


def layout_of(mapping: Mapping, entity: str, name: str, header: Header, *, night: date, met: Met) -> Layout:
    """Return how the lines of a file become records. name: of the file. Raises ExtractRefused: it lacks columns."""
    file = getattr(mapping, entity)
    columns = _Columns(file, header)
    match file:
        case Accounts():
            parts, finish = _of_accounts(file, columns, met)
        case Balances():
            parts, finish = _of_balances(file, columns, night)
        case Tenants():
            parts, finish = _of_tenants(file, columns)
        case Transactions():
            parts, finish = _of_transactions(file, columns, met)
        case Arrangements():
            parts, finish = _of_arrangements(file, columns)
        case _:
            raise TypeError(entity)
    if columns.missing:
        raise ExtractRefused([Complaint(name, f"has no column {', '.join(columns.missing)}", 1)])
    return Layout(tuple(parts), finish, columns.least)


Parts = tuple[list[Part], Callable[..., Record] | None]


def _of_accounts(file: Accounts, columns: _Columns, met: Met) -> Parts:
    def kind(text: str) -> str:
        found = fields.key(text) if text.strip() else ""
        if found and found not in file.types:
            met.types.add(found)
        return file.types.get(found, file.otherwise)

    def record(*values: Any) -> Record:
        *account, has_breathing_space, until = values
        return [*account, (until or END_NOT_SAID) if has_breathing_space else None]

    of, read, perhaps = file.columns, fields.day(file.date), fields.or_none(fields.day(file.date), file.blank)
    flag = fields.flag(yes=file.yes, no=file.no, blank=file.blank)
    parts = [
        columns.one(of.reference, fields.key),
        columns.one(of.tenancy, fields.words(file.blank)),
        columns.one(of.type, kind),
        columns.one(of.starts, read),
        columns.one(of.ends, perhaps),
        columns.one(of.breathing_space, flag),
        columns.one(of.breathing_space_until, perhaps),
    ]
    return parts, record


def _of_balances(file: Balances, columns: _Columns, night: date) -> Parts:
    read, wanted = fields.day(file.date), night.isoformat()

    def of_the_night(text: str) -> None:
        if read(text) != wanted:
            raise OtherNight(f"is another night's than {wanted}")

    of = file.columns
    parts = [
        columns.one(of.reference, fields.key),
        columns.one(of.balance, fields.amount(file.amount, positive_is_owed=file.positive == "owed")),
    ]
    if of.night is not None:
        parts.append(columns.one(of.night, of_the_night))
    return parts, lambda reference, pence, _=None: [reference, pence]


def _of_tenants(file: Tenants, columns: _Columns) -> Parts:
    words = fields.words(file.blank)

    def names(texts: tuple[str, ...]) -> tuple[str, str]:
        last, first = (*map(words, texts), "")[:2]
        if not (first or last):
            raise ValueError("is empty, and so is the first name")
        return first, last

    def record(reference: str, name: tuple[str, str], title: str, born_on: str | None, *address: str) -> Record:
        first, last = name
        identity = f"{first} {last}|{born_on or ''}".casefold()
        lines = address if file.divider is None else [line for part in address for line in part.split(file.divider)]
        return [reference, identity, title, first, last, "\n".join(filter(None, map(str.strip, lines)))]

    of = file.columns
    names_of = [of.last_name] if of.first_name is None else [of.last_name, of.first_name]
    parts = [
        columns.one(of.reference, fields.key),
        columns.several(names_of, names),
        columns.one(of.title, words),
        columns.one(of.born, fields.or_none(fields.day(file.date), file.blank)),
        *(columns.one(line, words) for line in of.address),
    ]
    return parts, record


def _of_transactions(file: Transactions, columns: _Columns, met: Met) -> Parts:
    def code(texts: tuple[str, ...]) -> str:
        found = fields.key("/".join(filter(None, map(str.strip, texts))))
        met.codes.add(found)
        if len(met.codes) > MOST_CODES:
            raise ValueError(f"holds more than {MOST_CODES} codes, so it can't be the column of codes")
        return found

    of, day = file.columns, fields.Remembered(fields.day(file.date))
    parts = [
        columns.one(of.reference, fields.Remembered(fields.key)),
        columns.one(of.posted, day),
        columns.one(of.posted if of.dated is None else of.dated, day),
        columns.several(of.code, fields.Remembered(code)),
        _amounts(file, columns),
        columns.one(of.description, fields.Remembered(fields.words(file.blank))),
        columns.one(of.id, fields.key) if of.id is not None else Part("", lambda _: None),
    ]
    return parts, None


def _amounts(file: Transactions, columns: _Columns) -> Part:
    of = file.columns
    if of.debit is None or of.credit is None:
        return columns.one(of.amount, fields.Remembered(_amount(file)))
    both = fields.debit_or_credit(fields.amount(file.amount), zero_is_unused=file.unused == "zero")
    return columns.several((of.debit, of.credit), fields.Remembered(both))


def _amount(file: File) -> fields.Read[int]:
    return fields.amount(file.amount, positive_is_owed=file.positive == "owed")


def _of_arrangements(file: Arrangements, columns: _Columns) -> Parts:
    def frequency(text: str) -> str:
        found = file.frequencies.get(text.strip())
        if found is None:
            raise ValueError("is a frequency that the mapping doesn't know")
        return found

    def record(reference: str, starts_on: str, *values: Any) -> Record:
        *agreed, first_due_on, agreed_on = values
        return [reference, starts_on, *agreed, first_due_on or starts_on, agreed_on or starts_on]

    of, read, perhaps = file.columns, fields.day(file.date), fields.or_none(fields.day(file.date), file.blank)
    parts = [
        columns.one(of.reference, fields.key),
        columns.one(of.starts, read),
        columns.one(of.ends, perhaps),
        columns.one(of.frequency, frequency),
        columns.one(of.by_court, fields.flag(yes=file.yes, no=file.no, blank=file.blank)),
        columns.one(of.amount, fields.amount(file.amount)),
        columns.one(of.first_due, perhaps),
        columns.one(of.agreed, perhaps),
    ]
    return parts, record


def meaning(codes: dict[str, str], code: str) -> tuple[str, str | None]:
    """Return the kind and the label of a code. One of two parts that isn't listed means what its first part does."""
    word = codes.get(code) or codes.get(code.partition("/")[0], "other")
    return (LABELS[word], word) if word in LABELS else (word, None)
