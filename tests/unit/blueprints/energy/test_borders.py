"""The examples stand on both sides of each threshold: move one by as little as can be, and one of them fails.

A threshold that is wrong by a penny, a day, a year of age, a decile or a letter would be found by them.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from pydantic import BaseModel

from portal.blueprints.energy.schemes.catalogue import load_editions
from portal.blueprints.energy.schemes.clauses import Clause
from portal.blueprints.energy.schemes.edition import Edition
from portal.blueprints.energy.schemes.examples import failing
from portal.blueprints.energy.schemes.household import BANDS
from portal.blueprints.energy.schemes.money import Sum
from tests.support.schemes import edition_with

HAVE_THRESHOLDS = ("counts_on", "amount", "income", "conditions", "example_limits")
LETTERS = list(BANDS)
"""From the best rating to the worst."""

Moved = Iterator[tuple[str, Any]]
"""What a value could be with one threshold moved, each with where that stands and what it became."""


def moved_editions(edition: Edition) -> Moved:
    for name in HAVE_THRESHOLDS:
        for where, other in moved(getattr(edition, name)):
            yield f"{name}: {where}", edition.model_copy(update={name: other})


def moved(value: Any) -> Moved:
    """Yield a value with each threshold in it moved by one, up and down."""
    match value:
        case bool():
            return
        case int() | Sum() | date():
            yield from ((str(other), other) for other in _either_side(value))
        case dict():
            for name, inside in value.items():
                yield from ((f"{name}: {where}", {**value, name: other}) for where, other in moved(inside))
        case BaseModel():
            yield from _in_model(value)
        case tuple():
            yield from _in_tuple(value)


def _either_side(value: int | Sum | date) -> Iterator[int | Sum | date]:
    for change in (-1, 1):
        match value:
            case int():
                yield value + change
            case Sum():
                yield replace(value, minor=value.minor + change)
            case date():
                yield value + timedelta(change)


def _in_model(part: BaseModel) -> Moved:
    for name in sorted(part.model_fields_set):
        inside = getattr(part, name)
        changes = _allowed(inside) if name == "not_together" else moved(inside)
        yield from ((f"{name}: {where}", part.model_copy(update={name: other})) for where, other in changes)


def _allowed(pairs: tuple[tuple[str, str], ...]) -> Moved:
    """Yield forbidden pairs with each of them allowed."""
    for pair in pairs:
        yield f"without {' and '.join(pair)}", tuple(other for other in pairs if other != pair)


def _in_tuple(values: tuple[Any, ...]) -> Moved:
    if values and all(value in LETTERS for value in values):
        yield from ((" ".join(other), other) for other in _ratings(values))
        return
    for position, inside in enumerate(values):
        name = (isinstance(inside, Clause) and inside.id) or position
        for where, other in moved(inside):
            yield f"{name}: {where}", (*values[:position], other, *values[position + 1 :])


def _ratings(letters: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Yield ratings without the best of them, and with the next better one."""
    best = min(letters, key=LETTERS.index)
    yield tuple(letter for letter in letters if letter != best)
    if best != LETTERS[0]:
        yield (LETTERS[LETTERS.index(best) - 1], *letters)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(other, id=f"{edition.scheme}/{edition.edition}/{where}")
        for edition in load_editions()
        for where, other in moved_editions(edition)
    ],
)
def test_an_example_stands_at_the_border(other: Edition) -> None:
    assert failing(other)


@pytest.mark.parametrize(
    ("clause", "expected"),
    [
        ({"imd decile": {"at most": 3}}, ["imd_decile: at_most: 2", "imd_decile: at_most: 4"]),
        ({"savings": {"less than": "£6,000"}}, ["savings: less_than: £5,999.99", "savings: less_than: £6,000.01"]),
        (
            {"somebody": {"role": "child", "aged": {"less than": 5}}},
            ["somebody: aged: less_than: 4", "somebody: aged: less_than: 6"],
        ),
        (
            {"somebody": {"born": {"on or before": "1960-06-27"}}},
            ["somebody: born: on_or_before: 1960-06-26", "somebody: born: on_or_before: 1960-06-28"],
        ),
        ({"epc band": ["D", "E", "F"]}, ["epc_band: E F", "epc_band: C D E F"]),
        (
            {"any of": [{"year built": {"at least": 9}}]},
            ["any_of: 0: year_built: at_least: 8", "any_of: 0: year_built: at_least: 10"],
        ),
        ({"savings": {"less than": {"set by the council": "most"}}}, []),
        ({"crisis": "true", "tenure": "owner"}, []),
    ],
)
def test_each_threshold_is_moved_both_ways(clause: dict[str, Any], expected: list[str]) -> None:
    found = [where for where, _ in moved_editions(edition_with(clause))]
    assert found == [f"conditions: only: {where}" for where in expected]


def test_what_a_council_sets_is_moved_as_well() -> None:
    edition = edition_with({"crisis": "true"}, **{"example limits": {"most": "£5"}, "counts on": "2026-09-27"})
    assert [where for where, _ in moved_editions(edition)] == [
        "counts_on: 2026-09-26",
        "counts_on: 2026-09-28",
        "example_limits: most: £4.99",
        "example_limits: most: £5.01",
    ]


def test_a_forbidden_pair_is_allowed() -> None:
    two_of = [{"crisis": "true", **_named("a")}, {"energy debt": "true", **_named("b")}]
    edition = edition_with({"two of": two_of, "not together": [["a", "b"]]})
    assert [where for where, _ in moved_editions(edition)] == ["conditions: only: not_together: without a and b"]


def _named(name: str) -> dict[str, Any]:
    return {"id": name, "yes": {"en": "x"}, "no": {"en": "x"}}
