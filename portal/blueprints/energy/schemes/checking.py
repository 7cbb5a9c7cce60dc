"""Files of schemes, looked over before anybody relies on them: ``portal energy schemes check``."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from portal.blueprints.energy.schemes.catalogue import both_hold, overlaps
from portal.blueprints.energy.schemes.examples import failing
from portal.blueprints.energy.schemes.files import SchemeError
from portal.blueprints.energy.schemes.loading import Loaded, files_in, load

Named = dict[tuple[str, str], Loaded]
"""Editions by scheme and edition: one takes the place of another of the same name."""


@dataclass(frozen=True, slots=True)
class Checked:
    """How many files were read and examples tried; faults: a line for each, with file, line and why."""

    files: int
    examples: int
    faults: tuple[str, ...]


def check(paths: Iterable[Path], *, beside: Iterable[Path]) -> Checked:
    """Read the files at paths, each a file or a folder of them, and try their examples.

    beside: folders of the editions that hold with them: no two of a scheme may on one day. What is wrong there isn't
    told.
    """
    read, faults = _read(paths)
    others, _ = _read(folder for folder in beside if folder.is_dir())
    faults += [
        loaded.source.complaint(("examples", position), fault)
        for loaded in read.values()
        for position, fault in failing(loaded.edition)
    ]
    faults += _overlapping(read, others | read)
    return Checked(len(read), sum(len(loaded.edition.examples) for loaded in read.values()), tuple(faults))


def _read(paths: Iterable[Path]) -> tuple[Named, list[str]]:
    found: Named = {}
    faults = []
    for path in paths:
        try:
            files = _files_at(path)
        except SchemeError as error:
            faults.append(str(error))
            continue
        for file in files:
            try:
                loaded = load(file)
            except SchemeError as error:
                faults.append(str(error))
            else:
                found[loaded.edition.scheme, loaded.edition.edition] = loaded
    return found, faults


def _files_at(path: Path) -> list[Path]:
    if path.is_file():
        if path.suffix != ".yaml":
            raise SchemeError(f"{path}: would not be read: name it {path.stem}.yaml")
        return [path]
    files = files_in(path)
    if not files:
        raise SchemeError(f"{path}: there is no file of a scheme in it")
    return files


def _overlapping(read: Named, everything: Named) -> Iterator[str]:
    """Yield a line for each two editions of a scheme that hold on one day, if at least one of them was read."""
    for scheme in sorted({scheme for scheme, _ in read}):
        editions = [loaded.edition for loaded in everything.values() if loaded.edition.scheme == scheme]
        for earlier, later in overlaps(editions):
            blamed = next((loaded for one in (later, earlier) if (loaded := read.get((scheme, one.edition)))), None)
            if blamed:
                yield blamed.source.complaint(("in force",), both_hold(earlier, later))
