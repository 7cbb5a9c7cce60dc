"""Whether values from JSON or a command line fit the fields of one of our dataclasses."""

from collections.abc import Mapping
from types import UnionType
from typing import Any, Literal, get_args, get_origin, get_type_hints


class DoesNotFit(ValueError):
    """There is no such field, or it can't have such a value."""


def fitted(kind: type, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``values`` as a dataclass takes them: lists as sets where it has sets. Raises DoesNotFit."""
    hints = get_type_hints(kind)
    for name, value in values.items():
        if name not in hints:
            raise DoesNotFit(f"no such field: {name}")
        if not _fits(value, hints[name]):
            raise DoesNotFit(f"{name} can't be {value!r}")
    return {name: frozenset(value) if isinstance(value, list) else value for name, value in values.items()}


def _fits(value: object, hint: Any) -> bool:
    origin = get_origin(hint)
    if origin is Literal:
        return value in get_args(hint)
    if origin is frozenset:
        return isinstance(value, list | frozenset) and all(isinstance(one, str) for one in value)
    if origin is UnionType:
        return any(_fits(value, one) for one in get_args(hint))
    if hint is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    return type(value) is hint
