"""A scheme's file, read as an edition; whatever is wrong in it is named by its line."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from portal.blueprints.energy.schemes.edition import Edition
from portal.blueprints.energy.schemes.faults import why
from portal.blueprints.energy.schemes.files import Place, SchemeError, Source, read
from portal.blueprints.energy.schemes.household import Nation

LANGUAGES: Final[dict[Nation, tuple[str, ...]]] = {
    "england": ("en", "cy"),
    "wales": ("en", "cy"),
    "scotland": ("en", "cy"),
    "northern_ireland": ("en", "ga"),
    "ireland": ("en", "ga"),
}
"""In which languages a scheme of a nation is described: those that its councils may offer."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """An edition, and the file that it was read from."""

    edition: Edition
    source: Source


def files_in(folder: Path) -> list[Path]:
    """Return the files of schemes in a folder, in order. Raises SchemeError for those that their names would hide."""
    if misnamed := sorted(folder.glob("**/*.yml")):
        raise SchemeError("\n".join(f"{path}: would not be read: name it {path.stem}.yaml" for path in misnamed))
    return sorted(folder.glob("**/*.yaml"))


def load(path: Path) -> Loaded:
    """Read one file. Raises SchemeError, which has a line for each fault: file, line, what and why."""
    source = read(path)
    if not isinstance(source.data, dict):
        raise SchemeError(f"{path}:1: is no mapping of keys to values")
    try:
        edition = Edition.model_validate(source.data, context=_languages(source.data.get("nations")))
    except ValidationError as error:
        raise SchemeError("\n".join(_complaints(source, error))) from None
    if (path.parent.name, path.stem) != (edition.scheme, edition.edition):
        raise SchemeError(source.complaint(("scheme",), f"belongs in {edition.scheme}/{edition.edition}.yaml"))
    return Loaded(edition, source)


def _languages(nations: object) -> tuple[str, ...]:
    given = [str(nation) for nation in (nations if isinstance(nations, list) else [nations])]
    found = (language for nation, languages in LANGUAGES.items() if nation in given for language in languages)
    return tuple(dict.fromkeys(found)) or ("en",)


def _complaints(source: Source, error: ValidationError) -> Iterator[str]:
    for detail in error.errors(include_url=False):
        place: Place = detail["loc"]
        told = why(detail)
        if detail["type"] == "extra_forbidden" and str(place[-1])[:1].isdecimal():
            told += "; put a sum that has a comma in quotes"
        yield source.complaint(place, told)
