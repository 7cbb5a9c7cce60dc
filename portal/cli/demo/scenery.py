"""What invented households stand in: a council's places, calendar and rules, and the names that people there have."""

from dataclasses import dataclass
from datetime import date, timedelta

from portal.council import WEEKDAYS, Council

Name = tuple[str, str, str]
"""Title, first name, last name."""

_FIRST_NAMES = (
    "Adaeze", "Amara", "Anjali", "Bartosz", "Beatriz", "Blessing", "Callum", "Catrin", "Dafydd", "Daniela", "Deepak",
    "Dieudonné", "Đorđe", "Emeka", "Esther", "Farida", "Femi", "Gareth", "Gülşen", "Gwen", "Halima", "Hannah", "Ines",
    "Ioana", "Ivy", "Jamal", "Jürgen", "Kateryna", "Kenneth", "Kwame", "Leila", "Lowri", "Łukasz", "Marek", "Mei",
    "Nadia", "Neil", "Olena", "Oskar", "Parveen", "Pedro", "Quyên", "Rafiq", "Renée", "Rohan", "Sadia", "Sofía",
    "Tariq", "Tegan", "Thérèse", "Tremaine", "Uchenna", "Vera", "Wei", "Winifred", "Xiomara", "Yasmin", "Zainab",
)  # fmt: skip
_LAST_NAMES = (
    "Abara", "Achterberg", "Adeyemi", "Agarwal", "Ashworth", "Baptiste", "Bielak", "Carvalho", "Çelik", "Chowdhury",
    "Cooper", "De Souza", "Diallo", "Draper", "Eze", "Fairweather", "Ferreira", "Gill", "Groß", "Gunnarsson", "Haddad",
    "Hargreaves", "Holloway", "Iyer", "Jankowski", "Joshi", "Kamara", "Kowalczyk", "Lindqvist", "Llewellyn", "Lowe",
    "Mahmood", "Marsh", "McAllister", "Mensah", "Moreau", "Ødegård", "Onyango", "Osei", "Pereira", "Petrović",
    "Popescu", "Rahman", "Rees", "Şahin", "Sandhu", "Shevchenko", "Silva", "Tadesse", "Thistlewood", "Trần",
    "Underhill", "Vaughan", "Wójcik", "Wyn-Bevan", "Yilmaz", "Zhou",
)  # fmt: skip
_IRISH_FIRST_NAMES = (
    "Bríd", "Cormac", "Dearbhla", "Éamon", "Eithne", "Fionn", "Gearóid", "Gráinne", "Maeve", "Muireann", "Oisín",
    "Pádraig", "Róisín", "Ruairí", "Sadhbh", "Séamus", "Seán", "Sinéad", "Sorcha", "Tadhg",
)  # fmt: skip
_IRISH_LAST_NAMES = (
    "Breathnach", "Costello", "Duffy", "Gallagher", "Hanrahan", "Kavanagh", "Lenihan", "Mac Gabhann", "McGrath",
    "Ní Cheallaigh", "Nic Lochlainn", "O'Dowd", "Ó Súilleabháin", "Quigley", "Ruane", "Tierney",
)  # fmt: skip
_STREETS = (
    "Alder Way", "Canal Street", "Chapel Rise", "Dyers Row", "Foundry Lane", "Hazel Grove", "Kiln Court", "Loom Street",
    "Maltings Close", "Mill Lane", "Old Ferry Road", "Quarry Bank", "St. Anne's Terrace", "Weir Street", "Wharf House",
)  # fmt: skip
_IRISH_STREETS = (
    "Abbey Street", "An Cladach", "Castle Park", "Church Street", "Cois Farraige", "Fair Green", "Harbour Road",
    "Páirc na Mara", "Pearse Park", "Quay Lane", "Radharc na Trá", "St. Brigid's Terrace", "The Paddocks", "Tower Hill",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Scenery:
    """charged_on: the weekday of charges, Monday 0. known: people of the first households, by name; the first of the
    second one speaks the council's second language.
    """

    authority: str
    is_irish: bool
    first_names: tuple[str, ...]
    last_names: tuple[str, ...]
    streets: tuple[str, ...]
    districts: tuple[str, ...]
    known: tuple[tuple[Name, ...], ...]
    charged_on: int
    year_starts_in: int
    rent_free: frozenset[date]
    is_differential: bool
    has_benefits: bool
    has_breathing_space: bool

    def first_charge(self, day: date) -> date:
        """Return the first day of charge from ``day`` on."""
        return day + timedelta(days=(self.charged_on - day.weekday()) % 7)

    def rent_year(self, day: date) -> int:
        """Return the calendar year in which the rent year of ``day`` began."""
        return day.year if day >= self.year_starts_on(day.year) else day.year - 1

    def year_starts_on(self, year: int) -> date:
        return self.first_charge(date(year, self.year_starts_in, 1))

    def charges_in_year(self, year: int) -> int:
        """Return how many weeks of a rent year are charged."""
        first, after = self.year_starts_on(year), self.year_starts_on(year + 1)
        return (after - first).days // 7 - sum(1 for day in self.rent_free if first <= day < after)


def scenery_of(council: Council) -> Scenery:
    is_irish = council.nation == "ireland"
    calendar = council.rent.calendar
    return Scenery(
        authority=council.short_name[council.languages[0]],
        is_irish=is_irish,
        first_names=_IRISH_FIRST_NAMES * 2 + _FIRST_NAMES if is_irish else _FIRST_NAMES,
        last_names=_IRISH_LAST_NAMES * 2 + _LAST_NAMES if is_irish else _LAST_NAMES,
        streets=_IRISH_STREETS if is_irish else _STREETS,
        districts=("", "Cnoc Mara", "Rath Glas") if is_irish else ("", "Northgate", "Weavers Green"),
        known=_IRISH_HOUSEHOLDS if is_irish else _HOUSEHOLDS,
        charged_on=WEEKDAYS.index(calendar.charged_on),
        year_starts_in=calendar.year_starts_in,
        rent_free=frozenset(calendar.rent_free),
        is_differential=council.rent.scheme == "differential",
        has_benefits=council.rent.housing_benefit,
        has_breathing_space=council.nation in ("england", "wales"),
    )


_HOUSEHOLDS: tuple[tuple[Name, ...], ...] = (
    (("Ms", "Halima", "Draper"),),
    (("Ms", "Catrin", "Vaughan"), ("Mr", "Emeka", "Vaughan")),
    (("Mr", "Bartosz", "Holloway"),),
    (("Mrs", "Renée", "Mensah"),),
)
_IRISH_HOUSEHOLDS: tuple[tuple[Name, ...], ...] = (
    (("Ms", "Gráinne", "Kavanagh"),),
    (("Mr", "Fionn", "Ó Súilleabháin"), ("Ms", "Daniela", "Tierney")),
    (("Mr", "Marek", "Duffy"),),
    (("Mrs", "Farida", "Gallagher"),),
)
