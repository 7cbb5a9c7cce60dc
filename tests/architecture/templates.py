"""Templates read as text: their tags, whose expressions stay as they are written, and what the code says of them."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from portal.settings import PROJECT

PORTAL = PROJECT / "portal"
TAG = re.compile(r"<([a-z][\w-]*)((?:\{\{.*?\}\}|\{%.*?%\}|\"[^\"]*\"|'[^']*'|[^>\"'{])*)>", re.DOTALL)
ATTRIBUTE = re.compile(r"([\w:-]+)=(?:\"([^\"]*)\"|'([^']*)')")
JOINED = re.compile(r"(?:\{%-?\s*(?:extends|include|import|from)\s+|same_for_all\()[\"']([^\"']+)[\"']")
URL_FOR = re.compile(r"url_for\(\s*['\"]([\w.]+)['\"]")


@dataclass(frozen=True)
class Template:
    """name: as ``page()`` is given it. owner: the slice's name, empty for what all share."""

    path: Path
    name: str
    owner: str
    text: str

    def tags(self) -> Iterator[tuple[str, dict[str, str]]]:
        """Yield each tag and its attributes."""
        for tag, inside in TAG.findall(self.text):
            yield tag, {name: double or single for name, double, single in ATTRIBUTE.findall(inside)}

    def joined(self) -> set[str]:
        """Return the names of the templates that this one extends or includes."""
        return set(JOINED.findall(self.text))

    def blocks(self) -> set[str]:
        return set(re.findall(r"\{%-?\s*block\s+(\w+)", self.text))


@cache
def all_templates() -> tuple[Template, ...]:
    shared = PORTAL / "templates"
    folders = [(shared, ""), *((path, path.parent.name) for path in sorted(PORTAL.glob("blueprints/*/templates")))]
    return tuple(
        Template(path, path.relative_to(folder).as_posix(), owner, path.read_text("utf-8"))
        for folder, owner in folders
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    )


@cache
def modules() -> dict[Path, ast.Module]:
    """Return the portal's Python files, parsed."""
    return {path: ast.parse(path.read_text("utf-8")) for path in sorted(PORTAL.rglob("*.py"))}


def strings(tree: ast.AST) -> Iterator[str]:
    """Yield the strings of a piece of code, those that are put together from parts left out."""
    parts = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in ast.walk(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in parts:
            yield node.value


def names_in_code() -> set[str]:
    """Return the names of all templates that the code speaks of."""
    return {text for tree in modules().values() for text in strings(tree) if re.fullmatch(r"[\w/]+\.html", text)}
