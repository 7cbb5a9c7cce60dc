"""The segments of a JPEG file, for those that stay as they are in a PDF: drawing them again would make them worse."""

START, SCAN, COMMENT = b"\xff\xd8", 0xDA, 0xFE
SEGMENT = 0xFF
TOLD = frozenset({*range(0xE1, 0xEE), 0xEF, COMMENT})
"""Markers of what is told about a picture: APP1 to APP13 (EXIF, XMP, thumbnails), APP15, comments. Not APP0 (JFIF) and
APP14 (Adobe), which say how its colours are to be read. Source: ITU-T T.81, B.1.1.3 and B.2.
"""


def without_metadata(data: bytes) -> bytes:
    """Return a JPEG without what it tells besides the picture; as it is from where it can't be read on."""
    if not data.startswith(START):
        return data
    kept, at = [START], len(START)
    while at + 4 <= len(data) and data[at] == SEGMENT and data[at + 1] != SCAN:
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4])
        if data[at + 1] not in TOLD:
            kept.append(data[at:end])
        at = end
    return b"".join((*kept, data[at:]))
