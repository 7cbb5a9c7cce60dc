"""What one kind of server does unlike another. Each field was met in a real one; ``dialects`` has the kinds."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, Self

from simulators.library.fitting import fitted

Encoding = Literal["cp850", "utf-8", "latin-1", "ascii"]
Flags = Literal["blanks", "N"]
Numbers = Literal["zeros", "blanks", "unknown"]


@dataclass(frozen=True, slots=True)
class Dialect:
    """Fields are in the order in which they matter: the frame, the talk, what is told, what is done."""

    name: str = "standard"

    # The frame
    encoding: Encoding = "cp850"
    """What the encoding lacks loses its accents, as Evergreen does it; what is left then becomes ``?``."""
    terminator: Literal["\r", "\r\n", "\n"] = "\r"
    """What ends an answer."""
    line_feed: Literal["ignored", "dropped", "required"] = "ignored"
    """A line feed after the carriage return of a request: passed over; a bad frame, which drops the connection; or
    awaited, so that a request without one is never answered."""
    delimiter: Literal["|", "^", "~"] = "|"
    longest: int | None = 255
    """Values are cut to so many characters."""
    error_detection: Literal["mirrored", "never", "checksum", "always"] = "mirrored"
    """AY and AZ as in the request; neither, whatever was sent; AZ only; AZ even where the request had none."""
    sequence_checked: bool = False
    """The sequence number must grow by one, or the connection is dropped (invenio-sip2)."""
    card_first: bool = False
    """AA comes first and AO last."""
    numbers: Numbers = "zeros"
    """Counts as ``0005``, as ``5`` behind blanks, or not told (four blanks)."""
    flags: Flags = "blanks"
    """What a flag of the patron status that isn't set looks like; Folio writes N."""
    zone: Literal["    ", "0000", "   Z"] = "    "
    """ZZZZ in the dates of answers; with Z they are in UTC."""
    due_format: str = "%Y%m%d    %H%M%S"
    """AH, which is free text by the standard: in the manner of ``strftime``."""

    # The talk
    login: Literal["needed", "first", "never"] = "needed"
    """Before 93 only 99 is answered, all else drops the connection; ``first``: so does 99; ``never``: anything is
    answered, and 93 isn't supported."""
    failed_login: Literal["listens", "closes"] = "listens"
    without: frozenset[str] = frozenset()
    """Messages that aren't supported, such as 17, 35, 15, 65; BX says N for them."""
    unsupported: Literal["silence", "drop"] = "silence"
    """What a message that isn't supported, or isn't one, gets."""
    supported_told: Literal["whole", "short", "absent"] = "whole"
    """BX: 16 places, as far as place 9, or none."""
    check_in_out: bool = True
    """Whether 98 says Y of check-in and check-out, which work either way."""
    empty_fields: Literal["ignored", "misread", "drop"] = "ignored"
    """An optional field without a value: as if it weren't there; as a value, so that an empty AJ renews the title ''
    and an empty BP is no number; or the connection is dropped."""
    no_block_due: Literal["ignored", "required", "taken"] = "ignored"
    """The no-block due date of 29: passed over; a blank one drops the connection; or the new due date (TLC)."""
    status_needs_fields: bool = False
    """23 without AC and AD gets 96 (cap60552/php-sip2, issue 2)."""
    institution: Literal["any", "known", "empty"] = "any"
    """What AO must be for an answer: anything, the library's, or nothing."""
    one_connection: bool = False
    """A second connection waits until the first one ends."""
    idle_s: float | None = None
    """A connection on which nothing is said for so long is closed."""

    # What is told
    pin_told: Literal["always", "if sent", "never"] = "if sent"
    """CQ: also where no AD came (as N), only where one came, or never."""
    empty_pin_is_right: bool = False
    """An empty AD gets CQ Y (Koha's allow_empty_passwords)."""
    pin_needed: bool = False
    """63, 23, 29, 65 and 15 are refused without the right PIN; otherwise only a wrong one is."""
    personal_with_wrong_pin: bool = True
    """Name, counts and all the rest are told with CQ N."""
    hold_count: Literal["all", "ready"] = "all"
    """What the hold count and AS hold; CD and its count are always those that aren't ready."""
    items_as: Literal["barcodes", "titles"] = "barcodes"
    """AS, AT, AU, CD, BM and BN."""
    authors: bool = False
    """Titles read ``Title / Author``."""
    page: int | None = None
    """How many come without BQ; None: all."""
    paging: bool = True
    """Whether BP and BQ are heeded."""
    expiry_field: Literal["", "PA", "PX"] = "PA"
    """PA as YYYYMMDD, PX as the standard's date of 18 characters."""
    birth_field: Literal["", "PB", "BC"] = "PB"
    """As YYYYMMDD."""
    greeting: str = ""
    """Stands before every screen text about a person, as in Koha."""
    wording: Literal["plain", "koha", "evergreen", "codes", "none"] = "plain"
    """How reasons of refusals read: ``wording`` has the texts. none: no screen text."""
    end_message: str = ""
    """Screen text of 36."""

    # What is done
    renewal: Literal["done", "unchanged"] = "done"
    """``unchanged``: answers ok, and the due date stays."""
    renewal_ok: Literal["exact", "loose"] = "exact"
    """``loose``: says N on success and Y on a refusal."""
    refusals_say_ok: bool = False
    """A refused renewal answers ok, with renewal ok N, the old due date and the reason (Koha's older Renew.pm)."""
    title_renewal: bool = True
    """29 and 15 by AJ instead of AB."""
    pickup_change: Literal["done", "unchanged"] = "done"
    """``unchanged``: 15 with ``*`` answers ok, and the record stays."""
    pickup_told: bool = True
    """BS and BR in 16; Evergreen leaves them out of a change."""
    fee_answer_transposed: bool = False
    """38 has its date before its flag."""

    def changed(self, changes: Mapping[str, Any]) -> Self:
        """Return this dialect with some fields set, as they come from JSON or a command line.

        Raises DoesNotFit.
        """
        return replace(self, **fitted(type(self), changes))
