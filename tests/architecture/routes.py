"""The table of all addresses, as ``routes.txt`` keeps it. After a change to routes:

.venv/bin/python -m tests.architecture.routes > tests/architecture/routes.txt
"""

from collections.abc import Iterator

from flask import Flask

from portal.council_service import CouncilService, Face
from portal.registry import SERVICES
from portal.web import guards
from portal.web.guards import Need

HEADER = ("address", "methods", "audience", "level", "needs")
IMPLIED = {"HEAD", "OPTIONS"}


def bare_application(services: tuple[CouncilService, ...] = SERVICES) -> Flask:
    """Return an application that has every face behind its guard and nothing else: no database, no built files."""
    app = Flask("portal", static_folder=None)
    guards.install(app, services)
    return app


def face_of(endpoint: str) -> Face:
    """Return the one face that an endpoint belongs to. Raises ValueError if there are none or two."""
    (face,) = [
        face for service in SERVICES for face in service.faces if face.blueprint.name == endpoint.rpartition(".")[0]
    ]
    return face


def rows(app: Flask) -> Iterator[tuple[str, ...]]:
    """Yield a row for each address and each need, by address."""
    found: dict[tuple[str, ...], set[str]] = {}
    for rule in app.url_map.iter_rules():
        face = face_of(rule.endpoint)
        need: Need = getattr(app.view_functions[rule.endpoint], "portal_needs", Need())
        needed = (
            "fresh" if need.fresh else None,
            face.permission,
            need.permission,
            f"alone: {need.alone}" if need.alone else None,
            "in help too" if need.in_help else None,
            "ends help" if need.ends_help else None,
            "unsigned" if need.unsigned else None,
        )
        needs = ", ".join(filter(None, needed)) or "-"
        level = max(face.least, need.level).name.lower() if face.audience in ("resident", "staff") else "-"
        found.setdefault((rule.rule, face.audience, level, needs), set()).update((rule.methods or set()) - IMPLIED)
    for (address, audience, level, needs), methods in sorted(found.items()):
        yield address, " ".join(sorted(methods)), audience, level, needs


def table() -> str:
    """Return the table in columns, one line an address."""
    lines = [HEADER, *rows(bare_application())]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADER))]
    padded = ("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines)
    return "\n".join(padded) + "\n"


if __name__ == "__main__":
    print(table(), end="")  # noqa: T201 -- that is what it is run for
