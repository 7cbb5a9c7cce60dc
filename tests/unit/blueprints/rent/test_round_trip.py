"""What is written as a mapping says is read by it as it was: any way of writing, any order, any sign."""

import random
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from portal.blueprints.rent.extract import fields
from portal.blueprints.rent.extract.layouts import RECORDS
from portal.blueprints.rent.extract.mapping import Mapping
from portal.blueprints.rent.extract.night import open_night
from tests.support.extracts import NIGHT, Tenancy, write_night

KEYS = {
    "accounts": ["reference", "type", "starts", "ends", "breathing_space"],
    "balances": ["reference", "balance", "night"],
    "tenants": ["reference", "first_name", "last_name", "born", "address"],
    "transactions": ["reference", "posted", "dated", "code"],
    "arrangements": ["reference", "starts", "frequency", "by_court", "amount", "first_due", "agreed"],
}
OTHERS: dict[str, dict[str, Any]] = {
    "accounts": {"types": {"1": "home", "2": "garage", "3": "former"}},
    "transactions": {"window": "all"},
    "arrangements": {"frequencies": {"W": "weekly", "F": "fortnightly", "M": "monthly", "O": "once"}},
}
DATES = ["DD/MM/YYYY", "MM/DD/YYYY", "YYYYMMDD", "YYYY-MM-DD", "DD-MON-YYYY", "D.M.YYYY", "YYYY-MM-DDThh:mm:ss"]

formats = st.fixed_dictionaries(
    {
        "encoding": st.sampled_from(["utf-8", "utf-16", "windows-1252", "iso-8859-1", "iso-8859-15"]),
        "delimiter": st.sampled_from([",", ";", "|", "\t"]),
        "quote": st.sampled_from(['"', "'"]),
        "date": st.sampled_from(DATES),
        "amount": st.sampled_from(sorted(fields.AMOUNTS)),
        "positive": st.sampled_from(["owed", "paid"]),
        "blank": st.sampled_from([[], ["."], ["31/12/9999", "-"]]),
        "yes": st.just(["TRUE", "Y"]),
        "no": st.just(["FALSE", "N"]),
    }
)


@st.composite
def files(draw: st.DrawFn, entity: str) -> dict[str, Any]:
    """Make up how one file is written, and where its columns stand."""
    keys = list(KEYS[entity])
    given_by = draw(st.sampled_from(["headings in the file", "headings in the mapping", "positions"]))
    others = dict(OTHERS.get(entity, {}))
    if entity == "transactions":
        keys += draw(st.sampled_from([["amount"], ["debit", "credit"]]))
        others["unused"] = draw(st.sampled_from(["blank", "zero"]))
    keys = draw(st.permutations(keys))
    gap = draw(st.integers(0, 2))
    columns = {key: at + gap + 1 if given_by == "positions" else f"Column of {key}" for at, key in enumerate(keys)}
    if given_by != "headings in the file":
        others["header"] = False
    if given_by == "headings in the mapping":
        others["headings"] = [columns[key] for key in keys]
    return {**draw(formats), **others, "file": f"{entity}_{{YYYYMMDD}}.txt", "columns": columns}


mappings = st.fixed_dictionaries({"name": st.just("made-up"), **{entity: files(entity) for entity in KEYS}}).map(
    Mapping.model_validate
)

names = (
    st.text("ABCÉeéñóäß' -", min_size=1, max_size=12)
    .map(lambda name: " ".join(name.split()) or "A")
    .filter(lambda name: name != "-")
)
days = st.dates(date(1990, 1, 1), NIGHT)
lines = st.lists(st.tuples(days, st.sampled_from(["DBR", "RSO", "XQZ"]), st.integers(-(10**7), 10**7)), max_size=6)
tenancies = st.lists(
    st.builds(
        Tenancy,
        reference=st.text("0123456789/", min_size=1, max_size=12),
        kind=st.sampled_from(["home", "garage", "former"]),
        starts_on=days,
        ends_on=st.none() | days,
        tenants=st.lists(st.tuples(names, names, st.none() | days), max_size=3),
        lines=lines,
        arrangements=st.lists(
            st.tuples(days, st.sampled_from(["weekly", "monthly", "once"]), st.booleans(), st.integers(1, 10**5)),
            max_size=2,
        ),
    ),
    min_size=1,
    max_size=4,
)


def read(mapping: Mapping, written: list[Tenancy], *, zipped: bool = True) -> dict[str, list[dict[str, Any]]]:
    """Write a night, and return what is read of it. Nothing may be complained of."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        write_night(folder, mapping, written, zipped=zipped)
        night = open_night(folder, mapping)
        found = {
            entity: [dict(zip(RECORDS[entity].split(), record, strict=False)) for record in night.records(entity)]
            for entity in night.entities
        }
    assert night.complaints == []
    assert night.on == NIGHT
    return found


@given(mappings, tenancies, st.booleans())
def test_a_night_is_read_as_it_was_written(mapping: Mapping, written: list[Tenancy], zipped: bool) -> None:
    found = read(mapping, written, zipped=zipped)
    assert [(one["reference"], one["kind"], one["starts_on"], one["ends_on"]) for one in found["accounts"]] == [
        (one.reference, one.kind, one.starts_on.isoformat(), one.ends_on.isoformat() if one.ends_on else None)
        for one in written
    ]
    assert [(one["reference"], one["stated_pence"]) for one in found["balances"]] == [
        (one.reference, one.balance_pence) for one in written
    ]
    assert [(one["first_name"], one["last_name"], one["identity"]) for one in found["tenants"]] == [
        (first, last, f"{first} {last}|{born or ''}".casefold()) for one in written for first, last, born in one.tenants
    ]
    assert [
        (one["reference"], one["posted_on"], one["code"], one["amount_pence"]) for one in found["transactions"]
    ] == [(one.reference, day.isoformat(), code, pence) for one in written for day, code, pence in one.lines]
    assert [
        (one["starts_on"], one["frequency"], one["by_court"], one["amount_pence"]) for one in found["arrangements"]
    ] == [
        (begins.isoformat(), frequency, by_court, pence)
        for one in written
        for begins, frequency, by_court, pence in one.arrangements
    ]


@given(mappings, tenancies, st.randoms(use_true_random=False))
def test_lines_add_up_in_any_order(mapping: Mapping, written: list[Tenancy], chance: random.Random) -> None:
    shuffled = list(written)
    chance.shuffle(shuffled)
    found = read(mapping, shuffled)
    total = sum(one["amount_pence"] for one in found["transactions"])
    assert total == sum(one["stated_pence"] for one in found["balances"]) == sum(one.balance_pence for one in written)
