"""YAML files, read so that whatever is wrong in them can be named by its line."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import yaml

DEEPEST: Final = 40
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

    Raises SchemeError if it can't be read, isn't YAML, has a key twice, refers from one place to another, or is nested
    too deep.
    """
    try:
        text = path.read_text("utf-8")
    except OSError as error:
        raise SchemeError(f"{path}: can't be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise SchemeError(f"{path}: is not UTF-8") from None
    lines: dict[Place, int] = {}
    try:
        _look_over(text)
        node = yaml.compose(text, Loader=yaml.CBaseLoader)
        data = _value(node, (), lines) if node else None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise SchemeError(f"{path}:{line}: {error.problem}") from None
    except yaml.YAMLError as error:
        raise SchemeError(f"{path}:1: is no YAML: {error}") from None
    except _FaultError as fault:
        raise SchemeError(f"{path}:{fault.line}: {fault.why}") from None
    if data is None:
        raise SchemeError(f"{path}:1: is empty")
    return Source(path, data, lines)


class _FaultError(Exception):
    def __init__(self, why: str, node: yaml.Node | yaml.Event) -> None:
        super().__init__()
        self.why, self.line = why, node.start_mark.line + 1 if node.start_mark else 1


def _look_over(text: str) -> None:
    """Refuse what would grow without end when it is put together. Raises _FaultError, YAMLError."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CBaseLoader):
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise _FaultError("anchors and aliases (& and *) aren't taken: write it out", event)
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise _FaultError("is nested too deep", event)


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
        if not isinstance(key, yaml.ScalarNode):
            raise _FaultError("a key is one word or several, no list", key)
        if key.value in found:
            raise _FaultError(f"{key.value} stands here for the second time", key)
        lines[*place, key.value] = key.start_mark.line + 1
        found[key.value] = _value(value, (*place, key.value), lines)
    return found
