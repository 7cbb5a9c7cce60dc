"""Nights that nobody here made up: three in each of two layouts, with what a correct import shows."""

import json
import tarfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

DATA = Path(__file__).parent.parent / "data" / "rent"
FOLDERS: Final = {"rentsense": "housing", "nec": "housing-nec"}


@dataclass(frozen=True)
class Nights:
    """The nights of one source, unpacked."""

    source: str
    folder: Path

    @cached_property
    def expected(self) -> dict[str, Any]:
        """What is there after each night, by its date, and ``notes``: which account shows what."""
        found: dict[str, Any] = json.loads((self.folder / "expected.json").read_text("utf-8"))
        return found

    @property
    def dates(self) -> list[str]:
        return sorted(self.expected.keys() - {"notes"})


def unpack(source: str, folder: Path) -> Nights:
    """Unpack the nights of a source into ``folder``."""
    name = FOLDERS[source]
    with tarfile.open(DATA / f"{name}.tar.xz") as archive:
        archive.extraction_filter = getattr(tarfile, "data_filter", None)  # Debian 12's Python knows none
        archive.extractall(folder)  # noqa: S202 -- our own archive
    return Nights(source, folder / name)
