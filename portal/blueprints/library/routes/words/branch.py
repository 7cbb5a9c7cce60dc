"""Branches, by their names in the council's file."""

from portal.i18n import gettext as _
from portal.i18n import words
from portal.web import current


def branch_name(code: str | None) -> str:
    """Return the name of a branch; one that the council's file lacks is "the library"."""
    library = current.council().library
    name = library.branches.get(code) if library and code else None
    return words(name) if name else _("the library")


def branch_names() -> list[tuple[str, str]]:
    """Return codes and names of all branches, by name."""
    library = current.council().library
    found = [(code, words(name)) for code, name in library.branches.items()] if library else []
    return sorted(found, key=lambda one: one[1])
