"""Files are told apart by what stands in them."""

import pytest

from portal.uploads.kinds import Kind, kind_of
from tests.support import sent_files as files

HTML = b"<!doctype html><script>alert(1)</script>"


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (files.jpeg(), Kind.JPEG),
        (files.encoded(files.picture(), "PNG"), Kind.PNG),
        (files.heic(files.picture()), Kind.HEIC),
        (files.pdf(), Kind.PDF),
        (b"\xef\xbb\xbf\r\n\r\n" + files.pdf(), Kind.PDF),
    ],
)
def test_what_is_taken(data: bytes, kind: Kind) -> None:
    assert kind_of(data) is kind


@pytest.mark.parametrize(
    "data",
    [
        files.encoded(files.picture(), "GIF"),
        files.encoded(files.picture(), "WEBP"),
        files.encoded(files.picture(), "TIFF"),
        files.encoded(files.picture(), "BMP"),
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        b"\x00\x00\x00\x20ftypavif\x00\x00\x00\x00avifmif1miaf",
        b"\x00\x00\x00\x20ftypmp42\x00\x00\x00\x00mp42isom",
        b"PK\x03\x04" + files.pdf(),
        HTML + files.jpeg(),
        HTML + files.pdf(),
        b"\x00" * 1000 + files.pdf(),
        b"%!PS-Adobe-3.0",
        b"MZ\x90\x00",
        b"\xff\xd8",
        b"%PDF",
        b" ",
    ],
)
def test_what_is_not(data: bytes) -> None:
    assert kind_of(data) is None
