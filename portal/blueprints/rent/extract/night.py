"""The files of one night: found in their folder, and read line by line."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Final, TypeVar

from portal.blueprints.rent.extract import fields
from portal.blueprints.rent.extract.layouts import RECORDS, Layout, Met, OtherNight, Record, Values, layout_of
from portal.blueprints.rent.extract.mapping import ENTITIES, NIGHT, Control, File, Format, Mapping, Trailer
from portal.blueprints.rent.extract.records import Complaint, ExtractRefused
from portal.blueprints.rent.extract.table import Header, Line, lines_of

Value = TypeVar("Value")

MOST_COMPLAINTS: Final = 100
"""More than are allowed: a file in the wrong form is wrong in each line, and nobody reads more than these."""
CONTROL: Final = "control"
AMOUNT_AT: Final = {
    entity: next((at for at, name in enumerate(names.split()) if name in ("stated_pence", "amount_pence")), None)
    for entity, names in RECORDS.items()
}
"""Where in a record its amount stands, if it has one."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a trailer or a control file says that a file holds; None where it doesn't. file, line: where it says so."""

    count: int | None
    total_pence: int | None
    file: str
    line: int


@dataclass(slots=True)
class Night:
    """One night. complaints: of bad lines, which are left out, as they are met, each with its entity.

    allowed: how many of them there may be. met: what the lines that were read so far hold.
    """

    mapping: Mapping
    on: date
    files: dict[str, Path]
    allowed: int = 0
    complaints: list[tuple[str, Complaint]] = field(default_factory=list)
    met: Met = field(default_factory=Met)
    _said: dict[str, Said] = field(default_factory=dict)

    @property
    def entities(self) -> tuple[str, ...]:
        """The files that hold records, as this source has them."""
        return tuple(entity for entity in ENTITIES if entity in self.files)

    @property
    def window_starts_after(self) -> date:
        """A line of a later day than this that is missing was taken back; earlier ones may just not be there."""
        window = self.mapping.transactions.window
        return date.min if window == "all" else self.on - timedelta(days=window)

    def name(self, entity: str) -> str:
        return self.files[entity].name

    def heading(self, entity: str) -> str:
        """Return what the column of references is called."""
        file: File = getattr(self.mapping, entity)
        return _called(file.columns.reference)

    def unknown(self) -> Iterator[Complaint]:
        """Yield what the lines that were read hold, but the mapping doesn't say the meaning of."""
        codes, types = self.mapping.transactions.columns.code, self.mapping.accounts.columns.type
        for code in sorted(self.met.codes - self.mapping.codes.keys()):
            why = f"holds the code {code}, which the mapping doesn't know"
            yield Complaint(self.name("transactions"), why, column="/".join(map(_called, codes)))
        for kind in sorted(self.met.types):
            why = f"holds the type {kind}, which the mapping doesn't know"
            yield Complaint(self.name("accounts"), why, column=_called(types or ""))

    def records(self, entity: str) -> Iterator[Record]:
        """Yield the records of a file, each with the line that it begins in behind what ``RECORDS`` names.

        Raises ExtractRefused: the file can't be read on, is another night's, has too many bad lines, or isn't what its
        trailer or the control file says.
        """
        file: File = getattr(self.mapping, entity)
        lines = lines_of(self.files[entity], file)
        header = Header(self.name(entity), file, lines)
        layout = layout_of(self.mapping, entity, self.name(entity), header, night=self.on, met=self.met)
        if file.trailer:
            lines = self._before_trailer(lines, entity, file, file.trailer)
        records = self._records(entity, header, layout, lines)
        return self._compared(entity, records) if file.trailer or self.mapping.control else records

    def _records(self, entity: str, header: Header, layout: Layout, lines: Iterator[Line]) -> Iterator[Record]:
        reads, finish, width = [part.read for part in layout.parts], layout.finish, len(header.headings)
        for line, values in lines:
            try:
                whole = values if len(values) == width else header.fill(values, layout.least)
                record = [read(whole) for read in reads]
            except ValueError as error:
                self._complain(entity, layout, line, values, error)
                continue
            if finish:
                record = finish(*record)
            record.append(line)
            yield record

    def _compared(self, entity: str, records: Iterator[Record]) -> Iterator[Record]:
        """Yield records, and compare them at the end with what is said of them. Raises ExtractRefused: they differ."""
        at = AMOUNT_AT[entity]
        count = total_pence = 0
        for record in records:
            count += 1
            total_pence += record[at] if at else 0
            yield record
        bad = sum(name == entity for name, _ in self.complaints)
        said, name = self._said[entity], self.name(entity)
        if said.count not in (None, count + bad):
            why = f"says that {name} has {said.count} lines, but it has {count + bad}"
        elif not bad and said.total_pence not in (None, total_pence):
            why = f"says what the amounts of {name} add up to, but they come to something else"
        else:
            return
        raise ExtractRefused([Complaint(said.file, why, said.line)])

    def _complain(self, entity: str, layout: Layout, line: int, values: Values, error: ValueError) -> None:
        """Note a bad line. Raises ExtractRefused if it is one too many, or if it can't be told how many there are."""
        complaint = _complaint(self.name(entity), layout, line, values, error)
        if any("\n" in value or "\r" in value for value in values):
            why = f"{complaint.why}; it goes over several lines, so a quotation mark may be missing"
            raise ExtractRefused([*self._said_so_far(), Complaint(complaint.file, why, line, complaint.column)])
        self.complaints.append((entity, complaint))
        if isinstance(error, OtherNight) or len(self.complaints) >= self.allowed + MOST_COMPLAINTS:
            raise ExtractRefused(self._said_so_far())

    def _said_so_far(self) -> list[Complaint]:
        return [complaint for _, complaint in self.complaints][-MOST_COMPLAINTS:]

    def _before_trailer(self, lines: Iterator[Line], entity: str, file: File, trailer: Trailer) -> Iterator[Line]:
        """Yield the lines before the trailer, and note what that says. Raises ExtractRefused: there is none."""
        name = self.name(entity)
        for line, values in lines:
            if values[0].strip() != trailer.mark:
                yield line, values
                continue
            self._said[entity] = _said(name, (line, values), (trailer.count, trailer.total), file)
            for after, _ in lines:
                raise ExtractRefused([Complaint(name, "goes on after its trailer", after)])
            return
        raise ExtractRefused([Complaint(name, f"has no line {trailer.mark} at its end: it was cut off")])

    def read_control(self) -> None:
        """Read the control file, if this source has one. Raises ExtractRefused."""
        control = self.mapping.control
        if not control:
            return
        name = self.name(CONTROL)
        lines = lines_of(self.files[CONTROL], control)
        header = Header(name, control, lines)
        columns = [control.columns.name, control.columns.count, control.columns.total]
        places = [None if column is None else header.find(column) for column in columns]
        if missing := [str(column) for column, at in zip(columns, places, strict=True) if at is None and column]:
            raise ExtractRefused([Complaint(name, f"has no column {', '.join(missing)}", 1)])
        at, count, total = (None if place is None else place + 1 for place in places)
        called = {self._called(entity, control): entity for entity in self.entities}
        for line, values in lines:
            entity = called.get(_value(values, at).removesuffix(".gz"))
            if entity:
                self._said[entity] = _said(name, (line, values), (count, total), control)
        if unsaid := [self.name(entity) for entity in self.entities if entity not in self._said]:
            raise ExtractRefused([Complaint(name, f"says nothing of {', '.join(unsaid)}")])

    def _called(self, entity: str, control: Control) -> str:
        names = {str(key): name for key, name in control.names.items()}
        return names.get(entity, self.name(entity)).removesuffix(".gz")


def _called(column: int | str) -> str:
    """Return what a column is called where a file's own headings aren't at hand."""
    return f"column {column}" if isinstance(column, int) else column


def _complaint(name: str, layout: Layout, line: int, values: Values, error: ValueError) -> Complaint:
    """Find out which column made a line bad, and whose line it is."""
    whole = values + [""] * (layout.least - len(values))
    try:
        account = str(layout.reference.read(whole))
    except ValueError:
        account = None
    for part in layout.parts:
        try:
            part.read(whole)
        except ValueError as found:
            return Complaint(name, str(found), line, part.heading, account)
    return Complaint(name, str(error), line, None, account)


def _said(name: str, found: Line, positions: tuple[int | None, int | None], form: Format) -> Said:
    """Read what a line says of a file. positions: of the count and the total. Raises ExtractRefused."""
    (line, values), (count, total) = found, positions
    try:
        lines = None if count is None else int(_value(values, count))
    except ValueError:
        raise ExtractRefused([Complaint(name, "doesn't say how many lines there are", line)]) from None
    try:
        read = fields.amount(form.amount, positive_is_owed=form.positive == "owed")
        total_pence = None if total is None else read(_value(values, total))
    except ValueError as error:
        raise ExtractRefused([Complaint(name, f"the total {error}", line)]) from None
    return Said(lines, total_pence, name, line)


def _value(values: Values, at: int | None) -> str:
    """Return what stands at a position counted from 1; nothing if the line is too short."""
    return values[at - 1].strip() if at is not None and at <= len(values) else ""


def open_night(folder: Path, mapping: Mapping, *, allowed: int = 0) -> Night:
    """Return the one night whose files are in ``folder``. allowed: how many bad lines it may have.

    Raises ExtractRefused: files are missing, or they are of more than one night.
    """
    found: dict[str, list[Path]] = {}
    nights: set[str] = set()
    for entity, path, night in _matching(folder, mapping):
        found.setdefault(entity, []).append(path)
        nights |= {night} if night else set()
    if mapping.folder and (night := _night_in(folder, mapping.folder)):
        nights.add(night)
    if len(nights) != 1:
        why = f"holds files of {len(nights)} nights" if nights else f"holds no {mapping.accounts.file}"
        raise ExtractRefused([Complaint(folder.name, why)])
    on = date.fromisoformat(nights.pop())
    wanted = {entity: file for entity in (*ENTITIES, CONTROL) if (file := getattr(mapping, entity))}
    complaints = [
        Complaint(_filled(file.file, on), "is missing") for entity, file in wanted.items() if entity not in found
    ] + [
        Complaint(folder.name, f"holds {' and '.join(path.name for path in paths)}, of which there should be one")
        for paths in found.values()
        if len(paths) > 1
    ]
    if complaints:
        raise ExtractRefused(complaints, night=on)
    opened = Night(mapping, on, {entity: paths[0] for entity, paths in found.items()}, allowed)
    opened.read_control()
    return opened


def _matching(folder: Path, mapping: Mapping) -> Iterator[tuple[str, Path, str | None]]:
    """Yield what lies in the folder and is one of the mapping's files, with the night in its name, if there is one."""
    patterns = {entity: file.file for entity in (*ENTITIES, CONTROL) if (file := getattr(mapping, entity))}
    try:
        paths = sorted(path for path in folder.iterdir() if path.is_file())
    except OSError as error:
        raise ExtractRefused([Complaint(folder.name, f"can't be read: {error.strerror}")]) from None
    for path in paths:
        for entity, pattern in patterns.items():
            matched = _name_pattern(pattern).fullmatch(path.name)
            if matched:
                yield entity, path, _day_in(matched, folder)


def _night_in(folder: Path, pattern: str) -> str | None:
    matched = _name_pattern(pattern).fullmatch(folder.resolve().name)
    return _day_in(matched, folder) if matched else None


def _day_in(matched: re.Match[str], folder: Path) -> str | None:
    if not matched.groupdict():
        return None
    try:
        return fields.day_of(matched)
    except ValueError as error:
        raise ExtractRefused([Complaint(folder.name, f"{matched[0]} {error}")]) from None


def _name_pattern(pattern: str) -> re.Pattern[str]:
    """Return what matches the names that a mapping's pattern stands for, zipped or not."""
    name = pattern.removesuffix(".gz")
    night = NIGHT.search(name)
    parts = [name] if night is None else [name[: night.start()], name[night.end() :]]
    literal = [re.escape(part).replace(r"\*", ".*") for part in parts]
    middle = "" if night is None else fields.date_pattern(night[1]).pattern
    return re.compile(middle.join(literal) + r"(?:\.gz)?", re.ASCII)


def _filled(pattern: str, night: date) -> str:
    """Return a file's name as it should be."""
    place = NIGHT.search(pattern)
    return pattern.replace(place[0], fields.written(night, place[1])) if place else pattern
