"""Fields that WTForms doesn't have: sums of money as people write them, days in three parts, boxes with "none"."""

import re
from collections.abc import Collection, Sequence
from datetime import date
from typing import Any, Final

from wtforms import Field, SelectMultipleField, StringField
from wtforms.utils import unset_value
from wtforms.validators import ValidationError

from portal.i18n import gettext as _

LARGEST: Final = 100_000_000
"""The largest sum that is taken, in pence or cents."""
_MONEY = re.compile(r"[£€]?(?P<whole>\d{1,3}(?:,\d{3})+|\d+)(?:\.(?P<part>\d{1,2}))?")
PARTS: Final = ("day", "month", "year")
EARLIEST, LATEST = 1900, 2100


class MoneyField(StringField):  # type: ignore[misc]  # WTForms has no types
    """A sum in pounds or euro; ``data`` is pence or cents, None where nothing is given."""

    data: Any

    def process_formdata(self, valuelist: list[str]) -> None:
        typed = valuelist[0].strip() if valuelist else ""
        self.data = None
        if not typed:
            return
        found = _MONEY.fullmatch(typed.replace(" ", ""))
        minor = (
            int(found["whole"].replace(",", "")) * 100 + int((found["part"] or "0").ljust(2, "0")) if found else None
        )
        if minor is None or minor > LARGEST:
            raise ValueError(_("%(what)s: write the amount in numbers, like 221.20", what=_named(self)))
        self.data = minor

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        if self.data is None:
            return ""
        whole, part = divmod(self.data, 100)
        return f"{whole}.{part:02}" if part else str(whole)


class NumberField(StringField):  # type: ignore[misc]  # WTForms has no types
    """A whole number of at most ``most``; ``data`` is None where nothing is given."""

    data: Any

    def __init__(self, *given: Any, least: int = 0, most: int = 20, **more: Any) -> None:
        super().__init__(*given, **more)
        self.least, self.most = least, most

    def process_formdata(self, valuelist: list[str]) -> None:
        typed = valuelist[0].strip() if valuelist else ""
        self.data = None
        if not typed:
            return
        if not typed.isascii() or not typed.isdecimal() or not self.least <= int(typed[:9]) <= self.most:
            raise ValueError(
                _(
                    "%(what)s: write a whole number from %(least)s to %(most)s",
                    what=_named(self),
                    least=self.least,
                    most=self.most,
                )
            )
        self.data = int(typed)

    def _value(self) -> str:
        return str(self.raw_data[0]) if self.raw_data else "" if self.data is None else str(round(self.data))


class BirthdayField(Field):  # type: ignore[misc]  # WTForms has no types
    """A day of birth in three parts; ``data`` is a date, None where nothing is given.

    latest: the last that can be. too_late: what to say of a later one.
    """

    data: Any
    process_errors: list[Any]

    def __init__(self, *given: Any, latest: date, too_late: Any, **more: Any) -> None:
        self.latest, self.too_late = latest, too_late
        super().__init__(*given, **more)

    def process(self, formdata: Any, data: Any = unset_value, extra_filters: Any = None) -> None:
        super().process(None, data, extra_filters)
        born = self.data
        self.typed = {part: str(getattr(born, part)) if born else "" for part in PARTS}
        names = {part: f"{self.name}-{part}" for part in PARTS}
        if formdata and any(name in formdata for name in names.values()):
            self.typed = {part: formdata.get(name, "").strip() for part, name in names.items()}
            self.data, self.process_errors = None, []
            if any(self.typed.values()):
                self._read()

    def _read(self) -> None:
        try:
            self.data = self._born()
        except ValueError as wrong:
            self.process_errors.append(f"{_named(self)}: {wrong}")

    def _born(self) -> date:
        """Return the day that was typed. Raises ValueError, which says what to do."""
        if not all(part.isascii() and part.isdecimal() for part in self.typed.values()):
            raise ValueError(_("write the day, the month and the year in numbers, like 27 3 1958"))
        day, month, year = (int(self.typed[part][:9]) for part in PARTS)
        if not EARLIEST <= year < LATEST:
            raise ValueError(_("check the year, and write all four numbers of it"))
        try:
            born = date(year, month, day)
        except ValueError:
            raise ValueError(_("there is no such day, so check the day and the month")) from None
        if born > self.latest:
            raise ValueError(str(self.too_late))
        return born


class DayAheadField(BirthdayField):
    """A day to come in three parts. earliest: the first that can be. too_early: what to say of one before it."""

    def __init__(self, *given: Any, earliest: date, too_early: Any, **more: Any) -> None:
        self.earliest, self.too_early = earliest, too_early
        super().__init__(*given, **more)

    def _born(self) -> date:
        day = super()._born()
        if day < self.earliest:
            raise ValueError(str(self.too_early))
        return day


class BoxesField(SelectMultipleField):  # type: ignore[misc]  # WTForms has no types
    """Boxes of which one, ``none``, says that no other is so; ``data`` is what was ticked, ``none`` left out.

    Nothing ticked isn't an answer. groups: the same choices by their headings, for a list that is long.
    """

    NONE: Final = "none"

    def __init__(self, *given: Any, groups: Sequence[tuple[Any, Collection[str]]] = (), **more: Any) -> None:
        super().__init__(*given, **more)
        self.groups = groups

    def process_data(self, value: Sequence[str] | None) -> None:
        self.data = None if value is None else list(value) or [self.NONE]

    def pre_validate(self, form: Any) -> None:
        super().pre_validate(form)
        ticked = self.data or []
        if not ticked:
            raise ValidationError(_("Choose all that apply, or “%(none)s”", none=self._none))
        if self.NONE in ticked and len(ticked) > 1:
            raise ValidationError(_("Choose “%(none)s” alone, or take it out", none=self._none))

    @property
    def _none(self) -> str:
        """Return the words of the box that says that no other is so."""
        return next(str(choice.label) for choice in self.choices if choice.value == self.NONE)

    @property
    def ticked(self) -> tuple[str, ...]:
        return tuple(one for one in self.data or () if one != self.NONE)


def _named(field: Field) -> str:
    """Return a field's name for a message that is read where the field isn't in sight."""
    return str(field.label.text).rstrip("?")
