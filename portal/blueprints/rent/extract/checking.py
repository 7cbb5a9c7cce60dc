"""What a mapping would read from a night's files, and what looks doubtful about it. Nothing is written anywhere."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from portal.blueprints.rent.extract.layouts import RECORDS, Record, meaning
from portal.blueprints.rent.extract.mapping import File, Mapping, is_national_number
from portal.blueprints.rent.extract.night import Night, open_night
from portal.blueprints.rent.extract.records import Complaint, ExtractRefused
from portal.blueprints.rent.extract.table import Header, lines_of

SHOWN: Final = 3
"""Lines of each file."""
_MOJIBAKE = re.compile("[ÂÃ][\u0080-\u00bf]")
"""A letter of UTF-8 that was read as windows-1252."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What one file would give. lines: the first, each value with its name, people's names and addresses hidden.

    reads, passes_over, drops: headings. drops: of national numbers. count: of all lines that can be read.
    """

    entity: str
    name: str
    reads: list[str]
    passes_over: list[str]
    drops: list[str]
    lines: list[dict[str, str]]
    count: int


@dataclass(slots=True)
class Report:
    """What a night would give. complaints: for each of these the import would refuse it."""

    night: str
    files: list[Checked] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)
    complaints: list[Complaint] = field(default_factory=list)


@dataclass(slots=True)
class _Seen:
    """What all records together say, as far as doubts need it. references: of each file, with how often they occur.

    filled: names of those values of each file that aren't always blank. lines_pence: of each account.
    """

    references: dict[str, Counter[str]] = field(default_factory=lambda: {entity: Counter() for entity in RECORDS})
    filled: set[tuple[str, str]] = field(default_factory=set)
    stated_pence: dict[str, int] = field(default_factory=dict)
    lines_pence: Counter[str] = field(default_factory=Counter)
    days: set[str] = field(default_factory=set)
    signs: Counter[tuple[str, bool]] = field(default_factory=Counter)
    odd_letters: Counter[str] = field(default_factory=Counter)
    lost_letters: int = 0


def check(folder: Path, mapping: Mapping) -> Report:
    """Read a night as the import would. Raises ExtractRefused: its files can't be told."""
    night = open_night(folder, mapping)
    report, seen = Report(night.on.isoformat()), _Seen()
    for entity in night.entities:
        try:
            report.files.append(_checked(night, entity, seen))
        except ExtractRefused as refused:
            report.complaints += [one for one in refused.complaints if one not in report.complaints]
    report.complaints += [one for _, one in night.complaints if one not in report.complaints]
    report.complaints += _between_files(night, seen)
    report.doubts += _doubts(night, seen)
    return report


def _checked(night: Night, entity: str, seen: _Seen) -> Checked:
    file: File = getattr(night.mapping, entity)
    header = Header(night.name(entity), file, lines_of(night.files[entity], file))
    asked = [header.name_of(column) for column in file.columns.all()]
    others = [heading for heading in header.headings if heading and heading not in asked]
    names = RECORDS[entity].split()
    lines, count = [], 0
    for record in night.records(entity):
        if count < SHOWN:
            lines.append(dict(zip(names, map(_shown, names, record), strict=False)))
        count += 1
        seen.references[entity][record[0]] += 1
        seen.filled.update((entity, name) for name, value in zip(names, record, strict=False) if value)
        if look := _LOOK.get(entity):
            look(seen, record)
    drops = [heading for heading in others if is_national_number(heading)]
    passes_over = [heading for heading in others if heading not in drops]
    return Checked(entity, night.name(entity), asked, passes_over, drops, lines, count)


def _shown(name: str, value: object) -> str:
    """Return a value as it may be shown: of people's names the first letter, of addresses how many lines they have."""
    match name:
        case "identity":
            return "…"
        case "first_name" | "last_name":
            return f"{str(value)[:1]}…" if value else ""
        case "address":
            return f"{len(str(value).splitlines())} lines"
        case _:
            return "" if value is None else str(value)


def _see_balance(seen: _Seen, record: Record) -> None:
    seen.stated_pence[record[0]] = record[1]


def _see_tenant(seen: _Seen, record: Record) -> None:
    text = " ".join(record[2:6])
    seen.odd_letters["tenants"] += bool(_MOJIBAKE.search(text))
    seen.lost_letters += "?" in text


def _see_line(seen: _Seen, record: Record) -> None:
    reference, posted_on, _, code, pence, description, *_ = record
    seen.lines_pence[reference] += pence
    seen.days.add(posted_on)
    seen.signs[code, pence > 0] += pence != 0
    seen.odd_letters["transactions"] += bool(_MOJIBAKE.search(description))


_LOOK: Final[dict[str, Callable[[_Seen, Record], None]]] = {
    "balances": _see_balance,
    "tenants": _see_tenant,
    "transactions": _see_line,
}


def _between_files(night: Night, seen: _Seen) -> Iterator[Complaint]:
    """Yield what is wrong with references between the files, the first of each kind; the import names each line."""
    accounts = seen.references["accounts"].keys()
    found = [("accounts", "has no balance", accounts - seen.references["balances"].keys())]
    for entity in night.entities:
        if entity != "accounts":
            found.append((entity, "is no account", seen.references[entity].keys() - accounts))
        if entity in ("accounts", "balances"):
            twice = {reference for reference, times in seen.references[entity].items() if times > 1}
            found.append((entity, "is there twice", twice))
    for entity, why, references in found:
        for reference in sorted(references)[:SHOWN]:
            yield Complaint(night.name(entity), why, column=night.heading(entity), account=reference)


def _doubts(night: Night, seen: _Seen) -> Iterator[str]:
    yield from (f"{complaint.file}: {complaint.why}" for complaint in night.unknown())
    yield from _about_signs(night, seen)
    yield from _about_days(night, seen)
    for entity, count in seen.odd_letters.items():
        if count:
            yield f"{night.name(entity)}: {count} lines look like UTF-8 that is read as another encoding"
    if seen.lost_letters:
        yield f"{night.name('tenants')}: {seen.lost_letters} lines hold a question mark, as where a letter was lost"
    for entity, name in _EXPECTED:
        if seen.references[entity] and (entity, name) not in seen.filled:
            yield f"{night.name(entity)}: {name} is empty in every line"


_EXPECTED: Final = (
    ("accounts", "tenancy_reference"),
    ("tenants", "first_name"),
    ("tenants", "address"),
    ("transactions", "description"),
)


def _about_signs(night: Night, seen: _Seen) -> Iterator[str]:
    """Yield doubts about signs: of what the codes mean, and of what balances say."""
    wrong = right = 0
    for (code, is_owed), count in seen.signs.items():
        kind, label = meaning(night.mapping.codes, code)
        if kind in ("charge", "payment", "benefit", "universal-credit") and label != "direct-debit-unpaid":
            right += count if is_owed == (kind == "charge") else 0
            wrong += count if is_owed != (kind == "charge") else 0
    if wrong > right:
        yield "Most charges are negative, or most payments positive: is positive the wrong way round?"
    differing = [one for one, pence in seen.stated_pence.items() if seen.lines_pence[one] != pence]
    turned = [one for one in differing if seen.stated_pence[one] == -seen.lines_pence[one]]
    if len(turned) > len(seen.stated_pence) / 2:
        yield "Most balances are what the lines come to with the sign turned: is positive of the balances right?"
    elif differing:
        yield (
            f"{len(differing)} of {len(seen.stated_pence)} accounts have a balance that isn't what their lines come to;"
            " so it is where lines from before the window are missing"
        )


def _about_days(night: Night, seen: _Seen) -> Iterator[str]:
    """Yield doubts about dates, and about the window."""
    if not seen.days:
        return
    name, oldest, newest = night.name("transactions"), min(seen.days), max(seen.days)
    if all(int(day[8:]) <= 12 for day in seen.days):
        yield f"{name}: no day is later than the 12th of its month: are days and months in the right order?"
    if newest > night.on.isoformat():
        yield f"{name}: holds lines of {newest}, after the night"
    if oldest < night.window_starts_after.isoformat():
        yield (
            f"{name}: holds lines of {oldest}, before its window of {night.mapping.transactions.window} days. They are"
            ' taken; but if each night has all lines, say window = "all"'
        )
