"""Statements of an account, as a document to keep or to hand in somewhere."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from portal.council import Council
from portal.documents.typesetting import typeset

TEMPLATE = Path(__file__).parent.parent / "templates" / "letters" / "statement.typ"

Row = tuple[str, str, str, str, str]


@dataclass(frozen=True, slots=True)
class Statement:
    """All texts are in ``language``, ready to print. about, end: paragraphs above and below the table.

    headings, rows: day, what, charged, paid in, balance.
    """

    language: str
    title: str
    about: tuple[str, ...]
    headings: Row
    rows: tuple[Row, ...]
    end: tuple[str, ...]
    written_at: datetime


def statement(content: Statement, *, council: Council) -> bytes:
    """Return a statement as a tagged PDF (PDF/UA-1), the same bytes for the same content."""
    data = {
        "language": content.language,
        "council": council.name[content.language],
        "colour": council.brand.colours.brand_strong,
        "title": content.title,
        "about": content.about,
        "headings": content.headings,
        "rows": content.rows,
        "end": content.end,
    }
    return typeset(TEMPLATE, "statement", data, at=content.written_at)
