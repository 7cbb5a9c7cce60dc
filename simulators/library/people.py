"""Who has a card of the invented library, with what at hand when it opens. Nobody here exists.

A card has 14 digits and begins with 29999; a PIN has four. Days are counted from the day on which the simulator starts
or is reset, so that what is due tomorrow is due tomorrow whenever that is; cards, PINs, names and items stay the same.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from simulators.library.catalogue import titles
from simulators.library.clock import days, years_before

HoldState = Literal["waiting", "in transit", "ready"]


@dataclass(frozen=True, slots=True)
class Lent:
    """A loan at the start. due: days from today, negative if late. renewed: how often it was."""

    title: str
    due: int
    renewed: int = 0
    copy: int = 1


@dataclass(frozen=True, slots=True)
class Reserved:
    """A hold at the start. since: days ago. pick_up_by: days from today, for what is ready."""

    title: str
    since: int
    pickup: str = "CEN"
    state: HoldState = "waiting"
    pick_up_by: int = 0
    copy: int = 1


@dataclass(frozen=True, slots=True)
class Owed:
    pence: int
    what: str


@dataclass(frozen=True, slots=True)
class Born:
    """A birth date. With ``age``: the day of that month that makes somebody so old today, the same one for a year."""

    year: int = 0
    month: int = 1
    day: int = 1
    age: int = 0

    def on(self, today: date) -> date:
        if not self.age:
            return date(self.year, self.month, self.day)
        born = date(today.year - self.age, self.month, self.day)
        return born if (today.month, today.day) >= (self.month, self.day) else years_before(born, 1)


@dataclass(frozen=True, slots=True)
class BirthdayIn:
    """A birth date that makes somebody ``turns`` years old in so many days: it moves with the day of the start."""

    turns: int
    days: int

    def on(self, today: date) -> date:
        return years_before(today + days(self.days), self.turns)


@dataclass(frozen=True, slots=True)
class Borrower:
    """pin: empty if none was ever set. expires: days from today. shows: what this card is there to show."""

    card: str
    pin: str
    name: str
    shows: str
    born: Born | BirthdayIn = Born(1984, 5, 17)
    home: str = "CEN"
    expires: int = 400
    lost: bool = False
    locked: bool = False
    loans: tuple[Lent, ...] = ()
    holds: tuple[Reserved, ...] = ()
    owes: tuple[Owed, ...] = ()

    @property
    def address(self) -> str:
        return f"{int(self.card[-2:]) + 1} Example Row, Millbrook, ZZ1 9ZZ"

    @property
    def email(self) -> str:
        return f"reader{self.card[-4:]}@example.org"

    @property
    def phone(self) -> str:
        return f"01632 960 {self.card[-3:]}"


BORROWERS = (
    Borrower(
        "29999000004417",
        "2580",
        "Rowan Tarrick",
        "an ordinary reader: five loans, one of each sort; four holds; two charges",
        loans=(
            Lent("A Ferry for Tuesday", due=-3),  # late, and may be renewed
            Lent("The Lamplighter’s Almanac", due=1),  # tomorrow, and may be renewed
            Lent("What the Heron Counted", due=3),  # reserved by somebody else
            Lent("Bread for Beginners, Slowly", due=5, renewed=3),  # as often as it may be
            Lent("The Winter Allotment", due=13, renewed=1),
        ),
        holds=(
            Reserved("Salt in the Weir", since=20, state="ready", pick_up_by=4),
            Reserved("The Beekeeper’s Ledger", since=12, pickup="WEA", state="in transit"),
            Reserved("Small Engines, Patiently", since=6, pickup="WEA"),  # third of three
            Reserved("Nobody’s Tide", since=2),  # first and only
        ),
        owes=(Owed(120, "Overdue: Rooks ^ Rafters ~ Rain"), Owed(80, "Reservation fee: Salt in the Weir")),
    ),
    Borrower("29999000000019", "1357", "Juniper Halse", "a reader who has nothing"),
    Borrower(
        "29999000000027",
        "2468",
        "Pip Tarrick",
        "a child of eight; the birthday is 14 March",
        born=Born(age=8, month=3, day=14),
        loans=(Lent("The Otter who Wouldn’t Queue", due=0), Lent("Dragons of the Bus Station", due=9)),
        owes=(Owed(40, "Lost ticket"),),
    ),
    Borrower(
        "29999000000035",
        "2469",
        "Robin Tarrick",
        "a child who turns twelve in ten days",
        born=BirthdayIn(turns=12, days=10),
        loans=(Lent("Twelve Snails to Market", due=6),),
    ),
    Borrower(
        "29999000000043",
        "3690",
        "Magnus Ebbing",
        "blocked: owes more than the limit of £10.00, so that nothing is lent or renewed",
        loans=(Lent("Forty Knots and a Half Hitch", due=-40), Lent("Walks around Wending", due=2)),
        owes=(Owed(1000, "Overdue: The Mills of Wending"), Owed(460, "Damaged: Cooking from Wending")),
    ),
    Borrower(
        "29999000000050",
        "7410",
        "Clemency Ash",
        "the card expired twelve days ago",
        expires=-12,
        loans=(Lent("Walks around Marl Bridge", due=4),),
    ),
    Borrower(
        "29999000000068",
        "8520",
        "Teddy Voss-Lightwater",
        "the card was reported lost",
        lost=True,
        loans=(Lent("The Mills of Marl Bridge", due=4),),
    ),
    Borrower(
        "29999000000076",
        "9630",
        "Beatrix Longacre",
        "fifty loans: as many as there may be, so that flags say too many, and lists have pages",
        loans=tuple(Lent(title.name, due=number // 3 + 1, copy=2) for number, title in enumerate(titles()[60:110])),
    ),
    Borrower(
        "29999000000084",
        "1593",
        "Gwenllïan Ŵyn-Llŷr",
        "letters that CP850, Latin-1 and ASCII lack, in the name and in titles; delimiters; a title of 300 characters",
        home="HAL",
        loans=(
            Lent("Y Môr a’r Gŵr o’r Tŷ Gwyn", due=2),
            Lent("Żółta łódź na rzece", due=4),
            Lent("Лодка и ветер", due=6),
            Lent("Café Noël, été comme hiver", due=8),
            Lent("The Price of 12|14 Mill Lane", due=10),
            Lent(titles()[23].name, due=12),
        ),
        holds=(Reserved("Cwm y Dŵr", since=3, pickup="HAL"),),
    ),
    Borrower(
        "29999000000092", "7531", "Ivo Quennell", "locked after wrong PINs: the right one is refused", locked=True
    ),
    Borrower(
        "29999000000100",
        "8642",
        "Saffron Keld",
        "a film that costs £1.50 to renew, a quick choice that isn't renewed, a loan too young to be renewed",
        loans=(
            Lent("The Long Field", due=2),
            Lent("The Signalman’s Daughter", due=3),
            Lent("Letters to Wending", due=20),
        ),
    ),
    Borrower("29999000000118", "", "Old Tom Harbinger", "never set a PIN: any PIN is right"),
    Borrower(
        "29999000000126",
        "4826",
        "Wren Ottoway",
        "the card expires in two weeks; a hold's last day is today",
        expires=14,
        loans=(Lent("Letters to Ox Ferry", due=0), Lent("The Doctor of Ox Ferry", due=14)),
        holds=(Reserved("A Coldweir Winter", since=30, pickup="STA", state="ready", pick_up_by=0),),
    ),
    # Who stand in queues before and behind the others.
    Borrower(
        "29999000000902",
        "1000",
        "Hollis Brand",
        "waits for what others have",
        holds=(Reserved("What the Heron Counted", since=5), Reserved("Small Engines, Patiently", since=16)),
    ),
    Borrower(
        "29999000000910",
        "1001",
        "Odile Marchbank",
        "waits for what others have, and has what others wait for",
        loans=(
            Lent("Small Engines, Patiently", due=7),
            Lent("Small Engines, Patiently", due=9, copy=2),
            Lent("Nobody’s Tide", due=4),
            Lent("Nobody’s Tide", due=5, copy=2),
        ),
        holds=(Reserved("Small Engines, Patiently", since=11),),
    ),
)
