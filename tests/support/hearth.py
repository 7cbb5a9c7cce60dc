"""The third mapping: the example of ``docs/connect-a-housing-system.md``, taken out of the page as it stands there."""

import re
from dataclasses import dataclass
from pathlib import Path

from portal.settings import PROJECT

PAGE = PROJECT / "docs" / "connect-a-housing-system.md"
_FILE = re.compile(r"`(\w+\.\w+)`[^`]*:\n\n```\w+\n(.*?)```", re.DOTALL)


@dataclass(frozen=True)
class Hearth:
    """The example's mapping and its night, as files."""

    mapping: Path
    night: Path

    def change(self, name: str, old: str, new: str) -> None:
        """Change one of the files. Raises AssertionError if it doesn't hold ``old``."""
        path = self.mapping if name == self.mapping.name else self.night / name
        encoding = "utf-8" if path == self.mapping else "cp1252"
        text = path.read_text(encoding)
        assert old in text
        path.write_text(text.replace(old, new), encoding)


def write_example(folder: Path) -> Hearth:
    """Write the example's files into a folder."""
    files = dict(_FILE.findall(PAGE.read_text("utf-8")))
    example = Hearth(folder / "hearth.toml", folder / "2026-11-24")
    example.night.mkdir()
    for name, text in files.items():
        if name == example.mapping.name:
            example.mapping.write_text(text, "utf-8")
        else:
            (example.night / name).write_bytes(text.replace("\n", "\r\n").encode("cp1252"))
    return example
