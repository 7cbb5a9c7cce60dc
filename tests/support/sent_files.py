"""Files as people send them, and as somebody hostile does; made here, so that none lies in the repository."""

import struct
import zlib
from base64 import a85encode
from collections.abc import Callable, Sequence
from io import BytesIO
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, Stream
from PIL import Image, ImageCms, ImageDraw
from PIL.Image import Exif
from pillow_heif import from_pillow, register_heif_opener

register_heif_opener()

GPS_TAG, ORIENTATION_TAG, CAMERA_TAG = 0x8825, 0x0112, 0x0110
CAMERA = "Spycam 3000"
LAST_BLOCK = b"\x03\x00"
"""Of a packed stream, with nothing in it. Source: RFC 1951, 3.2.6."""


def picture(size: tuple[int, int] = (60, 40)) -> Image.Image:
    """Return a picture whose upper left quarter is red, its upper right green, and all else blue."""
    drawn = Image.new("RGB", size, "blue")
    draw = ImageDraw.Draw(drawn)
    draw.rectangle((0, 0, size[0] // 2 - 1, size[1] // 2 - 1), "red")
    draw.rectangle((size[0] // 2, 0, size[0], size[1] // 2 - 1), (0, 255, 0))
    return drawn


def encoded(drawn: Image.Image, form: str = "JPEG", **how: Any) -> bytes:
    written = BytesIO()
    drawn.save(written, form, **how)
    return written.getvalue()


def jpeg(size: tuple[int, int] = (60, 40), **how: Any) -> bytes:
    return encoded(picture(size), "JPEG", **{"quality": 95, "subsampling": 0, **how})


def photograph(size: tuple[int, int]) -> Image.Image:
    """Return a picture with as much in it as a camera's, so that reading it takes as long."""
    noise = Image.effect_noise((size[0] // 8, size[1] // 8), 60)
    return noise.convert("RGB").resize(size)


def exif(*, orientation: int = 1) -> Exif:
    """Return what a telephone writes beside a picture: where it was taken, by which camera, and which side is up."""
    told = Exif()
    told[ORIENTATION_TAG] = orientation
    told[CAMERA_TAG] = CAMERA
    told.get_ifd(GPS_TAG).update({1: "N", 2: (53.0, 20.0, 0.0), 3: "W", 4: (6.0, 15.0, 0.0)})
    return told


def encoded_colour(data: bytes, place: tuple[int, int]) -> object:
    """Return the colour of one pixel of a JPEG."""
    return Image.open(BytesIO(data)).convert("RGB").getpixel(place)


def heic(*pictures: Image.Image, **how: Any) -> bytes:
    """Return a HEIC of one or several pictures, of which the first is the main one."""
    made = from_pillow(pictures[0])
    for other in pictures[1:]:
        made.add_from_pillow(other)
    written = BytesIO()
    made.save(written, quality=-1, **how)
    return written.getvalue()


def profile_with_red_for_green() -> bytes:
    """Return a colour profile, sRGB's own, but that what it calls red is green and the other way round."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return profile.replace(b"rXYZ", b"XXXX").replace(b"gXYZ", b"rXYZ").replace(b"XXXX", b"gXYZ")


# ---- PNG by hand


def png(width: int, height: int, *, bits: int = 8, colour_type: int = 0, rows: bytes | None = None) -> bytes:
    """Return a PNG. rows: as they are packed; None for a picture all black. Source: RFC 2083."""
    if rows is None:
        channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour_type]
        row = 1 + (width * bits * channels + 7) // 8
        packing = zlib.compressobj(9)
        packed = b"".join(packing.compress(bytes(row)) for _ in range(height)) + packing.flush()
    else:
        packed = zlib.compress(rows)
    head = struct.pack(">IIBBBBB", width, height, bits, colour_type, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", packed) + _chunk(b"IEND", b"")


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


# ---- PDF

PACKED: dict[Name, Callable[[bytes], bytes]] = {
    Name.FlateDecode: zlib.compress,
    Name.ASCII85Decode: lambda data: a85encode(data) + b"~>",
    Name.ASCIIHexDecode: lambda data: data.hex().encode() + b">",
    Name.LZWDecode: lambda data: data,  # never unpacked
    Name.DCTDecode: lambda data: data,
}


def paper(pages: int = 1, *, content: bytes = b"0 0 1 rg 10 10 80 80 re f") -> Pdf:
    """Return a PDF of pages with a blue square each."""
    made = Pdf.new()
    for _ in range(pages):
        page = made.add_blank_page(page_size=(100, 100))
        page.Contents = Stream(made, content)
    return made


def saved(made: Pdf, **how: Any) -> bytes:
    written = BytesIO()
    made.save(written, **how)
    return written.getvalue()


def pdf(pages: int = 1) -> bytes:
    return saved(paper(pages))


def paper_that_acts() -> Pdf:
    """Return a PDF with all that can act in one: scripts, launching, attached files, links, and a form."""
    made = paper()
    script = Dictionary(S=Name.JavaScript, JS=pikepdf.String("app.alert('hello')"))
    launch = Dictionary(Type=Name.Action, S=Name.Launch, F=pikepdf.String("calc.exe"))
    made.attachments["evil.exe"] = b"MZ" + b"attached"
    made.Root.OpenAction = script
    made.Root.AA = Dictionary(WC=launch)
    made.Root.Names.JavaScript = Dictionary(Names=Array([pikepdf.String("start"), script]))
    page = made.pages[0]
    page.AA = Dictionary(O=launch)
    link = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=[0, 0, 50, 50], A=launch)
    page.Annots = made.make_indirect(Array([made.make_indirect(link)]))
    with made.open_metadata() as told:
        told["dc:creator"] = [CAMERA]
    made.docinfo["/Author"] = CAMERA
    return made


def paper_with_picture(data: bytes, size: tuple[int, int] = (60, 40), *, around: Sequence[Name] = ()) -> Pdf:
    """Return a PDF of one page that shows a JPEG, as programs that scan make it.

    around: what it is packed with besides, the outermost first.
    """
    filters = Array([*around, Name.DCTDecode]) if around else Name.DCTDecode
    for one in reversed(around):
        data = PACKED[one](data)
    made = paper(content=b"q 60 0 0 40 0 0 cm /Im0 Do Q")
    shown = Stream(made, b"")
    shown.write(data, filter=filters)
    width, height = size
    shown.stream_dict = Dictionary(
        Type=Name.XObject,
        Subtype=Name.Image,
        Width=width,
        Height=height,
        ColorSpace=Name.DeviceRGB,
        BitsPerComponent=8,
        Filter=filters,
        Metadata=Stream(made, CAMERA.encode()),
    )
    made.pages[0].Resources = Dictionary(XObject=Dictionary(Im0=shown))
    return made


def filled_in_form(words: str) -> Pdf:
    """Return a PDF with a form's field that was filled in, and how it looks then."""
    made = paper()
    look = Stream(made, f"/Tx BMC BT /F1 12 Tf 2 4 Td ({words}) Tj ET EMC".encode())
    font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
    look.stream_dict = Dictionary(
        Type=Name.XObject, Subtype=Name.Form, BBox=[0, 0, 80, 20], Resources=Dictionary(Font=Dictionary(F1=font))
    )
    field = Dictionary(Type=Name.Annot, Subtype=Name.Widget, FT=Name.Tx, T="name", V=words, F=4, Rect=[10, 10, 90, 30])
    field.AP = Dictionary(N=look)
    field = made.make_indirect(field)
    made.Root.AcroForm = Dictionary(Fields=Array([field]))
    made.pages[0].Annots = Array([field])
    return made


def paper_with_hidden_layer() -> Pdf:
    """Return a PDF with a layer that isn't shown."""
    made = paper(content=b"/OC /L1 BDC 1 0 0 rg 10 10 80 80 re f EMC")
    layer = made.make_indirect(Dictionary(Type=Name.OCG, Name="Draft"))
    made.pages[0].Resources = Dictionary(Properties=Dictionary(L1=layer))
    made.Root.OCProperties = Dictionary(OCGs=Array([layer]), D=Dictionary(OFF=Array([layer])))
    return made


def bomb(megabytes: int) -> bytes:
    """Return so many megabytes of blanks, packed as streams of a PDF are: a thousandth of that.

    One megabyte is packed, by itself, and repeated: packing them all takes seconds.
    """
    blanks = b" " * 1_000_000
    packing = zlib.compressobj(9)
    first = packing.compress(blanks) + packing.flush(zlib.Z_FULL_FLUSH)
    further = packing.compress(blanks) + packing.flush(zlib.Z_FULL_FLUSH)
    checksum = zlib.adler32(b"")
    for _ in range(megabytes):
        checksum = zlib.adler32(blanks, checksum)
    return first + further * (megabytes - 1) + LAST_BLOCK + checksum.to_bytes(4, "big")
