"""Pictures are drawn anew: what is seen stays, everything else goes."""

from io import BytesIO

import pytest
from PIL import Image

from portal.uploads import Cleaned, NotAccepted, Reason, limits
from portal.uploads.kinds import Kind, kind_of
from portal.uploads.pictures import clean_picture
from tests.support import sent_files as files

RED, GREEN, BLUE, WHITE, BLACK = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255), (0, 0, 0)


def cleaned(data: bytes) -> Cleaned:
    kind = kind_of(data)
    assert kind
    return clean_picture(data, kind)


def seen(data: bytes) -> Image.Image:
    """Return what is seen of a file once it is clean."""
    return Image.open(BytesIO(cleaned(data).data), formats=("JPEG",)).convert("RGB")


def corners(data: bytes) -> list[str]:
    """Return the colours upper left, upper right, lower left and lower right."""
    shown = seen(data)
    right, lower = shown.width - 5, shown.height - 5
    return [named(shown, place) for place in ((4, 4), (right, 4), (4, lower), (right, lower))]


def named(shown: Image.Image, place: tuple[int, int]) -> str:
    colours = {"red": RED, "green": GREEN, "blue": BLUE, "white": WHITE, "black": BLACK}
    pixel = shown.getpixel(place)
    assert isinstance(pixel, tuple)
    return min(colours, key=lambda name: sum(abs(a - b) for a, b in zip(colours[name], pixel, strict=True)))


def refused(data: bytes) -> Reason:
    kind = kind_of(data)
    assert kind
    with pytest.raises(NotAccepted) as refusal:
        clean_picture(data, kind)
    return refusal.value.reason


UPRIGHT = ["red", "green", "blue", "blue"]

FORMS = {
    "JPEG": files.jpeg(),
    "progressive JPEG": files.jpeg(progressive=True),
    "grey JPEG": files.encoded(files.picture().convert("L")),
    "CMYK JPEG": files.encoded(files.picture().convert("CMYK"), quality=95, subsampling=0),
    "PNG": files.encoded(files.picture(), "PNG"),
    "PNG with alpha": files.encoded(files.picture().convert("RGBA"), "PNG"),
    "PNG with a palette": files.encoded(files.picture().convert("P"), "PNG"),
    "grey PNG with alpha": files.encoded(files.picture().convert("LA"), "PNG"),
    "PNG of one bit": files.encoded(files.picture().convert("1"), "PNG"),
    "PNG of 16 bits": files.encoded(Image.new("I;16", (60, 40), 65535), "PNG"),
    "HEIC": files.heic(files.picture()),
    "HEIC with alpha": files.heic(files.picture().convert("RGBA")),
    "several HEIC": files.heic(files.picture(), Image.new("RGB", (200, 100), "black")),
    "animated PNG": files.encoded(
        files.picture(), "PNG", save_all=True, append_images=[Image.new("RGB", (60, 40), "black")]
    ),
}


@pytest.mark.parametrize("form", FORMS)
def test_each_form_becomes_a_jpeg(form: str) -> None:
    clean = cleaned(FORMS[form])
    assert (clean.media, clean.pages, clean.width, clean.height) == ("image/jpeg", 1, 60, 40)
    shown = Image.open(BytesIO(clean.data))
    assert (shown.format, shown.mode, shown.size) == ("JPEG", "RGB", (60, 40))


@pytest.mark.parametrize(
    "form", ["JPEG", "CMYK JPEG", "PNG with alpha", "PNG with a palette", "several HEIC", "animated PNG"]
)
def test_what_is_seen_stays(form: str) -> None:
    assert corners(FORMS[form]) == UPRIGHT


@pytest.mark.parametrize(("grey", "colour"), [(65535, "white"), (0, "black")])
def test_sixteen_bits_of_grey_are_as_light_as_before(grey: int, colour: str) -> None:
    data = files.encoded(Image.new("I;16", (60, 40), grey), "PNG")
    assert corners(data) == [colour] * 4


def test_sixteen_bits_of_grey_in_the_middle_stay_in_the_middle() -> None:
    pixel = seen(files.encoded(Image.new("I;16", (60, 40), 128 * 256), "PNG")).getpixel((9, 9))
    assert isinstance(pixel, tuple) and all(126 <= part <= 130 for part in pixel)


def test_sixteen_bits_of_colour_are_as_before() -> None:
    row = b"\x00" + b"\xff\xff\x00\x00\x00\x00" * 60
    assert corners(files.png(60, 40, bits=16, colour_type=2, rows=row * 40)) == ["red"] * 4


def test_what_is_transparent_becomes_white() -> None:
    nothing = Image.new("RGBA", (60, 40), (0, 0, 0, 0))
    assert corners(files.encoded(nothing, "PNG")) == ["white"] * 4


def test_a_transparent_colour_of_a_palette_becomes_white() -> None:
    drawn = Image.new("P", (60, 40), 3)
    drawn.putpalette([0, 0, 0] * 4)
    assert corners(files.encoded(drawn, "PNG", transparency=3)) == ["white"] * 4


# ---- Which way is up


def turned(orientation: int) -> Image.Image:
    """Return the picture as a camera stores it that says, by this orientation, how to turn it back."""
    back = {2: "FLIP_LEFT_RIGHT", 3: "ROTATE_180", 4: "FLIP_TOP_BOTTOM", 5: "TRANSPOSE", 6: "ROTATE_90"}
    back |= {7: "TRANSVERSE", 8: "ROTATE_270"}
    picture = files.picture()
    return picture.transpose(Image.Transpose[back[orientation]]) if orientation in back else picture


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("form", ["JPEG", "PNG", "HEIF"])
def test_pictures_are_upright(form: str, orientation: int) -> None:
    told = files.exif(orientation=orientation)
    how = {"quality": 95, "subsampling": 0} if form == "JPEG" else {}
    data = files.encoded(turned(orientation), form, exif=told.tobytes(), **how)
    assert corners(data) == UPRIGHT
    assert (cleaned(data).width, cleaned(data).height) == (60, 40)


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
@pytest.mark.parametrize("told", [b"Exif\x00\x00nonsense", b"", b"Exif\x00\x00MM\x00*\x00\x00\x00\xff", b"x" * 60_000])
def test_a_picture_is_taken_though_what_it_tells_is_nonsense(told: bytes) -> None:
    assert corners(files.jpeg(exif=told)) == UPRIGHT


# ---- What is told beside the picture


def test_place_camera_and_comments_are_gone() -> None:
    data = files.jpeg(exif=files.exif(), comment=b"my secret", xmp=b"<x:xmpmeta>told</x:xmpmeta>", dpi=(72, 72))
    assert Image.open(BytesIO(data)).getexif().get_ifd(files.GPS_TAG), "or there is nothing to take away"
    assert files.CAMERA.encode() in data and b"my secret" in data and b"xmpmeta" in data
    clean = cleaned(data).data
    shown = Image.open(BytesIO(clean))
    assert not shown.getexif() and not shown.getexif().get_ifd(files.GPS_TAG)
    assert not {"exif", "comment", "xmp", "icc_profile"} & shown.info.keys()
    assert markers(clean) <= {0xE0, 0xDB, 0xC0, 0xC4}


@pytest.mark.parametrize("form", ["PNG", "HEIF"])
def test_place_and_camera_are_gone_from_other_forms(form: str) -> None:
    data = files.encoded(files.picture(), form, exif=files.exif())
    assert files.CAMERA.encode() in data
    clean = cleaned(data).data
    assert files.CAMERA.encode() not in clean and not Image.open(BytesIO(clean)).getexif()


def markers(data: bytes) -> set[int]:
    """Return the markers of a JPEG's segments, up to the picture itself."""
    found, at = set(), 2
    while data[at + 1] != 0xDA:
        found.add(data[at + 1])
        at += 2 + int.from_bytes(data[at + 2 : at + 4])
    return found


def test_what_hangs_on_behind_or_in_between_is_gone() -> None:
    hidden = b"<script>alert(1)</script>"
    data = files.jpeg(comment=hidden) + b"PK\x03\x04" + hidden
    assert hidden not in cleaned(data).data


def test_colours_of_another_space_are_turned_into_srgb() -> None:
    data = files.encoded(Image.new("RGB", (60, 40), RED), "PNG", icc_profile=files.profile_with_red_for_green())
    assert corners(data) == ["green"] * 4


@pytest.mark.parametrize("profile", [b"nonsense", b"\x00" * 128, b"acsp" * 40])
def test_a_profile_that_cannot_be_read_is_left_out(profile: bytes) -> None:
    assert corners(files.jpeg(icc_profile=profile)) == UPRIGHT


# ---- Large ones


def test_large_ones_are_made_smaller() -> None:
    clean = cleaned(files.jpeg((4800, 1200)))
    assert (clean.width, clean.height) == (limits.LONGEST_SIDE, 600)


def test_small_ones_stay_as_they_are() -> None:
    clean = cleaned(files.jpeg((limits.LONGEST_SIDE, 10)))
    assert (clean.width, clean.height) == (limits.LONGEST_SIDE, 10)


@pytest.mark.parametrize("size", [(1, 1), (1, 5000), (60_000, 3)])
def test_shapes_that_nobody_has(size: tuple[int, int]) -> None:
    clean = cleaned(files.encoded(Image.new("RGB", size)))
    assert clean.width and clean.height and max(clean.width, clean.height) <= limits.LONGEST_SIDE


def test_too_many_pixels_are_refused_before_any_is_decoded() -> None:
    """The picture isn't even there: were it read, it would be broken."""
    assert refused(files.png(30_000, 30_000, rows=b"")) is Reason.TOO_MANY_PIXELS
    whole = files.jpeg((16, 16))
    at = whole.index(b"\xff\xc0") + 5
    assert refused(whole[:at] + b"\x75\x30\x75\x30" + whole[at + 4 :]) is Reason.TOO_MANY_PIXELS


def test_two_hundred_megapixels_of_a_telephone_are_taken() -> None:
    data = files.encoded(Image.new("L", (16_000, 12_500), 200), quality=50)
    assert (cleaned(data).width, cleaned(data).height) == (2400, 1875)


# ---- Broken ones


@pytest.mark.parametrize("form", ["JPEG", "progressive JPEG", "PNG", "HEIC"])
@pytest.mark.parametrize("part", [0.3, 0.6, 0.8])
def test_ones_that_were_cut_off_are_refused(form: str, part: float) -> None:
    data = FORMS[form]
    assert refused(data[: int(len(data) * part)]) is Reason.BROKEN


def test_only_what_it_begins_as_is_read() -> None:
    """A GIF behind a JPEG's first bytes is no GIF here: no other decoder is asked."""
    assert refused(b"\xff\xd8\xff\xe0" + files.encoded(files.picture(), "GIF")) is Reason.BROKEN
    with pytest.raises(NotAccepted):
        clean_picture(files.encoded(files.picture(), "GIF"), Kind.JPEG)


@pytest.mark.parametrize(
    "data", [b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"]
)
def test_a_beginning_alone_is_broken(data: bytes) -> None:
    assert refused(data) is Reason.BROKEN
