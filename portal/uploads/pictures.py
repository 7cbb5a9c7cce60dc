"""Pictures, drawn anew: upright, small, in sRGB on white, and nothing but the picture."""

from contextlib import suppress
from io import BytesIO

from PIL import Image, ImageCms
from PIL.Image import Transpose
from pillow_heif import options, register_heif_opener

from portal.uploads import limits
from portal.uploads.kinds import Kind
from portal.uploads.outcomes import Cleaned, NotAccepted, Reason

ORIENTATION = 0x0112
UPRIGHT = {
    2: Transpose.FLIP_LEFT_RIGHT,
    3: Transpose.ROTATE_180,
    4: Transpose.FLIP_TOP_BOTTOM,
    5: Transpose.TRANSPOSE,
    6: Transpose.ROTATE_270,
    7: Transpose.TRANSVERSE,
    8: Transpose.ROTATE_90,
}
"""What turns a picture upright, by its EXIF orientation. Source: CIPA DC-008, tag 274. A HEIC is upright already."""
SPACES = {"RGB": "RGB", "CMYK": "CMYK", "L": "GRAY"}
"""The colour space of a profile that fits a picture, by Pillow's mode."""

Image.MAX_IMAGE_PIXELS = None  # ours are asked instead, which say why
options.DECODE_THREADS = 1
register_heif_opener()


def clean_picture(data: bytes, kind: Kind) -> Cleaned:
    """Return a picture as JPEG. Of several in one file the first, or the one that the file calls its main one.

    Raises NotAccepted.
    """
    try:
        drawn = _drawn(data, kind)
    except NotAccepted:
        raise
    except MemoryError:
        raise NotAccepted(Reason.TOO_MANY_PIXELS) from None
    except Exception:  # noqa: BLE001 -- decoders raise errors of many kinds for what they can't read
        raise NotAccepted(Reason.BROKEN) from None
    written = BytesIO()
    drawn.save(written, "JPEG", quality=limits.QUALITY, optimize=True)
    return Cleaned("image/jpeg", written.getvalue(), 1, drawn.width, drawn.height)


def _drawn(data: bytes, kind: Kind) -> Image.Image:
    picture: Image.Image = Image.open(BytesIO(data), formats=(kind.value,))
    longer = max(picture.size)
    if picture.width * picture.height > _most_pixels(picture):
        raise NotAccepted(Reason.TOO_MANY_PIXELS)
    turn = None if kind is Kind.HEIC else UPRIGHT.get(_orientation(picture))
    if longer > limits.LONGEST_SIDE:
        small = [max(1, side * limits.LONGEST_SIDE // longer) for side in picture.size]
        picture.draft(None, (small[0], small[1]))  # of a JPEG only so much is decoded, and no less
    picture = _plain(picture)
    picture.thumbnail((limits.LONGEST_SIDE, limits.LONGEST_SIDE))
    drawn = _on_white(picture, _in_srgb(picture))
    return drawn if turn is None else drawn.transpose(turn)


def _most_pixels(picture: Image.Image) -> int:
    is_in_parts = picture.format in {"JPEG", "MPO"} and "progressive" not in picture.info
    return limits.MOST_PIXELS_IN_PARTS if is_in_parts else limits.MOST_PIXELS_AT_ONCE


def _orientation(picture: Image.Image) -> int:
    """Return the EXIF orientation; 1, which is upright, where it can't be read."""
    with suppress(Exception):
        return int(picture.getexif().get(ORIENTATION, 1))
    return 1


def _plain(picture: Image.Image) -> Image.Image:
    """Return a picture in a mode that can be made smaller: colours instead of a palette's numbers, 8 bits of 16."""
    if picture.mode in {"L", "RGB", "RGBA", "CMYK"}:
        return picture
    if picture.mode.startswith("I"):
        return picture.convert("I").point(lambda grey: grey * (1 / 256)).convert("L")
    if picture.mode == "1":
        return picture.convert("L")
    return picture.convert("RGBA" if picture.has_transparency_data else "RGB")


def _in_srgb(picture: Image.Image) -> Image.Image:
    """Return a picture's colours in sRGB, by its profile where it has one that fits and can be read."""
    colours = picture.convert("RGB") if picture.mode == "RGBA" else picture
    with suppress(Exception):  # colours that are somewhat off are better than none
        profile = ImageCms.ImageCmsProfile(BytesIO(picture.info["icc_profile"]))
        if profile.profile.xcolor_space.strip() == SPACES[colours.mode]:
            converted = ImageCms.profileToProfile(colours, profile, ImageCms.createProfile("sRGB"), outputMode="RGB")
            if converted is not None:
                return converted
    return colours.convert("RGB")


def _on_white(picture: Image.Image, colours: Image.Image) -> Image.Image:
    """Return a new picture of these colours, with white where there is none: what else came along stays behind."""
    drawn = Image.new("RGB", picture.size, "white")
    drawn.paste(colours, mask=picture.getchannel("A") if picture.mode == "RGBA" else None)
    return drawn
