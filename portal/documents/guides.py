"""Guides: what somebody could do, under headings, to keep or to take along."""

from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from portal.council import Council
from portal.documents.typesetting import typeset

TEMPLATE = Path(__file__).parent.parent / "templates" / "letters" / "guide.typ"


@dataclass(frozen=True, slots=True)
class Item:
    """One thing. lines: each what it is about, perhaps empty, and what there is to say of it. language: of the lines,
    where it isn't the guide's.
    """

    name: str
    lines: tuple[tuple[str, str], ...]
    language: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    heading: str
    note: str
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Guide:
    """All texts are in ``language``, ready to print. about, end: paragraphs above and below the parts."""

    language: str
    title: str
    about: tuple[str, ...]
    parts: tuple[Part, ...]
    end: tuple[str, ...]
    written_at: datetime


def guide(content: Guide, *, council: Council) -> bytes:
    """Return a guide as a tagged PDF (PDF/UA-1), the same bytes for the same content."""
    data = {
        "language": content.language,
        "council": council.name[content.language],
        "colour": council.brand.colours.brand_strong,
        "title": content.title,
        "about": content.about,
        "parts": [asdict(part) for part in content.parts],
        "end": content.end,
    }
    return typeset(TEMPLATE, "guide", data, at=content.written_at)
