"""What a message is made of."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Composed:
    """A message in one language. code: set apart, for people to copy by hand; empty if there is none."""

    subject: str
    paragraphs: tuple[str, ...]
    code: str = ""


Fields = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Template:
    """needed: fields that it can't do without."""

    needed: tuple[str, ...]
    write: Callable[[Fields], Composed]

    def check(self, fields: Fields) -> None:
        """Raise KeyError, naming it, if a field is missing."""
        for name in self.needed:
            fields[name]


Templates = Mapping[str, Template]
