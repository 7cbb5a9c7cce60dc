"""Mappings: which files a housing system writes each night, and what stands where in them, one TOML file for a source.

Council staff write and read them, so each key is explained in ``docs/connect-a-housing-system.md``. A mapping is
checked whole when it is loaded; a key that there isn't is an error, since a slip would be found by a tenant.
"""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from portal.blueprints.rent.extract.fields import AMOUNTS, date_pattern
from portal.blueprints.rent.extract.labels import KINDS, LABELS

RENTSENSE: Final = "rentsense"
BUILT_IN: Final = (RENTSENSE, "nec")
"""Mappings that come with the portal, each a file in ``mappings/``."""
MAPPINGS = Path(__file__).parent / "mappings"

AccountKind = Literal["home", "garage", "former", "court-costs", "recharge", "other"]
Frequency = Literal["weekly", "fortnightly", "four-weekly", "monthly", "once"]
Encoding = Literal["utf-8", "utf-16", "windows-1252", "iso-8859-1", "iso-8859-15"]
ENTITIES: Final = ("accounts", "balances", "tenants", "transactions", "arrangements")

NIGHT = re.compile(r"\{([^{}]*)\}")
_NATIONAL_NUMBER = re.compile(r"nino|natins|nationalins|insuranceno|insurancenum|^ni(no|num|number)?$|ppsn?(no|num|$)")


class MappingError(Exception):
    """A mapping is missing or wrong; the message names the file, each key, and why."""


def is_national_number(heading: str) -> bool:
    """Tell whether a heading is that of a PPS number or a National Insurance number, which the portal never reads."""
    return _NATIONAL_NUMBER.search(re.sub(r"[^a-z]", "", heading.casefold())) is not None


def _a_column(column: int | str) -> int | str:
    if isinstance(column, str) and is_national_number(column):
        raise ValueError(f"{column} holds people's national numbers, which the portal doesn't read")
    return column


def _a_date(pattern: str) -> str:
    date_pattern(pattern)
    return pattern


def _a_file(pattern: str) -> str:
    nights = NIGHT.findall(pattern)
    if len(nights) > 1 or "/" in pattern:
        raise ValueError("is the name of a file, with the night in it at most once: rent.accounts{YYYYMMDD}.csv")
    for night in nights:
        date_pattern(night)
    return pattern


def _a_meaning(word: str) -> str:
    if word not in LABELS and word not in KINDS:
        raise ValueError(f"{word} is no meaning of a code; there are {', '.join((*LABELS, *KINDS))}")
    return word


def _as_several(given: object) -> object:
    return given if isinstance(given, list | tuple) else (given,)


Text = Annotated[str, Field(min_length=1)]
Position = Annotated[int, Field(ge=1)]
Column = Annotated[Position | Text, AfterValidator(_a_column)]
"""A heading, or a position counted from 1."""
Columns = Annotated[tuple[Column, ...], BeforeValidator(_as_several), Field(min_length=1)]
Pattern = Annotated[Text, AfterValidator(_a_file)]
"""A file's name. ``{YYYYMMDD}`` stands for the night, ``*`` for anything."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Format(_Part):
    """How a file is written. headings: of a file without a header, so that its columns have names.

    short_lines: empty columns at the end of a line may be cut off. date: as ``fields.date_pattern``. amount: how a
    thousand two hundred and thirty-four and a half is written, one of ``fields.AMOUNTS``. positive: what an amount
    without a sign is. blank: what stands for a value that isn't known. yes, no: what flags hold.
    """

    encoding: Encoding = "utf-8"
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] = ","
    quote: Annotated[str, Field(max_length=1)] = '"'
    header: bool = True
    headings: tuple[Text, ...] = ()
    short_lines: bool = False
    date: Annotated[str, AfterValidator(_a_date)] = "DD/MM/YYYY"
    amount: str = "1,234.50"
    positive: Literal["owed", "paid"] = "owed"
    blank: tuple[str, ...] = ()
    yes: tuple[str, ...] = ("Y",)
    no: tuple[str, ...] = ("N",)

    @model_validator(mode="after")
    def _is_known(self) -> Self:
        if self.amount not in AMOUNTS:
            raise ValueError(f"amount: is none of {', '.join(AMOUNTS)}")
        if self.header and self.headings:
            raise ValueError("headings: are for a file with header = false")
        return self


class ColumnsOf(_Part):
    """Which columns of a file hold what. Each key is what the portal reads."""

    reference: Column

    def all(self) -> Iterator[int | str]:
        for name in type(self).model_fields:
            value = getattr(self, name)
            if value is not None:
                yield from value if isinstance(value, tuple) else (value,)


class Trailer(_Part):
    """The last line of a file, which has ``mark`` in its first column. count, total: positions of how many lines come
    before it, and of what their amounts add up to.
    """

    mark: Text
    count: Position | None = None
    total: Position | None = None


class File(Format):
    """One file of a night. optional: columns that it may lack, as they stand in ``columns``."""

    file: Pattern
    optional: tuple[int | str, ...] = ()
    trailer: Trailer | None = None
    columns: ColumnsOf

    @model_validator(mode="after")
    def _columns_can_be_found(self) -> Self:
        for column in self.columns.all():
            if not self.header and isinstance(column, str) and column not in self.headings:
                raise ValueError(f"columns: {column} is not among the headings, and the file has no header")
        return self


class ColumnsOfAccounts(ColumnsOf):
    tenancy: Column | None = None
    type: Column | None = None
    starts: Column
    ends: Column | None = None
    breathing_space: Column | None = None
    breathing_space_until: Column | None = None


class Accounts(File):
    """types: what the values of ``type`` mean. otherwise: what any other value, or no such column, means."""

    columns: ColumnsOfAccounts
    types: dict[str, AccountKind] = {}
    otherwise: AccountKind = "other"


class ColumnsOfBalances(ColumnsOf):
    """night: the day that a balance is of, which has to be the night's."""

    balance: Column
    night: Column | None = None


class Balances(File):
    columns: ColumnsOfBalances


class ColumnsOfTenants(ColumnsOf):
    """address: its lines, the post code last."""

    title: Column | None = None
    first_name: Column | None = None
    last_name: Column
    born: Column | None = None
    address: Columns


class Tenants(File):
    """divider: what stands between the lines of an address, where they share a column."""

    columns: ColumnsOfTenants
    divider: Text | None = None


class ColumnsOfTransactions(ColumnsOf):
    """Either ``amount``, or ``debit`` and ``credit``. code: one column, or several that make it up.

    id: of the line in the housing system, only where it stays the same from night to night.
    """

    posted: Column
    dated: Column | None = None
    code: Columns
    amount: Column | None = None
    debit: Column | None = None
    credit: Column | None = None
    description: Column | None = None
    id: Column | None = None

    @model_validator(mode="after")
    def _has_amounts(self) -> Self:
        given = (self.amount is not None, self.debit is not None, self.credit is not None)
        if given not in ((True, False, False), (False, True, True)):
            raise ValueError("needs either amount, or debit and credit")
        return self


class Transactions(File):
    """window: ``all`` where each night has every line of its accounts, or of how many days up to the night it has them.

    unused: what stands in the one of debit and credit that a line doesn't use.
    """

    columns: ColumnsOfTransactions
    window: Annotated[int, Field(ge=1, le=36_500)] | Literal["all"]
    unused: Literal["blank", "zero"] = "blank"


class ColumnsOfArrangements(ColumnsOf):
    """amount: on top of the rent, in each period."""

    starts: Column
    ends: Column | None = None
    frequency: Column
    by_court: Column | None = None
    amount: Column
    first_due: Column | None = None
    agreed: Column | None = None


class Arrangements(File):
    """frequencies: what the values of ``frequency`` mean."""

    columns: ColumnsOfArrangements
    frequencies: dict[str, Frequency]


class ColumnsOfControl(_Part):
    """name: which file is meant. count: of its lines. total: of its amounts."""

    name: Column
    count: Column | None = None
    total: Column | None = None


class Control(Format):
    """A file that says how much the others hold, a line for each. names: what it calls them, if not by their names."""

    file: Pattern
    columns: ColumnsOfControl
    names: dict[Literal["accounts", "balances", "tenants", "transactions", "arrangements"], Text] = {}


class Mapping(_Part):
    """One source. name: under which the portal keeps its accounts. folder: what a night's folder is called, where that
    says which night it is. codes: what the codes of transactions mean, each a label or a kind of ``labels``.
    """

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
    folder: Pattern | None = None
    accounts: Accounts
    balances: Balances
    tenants: Tenants
    transactions: Transactions
    arrangements: Arrangements | None = None
    control: Control | None = None
    codes: dict[Text, Annotated[str, AfterValidator(_a_meaning)]] = {}

    @model_validator(mode="after")
    def _says_which_night(self) -> Self:
        if not any(NIGHT.search(pattern) for pattern in (self.folder or "", *(file.file for file in self.files()))):
            raise ValueError("neither a file's name nor the folder's says which night it is, as {YYYYMMDD} does")
        return self

    def files(self) -> Iterator[File | Control]:
        """Yield each file that a night must have."""
        yield from (file for name in ENTITIES if (file := getattr(self, name)))
        if self.control:
            yield self.control


def load_mapping(source: str) -> Mapping:
    """Return the mapping that comes with the portal under this name, or is in the file at this path.

    Raises MappingError.
    """
    path = MAPPINGS / f"{source}.toml" if source in BUILT_IN else Path(source)
    try:
        given = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise MappingError(f"{source}: can't be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise MappingError(f"{path.name}: is not UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise MappingError(f"{path.name}: {error}") from None
    try:
        return Mapping.model_validate(_with_format(given))
    except ValidationError as error:
        raise MappingError("\n".join(f"{path.name}: {fault}" for fault in _in_words(error))) from None


def _with_format(given: dict[str, Any]) -> dict[str, Any]:
    """Give each file what ``[format]`` says of all of them, unless it says otherwise itself. Raises ValidationError."""
    common = given.pop("format", {})
    Format.model_validate(common)
    return {
        name: {**common, **part} if name in (*ENTITIES, "control") and isinstance(part, dict) else part
        for name, part in given.items()
    }


_REASONS = {"missing": "is missing", "extra_forbidden": "there is no such key"}


def _in_words(error: ValidationError) -> Iterator[str]:
    for detail in error.errors(include_url=False):
        key = ".".join(str(part) for part in detail["loc"])
        why = _REASONS.get(detail["type"]) or detail["msg"].removeprefix("Value error, ")
        yield f"{key}: {why}" if key else why
