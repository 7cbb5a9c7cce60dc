"""One file of an extract, line by line: gzipped or plain CSV with a header."""

import csv
import gzip
import io
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TextIO, TypeVar

from portal.blueprints.rent.extract.records import Complaint, ExtractRefused

Record = TypeVar("Record")

MOST_COMPLAINTS = 100
"""A file in the wrong form is wrong in each line; nobody reads more than these."""


class BadValue(ValueError):
    """A value of a line is wrong. column: the heading that it stands below."""

    def __init__(self, column: str, why: str) -> None:
        super().__init__(why)
        self.column = column


class Row:
    """One line of a file. Values are asked for by heading, each with what reads it."""

    __slots__ = ("_at", "_values", "line")

    def __init__(self, at: dict[str, int], values: list[str], line: int) -> None:
        self._at, self._values, self.line = at, values, line

    def has(self, column: str) -> bool:
        return column in self._at

    def read(self, column: str, how: Callable[[str], Record]) -> Record:
        """Return the value below a heading. Raises BadValue."""
        try:
            return how(self._values[self._at[column]])
        except ValueError as error:
            raise BadValue(column, str(error)) from None


def records(
    path: Path, *, encoding: str, columns: tuple[str, ...], read: Callable[[Row], Record], complaints: list[Complaint]
) -> Iterator[Record]:
    """Yield what ``read`` makes of each line; a bad line is left out, and goes to ``complaints``.

    columns: the headings that must be there, in any order; others are not looked at.
    Raises ExtractRefused where the file can't be read on, or has as many bad lines as anybody would want to read.
    """
    name = path.name
    for row in _rows(path, encoding, columns, complaints):
        try:
            yield read(row)
        except BadValue as bad:
            complaints.append(Complaint(name, str(bad), row.line, bad.column))
        if len(complaints) >= MOST_COMPLAINTS:
            raise ExtractRefused(complaints)


def _rows(path: Path, encoding: str, columns: tuple[str, ...], complaints: list[Complaint]) -> Iterator[Row]:
    name, line = path.name, 1
    try:
        with _opened(path, encoding) as file:
            lines = csv.reader(file, strict=True)
            at = _positions(next(lines, []), columns, name)
            for values in lines:
                line = lines.line_num
                if len(values) == len(at):
                    yield Row(at, values, line)
                else:
                    complaints.append(Complaint(name, f"has {len(values)} values, not {len(at)}", line))
    except UnicodeDecodeError:
        raise ExtractRefused([*complaints, Complaint(name, f"is not written in {encoding}")]) from None
    except csv.Error as error:
        raise ExtractRefused([*complaints, Complaint(name, f"is not CSV after this line: {error}", line)]) from None
    except (EOFError, OSError, zlib.error) as error:
        raise ExtractRefused([*complaints, Complaint(name, f"can't be read: {_why(error)}")]) from None


def _opened(path: Path, encoding: str) -> TextIO:
    if path.suffix == ".gz":
        return io.TextIOWrapper(io.BufferedReader(gzip.open(path)), encoding=encoding, newline="")
    return path.open(encoding=encoding, newline="")


def _positions(header: list[str], columns: tuple[str, ...], name: str) -> dict[str, int]:
    at = {heading.strip(): position for position, heading in enumerate(header)}
    if missing := [column for column in columns if column not in at]:
        raise ExtractRefused([Complaint(name, f"has no column {', '.join(missing)}", 1)])
    if len(at) != len(header):
        raise ExtractRefused([Complaint(name, "has a column twice", 1)])
    return at


def _why(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return "it is damaged, or was cut off"
