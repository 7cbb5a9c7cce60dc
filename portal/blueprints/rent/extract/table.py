"""One file of an extract, line by line: gzipped or plain, with a header or without."""

import csv
import gzip
import io
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from portal.blueprints.rent.extract.mapping import Format
from portal.blueprints.rent.extract.records import Complaint, ExtractRefused

GZIP = b"\x1f\x8b"
MOST_LINES = 10
"""A value may have line ends in it, but one that goes on for longer lacks a quotation mark, and hides lines."""
Line = tuple[int, list[str]]
"""Where it begins in the file, counted from 1, and its values."""


def lines_of(path: Path, form: Format) -> Iterator[Line]:
    """Yield the lines of a file, the header too. Raises ExtractRefused where it can't be read on."""
    name, end = path.name, 0
    try:
        with _opened(path, form) as file:
            reader = csv.reader(
                file,
                delimiter=form.delimiter,
                quotechar=form.quote or None,
                quoting=csv.QUOTE_MINIMAL if form.quote else csv.QUOTE_NONE,
                strict=True,
            )
            for values in reader:
                begin, end = end + 1, reader.line_num
                if end - begin >= MOST_LINES:
                    why = (
                        f"is one line of values until line {end}: a quotation mark is missing, or there is one too many"
                    )
                    raise ExtractRefused([Complaint(name, why, begin)])
                if values:
                    yield begin, values
    except UnicodeError:
        raise ExtractRefused([Complaint(name, f"is not written in {form.encoding}", end + 1)]) from None
    except csv.Error as error:
        raise ExtractRefused([Complaint(name, f"is not CSV from here on: {error}", end + 1)]) from None
    except (EOFError, OSError, zlib.error) as error:
        raise ExtractRefused([Complaint(name, f"can't be read: {_why(error)}")]) from None


def _opened(path: Path, form: Format) -> TextIO:
    """Open a file. Bytes that its encoding doesn't have come through as lone surrogates, to be found where they are."""
    encoding = {"utf-8": "utf-8-sig", "windows-1252": "cp1252"}.get(form.encoding, form.encoding)
    with path.open("rb") as file:
        is_zipped = file.read(2) == GZIP
    if is_zipped:
        return io.TextIOWrapper(io.BufferedReader(gzip.open(path)), encoding, "surrogateescape", newline="")
    return path.open(encoding=encoding, errors="surrogateescape", newline="")


def _why(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return "it is damaged, or was cut off"


class Header:
    """Where the columns of a file stand."""

    def __init__(self, file: str, form: Format, lines: Iterator[Line]) -> None:
        """Take the header from a file's lines, if it has one, else from its mapping. Raises ExtractRefused."""
        self._file, self._form = file, form
        _, found = next(lines, (1, [])) if form.header else (1, list(form.headings))
        self.headings = [heading.strip() for heading in found]

    def find(self, column: int | str) -> int | None:
        """Return a column's place, counted from 0; None if there is none. Raises ExtractRefused if there are two."""
        if isinstance(column, int):
            return column - 1 if column <= len(self.headings) or not self.headings else None
        if self.headings.count(column) > 1:
            raise ExtractRefused([Complaint(self._file, f"has the column {column} twice", 1)])
        return self.headings.index(column) if column in self.headings else None

    def name_of(self, column: int | str) -> str:
        """Return what a column is called in complaints."""
        if isinstance(column, str):
            return column
        return self.headings[column - 1] if column <= len(self.headings) else f"column {column}"

    def fill(self, values: list[str], least: int) -> list[str]:
        """Return a line's values with the columns that were cut off, up to ``least``. Raises ValueError."""
        width = len(self.headings)
        wanted = width or least
        found = len(values)
        if found < wanted and self._form.short_lines:
            return values + [""] * (wanted - found)
        if found < wanted or (width and any(values[width:])):
            raise ValueError(f"has {found} values, not {wanted}")
        return values
