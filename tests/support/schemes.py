"""The scheme of ``docs/schemes.md``, as a file that tests change."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from portal.blueprints.energy.schemes.edition import Edition
from portal.blueprints.energy.schemes.files import SchemeError
from portal.blueprints.energy.schemes.loading import load
from portal.settings import PROJECT

PAGE = PROJECT / "docs" / "schemes.md"


@dataclass(frozen=True)
class File:
    """A scheme's file in a folder of a test."""

    path: Path

    def change(self, what: str, by: str) -> None:
        """Put one text in the place of another, which has to be there."""
        text = self.path.read_text("utf-8")
        assert what in text
        self.path.write_text(text.replace(what, by, 1), "utf-8")

    def line_of(self, what: str) -> int:
        lines = self.path.read_text("utf-8").splitlines()
        return next(number for number, line in enumerate(lines, 1) if what in line)

    def load(self) -> Edition:
        return load(self.path).edition

    def fault(self) -> str:
        """Return what is said of it, which has to be something."""
        try:
            self.load()
        except SchemeError as error:
            return str(error).replace(f"{self.path}:", "")
        raise AssertionError("nothing is wrong with it")


def write_example(folder: Path) -> File:
    """Write the example of the page into a folder."""
    found = re.search(r"```yaml\n(scheme: warm-hands-grant.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert found
    path = folder / "warm-hands-grant" / "2026-27.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(found[1], "utf-8")
    return File(path)


def edition_with(clause: dict[str, Any], **more: Any) -> Edition:
    """Return an edition with one condition, in no language but English."""
    words = {"en": "x"}
    condition = {"id": "only", "yes": words, "no": words, **clause}
    given = {
        "scheme": "made-up",
        "edition": "2026",
        "kind": "elsewhere",
        "nations": "england",
        "basis": "none",
        "in force": {"from": "2026-01-01"},
        "sources": [{"mark": "GK", "checked": "2026-11-24"}],
        **dict.fromkeys(("name", "gives", "run by", "how"), words),
        "conditions": [condition],
        "examples": [{"about": "x", "household": {}, "answer": "unknown"}],
        **more,
    }
    return Edition.model_validate(given, context=("en",))
