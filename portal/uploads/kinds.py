"""What a file is, by what stands in it; its name and what the browser says of it count for nothing."""

from enum import StrEnum

HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})
"""Major brands of HEIF pictures. Source: ISO/IEC 23008-12, annex B. AVIF, whose brand is ``avif``, is none of them."""
BEFORE_PDF = b"\xef\xbb\xbf \t\r\n\x00"
"""What programs of web shops leave in front of a PDF: blanks, ends of lines, a mark of the encoding."""
MOST_BEFORE_PDF = 64


class Kind(StrEnum):
    """Its value is the name by which Pillow knows the format of a picture."""

    JPEG = "JPEG"
    PNG = "PNG"
    HEIC = "HEIF"
    PDF = "PDF"


def kind_of(data: bytes) -> Kind | None:
    """Return what a file begins as, None if it is nothing that is taken."""
    if data.startswith(b"\xff\xd8\xff"):
        return Kind.JPEG
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return Kind.PNG
    if data[4:8] == b"ftyp" and data[8:12] in HEIC_BRANDS:
        return Kind.HEIC
    if data[:MOST_BEFORE_PDF].lstrip(BEFORE_PDF).startswith(b"%PDF-"):
        return Kind.PDF
    return None
