"""How a class that lists its fields becomes a message that can be read and written. ``messages`` has the classes."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar, cast, dataclass_transform, get_type_hints

from portal.connectors.library.sip2.dialect import Dialect
from portal.connectors.library.sip2.errors import GarbledMessage, UnsendableValue
from portal.connectors.library.sip2.fields import Fixed, Kind, Rest, Variable
from portal.connectors.library.sip2.framing import Frame

FIELD = re.compile(r"[A-Z][A-Z0-9]")
LONGEST_VALUE = 255
"""The standard's; Evergreen cuts what is longer."""


@dataclass(frozen=True)
class Layout:
    """The fields of a message by the name that they have in its class, in the order in which they are sent."""

    fixed: dict[str, Fixed]
    variable: dict[str, Variable]
    rest: str | None

    def kinds(self) -> Iterator[tuple[str, Kind[Any]]]:
        yield from ((name, field.kind) for name, field in self.fixed.items())
        yield from ((name, field.kind) for name, field in self.variable.items())


class Message:
    """Frozen. Its ``repr`` holds no card, PIN, name or title: only what kinds of fields allow."""

    id: ClassVar[str]
    layout: ClassVar[Layout]

    def __post_init__(self) -> None:
        """Raises UnsendableValue for an empty field that must not be: above all a PIN, which some servers let in."""
        for name, variable in self.layout.variable.items():
            value = getattr(self, name)
            if variable.filled and value is not None and not value.strip():
                raise UnsendableValue(variable.id, "must not be empty")

    def __repr__(self) -> str:
        told = " ".join(f"{name}={getattr(self, name)!r}" for name, kind in self.layout.kinds() if kind.told)
        return f"<{self.id} {type(self).__name__} {told}>"


class Answer(Message):
    """What a server says."""


A = TypeVar("A", bound=Answer)
M = TypeVar("M", bound=Message)
C = TypeVar("C", bound=type[Message])


class Request(Message, Generic[A]):
    """What we say, and which answer it gets."""

    answer: ClassVar[type[Answer]]


@dataclass_transform(frozen_default=True, kw_only_default=True)
def message(message_id: str, *, answer: type[Answer] | None = None) -> Callable[[C], C]:
    """Make a class of annotated fields the message of that id. answer: of a request."""

    def make(cls: C) -> C:
        cls.id, cls.layout = message_id, _layout_of(cls)
        if answer is not None:
            cast("type[Request[Any]]", cls).answer = answer
        return cast("C", dataclass(frozen=True, kw_only=True, repr=False)(cls))

    return make


def _layout_of(cls: type[Message]) -> Layout:
    hints = get_type_hints(cls, include_extras=True)
    marks = {name: hint.__metadata__[0] for name, hint in hints.items() if hasattr(hint, "__metadata__")}
    return Layout(
        fixed={name: mark for name, mark in marks.items() if isinstance(mark, Fixed)},
        variable={name: mark for name, mark in marks.items() if isinstance(mark, Variable)},
        rest=next((name for name, mark in marks.items() if isinstance(mark, Rest)), None),
    )


def read_answer(frame: Frame, request: Request[A], *, dialect: Dialect) -> A:
    """Read the answer to a request. Raises GarbledMessage, also for the answer to another one."""
    return cast("A", read(frame, request.answer, dialect=dialect))


def read(frame: Frame, expected: type[M], *, dialect: Dialect) -> M:
    """Read a message of the expected kind. Raises GarbledMessage."""
    if frame.id != expected.id:
        raise GarbledMessage(f"{frame.id} came where {expected.id} was expected")
    layout = expected.layout
    values: dict[str, object] = {}
    place = 0
    for name, (width, kind) in layout.fixed.items():
        text = frame.text[place : place + width]
        if len(text) < width:
            raise GarbledMessage(f"{frame.id}: ends within its fixed fields")
        values[name] = kind.read(text, name, dialect)
        place += width
    found = split_fields(frame.text[place:], delimiter=dialect.delimiter)
    for name, variable in layout.variable.items():
        values[name] = _value(variable, found, dialect)
    if layout.rest:
        known = {variable.id for variable in layout.variable.values()}
        values[layout.rest] = tuple(pair for pair in found if pair[0] not in known)
    return _made(expected, values)


def _made(expected: type[M], values: dict[str, object]) -> M:
    try:
        return expected(**values)
    except UnsendableValue as error:
        refused = str(error)
    raise GarbledMessage(f"{expected.id}: {refused}")


def split_fields(text: str, *, delimiter: str) -> list[tuple[str, str]]:
    """Return each variable field's id and text, in the order in which they came.

    A piece that begins with no id belongs to the one before: some servers let a delimiter stand in a title.
    Raises GarbledMessage if there is no id where the first should be: then the fixed fields were read wrongly, too.
    """
    fields: list[list[str]] = []
    for piece in text.split(delimiter):
        if FIELD.match(piece):
            fields.append([piece])
        elif fields and piece:
            fields[-1].append(piece)
        elif piece.strip():
            raise GarbledMessage("no field where one should begin")
    written = f"&#{ord(delimiter)};"  # by Evergreen and Koha, for a delimiter in a value
    whole = [delimiter.join(pieces).replace("\n", " ").replace(written, delimiter) for pieces in fields]
    return [(field[:2], field[2:]) for field in whole]


def _value(variable: Variable, found: list[tuple[str, str]], dialect: Dialect) -> object:
    texts = [text for field_id, text in found if field_id == variable.id]
    if variable.repeated:
        values = (variable.kind.read(text, variable.id, dialect) for text in texts)
        return tuple(value for value in values if value)
    if texts and texts[0].strip():
        return variable.kind.read(texts[0], variable.id, dialect)
    return "" if variable.always else None  # some send a field empty rather than leave it out


def write(message: Message, *, dialect: Dialect) -> bytes:
    """Return a message's id and fields, encoded, for ``framing.build``. Raises UnsendableValue."""
    parts = [message.id.encode("ascii")]
    for name, (width, kind) in message.layout.fixed.items():
        text = kind.write(getattr(message, name), width, dialect)
        if len(text) != width:
            raise UnsendableValue(name, "too wide")
        parts.append(_encoded(name, text, dialect))
    delimiter = dialect.delimiter.encode("ascii")
    for field_id, text in _texts(message, dialect):
        parts += [field_id.encode("ascii"), _encoded(field_id, text, dialect), delimiter]
    return b"".join(parts)


def _texts(message: Message, dialect: Dialect) -> Iterator[tuple[str, str]]:
    for name, variable in message.layout.variable.items():
        value = getattr(message, name)
        for one in value if variable.repeated else (value,):
            text = "" if one is None else variable.kind.write(one, 0, dialect)
            if text or variable.always:
                yield variable.id, text
    if message.layout.rest:
        yield from getattr(message, message.layout.rest)


def _encoded(field_id: str, text: str, dialect: Dialect) -> bytes:
    """Return a value's bytes. Raises UnsendableValue for what would end the field or the message, or be lost."""
    if dialect.delimiter in text or not text.isprintable():
        raise UnsendableValue(field_id, "holds a character that can't be sent")
    if len(text) > LONGEST_VALUE:
        raise UnsendableValue(field_id, "too long")
    encoded = text.encode(dialect.encoding, errors="replace")
    if encoded.decode(dialect.encoding, errors="replace") != text:
        raise UnsendableValue(field_id, "holds a character that the library's encoding lacks")
    return encoded
