"""PDFs, written anew: their pages and what is drawn on them, and nothing that acts, hides or was there before.

What is taken along is named (``KEPT``, and optional content, which hides layers); all else stays behind, whatever it is
called: scripts, actions, attached files, forms, links, earlier versions, who wrote it and when, and what stood in
front of the file or after it. What a form was filled in with, and notes in the margin, become part of the page first.
"""

import zlib
from io import BytesIO

import pikepdf
from pikepdf import Name, ObjectStreamMode, PasswordError, Pdf

from portal.uploads import limits
from portal.uploads.outcomes import Cleaned, NotAccepted, Reason
from portal.uploads.segments import without_metadata

KEPT = frozenset(
    {"/Type", "/Parent", "/MediaBox", "/CropBox", "/Rotate", "/UserUnit", "/Resources", "/Contents", "/Group"}
)
"""Of what a page says. Source: ISO 32000-1, table 30."""
FLATE = (Name.FlateDecode, Name("/Fl"))
JPEG = (Name.DCTDecode, Name("/DCT"))
AROUND_JPEG = (*FLATE, Name.ASCII85Decode, Name("/A85"), Name.ASCIIHexDecode, Name("/AHx"))
"""Filters that a picture may be packed with besides. Of each it is known how much it unpacks to at most."""
TOLD = ("/Metadata", "/PieceInfo")
STEP_BYTES = 1 << 20


def clean_paper(data: bytes) -> Cleaned:
    """Return a PDF written anew. Raises NotAccepted."""
    _check_end(data)
    try:
        with Pdf.open(BytesIO(data)) as paper:
            _check_pages(pages := len(paper.pages))
            _check_streams(paper)
            written = _written(paper)
    except NotAccepted:
        raise
    except PasswordError:
        raise NotAccepted(Reason.LOCKED) from None
    except Exception:  # noqa: BLE001 -- the library raises errors of many kinds for what it can't read
        raise NotAccepted(Reason.BROKEN) from None
    if len(written) > limits.MOST_BYTES:
        raise NotAccepted(Reason.TOO_LARGE)
    return Cleaned("application/pdf", written, pages)


def _check_end(data: bytes) -> None:
    """Raise NotAccepted for a file that was cut off: what is left of it might be opened, without its last pages."""
    if data.rfind(b"%%EOF") < max(data.rfind(b"endobj"), data.rfind(b"endstream"), 0):
        raise NotAccepted(Reason.BROKEN)


def _check_pages(pages: int) -> None:
    if pages > limits.MOST_PAGES:
        raise NotAccepted(Reason.TOO_MANY_PAGES)
    if not pages:
        raise NotAccepted(Reason.BROKEN)


def _check_streams(paper: Pdf) -> None:
    """Raise NotAccepted for a stream that unpacks to more than any page needs, or would be unpacked twice."""
    for thing in paper.objects:
        if isinstance(thing, pikepdf.Stream):
            packed = [filtered for filtered in _filters(thing) if filtered in FLATE]
            if len(packed) > 1 or (packed and _is_too_much(thing.read_raw_bytes())):
                raise NotAccepted(Reason.BROKEN)


def _filters(stream: pikepdf.Stream) -> list[pikepdf.Object]:
    filters = stream.get(Name.Filter)
    if isinstance(filters, pikepdf.Array):
        return list(filters)
    return [filters] if isinstance(filters, Name) else []


def _is_too_much(packed: bytes) -> bool:
    unpacking = zlib.decompressobj()
    total = 0
    try:
        while packed and total <= limits.MOST_UNPACKED_BYTES:
            total += len(unpacking.decompress(packed, STEP_BYTES))
            packed = unpacking.unconsumed_tail
    except zlib.error:  # damaged, or in another filter's hands: no viewer unpacks more of it
        pass
    return total > limits.MOST_UNPACKED_BYTES


def _written(paper: Pdf) -> bytes:
    """Return the pages as a new PDF: of the old one only what they need is copied."""
    paper.generate_appearance_streams()
    paper.flatten_annotations("screen")
    new = Pdf.new()
    for page in paper.pages:
        new.pages.append(page)
        for name in set(new.pages[-1].obj.keys()) - KEPT:
            del new.pages[-1].obj[name]
    if isinstance(layers := paper.Root.get(Name.OCProperties), pikepdf.Dictionary):
        new.Root.OCProperties = new.copy_foreign(paper.make_indirect(layers))
    for thing in new.objects:
        if isinstance(thing, pikepdf.Dictionary | pikepdf.Stream):
            _quieten(new, thing)
    written = BytesIO()
    new.save(written, object_stream_mode=ObjectStreamMode.generate, deterministic_id=True)
    return written.getvalue()


def _quieten(new: Pdf, thing: pikepdf.Dictionary | pikepdf.Stream) -> None:
    """Take away what a part of a page tells about itself: where and when a picture in it was taken."""
    for name in TOLD:
        if name in thing:
            del thing[name]
    if isinstance(thing, pikepdf.Stream) and any(one in JPEG for one in _filters(thing)):
        picture = without_metadata(_unwrapped(new, thing))
        thing.write(picture, filter=Name.DCTDecode)  # its parameters tell of colours what the picture tells itself


def _unwrapped(new: Pdf, picture: pikepdf.Stream) -> bytes:
    """Return a JPEG that was packed once more, as some programs do. Raises NotAccepted for what isn't packed so."""
    data, (*around, innermost) = picture.read_raw_bytes(), _filters(picture)
    if innermost not in JPEG:
        raise NotAccepted(Reason.BROKEN)
    for one in around:
        if one not in AROUND_JPEG or (one in FLATE and _is_too_much(data)):
            raise NotAccepted(Reason.BROKEN)
        data = pikepdf.Stream(new, data, Filter=one).read_bytes()
    return data
