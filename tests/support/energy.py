"""A council with schemes made up for tests, each for one way in which a scheme can stand (``tests/data/energy``)."""

import shutil
from pathlib import Path

from portal.blueprints.energy.schemes.catalogue import Scheme, schemes_of
from portal.council import load_council
from portal.settings import PROJECT

SCHEMES = PROJECT / "tests" / "data" / "energy" / "schemes"
MADE_UP = frozenset(path.name for path in SCHEMES.iterdir())


def council_with_schemes(folder: Path, *, like: Path) -> Path:
    """Copy a council's file into a folder, with the schemes that are made up beside it; return the file's path."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copytree(SCHEMES, folder / "schemes", dirs_exist_ok=True)
    return Path(shutil.copy(like, folder / "council.toml"))


def made_up_schemes(folder: Path) -> tuple[Scheme, ...]:
    """Return the schemes that are made up, and no others."""
    council = load_council(council_with_schemes(folder, like=PROJECT / "councils" / "millbrook" / "council.toml"))
    return tuple(scheme for scheme in schemes_of(council) if scheme.slug in MADE_UP)
