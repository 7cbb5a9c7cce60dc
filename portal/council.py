"""One council: everything that differs from council to council, from one file, ``council.toml``.

What a reader sees is given in every language that the council offers; a file that lacks one is refused, so that
nothing falls back silently. Colours are refused if text in them would be hard to read.
"""

import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    EmailStr,
    Field,
    RootModel,
    StringConstraints,
    ValidationError,
    ValidationInfo,
    model_validator,
)

from portal.errors import Misconfigured

Nation = Literal["england", "wales", "scotland", "northern-ireland", "ireland"]
Language = Literal["en", "ga", "cy"]
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
WEEKDAYS: tuple[Weekday, ...] = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

TEXT_CONTRAST = 4.5
"""WCAG 2.2, success criterion 1.4.3 (AA)."""
EDGE_CONTRAST = 3.0
"""WCAG 2.2, success criterion 1.4.11 (AA): edges of what is pressed, and signs that carry meaning."""


class CouncilError(Misconfigured):
    """A council's file is missing or wrong; the message names the file, each key, and why."""


def _a_time_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (LookupError, OSError, ValueError):
        raise ValueError("there is no such time zone") from None
    return name


def _each_once(values: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(values)) != len(values):
        raise ValueError("holds something twice")
    return values


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z-]*$")]
Phone = Annotated[str, StringConstraints(pattern=r"^\+?[0-9][0-9 ]{4,}$")]
HttpsAddress = Annotated[str, StringConstraints(pattern=r"^https://[^\s\"'<>]+$")]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]*$")]
Money = Annotated[int, Field(ge=0)]
"""Whole pounds or euros, as the council's file has them."""
Availability = Literal["open", "paused", "no_funding", "closed", "to_be_announced"]
"""Whether a scheme of support can be asked for."""
WorkingDays = Annotated[int, Field(ge=1, le=30)]
Colour = Annotated[str, StringConstraints(pattern=r"^#[0-9a-f]{6}$")]
FontName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9 -]+$")]
PathData = Annotated[str, StringConstraints(pattern=r"^[MmLlHhVvCcSsQqTtAaZz0-9 ,.-]+$")]
TimeZone = Annotated[str, AfterValidator(_a_time_zone)]


class Words(RootModel[dict[Language, Text]]):
    """A text in each language that the council offers: ``words["cy"]``."""

    model_config = ConfigDict(frozen=True)

    @model_validator(mode="after")
    def _in_every_language(self, info: ValidationInfo) -> Self:
        offered = info.context or ()
        if missing := [language for language in offered if language not in self.root]:
            raise ValueError(f"is not given in {', '.join(missing)}, which the council offers")
        return self

    def __str__(self) -> str:
        raise TypeError("a text of the council's file is shown in a language: words(text), or text|words in a template")

    def __getitem__(self, language: str) -> str:
        return self.root[language]  # type: ignore[index]  # a language that isn't offered is a KeyError, as it should be


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Contact(_Part):
    """A team that answers the telephone."""

    phone: Phone
    hours: Words
    email: EmailStr | None = None


class Place(_Part):
    """Where people can come in. address: line by line, the post code last."""

    name: Words
    address: tuple[Text, ...] = Field(min_length=1)
    hours: Words
    phone: Phone | None = None


class Advice(_Part):
    """Somebody else who advises about money, free of charge."""

    name: Words
    phone: Phone


class Contacts(_Part):
    """phone, hours, email, address: of the council itself. rent: the rent team. offices: where staff help in person."""

    phone: Phone
    hours: Words
    email: EmailStr
    address: tuple[Text, ...] = Field(min_length=1)
    rent: Contact
    offices: tuple[Place, ...] = ()
    libraries: tuple[Place, ...] = ()
    advice: tuple[Advice, ...] = ()


class RentCalendar(_Part):
    """charged_on: the day on which a week's rent is charged. every: how often it is; by the calendar month, on
    ``day_of_month``. year_starts_in: the rent year's first week is that of the first ``charged_on`` in this month.
    rent_free: the days on which no rent is charged, each a ``charged_on``.
    """

    charged_on: Weekday
    every: Literal["week", "fortnight", "four-weeks", "month"] = "week"
    day_of_month: int = Field(default=1, ge=1, le=28)
    year_starts_in: int = Field(ge=1, le=12)
    rent_free: tuple[date, ...] = ()

    @model_validator(mode="after")
    def _free_on_days_of_charge(self) -> Self:
        for day in self.rent_free:
            weekday = WEEKDAYS[day.weekday()]
            if weekday != self.charged_on:
                raise ValueError(f"rent_free: {day} is a {weekday}, but rent is charged on a {self.charged_on}")
        return self


class Rent(_Part):
    """scheme: ``set`` for a home whoever lives in it, or ``differential``, a share of the household's income.

    housing_benefit: tenants may get it. payment_address: where rent is paid on the web. payment_field: under which that
    page takes the payment reference, in a form that is sent to it; None if people type it there. payment_days: after
    how many working days a payment shows, the least and the most.
    """

    scheme: Literal["set", "differential"]
    housing_benefit: bool
    payment_address: HttpsAddress
    payment_field: Slug | None = None
    payment_days: tuple[WorkingDays, WorkingDays]
    calendar: RentCalendar

    @model_validator(mode="after")
    def _least_days_first(self) -> Self:
        least, most = self.payment_days
        if least > most:
            raise ValueError(f"payment_days: the most, {most}, is less than the least, {least}")
        return self


class Library(_Part):
    """child_age: until a child is so old, in years, an adult may have its card connected. child_titles: they see titles
    too. keep_pin: a PIN that the library system can't do without may be kept for longer than a session, if
    its owner ticks that. catalogue: where to find and reserve things. remind_days: how long before the day reminders go
    out. branches: by the library system's codes.
    """

    child_age: int = Field(default=12, ge=0, le=17)
    child_titles: bool = False
    keep_pin: bool = False
    catalogue: HttpsAddress
    remind_days: int = Field(default=3, ge=1, le=14)
    branches: dict[Text, Words] = {}


class Energy(_Part):
    """Schemes of energy support, by slug. availability: where it isn't as the scheme's file says. limits: what the
    council sets itself, by the name under which the scheme's file asks for it. corrections_to: the housing team's
    address, which hears what people correct in a form; None if nobody does.
    """

    corrections_to: EmailStr | None = None
    availability: dict[Name, Availability] = {}
    limits: dict[Name, dict[Name, Money]] = {}


class Internet(_Part):
    """Computers at libraries. child_age: until that birthday the rules for children hold. keep_days: after so many days
    nobody can tell any more who sat at which computer.
    """

    child_age: int = Field(default=16, ge=1, le=18)
    keep_days: int = Field(default=14, ge=1, le=90)


class Staff(_Part):
    """teams: what residents read of who helped them, by code. shown_as: or the member of staff's own name."""

    teams: dict[Slug, Words] = {}
    shown_as: Literal["team", "name"] = "team"


class Colours(_Part):
    """The palette; each is ``#rrggbb``. What each is for is said beside ``TEXT_PAIRS``."""

    brand: Colour
    brand_strong: Colour
    brand_tint: Colour
    accent: Colour
    accent_tint: Colour
    helping: Colour
    ink: Colour
    quiet: Colour
    paper: Colour
    card: Colour
    line: Colour
    link: Colour

    @model_validator(mode="after")
    def _can_be_read(self) -> Self:
        if faint := list(self._faint_pairs()):
            raise ValueError("; ".join(faint))
        return self

    def _faint_pairs(self) -> Iterator[str]:
        colours = {**self.model_dump(), **FIXED_COLOURS}
        for pairs, least in ((TEXT_PAIRS, TEXT_CONTRAST), (EDGE_PAIRS, EDGE_CONTRAST)):
            for front, ground in pairs:
                ratio = contrast(colours[front], colours[ground])
                if ratio < least:
                    yield f"{front} on {ground} has a contrast of {ratio:.2f}:1, and needs {least}:1"


FIXED_COLOURS = {"white": "#ffffff", "error": "#ca3535"}
"""What every council shares: text on dark grounds, and GOV.UK Frontend's red of error messages."""

TEXT_PAIRS = (
    ("ink", "paper"), ("ink", "card"), ("ink", "brand_tint"), ("ink", "accent_tint"),
    ("quiet", "paper"), ("quiet", "card"), ("quiet", "brand_tint"), ("quiet", "accent_tint"),
    ("link", "paper"), ("link", "card"), ("link", "brand_tint"), ("link", "accent_tint"),
    ("brand_strong", "paper"), ("brand_strong", "card"), ("brand_strong", "brand_tint"),
    ("accent", "paper"), ("accent", "card"),
    ("error", "paper"), ("error", "card"),
    ("white", "brand"), ("white", "brand_strong"), ("white", "helping"),
)  # fmt: skip
EDGE_PAIRS = (
    ("brand", "paper"), ("brand", "card"), ("brand", "brand_tint"),
    ("accent", "accent_tint"), ("accent", "brand_tint"),
    ("helping", "paper"), ("helping", "card"),
)  # fmt: skip


class Brand(_Part):
    """font: families, best first; no file is loaded. mark: paths in a box of 40 by 40, drawn as lines: the first in
    ``brand``, the others in ``accent``.
    """

    colours: Colours
    font: tuple[FontName, ...] = Field(min_length=1)
    mark: tuple[PathData, ...] = Field(min_length=1)


class DataProtection(_Part):
    """Whom to ask about personal data. recipients: who else sees it. registration: the UK's register of fee payers."""

    email: EmailStr
    phone: Phone
    address: tuple[Text, ...] = Field(min_length=1)
    recipients: Words
    registration: Text | None = None


class Accessibility(_Part):
    """What the accessibility statement says of this council's portal. gaps: known, each a sentence or two."""

    prepared_on: date
    tested_on: date
    gaps: tuple[Words, ...] = ()


class Publishing(_Part):
    """What a public body must publish."""

    data_protection: DataProtection
    accessibility: Accessibility


class Texts(_Part):
    """Where the council has words of its own. welcome: the first paragraph for visitors."""

    welcome: Words | None = None


class Council(_Part):
    """One council. languages: those offered, the default first. services: slugs of the services that are on.

    library: None where that service isn't on. folder: where its file is, and whatever more it has beside that.

    currency: ISO 4217. sign_in_providers: none is supported yet. leave_to: where "Exit this page" leads, on pages that
    nobody else should see.
    """

    name: Words
    short_name: Words
    nation: Nation
    languages: Annotated[tuple[Language, ...], Field(min_length=1), AfterValidator(_each_once)]
    time_zone: TimeZone
    currency: Literal["GBP", "EUR"]
    website: HttpsAddress
    services: Annotated[tuple[Slug, ...], AfterValidator(_each_once)]
    sign_in_providers: tuple[()] = ()
    contacts: Contacts
    rent: Rent
    library: Library | None = None
    energy: Energy = Energy()
    internet: Internet = Internet()
    staff: Staff = Staff()
    folder: Path
    brand: Brand
    publishing: Publishing
    texts: Texts = Texts()
    leave_to: HttpsAddress

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @model_validator(mode="after")
    def _benefit_exists_here(self) -> Self:
        if self.nation == "ireland" and self.rent.housing_benefit:
            raise ValueError("rent.housing_benefit: there is none in Ireland")
        return self

    @model_validator(mode="after")
    def _library_is_described(self) -> Self:
        if "library" in self.services and self.library is None:
            raise ValueError("library: is missing, and services names it")
        return self


def load_council(path: Path) -> Council:
    """Read and check a council's file.

    Raises CouncilError, which names the file, each key that is missing, unknown or wrong, and why.
    """
    try:
        given = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise CouncilError(f"{path}: can't be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise CouncilError(f"{path}: is not UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise CouncilError(f"{path}: {error}") from None
    languages = given.get("languages")
    try:
        return Council.model_validate(
            given | {"folder": path.parent}, context=languages if isinstance(languages, list) else None
        )
    except ValidationError as error:
        raise CouncilError("\n".join(f"{path}: {line}" for line in _in_words(error))) from None


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours (``#rrggbb``), from 1 to 21, as WCAG 2.2 defines it."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


_REASONS = {"missing": "is missing", "extra_forbidden": "there is no such key"}


def _in_words(error: ValidationError) -> Iterator[str]:
    for detail in error.errors(include_url=False):
        key = ".".join(str(part) for part in detail["loc"])
        why = _REASONS.get(detail["type"]) or detail["msg"].removeprefix("Value error, ")
        yield f"{key}: {why}" if key else why
