"""What all parts of a scheme's file have in common, and the thresholds in them."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any, Final, Self

from pydantic import AfterValidator, AliasGenerator, BaseModel, BeforeValidator, ConfigDict, model_validator

from portal.blueprints.energy.schemes.household import IncomeKind
from portal.blueprints.energy.schemes.money import Period, Sum, as_sum
from portal.council import Name, Words


class Part(BaseModel):
    """What a file holds in one place. Keys are written with spaces: ``at most``."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=AliasGenerator(alias=lambda name: name.strip("_").replace("_", " ")),
    )


def several(given: Any) -> Any:
    return given if isinstance(given, list | tuple) else (given,)


def a_sum(given: Any) -> Any:
    return as_sum(given) if isinstance(given, str) else given


_PLACEHOLDER: Final = re.compile(r"\{[^{}]*\}|[{}]")


def fills(text: Words, *names: str) -> None:
    """Raise ValueError if something in curly brackets stands in a text that nothing fills. names: what is filled."""
    found = {brackets for told in text.root.values() for brackets in _PLACEHOLDER.findall(told)}
    if unknown := sorted(found - set(names)):
        raise ValueError(f"{', '.join(unknown)}: nothing fills that")


def _plain(text: Words) -> Words:
    fills(text)
    return text


PlainWords = Annotated[Words, AfterValidator(_plain)]
"""A text without anything to be filled in."""


class SetByCouncil(Part):
    """A threshold that each council sets, in its ``council.toml``. period: of what the council gives."""

    set_by_the_council: Name
    a: Period | None = None


Threshold = Annotated[Sum | SetByCouncil, BeforeValidator(a_sum)]


class Bounds(Part):
    """A whole number, or an age in years."""

    at_least: int | None = None
    more_than: int | None = None
    at_most: int | None = None
    less_than: int | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("says neither at least, more than, at most nor less than")
        return self


BOUNDS: Final = ("at_least", "more_than", "at_most", "less_than")


class AtMost(Part):
    """Of what isn't counted in whole numbers."""

    at_most: int


class MoneyBounds(Part):
    """leaves_out: kinds of income that don't count, beside those that the scheme leaves out."""

    at_least: Threshold | None = None
    more_than: Threshold | None = None
    at_most: Threshold | None = None
    less_than: Threshold | None = None
    leaves_out: tuple[IncomeKind, ...] = ()

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not list(self.thresholds()):
            raise ValueError("says neither at least, more than, at most nor less than")
        return self

    def thresholds(self) -> Iterator[tuple[str, Sum | SetByCouncil]]:
        """Yield each, by the field's name."""
        yield from ((name, found) for name in BOUNDS if (found := getattr(self, name)))


class Born(Part):
    """When somebody has to be born. Both days count."""

    on_or_after: date | None = None
    on_or_before: date | None = None
