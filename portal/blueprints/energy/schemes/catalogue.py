"""All schemes of an installation: the editions that come with the portal, and a council's own."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from itertools import pairwise
from pathlib import Path
from typing import cast

from portal.blueprints.energy.schemes.clauses import Amount, Clause, money_bounds
from portal.blueprints.energy.schemes.conditions import (
    Limits,
    Weigh,
    compiled,
    compiled_at_best,
    compiled_test,
)
from portal.blueprints.energy.schemes.edition import Edition, Kind
from portal.blueprints.energy.schemes.files import SchemeError
from portal.blueprints.energy.schemes.household import Nation
from portal.blueprints.energy.schemes.loading import files_in, load
from portal.blueprints.energy.schemes.money import Sum
from portal.blueprints.energy.schemes.needed import Need, needs_of
from portal.council import Availability, Council, CouncilError

BUILT_IN = Path(__file__).parent / "editions"
OF_COUNCIL = "schemes"
"""Folder of a council's own editions, beside its ``council.toml``."""


@dataclass(frozen=True)
class Ready:
    """An edition, ready to be weighed with what the council has set for it."""

    edition: Edition
    limits: Limits

    @cached_property
    def clauses(self) -> dict[str, Clause]:
        """Its named conditions, in the file's order."""
        return {str(clause.id): clause for condition in self.edition.conditions for clause in condition.named()}

    def limit_of(self, clause: Clause) -> Sum | None:
        """Return the first threshold of a condition, which ``{limit}`` stands for; None where the council sets it and
        hasn't.
        """
        threshold = next(
            (threshold for bounds in money_bounds(clause) for _name, threshold in bounds.thresholds()), None
        )
        if threshold is None or isinstance(threshold, Sum):
            return threshold
        minor = self.limits.get(threshold.set_by_the_council)
        return None if minor is None else Sum(minor, self.edition.sign, threshold.a)

    @cached_property
    def weigh(self) -> Weigh:
        return compiled(self.edition, self.limits)

    @cached_property
    def weigh_at_best(self) -> Weigh:
        """Weighs it as if whatever is to be confirmed were so."""
        return compiled_at_best(self.edition, self.limits)

    @cached_property
    def needs(self) -> tuple[Need, ...]:
        """What an application has to tell, condition by condition."""
        return needs_of(self.edition, self.limits)

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
        return self.available_as(self.on(day))

    def available_as(self, ready: Ready | None) -> Availability:
        """Tell whether it can be asked for while this edition holds, or none."""
        if ready is None:
            return "closed"
        if not ready.edition.announced:
            return "to_be_announced"
        return self.availability or ready.edition.availability


def nation_of(council: Council) -> Nation:
    """Return the council's nation, as schemes and households write it."""
    return cast(Nation, council.nation.replace("-", "_"))


def schemes_of(council: Council) -> tuple[Scheme, ...]:
    """Return all schemes, by slug, with what a council says of them and the editions that it has beside its file.

    Raises CouncilError for a file that is wrong, editions that overlap, a scheme that there isn't, and a language that
    the council offers and a scheme of its nation lacks.
    """
    of_council = council.folder / OF_COUNCIL
    availability = tuple(council.energy.availability.items())
    limits = tuple(
        (slug, name, whole * 100) for slug, named in council.energy.limits.items() for name, whole in named.items()
    )
    try:
        return _schemes(of_council, availability, limits, nation_of(council), tuple(council.languages))
    except SchemeError as error:
        raise CouncilError(str(error)) from None


@cache
def _schemes(
    folder: Path,
    availability: tuple[tuple[str, Availability], ...],
    limits: tuple[tuple[str, str, int], ...],
    nation: Nation,
    languages: tuple[str, ...],
) -> tuple[Scheme, ...]:
    """Load them once, however often they are asked for."""
    chosen = dict(availability)
    by_scheme: dict[str, list[Ready]] = {}
    for edition in load_editions(folder):
        if nation in edition.nations:
            _expect_words(edition, languages)
        own = {name: minor for slug, name, minor in limits if slug == edition.scheme}
        by_scheme.setdefault(edition.scheme, []).append(Ready(edition, own))
    for slug in (*chosen, *(slug for slug, _, _ in limits)):
        if slug not in by_scheme:
            raise SchemeError(f"energy: there is no scheme {slug}")
    return tuple(Scheme(slug, _in_order(found), chosen.get(slug)) for slug, found in sorted(by_scheme.items()))


def load_editions(*folders: Path) -> list[Edition]:
    """Return the portal's editions and those in further folders; one takes the place of another of the same name.

    Raises SchemeError.
    """
    editions: dict[tuple[str, str], Edition] = {}
    for folder in (BUILT_IN, *folders):
        editions |= {(edition.scheme, edition.edition): edition for edition in load_folder(folder)}
    return list(editions.values())


@cache
def load_folder(folder: Path) -> tuple[Edition, ...]:
    """Return the editions in a folder, each at ``<scheme>/<edition>.yaml``. Raises SchemeError with all faults."""
    loaded, faults = [], []
    for path in files_in(folder):
        try:
            loaded.append(load(path).edition)
        except SchemeError as error:
            faults.append(str(error))
    if faults:
        raise SchemeError("\n".join(faults))
    return tuple(loaded)


def _in_order(editions: list[Ready]) -> tuple[Ready, ...]:
    for earlier, later in overlaps(ready.edition for ready in editions):
        raise SchemeError(f"{later.scheme}: {both_hold(earlier, later)}")
    return tuple(sorted(editions, key=lambda ready: ready.edition.in_force.from_))


def overlaps(editions: Iterable[Edition]) -> Iterator[tuple[Edition, Edition]]:
    """Yield each two editions of a scheme of which both hold on a day, the one that begins earlier first."""
    ordered = sorted(editions, key=lambda edition: edition.in_force.from_)
    for earlier, later in pairwise(ordered):
        if earlier.in_force.until is None or earlier.in_force.until >= later.in_force.from_:
            yield earlier, later


def both_hold(earlier: Edition, later: Edition) -> str:
    return f"{earlier.edition} and {later.edition} both hold on {later.in_force.from_}"


def _expect_words(edition: Edition, languages: Iterable[str]) -> None:
    """Raise SchemeError if it lacks a language."""
    if missing := set(languages) - set(edition.name.root):
        raise SchemeError(f"{edition.scheme}/{edition.edition}.yaml: lacks {', '.join(sorted(missing))}")
