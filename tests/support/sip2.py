"""SIP2 for tests: answers as each kind of server writes them, about invented people, and any message by hypothesis."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from portal.connectors.library.sip2 import fields
from portal.connectors.library.sip2.dates import read_due
from portal.connectors.library.sip2.dialect import DELIMITERS, ENCODINGS, LONDON, Dialect, HoldCount, ZoneForm
from portal.connectors.library.sip2.fields import Fixed, HoldMode, Kind, PatronFlag, Summary, Variable
from portal.connectors.library.sip2.framing import checksum
from portal.connectors.library.sip2.layout import Message

CARD, PIN, NAME = "29731000456218", "Otter-9x", "Róisín Quill"
SECRETS = (CARD, PIN, NAME, "Quill", "14 Fuller", "roisin@", "Tides of", "19840229")
TUESDAY = datetime(2026, 11, 24, 10, 30, tzinfo=UTC)

KOHA = Dialect(institution="CPL", encoding="utf-8", hold_count=HoldCount.READY, expiry="XE")
EVERGREEN = Dialect(institution="MILLBROOK", encoding="utf-8", expiry="PA", birth="PB")
FOLIO = Dialect(institution="mill", error_detection=False)
POLARIS = Dialect(institution="5", encoding="latin-1", expiry="PX")
SIERRA = Dialect(encoding="ascii", delimiter="^")


def ended(text: str, dialect: Dialect, *, sequence: int | None = None) -> bytes:
    """Return a line with its tail, put together here and not by the portal's framing."""
    line = text.encode(dialect.encoding)
    if sequence is not None:
        line += f"AY{sequence}AZ".encode()
        line += checksum(line).encode()
    return line


SAMPLES: dict[str, tuple[bytes, Dialect]] = {
    # The library's id comes last or late, the name first; a long screen text that Koha always begins alike.
    "koha 64": (
        ended(
            "64              00120261124    103001000100010002000000000002AOCPL"
            f"|AA{CARD}|AE{NAME}|BLY|CQY|BHGBP|BV4.5|CC10|AU35001|AU35002|BD14 Fuller Row\nMillbrook"
            "|BEroisin@mail.example|XE2027-03-31|AFGreetings from Koha. |",
            KOHA,
            sequence=4,
        ),
        KOHA,
    ),
    "koha 64, unknown card": (
        ended(
            f"64YYYY          00120261124    103001000000000000000000000000AOCPL|AA{CARD}|AE|BLN|AFInvalid cardnumber|",
            KOHA,
            sequence=5,
        ),
        KOHA,
    ),
    "koha 24": (
        ended(
            f"24    Y     Y   00120261124    103002AE{NAME}|AA{CARD}|BLY|CQN"
            "|AFGreetings from Koha.  -- Invalid password|AOCPL|",
            KOHA,
            sequence=6,
        ),
        KOHA,
    ),
    "koha 30, refused": (
        ended(
            f"300NUN20261124    103003AA{CARD}|AB35001|AJTides of the Holm|AH|AOCPL"
            "|AFItem has reached maximum renewals|",
            KOHA,
            sequence=7,
        ),
        KOHA,
    ),
    "koha 66": (
        ended(
            "6610002000120261124    103004AOCPL|BM35001|BM35002|C4::SIP::SIPServer=HASH(0x55d0c8)BN35003|",
            KOHA,
            sequence=8,
        ),
        KOHA,
    ),
    "evergreen 64": (
        ended(
            "64  Y       Y   00020261124    103005000500000001000000000003AOMILLBROOK"
            f"|AA{CARD}|AEQuill, Róisín|BHGBP|BV1,234.50|BLY|CQY|PA20270331|PB19840229"
            "|PCAdult|PIY|AQMB-CENTRAL|AS35010|AS35011|",
            EVERGREEN,
            sequence=1,
        ),
        EVERGREEN,
    ),
    "evergreen 18": (
        ended(
            "1804000120261124    103006AB35001|AJTides &#124; Holm|CK001"
            "|AQMB-CENTRAL|APMB-CENTRAL|BGMB|AH2026-12-01 23:59:59|CF2|",
            EVERGREEN,
            sequence=2,
        ),
        EVERGREEN,
    ),
    "evergreen 18, unknown item": (ended("1801010120261124    103007ABnone|AJ|", EVERGREEN, sequence=3), EVERGREEN),
    "evergreen 98": (
        ended("98YYYYNN60000320261124    1030082.00AOMILLBROOK|BXYYYYYYYYYYYNYYYY|", EVERGREEN, sequence=0),
        EVERGREEN,
    ),
    "folio 30": (
        ended(
            f"301YUU20261124    103009AOmill|AA{CARD}|AB35001|AJTides of the Holm|AH20261208    235959|",
            FOLIO,
        ),
        FOLIO,
    ),
    "folio 64, a page in two texts": (
        ended(
            "64              00120261124    103010    00000003        0000AOmill"
            f"|AA{CARD}|AEQuill Roisin|BLY|CQY|AFYour fines are|AFlisted below|CGa1|FA1,204.00|",
            FOLIO,
        ),
        FOLIO,
    ),
    "polaris 64": (
        ended(
            "64              00120261124    103011   1   0   2   0   0   4AO5"
            f"|AA{CARD}|AEQuill, Róisín|BZ0050|CA0010|CB 20|BLY|CQY|BHGBP|BV£12.50|PAC1|PX20270331    235959|PYN|U1x|",
            POLARIS,
            sequence=2,
        ),
        POLARIS,
    ),
    "sierra 64": (
        ended(
            "64              00120261124000010301200020000000100000000    "
            f"AOmill^AA{CARD}^AEQUILL, ROISIN^BLY^CQY^BV12^",
            SIERRA,
            sequence=9,
        ),
        SIERRA,
    ),
    "sierra 16": (
        ended(f"161N202611240000103013BR3^BSmb^AOmill^AA{CARD}^AB35010^", SIERRA, sequence=9),
        SIERRA,
    ),
    "invenio 94": (ended("941", EVERGREEN, sequence=0), EVERGREEN),
    "invenio 36": (ended(f"36Y20261124    103014AOmill|AA{CARD}|", EVERGREEN, sequence=4), EVERGREEN),
    "a request 63": (
        ended(f"6300120261124    103015  Y       AOCPL|AA{CARD}|AD{PIN}|BP1|BQ7|", KOHA, sequence=1),
        KOHA,
    ),
}
"""By server and message: a line, and the dialect of its site."""


def dialects() -> st.SearchStrategy[Dialect]:
    return st.builds(
        Dialect,
        encoding=st.sampled_from(ENCODINGS),
        delimiter=st.sampled_from(DELIMITERS),
        crlf=st.booleans(),
        error_detection=st.booleans(),
        zone=st.sampled_from([LONDON, ZoneInfo("Europe/Dublin"), ZoneInfo("America/New_York")]),
        zone_form=st.sampled_from(ZoneForm),
    )


def texts(dialect: Dialect, *, longest: int = 60) -> st.SearchStrategy[str]:
    """Return texts that can be sent and aren't empty; a blank at an end would not come back."""
    return (
        st.text(st.characters(codec=dialect.encoding, exclude_characters=dialect.delimiter), max_size=longest)
        .map(str.strip)
        .filter(lambda text: bool(text) and text.isprintable() and f"&#{ord(dialect.delimiter)};" not in text)
    )


def moments(dialect: Dialect) -> st.SearchStrategy[datetime]:
    """Return moments to the second, without the hour that local time has twice."""
    return (
        st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 -- they get one
        .map(lambda at: at.replace(microsecond=0))
        .filter(lambda at: at.astimezone(dialect.zone).fold == 0)
    )


def values(kind: Kind[Any], width: int, dialect: Dialect) -> st.SearchStrategy[Any]:
    """Return values of a kind of field. width: 0 for a variable one."""
    digits = {1: 9, 3: 999, 4: 9999}.get(width, 10**9 - 1)
    written = moments(dialect).map(lambda at: f"{at.astimezone(dialect.zone):%d/%m/%Y %H:%M}")
    by_kind: list[tuple[Kind[Any], st.SearchStrategy[Any]]] = [
        (fields.TEXT, texts(dialect)),
        (fields.CODE, st.text("0123456789", min_size=width, max_size=width)),
        (fields.COUNT, st.none() | st.integers(0, digits)),
        (fields.NUMBER, (st.none() if width else st.nothing()) | st.integers(0, digits)),
        (fields.PENCE, st.integers(-(10**8), 10**8)),
        (fields.MOMENT, moments(dialect)),
        (fields.DUE, (written | texts(dialect)).map(lambda text: read_due(text, dialect))),
        (fields.FLAGS, st.frozensets(st.sampled_from(PatronFlag))),
        (fields.SUMMARY, st.none() | st.sampled_from(Summary)),
        (fields.MODE, st.sampled_from(HoldMode)),
        (fields.SUPPORTED, st.text("YN", min_size=1, max_size=16)),
    ]
    return next((strategy for one, strategy in by_kind if one is kind), st.booleans())


def messages(of: type[Message], dialect: Dialect) -> st.SearchStrategy[Message]:
    """Return messages of one kind, each field with a value that its text gives back."""

    def value(field: Fixed | Variable) -> st.SearchStrategy[Any]:
        if isinstance(field, Fixed):
            return values(field.kind, field.width, dialect)
        one = values(field.kind, 0, dialect)
        if field.repeated:
            return st.lists(one, max_size=4).map(tuple)
        if field.filled:
            return one
        return (st.just("") if field.always else st.none()) | one

    places: dict[str, Fixed | Variable] = {**of.layout.fixed, **of.layout.variable}
    given: dict[str, st.SearchStrategy[Any]] = {name: value(field) for name, field in places.items()}
    if of.layout.rest:
        other = st.tuples(st.sampled_from(["PA", "PX", "XE", "U1"]), texts(dialect))
        given[of.layout.rest] = st.lists(other, max_size=3).map(tuple)
    if {"item", "title"} <= given.keys():
        given["item"] = texts(dialect)
    return st.builds(of, **given)
