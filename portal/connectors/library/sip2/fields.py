"""What a field of a message is: where it stands, and how its text becomes a value and back."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Generic, NamedTuple, TypeVar

from portal.connectors.library.sip2.dates import Due, moment_text, read_due, read_moment, read_pence
from portal.connectors.library.sip2.dialect import Dialect
from portal.connectors.library.sip2.errors import GarbledMessage

T = TypeVar("T")
MOMENT_WIDTH = 18


@dataclass(frozen=True)
class Kind(Generic[T]):
    """read: from the text of field ``id``; raises GarbledMessage. write: to a text of ``width``, 0 if it may have any.

    told: whether the value may stand in a log. shape: a pattern that each such text matches, whole, and no secret and
    nobody's name does; empty where there is none (see ``tracing``).
    """

    read: Callable[[str, str, Dialect], T]
    write: Callable[[T, int, Dialect], str]
    told: bool = False
    shape: str = ""


class Fixed(NamedTuple):
    """A field without an id, of so many characters, straight behind the message's id."""

    width: int
    kind: Kind[Any]


class Variable(NamedTuple):
    """A field with an id and a delimiter. Where it stands among others means nothing.

    always: sent even if it is empty. filled: must not be empty. repeated: any number of them, a tuple.
    Otherwise it isn't sent if it is empty or None: one server takes an empty title for one to be renewed.
    """

    id: str
    kind: Kind[Any]
    always: bool = False
    filled: bool = False
    repeated: bool = False


class Rest(NamedTuple):
    """Holds the fields that the standard doesn't know: a tuple of id and text, as they came."""


class PatronFlag(StrEnum):
    """What a patron status says, in the standard's order: each as what it stops or counts."""

    CHARGE_DENIED = "charge-denied"
    RENEWAL_DENIED = "renewal-denied"
    RECALL_DENIED = "recall-denied"
    HOLD_DENIED = "hold-denied"
    CARD_LOST = "card-lost"
    TOO_MANY_CHARGED = "too-many-charged"
    TOO_MANY_OVERDUE = "too-many-overdue"
    TOO_MANY_RENEWALS = "too-many-renewals"
    TOO_MANY_CLAIMED_RETURNED = "too-many-claimed-returned"
    TOO_MANY_LOST = "too-many-lost"
    EXCESSIVE_FINES = "excessive-fines"
    EXCESSIVE_FEES = "excessive-fees"
    RECALL_OVERDUE = "recall-overdue"
    TOO_MANY_BILLED = "too-many-billed"


class Summary(StrEnum):
    """Which items a 63 wants listed, in the standard's order; the value is the field of the 64 that lists them."""

    HOLDS = "AS"
    OVERDUE = "AT"
    CHARGED = "AU"
    FINES = "AV"
    RECALLS = "BU"
    UNAVAILABLE_HOLDS = "CD"


class HoldMode(StrEnum):
    ADD = "+"
    CANCEL = "-"
    CHANGE = "*"


def _read_done(text: str, _: str, __: Dialect) -> bool:
    """Neither a yes nor a no means that we read the wrong place, and of a write that we don't know."""
    if text not in ("0", "1", "N", "Y"):
        raise GarbledMessage("its first flag is neither yes nor no")
    return text in ("1", "Y")


def _read_count(text: str, _: str, __: Dialect) -> int | None:
    if text.strip() and not _is_number(text.strip()):
        raise GarbledMessage("a count isn't a number")
    return _number(text)


def _number(text: str) -> int | None:
    text = text.strip()
    return int(text) if _is_number(text) else None


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 9


def _write_number(value: int | None, width: int, _: Dialect) -> str:
    return " " * width if value is None else f"{value:0{width}d}"


def _write_moment(value: datetime | None, _: int, dialect: Dialect) -> str:
    return " " * MOMENT_WIDTH if value is None else moment_text(value, dialect)


def _read_flags(text: str, _: str, __: Dialect) -> frozenset[PatronFlag]:
    return frozenset(flag for flag, character in zip(PatronFlag, text, strict=True) if character == "Y")


def _read_summary(text: str, _: str, __: Dialect) -> Summary | None:
    wanted = (summary for summary, character in zip(Summary, text, strict=False) if character == "Y")
    return next(wanted, None)


def _read_mode(text: str, _: str, __: Dialect) -> HoldMode:
    if text not in set(HoldMode):
        raise GarbledMessage("no such mode of a hold")
    return HoldMode(text)


def _marks(wanted: list[bool], width: int) -> str:
    return "".join("Y" if one else " " for one in wanted).ljust(width)


TEXT = Kind[str](lambda text, *_: text.strip(), lambda value, *_: value)
CODE = Kind[str](lambda text, *_: text, lambda value, *_: value, shape="[0-9A-Z. ]{1,4}")
"""A code of the standard: kept as it is."""
DONE = Kind[bool](_read_done, lambda value, *_: "1" if value else "0", told=True, shape="[01YN]")
ENDED = Kind[bool](_read_done, lambda value, *_: "Y" if value else "N", told=True, shape="[01YN]")
YES = Kind[bool](lambda text, *_: text == "Y", lambda value, *_: "Y" if value else "N", told=True, shape="[YNU ]")
NOT_NO = Kind[bool](lambda text, *_: text != "N", lambda value, *_: "Y" if value else "N", told=True, shape="[YNU ]")
COUNT = Kind[int | None](_read_count, _write_number, told=True, shape="[0-9 ]{4}")
NUMBER = Kind[int | None](lambda text, *_: _number(text), _write_number, told=True, shape="[0-9 ]{1,4}")
PENCE = Kind[int | None](
    lambda text, field_id, _: read_pence(text, field_id=field_id),
    lambda value, *_: "" if value is None else f"{value / 100:.2f}",
)
MOMENT = Kind[datetime | None](
    lambda text, _, dialect: read_moment(text, dialect), _write_moment, shape="[0-9]{8}[A-Z0 ]{4}[0-9]{6}|[ ]{18}"
)
DUE = Kind[Due](
    lambda text, _, dialect: read_due(text, dialect),
    lambda value, *_: value.text,
    shape="[0-9]{8}[A-Z0 ]{4}[0-9]{6}|[0-9/.-]{8,10}([ T][0-9:.]{4,12})?( ?[ap]m)?",
)
FLAGS = Kind[frozenset[PatronFlag]](
    _read_flags,
    lambda value, width, _: _marks([flag in value for flag in PatronFlag], width),
    told=True,
    shape="[YN ]{14}",
)
SUMMARY = Kind[Summary | None](
    _read_summary,
    lambda value, width, _: _marks([summary is value for summary in Summary], width),
    told=True,
    shape="[YN ]{10}",
)
MODE = Kind[HoldMode](_read_mode, lambda value, *_: value.value, told=True, shape="[+*-]")
SUPPORTED = Kind[str](lambda text, *_: text, lambda value, *_: value, told=True, shape="[YN]{1,16}")
