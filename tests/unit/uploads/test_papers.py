"""PDFs are written anew: their pages stay, and whatever acts, hides or was there before goes."""

import re
from io import BytesIO

import pikepdf
import pytest
from pikepdf import Encryption, Name, Pdf, Stream
from pypdf import PdfReader

from portal.uploads import Cleaned, NotAccepted, Reason, limits
from portal.uploads.papers import clean_paper
from tests.support import sent_files as files

ACTS = re.compile(
    rb"/(?:JS|JavaScript|Launch|OpenAction|AA|EmbeddedFiles?|Filespec|AcroForm|XFA|Annots|Author|Info|Metadata)\b"
)


def plain(data: bytes) -> bytes:
    """Return a PDF with nothing in it packed, so that it can be searched."""
    with Pdf.open(BytesIO(data)) as paper:
        return files.saved(
            paper,
            object_stream_mode=pikepdf.ObjectStreamMode.disable,
            stream_decode_level=pikepdf.StreamDecodeLevel.all,
            compress_streams=False,
        )


def refused(data: bytes) -> Reason:
    with pytest.raises(NotAccepted) as refusal:
        clean_paper(data)
    return refusal.value.reason


def words(clean: Cleaned) -> str:
    return "".join(page.extract_text() for page in PdfReader(BytesIO(clean.data)).pages)


def test_pages_stay() -> None:
    clean = clean_paper(files.pdf(3))
    assert (clean.media, clean.pages, clean.width) == ("application/pdf", 3, None)
    with Pdf.open(BytesIO(clean.data)) as paper:
        assert [page.Contents.read_bytes() for page in paper.pages] == [b"0 0 1 rg 10 10 80 80 re f"] * 3


def test_nothing_is_left_that_acts_or_tells() -> None:
    data = files.saved(files.paper_that_acts())
    assert len(set(ACTS.findall(plain(data)))) > 6, "or there is nothing to take away"
    assert not ACTS.findall(plain(clean_paper(data).data))


def test_what_a_form_was_filled_in_with_is_part_of_the_page() -> None:
    clean = clean_paper(files.saved(files.filled_in_form("Halima")))
    assert words(clean) == "Halima"
    assert b"Widget" not in plain(clean.data)


def test_a_layer_that_was_hidden_stays_hidden() -> None:
    clean = clean_paper(files.saved(files.paper_with_hidden_layer()))
    with Pdf.open(BytesIO(clean.data)) as paper:
        layer = paper.pages[0].Resources.Properties.L1
        assert [hidden.objgen for hidden in paper.Root.OCProperties.D.OFF] == [layer.objgen]


def test_where_a_picture_in_it_was_taken_is_gone() -> None:
    data = files.saved(files.paper_with_picture(files.jpeg(exif=files.exif(), comment=b"my secret")))
    assert files.CAMERA.encode() in data
    clean = clean_paper(data)
    assert files.CAMERA.encode() not in plain(clean.data) and b"my secret" not in clean.data
    with Pdf.open(BytesIO(clean.data)) as paper:
        embedded = paper.pages[0].Resources.XObject.Im0
        assert isinstance(embedded, Stream)
        shown = pikepdf.PdfImage(embedded).as_pil_image()
    assert shown.size == (60, 40)
    assert shown.convert("RGB").getpixel((4, 4)) == files.encoded_colour(files.jpeg(), (4, 4))


FILLED = 1000
AT_EXIF = 2  # where Pillow puts what is told: first
TOLD = files.jpeg(exif=files.exif(), comment=b"my secret")


def between_scans() -> bytes:
    """Return a JPEG that tells where it was taken after its first scan."""
    drawn = files.jpeg(progressive=True)
    second = drawn.index(b"\xff\xda", drawn.index(b"\xff\xda") + 1)
    segment = b"\xff\xe1" + (len(files.CAMERA) + 2).to_bytes(2) + files.CAMERA.encode()
    between = drawn.rindex(b"\xff\xc4", 0, second)
    return drawn[:between] + segment + drawn[between:]


@pytest.mark.parametrize(
    ("picture", "around"),
    [
        (TOLD, (Name.ASCII85Decode,)),
        (TOLD, (Name.ASCIIHexDecode,)),
        (TOLD, (Name.FlateDecode,)),
        (TOLD, (Name.ASCII85Decode, Name.FlateDecode)),
        (TOLD[:AT_EXIF] + b"\xff" * FILLED + TOLD[AT_EXIF:], ()),
        (between_scans(), ()),
        (files.jpeg() + TOLD, ()),
        (TOLD.removesuffix(b"\xff\xd9"), ()),
    ],
    ids=["ASCII85", "hex", "Flate", "ASCII85 and Flate", "filled", "between scans", "behind the end", "without an end"],
)
def test_it_is_gone_however_it_is_packed_and_wherever_it_stands(picture: bytes, around: tuple[Name, ...]) -> None:
    assert files.CAMERA.encode() in picture
    clean = clean_paper(files.saved(files.paper_with_picture(picture, around=around)))
    with Pdf.open(BytesIO(clean.data)) as paper:
        embedded = paper.pages[0].Resources.XObject.Im0
        assert isinstance(embedded, Stream) and embedded.Filter == Name.DCTDecode
        kept = embedded.read_raw_bytes()
    assert files.CAMERA.encode() not in kept and b"my secret" not in kept
    assert kept.endswith(b"\xff\xd9") and kept.count(b"\xff\xd8") == 1
    assert files.encoded_colour(kept, (4, 4)) == files.encoded_colour(files.jpeg(), (4, 4))


@pytest.mark.parametrize(
    ("picture", "around"),
    [
        (b"no picture", ()),
        (b"\xff\xd8\xff", ()),
        (b"\xff\xd8\xff\xe1\x00\x01" + TOLD[2:], ()),
        (TOLD[:20], ()),
        (TOLD[:2] + b"\x00" + TOLD[2:], ()),
        (TOLD[:2] + TOLD, ()),
        (TOLD, (Name.LZWDecode,)),
        (TOLD, (Name.DCTDecode, Name.FlateDecode)),
    ],
    ids=["no JPEG", "nothing", "no length", "cut off", "a stray byte", "one in one", "a filter unknown", "in itself"],
)
def test_a_picture_that_cannot_be_read_on_is_refused(picture: bytes, around: tuple[Name, ...]) -> None:
    assert refused(files.saved(files.paper_with_picture(picture, around=around))) is Reason.BROKEN


def test_a_picture_that_unpacks_to_more_than_a_page_needs_is_refused_behind_another_filter(bomb: bytes) -> None:
    paper = files.paper_with_picture(b"")
    shown = paper.pages[0].Resources.XObject.Im0
    assert isinstance(shown, Stream)
    around = pikepdf.Array([Name.ASCII85Decode, Name.FlateDecode, Name.DCTDecode])
    shown.write(files.PACKED[Name.ASCII85Decode](bomb), filter=around)
    assert refused(files.saved(paper)) is Reason.BROKEN


# ---- More than one file in one


def test_what_stands_behind_or_in_front_is_gone() -> None:
    archive = b"PK\x03\x04" + b"archived" * 10 + b"PK\x05\x06"
    assert b"archived" not in clean_paper(files.pdf() + archive).data
    assert clean_paper(b"\r\n\r\n" + files.pdf()).data.startswith(b"%PDF-")


def test_what_stood_there_before_is_gone() -> None:
    """Changes are added at the end of a PDF: what was painted over, or taken out, is still in it."""
    earlier = files.saved(files.paper(content=b"(covered up) Tj"), compress_streams=False)
    at = earlier.rindex(b"startxref")
    covered = re.search(rb"(\d+) 0 obj\s*<<[^>]*>>\s*stream\s*\(covered up\)", earlier)
    assert covered
    number = covered[1]
    start = len(earlier)
    change = number + b" 0 obj\n<< /Length 3 >>\nstream\nq Q\nendstream\nendobj\n"
    table = b"xref\n%d 1\n%010d 00000 n \n" % (int(number), start)
    before = int(earlier[at:].split()[1])
    trailer = re.search(rb"trailer\s*<<(.*?)>>\s*startxref", earlier, re.DOTALL)
    assert trailer
    ending = b"trailer\n<<%s /Prev %d >>\nstartxref\n%d\n%%%%EOF\n" % (trailer[1], before, start + len(change))
    later = earlier + change + table + ending
    assert b"covered up" in later
    clean = clean_paper(later)
    assert b"covered up" not in plain(clean.data) and b"q Q" in plain(clean.data)


# ---- Ones that aren't taken


def test_one_that_needs_a_password_is_locked() -> None:
    assert refused(files.saved(files.paper(), encryption=Encryption(user="open", owner="sesame"))) is Reason.LOCKED


def test_one_that_anybody_can_open_is_taken_and_open_from_then_on() -> None:
    """Banks keep their statements from being changed; to read them takes no password."""
    clean = clean_paper(files.saved(files.paper(), encryption=Encryption(user="", owner="sesame")))
    with Pdf.open(BytesIO(clean.data)) as paper:
        assert not paper.is_encrypted


def test_as_many_pages_as_may_be_and_one_more() -> None:
    assert clean_paper(files.pdf(limits.MOST_PAGES)).pages == limits.MOST_PAGES
    assert refused(files.pdf(limits.MOST_PAGES + 1)) is Reason.TOO_MANY_PAGES


def test_one_without_pages_is_broken() -> None:
    assert refused(files.saved(Pdf.new())) is Reason.BROKEN


@pytest.mark.parametrize("part", [0.2, 0.5, 0.9, 0.99])
@pytest.mark.parametrize("linearize", [False, True])
def test_one_that_was_cut_off_is_refused(part: float, linearize: bool) -> None:
    whole = files.saved(files.paper(20), linearize=linearize)
    assert refused(whole[: int(len(whole) * part)]) is Reason.BROKEN


def test_one_whose_table_is_wrong_is_mended() -> None:
    """Programs that write PDFs often count wrong; every viewer looks for itself then."""
    data = re.sub(rb"startxref\n\d+", b"startxref\n7", files.pdf(2))
    assert clean_paper(data).pages == 2


@pytest.mark.parametrize("data", [b"%PDF-1.7", b"%PDF-1.7\n%%EOF", b"%PDF-1.7\n" + b"<<" * 100_000 + b"\n%%EOF"])
def test_nonsense_is_broken(data: bytes) -> None:
    assert refused(data) is Reason.BROKEN


# ---- Bombs


@pytest.fixture(scope="module")
def bomb() -> bytes:
    return files.bomb(limits.MOST_UNPACKED_BYTES // 1_000_000 + 1)


def test_a_stream_that_unpacks_to_more_than_a_page_needs_is_refused(bomb: bytes) -> None:
    assert len(bomb) < 500_000
    paper = files.paper()
    content = Stream(paper, b"")
    content.write(bomb, filter=Name.FlateDecode)
    paper.pages[0].Contents = content
    assert refused(files.saved(paper, compress_streams=False)) is Reason.BROKEN


def test_a_stream_that_is_packed_twice_is_refused() -> None:
    paper = files.paper()
    content = Stream(paper, b"")
    content.write(files.bomb(1), filter=pikepdf.Array([Name.FlateDecode, Name.FlateDecode]))
    paper.pages[0].Contents = content
    assert refused(files.saved(paper, compress_streams=False)) is Reason.BROKEN


def test_pages_that_hold_themselves_end() -> None:
    paper = files.paper()
    paper.Root.Pages.Kids.append(paper.Root.Pages)
    data = files.saved(paper)
    with pytest.raises(NotAccepted):
        clean_paper(data)
