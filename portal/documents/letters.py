"""Letters, for the print room: the address stands where a window envelope shows it."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from portal.council import Council
from portal.documents.typesetting import typeset
from portal.i18n import format_date, use_locale

TEMPLATE = Path(__file__).parent.parent / "templates" / "letters" / "letter.typ"


@dataclass(frozen=True, slots=True)
class Letter:
    """address: lines, the name first. code: set apart in large type, or empty. reference: of the sender."""

    language: str
    address: tuple[str, ...]
    title: str
    paragraphs: tuple[str, ...]
    signature: tuple[str, ...]
    written_at: datetime
    code: str = ""
    reference: str = ""


def letter(content: Letter, *, council: Council) -> bytes:
    """Return a letter as a PDF, the same bytes for the same content."""
    with use_locale(content.language, council.zone):
        day = format_date(content.written_at)
    data = {
        "language": content.language,
        "council": council.name[content.language],
        "sender": [council.name[content.language], *council.contacts.address],
        "colour": council.brand.colours.brand_strong,
        "address": content.address,
        "day": day,
        "title": content.title,
        "paragraphs": content.paragraphs,
        "signature": content.signature,
        "code": content.code,
        "reference": content.reference,
    }
    return typeset(TEMPLATE, "letter", data, at=content.written_at)
