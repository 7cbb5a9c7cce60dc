"""What can come of a file that somebody sent."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

Media = Literal["image/jpeg", "application/pdf"]


class Reason(StrEnum):
    """Why a file isn't accepted; words are made at the edge."""

    EMPTY = "empty"
    TOO_LARGE = "too-large"
    """More than ``limits.MOST_BYTES``; or a PDF that is more once it is written anew."""
    TYPE = "type"
    """Neither JPEG, PNG, HEIC nor PDF, whatever it is called."""
    BROKEN = "broken"
    """It says that it is one of them, and can't be read as one: cut off, damaged, or a bomb."""
    TOO_MANY_PIXELS = "too-many-pixels"
    LOCKED = "locked"
    """A PDF that doesn't open without a password."""
    TOO_MANY_PAGES = "too-many-pages"
    TOOK_TOO_LONG = "took-too-long"


class NotAccepted(Exception):
    """The file can't be used; another one has to be sent."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A file made safe. pages: 1 of a picture. width, height: of a picture, in pixels; None of a PDF."""

    media: Media
    data: bytes = field(repr=False)
    pages: int
    width: int | None = None
    height: int | None = None
