"""YAML files, read so that whatever is wrong in them can be named by its line."""

from dataclasses import dataclass
from pathlib import Path

import yaml

Place = tuple[str | int, ...]
"""Where something stands in a file: the keys and positions that lead to it."""


class SchemeError(Exception):
    """A scheme's file is wrong; the message is one line for each fault: file, line, what and why."""


@dataclass(frozen=True, slots=True)
class Source:
    """What a file holds. data: mappings, lists and strings. lines: the line of each place, counted from 1."""

    path: Path
    data: object
    lines: dict[Place, int]

    def complaint(self, place: Place, why: str) -> str:
        """Return one line for a fault at a place, or at the nearest place around it that the file has."""
        known = place
        while known not in self.lines:
            known = known[:-1]
        what = ".".join(str(part) for part in place)
        return f"{self.path}:{self.lines[known]}: {f'{what}: ' if what else ''}{why}"


def read(path: Path) -> Source:
    """Read a file. Each value comes as a string, so that nothing is taken for what it isn't (``no`` for a flag).

    Raises SchemeError if it can't be read, isn't YAML, or has a key twice.
    """
    try:
        node = yaml.compose(path.read_text("utf-8"), Loader=yaml.CBaseLoader)
    except OSError as error:
        raise SchemeError(f"{path}: can't be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise SchemeError(f"{path}: is not UTF-8") from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise SchemeError(f"{path}:{line}: {error.problem}") from None
    if node is None:
        raise SchemeError(f"{path}:1: is empty")
    lines: dict[Place, int] = {}
    try:
        data = _value(node, (), lines)
    except _TwiceError as twice:
        raise SchemeError(f"{path}:{twice.line}: {twice.key} stands here for the second time") from None
    return Source(path, data, lines)


class _TwiceError(Exception):
    def __init__(self, key: str, line: int) -> None:
        super().__init__()
        self.key, self.line = key, line


def _value(node: yaml.Node, place: Place, lines: dict[Place, int]) -> object:
    lines.setdefault(place, node.start_mark.line + 1)
    match node:
        case yaml.MappingNode():
            return _mapping(node, place, lines)
        case yaml.SequenceNode():
            return [_value(item, (*place, position), lines) for position, item in enumerate(node.value)]
        case _:
            return node.value


def _mapping(node: yaml.MappingNode, place: Place, lines: dict[Place, int]) -> dict[str, object]:
    found: dict[str, object] = {}
    for key, value in node.value:
        line = key.start_mark.line + 1
        if key.value in found:
            raise _TwiceError(key.value, line)
        lines[*place, key.value] = line
        found[key.value] = _value(value, (*place, key.value), lines)
    return found
