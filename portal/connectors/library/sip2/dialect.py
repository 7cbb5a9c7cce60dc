"""What differs from one library's SIP2 to the next, as settings of a site."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from portal.connectors.library.sip2.errors import BadSetting

LONDON = ZoneInfo("Europe/London")
ENCODINGS = ("cp850", "utf-8", "latin-1", "ascii")
DELIMITERS = ("|", "^", "~")
NO_FIELD = "none"


class NoBlockDue(StrEnum):
    """What is sent as the due date of a renewal that the server may not refuse, though we never ask for such a one."""

    TRANSACTION = "transaction"
    BLANKS = "blanks"
    OLD_DUE = "old-due"


class HoldCount(StrEnum):
    """What the number of holds in a 64 counts."""

    ALL = "all"
    READY = "ready"


class Listed(StrEnum):
    """As what a 64 lists loans or holds."""

    BARCODES = "barcodes"
    TITLES = "titles"


class ZoneForm(StrEnum):
    """How a moment names its zone: local time with four blanks or ``0000``, or UTC with ``Z``."""

    BLANKS = "blanks"
    ZEROS = "0000"
    UTC = "utc"


class DateOrder(StrEnum):
    """How ``01/12/2026`` is meant."""

    DAY_FIRST = "dmy"
    MONTH_FIRST = "mdy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How one site's server wants to be spoken to, and what it means by what it says.

    In the query of the library's address each setting goes by its own name, with ``-`` for ``_``; yes and no are
    ``yes`` and ``no``. The defaults are the standard's; ``docs/sip2.md`` says which server needs something else.

    institution: sent as AO in every message. Some answer only to their own code, others only if it is empty.
    location: sent as CP at login: a branch, or FOLIO's service point. Left out if empty.
    terminal_password: sent as AC.
    login: whether 93 opens a connection. Without it a site knows us by our address.
    status: whether 99 follows. Evergreen and Koha speak SIP 1.00 until they get one, and then leave out BL and CQ.
    encoding: ``cp850``, ``utf-8``, ``latin-1`` or ``ascii``.
    delimiter: ends a variable field: ``|``, ``^`` or ``~``.
    crlf: end messages with CR LF rather than CR alone, which the standard wants. All ends are understood.
    error_detection: send sequence numbers and checksums, and check those that come. FOLIO can't read a message that
        has them unless it is told to expect them, and refuses one without if it is; SirsiDynix insists on them.
    pin_needed: whether 63 is answered only with a PIN. Then nothing can be read between a resident's sessions.
    no_block_due: ``transaction`` (now), ``blanks`` or ``old-due`` in a 29. Some reject blanks and close; TLC takes what
        we send as the new due date, so there ``old-due`` at least changes nothing.
    hold_count: ``all`` (Evergreen, Sierra: those ready are this less the unavailable) or ``ready`` (Koha, Polaris).
    zone: of the library: what local times mean.
    zone_form: ``blanks``, ``0000`` (Palace's name for it is generic) or ``utc``. All are understood.
    date_order: ``dmy`` or ``mdy``, for due dates with the year at the end.
    currency: three letters, for amounts that don't name theirs.
    expiry: the field of a 64 that holds the day on which a card expires: ``PA`` (Evergreen), ``PX`` (Polaris, whose PA
        is something else), any that Koha is set to send, or ``none``.
    birth: the field of a 64 that holds the day of birth: ``PB`` (Evergreen, Koha; Atriuum puts junk there), ``BC``
        (Polaris), or ``none``.
    end_session: whether 35 is sent before a connection is used for another card. AGVerso doesn't know it.
    item_information: whether 17 may be asked, without which most sites give barcodes for titles, and none a due date.
    loans, holds: whether a 64 lists ``barcodes`` or ``titles`` (Evergreen's msg64_summary_datatype and
        msg64_hold_datatype; Polaris). Of titles nothing more can be asked, and they are renewed and cancelled by them.
    itemised_charges: whether a 64 lists what each charge is for, besides their sum.
    renewals, cancel_holds, change_pickup: what residents may do here. The last is off: few servers do it, and some that
        don't say that they did.
    """

    institution: str = ""
    location: str = ""
    terminal_password: str = field(default="", repr=False)
    login: bool = True
    status: bool = True
    encoding: str = "cp850"
    delimiter: str = "|"
    crlf: bool = False
    error_detection: bool = True
    pin_needed: bool = False
    no_block_due: NoBlockDue = NoBlockDue.TRANSACTION
    hold_count: HoldCount = HoldCount.ALL
    zone: ZoneInfo = LONDON
    zone_form: ZoneForm = ZoneForm.BLANKS
    date_order: DateOrder = DateOrder.DAY_FIRST
    currency: str = "GBP"
    expiry: str = NO_FIELD
    birth: str = NO_FIELD
    end_session: bool = True
    item_information: bool = True
    loans: Listed = Listed.BARCODES
    holds: Listed = Listed.BARCODES
    itemised_charges: bool = True
    renewals: bool = True
    cancel_holds: bool = True
    change_pickup: bool = False


def dialect_of(query: Mapping[str, str], *, zone: ZoneInfo = LONDON) -> Dialect:
    """Return the dialect that the query of a library's address describes, less what is about the connection.

    zone: where it names none. Raises BadSetting, which names the setting.
    """
    unknown = sorted(set(query) - set(SETTINGS))
    if unknown:
        raise BadSetting(f"{unknown[0]}: no such setting; there are {', '.join(sorted(SETTINGS))}")
    settings: dict[str, Any] = {_attribute(name): _read(name, text) for name, text in query.items()}
    dialect = Dialect(**{"zone": zone} | settings)
    for name in ("institution", "location", "terminal_password"):
        if dialect.delimiter in getattr(dialect, name):
            raise BadSetting(f"{_name(name)}: holds the delimiter")
    return dialect


def _read(name: str, text: str) -> object:
    value = SETTINGS[name](text)
    if value is None:
        raise BadSetting(f"{name}: can't be that")
    return value


def _name(attribute: str) -> str:
    return attribute.replace("_", "-")


def _attribute(name: str) -> str:
    return name.replace("-", "_")


def _text(text: str) -> str | None:
    return text if text.isprintable() and len(text) <= 255 else None


def _yes(text: str) -> bool | None:
    return {"yes": True, "no": False}.get(text)


def _zone(text: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(text)
    except (ValueError, OSError, KeyError):
        return None


def _currency(text: str) -> str | None:
    return text if len(text) == 3 and text.isascii() and text.isalpha() and text.isupper() else None


def _field(text: str) -> str | None:
    looks_like_one = len(text) == 2 and text.isascii() and text.isalnum() and text == text.upper()
    return text if text == NO_FIELD or looks_like_one else None


def _one_of(*allowed: str) -> Callable[[str], str | None]:
    return lambda text: text if text in allowed else None


def _reader(kind: object) -> Callable[[str], object]:
    if kind is bool:
        return _yes
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return lambda text: kind(text) if text in set(kind) else None
    return _text


SETTINGS: dict[str, Callable[[str], object]] = {_name(each.name): _reader(each.type) for each in fields(Dialect)} | {
    "encoding": _one_of(*ENCODINGS),
    "delimiter": _one_of(*DELIMITERS),
    "zone": _zone,
    "currency": _currency,
    "expiry": _field,
    "birth": _field,
}
"""Each setting's name in an address, and what reads it: None for a value that it can't have."""
