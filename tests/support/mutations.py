"""Ways in which a file can come to harm: on the wire, on a disk that is full, in somebody's editor."""

import gzip
from collections.abc import Callable
from pathlib import Path
from random import Random

Mutation = Callable[[bytes, Random], bytes]
ODD = (
    b'"',
    b",",
    b"\r\n",
    b"\n",
    b"\0",
    b"\xff",
    b"\xc3",
    b"'",
    b"-",
    b"9" * 40,
    b"(",
    b"\xa3",
    b"\xef\xbb\xbf",
    b" " * 300,
)


def _somewhere(content: bytes, chance: Random) -> int:
    return chance.randrange(len(content) + 1)


def flip(content: bytes, chance: Random) -> bytes:
    at = chance.randrange(max(len(content), 1))
    return content[:at] + bytes([chance.randrange(256)]) + content[at + 1 :]


def insert(content: bytes, chance: Random) -> bytes:
    at = _somewhere(content, chance)
    return content[:at] + chance.choice(ODD) + content[at:]


def cut_out(content: bytes, chance: Random) -> bytes:
    at = _somewhere(content, chance)
    return content[:at] + content[at + chance.randrange(1, 60) :]


def cut_off(content: bytes, chance: Random) -> bytes:
    return content[: _somewhere(content, chance)]


def repeat(content: bytes, chance: Random) -> bytes:
    begin, end = sorted((_somewhere(content, chance), _somewhere(content, chance)))
    return content[:end] + content[begin:]


def turn_lines(content: bytes, chance: Random) -> bytes:
    lines = content.splitlines(keepends=True)
    chance.shuffle(lines)
    return b"".join(lines)


def drop_line(content: bytes, chance: Random) -> bytes:
    lines = content.splitlines(keepends=True)
    at = chance.randrange(max(len(lines), 1))
    return b"".join(lines[:at] + lines[at + 1 :])


def turn_values(content: bytes, chance: Random) -> bytes:
    lines = content.splitlines(keepends=True)
    at = chance.randrange(max(len(lines), 1))
    for number, line in enumerate(lines):
        if number == at:
            values = line.split(b",")
            chance.shuffle(values)
            lines[number] = b",".join(values)
    return b"".join(lines)


def scramble(_: bytes, chance: Random) -> bytes:
    return chance.randbytes(chance.randrange(400))


MUTATIONS: tuple[Mutation, ...] = (
    flip, insert, cut_out, cut_off, repeat, turn_lines, drop_line, turn_values, scramble,
)  # fmt: skip


def harm(folder: Path, chance: Random) -> str:
    """Do one file of a folder some harm, before it was zipped or afterwards, and say what."""
    path = chance.choice(sorted(folder.iterdir()))
    content = path.read_bytes()
    is_zipped = path.suffix == ".gz"
    inside = is_zipped and chance.random() < 0.9
    said = []
    if inside:
        content = gzip.decompress(content)
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        mutation = chance.choice(MUTATIONS)
        content = mutation(content, chance)
        said.append(mutation.__name__)
    path.write_bytes(gzip.compress(content, 1) if inside else content)
    return f"{path.name}: {', '.join(said)}{' before it was zipped' if inside else ''}"
