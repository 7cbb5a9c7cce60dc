"""What the invented library of Millbrook has on its shelves. No such books exist, nor their authors."""

from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Literal

Kind = Literal["book", "audio", "quick", "film"]

INSTITUTION = "MILLBROOK"

BRANCHES = {
    "CEN": "Millbrook Central Library",
    "WEA": "Weavers Green Library",
    "STA": "Station Road Library",
    "HAL": "Hallow Hill Library",
    "MOB": "Mobile Library",
}
"""Codes, as BS, AQ and AP have them, to names."""

MEDIA = {"book": "001", "audio": "006", "quick": "001", "film": "006"}
"""CK: 001 book, 006 compact disc."""


@dataclass(frozen=True, slots=True)
class Title:
    """kind: quick choices aren't renewed, films cost something to renew."""

    number: int
    name: str
    author: str
    kind: Kind = "book"


@dataclass(frozen=True, slots=True)
class Item:
    """A copy of a title. barcode: 39999, four digits of nothing, the title's number in three, the copy's in two."""

    barcode: str
    title: Title
    home: str


_LONG = (
    "An Enquiry into the Several Waters of Millbrook and its Hundred, with an Account of the Mills, Weirs, Leats,"
    " Sluices, Fords and Footbridges thereupon, the Customs of the Millers and Weavers, the Great Flood, the Lesser"
    " Flood, and the Dry Summer that Followed; to which is Added a Table of Tolls"
)
"""Longer than the 255 characters of a value."""

_BY_HAND: tuple[tuple[str, str, Kind], ...] = (
    ("The Lamplighter’s Almanac", "Orla Tennick", "book"),
    ("Salt in the Weir", "Dov Harrowgate", "book"),
    ("A Ferry for Tuesday", "Imelda Crake", "book"),
    ("What the Heron Counted", "Pascoe Winnard", "book"),
    ("Mending Walls and Other Quarrels", "Tamsin Ockley", "book"),
    ("The Beekeeper’s Ledger", "Aled Merrifold", "book"),
    ("Bread for Beginners, Slowly", "Nuala Spraggett", "book"),
    ("Forty Knots and a Half Hitch", "Barnaby Quill-Hart", "book"),
    ("The Winter Allotment", "Hester Longmire", "book"),
    ("Small Engines, Patiently", "Gwil Tansley", "book"),
    ("The Otter who Wouldn’t Queue", "Posy Fennimore", "book"),
    ("Grandmother Owl’s Bicycle", "Posy Fennimore", "book"),
    ("How Deep is a Puddle?", "Ignatius Bell-Rowe", "book"),
    ("Twelve Snails to Market", "Ignatius Bell-Rowe", "book"),
    ("Dragons of the Bus Station", "Marnie Toft", "book"),
    ("Y Môr a’r Gŵr o’r Tŷ Gwyn", "Eleri Llwydfaen", "book"),  # ŵ and ŷ: not in CP850, nor in Latin-1
    ("Cwm y Dŵr", "Eleri Llwydfaen", "book"),
    ("Żółta łódź na rzece", "Jagna Wierzbowiecka", "book"),  # Polish: not in CP850
    ("Čas kávy a větru", "Zora Hlaváčová", "book"),
    ("Лодка и ветер", "В. Н. Заречная", "book"),  # in no encoding but UTF-8
    ("Café Noël, été comme hiver", "Solène d’Arquebois", "book"),  # in CP850, but for the quotation mark
    ("The Price of 12|14 Mill Lane", "Corin Vasey", "book"),  # the delimiter in a value
    ("Rooks ^ Rafters ~ Rain", "Corin Vasey", "book"),  # and those of other sites
    (_LONG, "Obadiah Thrupp", "book"),
    ("The Signalman’s Daughter", "Fern Abbotsley", "quick"),
    ("Nobody’s Tide", "Dov Harrowgate", "quick"),
    ("Ashes at the Regatta", "Imelda Crake", "quick"),
    ("Night Bus to Hallow Hill", "Fern Abbotsley", "audio"),
    ("The Clockwork Orchard", "Orla Tennick", "audio"),
    ("A Short History of Puddings", "Nuala Spraggett", "audio"),
    ("The Long Field", "directed by Saul Penhallick", "film"),
    ("Two Pianos, One Barge", "directed by Ines Corrado-Lunn", "film"),
)
_PLACES = (
    "Thornholme", "Nether Sallow", "Crake Wood", "Upper Quern", "Wending", "Marl Bridge", "St Osk", "Fallowby",
    "Harrow Tump", "Long Leat", "Pinder’s End", "Ox Ferry", "Little Rill", "Great Rill", "Coldweir", "Aske Moor",
)  # fmt: skip
_PATTERNS = (
    "Walks around {}",
    "The Mills of {}",
    "A {} Winter",
    "Murder at {} Lock",
    "The Doctor of {}",
    "Cooking from {}",
    "Letters to {}",
    "{} by Narrowboat",
)
_AUTHORS = (
    "Wilf Aldercott", "Bryony Sedgemoor-Pike", "Cato Nightingall", "Dilys Underhay", "Jem Foxcroft-Ames",
    "Lettice Pargetter", "Odhran Mulready", "Sukie Blandamer", "Tobit Greenhalge", "Una Wrackstraw", "Yorick Stemp",
)  # fmt: skip


@cache
def titles() -> tuple[Title, ...]:
    """Return all titles; their numbers count from 1."""
    by_pattern: list[tuple[str, str, Kind]] = [
        (pattern.format(place), _AUTHORS[number % len(_AUTHORS)], "book")
        for number, (place, pattern) in enumerate(product(_PLACES, _PATTERNS))
    ]
    return tuple(Title(number, *one) for number, one in enumerate([*_BY_HAND, *by_pattern], 1))


@cache
def items() -> dict[str, Item]:
    """Return all copies by barcode: two of each title, in branches that take turns."""
    codes = list(BRANCHES)
    copies = [
        Item(barcode(title.number, copy), title, codes[(title.number + copy) % len(codes)])
        for title in titles()
        for copy in (1, 2)
    ]
    return {item.barcode: item for item in copies}


def barcode(title: int, copy: int = 1) -> str:
    """Return the barcode of a copy, whether or not there is such a one."""
    return f"399990000{title:03}{copy:02}"


def copies_of(title: Title) -> list[Item]:
    return [items()[barcode(title.number, copy)] for copy in (1, 2)]


def named(name: str) -> Title:
    """Return a title by its name. Raises KeyError."""
    found = [title for title in titles() if title.name == name]
    if not found:
        raise KeyError(name)
    return found[0]
