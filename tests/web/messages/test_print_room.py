"""Letters go to the print room once each, whenever the hand-over is interrupted."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal import messages
from portal.clock import SetClock
from portal.council import Council
from portal.db import committing
from portal.messages.print_room import Batch, hand_over
from portal.models import Channel, OutboxMessage
from portal.sealed import Sealer
from tests.factories import Factory

ADDRESS = "14 Weavers Row\nMillbrook\nZZ1 2BB"


@pytest.fixture
def write(db: Session, make: Factory, clock: SetClock, sealer: Sealer) -> Callable[[], None]:
    mary = make.resident(email=None)

    def write() -> None:
        with committing(db):
            messages.send(
                db,
                person_id=mary.id,
                template="reset",
                fields={"address": "http://localhost/reset", "code": "K7QM-2F9D-XW3R-8HTA"},
                at=clock.now(),
                sealer=sealer,
                to=(Channel.POST, ADDRESS),
            )

    return write


@pytest.fixture
def print_room(
    db: Session, council: Council, sealer: Sealer, clock: SetClock, tmp_path: Path
) -> Callable[[], list[Batch]]:
    return lambda: hand_over(db, tmp_path, council=council, sealer=sealer, at=clock.now())


def letters(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.pdf"))


def test_letters_come_as_pdf_with_a_list_of_them(
    write: Callable[[], None], print_room: Callable[[], list[Batch]], tmp_path: Path
) -> None:
    write()
    (batch,) = print_room()
    (letter,) = letters(tmp_path)
    text = PdfReader(letter).pages[0].extract_text()
    assert "Mary Example\n14 Weavers Row\nMillbrook\nZZ1 2BB" in text and "K7QM-2F9D-XW3R-8HTA" in text
    assert (batch.folder / "letters.csv").read_text("utf-8").split() == ["file", letter.name]


def test_each_goes_once(
    write: Callable[[], None], print_room: Callable[[], list[Batch]], tmp_path: Path, clock: SetClock
) -> None:
    write()
    assert [batch.letters for batch in print_room()] == [1]
    assert print_room() == []
    write()
    clock.set(clock.now().replace(hour=11))
    assert [batch.letters for batch in print_room()] == [1]
    assert len(letters(tmp_path)) == 2


def test_killed_before_the_folder_was_there_nothing_is_lost(
    write: Callable[[], None], print_room: Callable[[], list[Batch]], db: Session, tmp_path: Path
) -> None:
    write()
    with committing(db):
        db.execute(update(OutboxMessage).values(batch="letters-earlier"))
    (tmp_path / ".letters-earlier").mkdir()
    (tmp_path / ".letters-earlier" / "half.pdf").write_bytes(b"%PDF")
    (batch,) = print_room()
    assert batch.folder.name == "letters-earlier" and len(letters(tmp_path)) == 1


def test_killed_after_the_folder_was_there_nothing_is_printed_twice(
    write: Callable[[], None], print_room: Callable[[], list[Batch]], db: Session, tmp_path: Path
) -> None:
    write()
    print_room()
    (before,) = letters(tmp_path)
    made_at = before.stat().st_mtime_ns
    with committing(db):
        db.execute(update(OutboxMessage).values(state="waiting", done_at=None))
    print_room()
    assert [path.stat().st_mtime_ns for path in letters(tmp_path)] == [made_at]
    assert db.scalars(select(OutboxMessage.state)).all() == ["delivered"]


class TestALetter:
    @pytest.fixture
    def pdf(self, write: Callable[[], None], print_room: Callable[[], list[Batch]], tmp_path: Path) -> PdfReader:
        write()
        print_room()
        return PdfReader(BytesIO(letters(tmp_path)[0].read_bytes()))

    def test_can_be_read_aloud(self, pdf: PdfReader) -> None:
        root: Any = pdf.root_object
        assert root["/Lang"] == "en"
        assert root["/MarkInfo"]["/Marked"]
        assert b"pdfuaid" in root["/Metadata"].get_object().get_data()

    def test_has_a_title_that_tells_nothing(self, pdf: PdfReader) -> None:
        assert pdf.metadata and pdf.metadata.title == "Your code"

    def test_brings_its_fonts(self, pdf: PdfReader) -> None:
        page: Any = pdf.pages[0]
        fonts = page["/Resources"]["/Font"]
        assert all("+" in font.get_object()["/BaseFont"] for font in fonts.values())
