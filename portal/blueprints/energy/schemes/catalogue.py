"""All schemes of an installation: the editions that come with the portal, and a council's own."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache, cached_property
from itertools import pairwise
from pathlib import Path

from portal.blueprints.energy.schemes.conditions import (
    Condition,
    Limits,
    Weigh,
    compiled,
    compiled_at_best,
    compiled_test,
)
from portal.blueprints.energy.schemes.edition import Amount, Availability, Edition, Kind, load_edition
from portal.blueprints.energy.schemes.files import SchemeError

BUILT_IN = Path(__file__).parent / "editions"


@dataclass(frozen=True)
class Ready:
    """An edition, ready to be weighed with what the council has set for it."""

    edition: Edition
    limits: Limits

    @cached_property
    def conditions(self) -> tuple[Condition, ...]:
        return compiled(self.edition, self.limits)

    @cached_property
    def at_best(self) -> Weigh:
        return compiled_at_best(self.edition, self.limits)

    @cached_property
    def amounts(self) -> tuple[tuple[Amount, Weigh | None], ...]:
        """What is paid, each with what it depends on; None where it is paid whoever it is."""
        return tuple(
            (amount, compiled_test(self.edition, amount, self.limits) if amount.depends() else None)
            for amount in self.edition.amount
        )


@dataclass(frozen=True)
class Scheme:
    """One scheme. editions: by date. availability: what the council says of it, None if it says nothing."""

    slug: str
    editions: tuple[Ready, ...]
    availability: Availability | None = None

    @property
    def kind(self) -> Kind:
        return self.editions[-1].edition.kind

    def on(self, day: date) -> Ready | None:
        """Return the edition that holds on a day, if there is one."""
        return next((ready for ready in self.editions if ready.edition.in_force.holds(day)), None)

    def available(self, day: date) -> Availability:
        """Tell whether it can be asked for on a day."""
        ready = self.on(day)
        if ready is None:
            return "closed"
        if not ready.edition.announced:
            return "to_be_announced"
        return self.availability or ready.edition.availability


@dataclass(frozen=True)
class CouncilChoices:
    """What a council says of schemes, each by slug. limits: by slug and name, in minor units."""

    availability: Mapping[str, Availability] = field(default_factory=dict)
    limits: Mapping[str, Limits] = field(default_factory=dict)


def load_schemes(choices: CouncilChoices, folders: Iterable[Path] = ()) -> tuple[Scheme, ...]:
    """Return all schemes, by slug. folders: of further editions; one takes the place of another of the same name.

    Raises SchemeError for a file that is wrong, editions that overlap, and a choice for what there isn't.
    """
    editions: dict[tuple[str, str], Edition] = {}
    for folder in (BUILT_IN, *folders):
        editions |= {(edition.scheme, edition.edition): edition for edition in load_folder(folder)}
    by_scheme: dict[str, list[Edition]] = {}
    for edition in editions.values():
        by_scheme.setdefault(edition.scheme, []).append(edition)
    for slug in (*choices.availability, *choices.limits):
        if slug not in by_scheme:
            raise SchemeError(f"council.toml: energy: there is no scheme {slug}")
    return tuple(
        Scheme(
            slug,
            tuple(Ready(edition, choices.limits.get(slug, {})) for edition in _in_order(found)),
            choices.availability.get(slug),
        )
        for slug, found in sorted(by_scheme.items())
    )


@cache
def load_folder(folder: Path) -> tuple[Edition, ...]:
    """Return the editions in a folder, each at ``<scheme>/<edition>.yaml``. Raises SchemeError with all faults."""
    loaded, faults = [], []
    for path in sorted(folder.glob("*/*.yaml")):
        try:
            loaded.append(load_edition(path))
        except SchemeError as error:
            faults.append(str(error))
    if faults:
        raise SchemeError("\n".join(faults))
    return tuple(loaded)


def _in_order(editions: list[Edition]) -> list[Edition]:
    ordered = sorted(editions, key=lambda edition: edition.in_force.from_)
    for earlier, later in pairwise(ordered):
        if earlier.in_force.until is None or earlier.in_force.until >= later.in_force.from_:
            raise SchemeError(
                f"{later.scheme}: {earlier.edition} and {later.edition} both hold on {later.in_force.from_}"
            )
    return ordered
