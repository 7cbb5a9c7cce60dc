"""How an answer leaves: whole and at once, or as a fault has it."""

import re
import socket
from dataclasses import dataclass, replace
from random import Random
from threading import Event

from simulators.library.dialect import Dialect
from simulators.library.faults import Fault, FaultKind
from simulators.library.protocol import with_error_detection

_PIECE = 7
_BETWEEN_PIECES_S = 0.002
_SEQUENCE = re.compile(rb"AY([0-9])AZ[0-9A-F]{4}\Z")
_CHECKSUM = re.compile(rb"AZ[0-9A-F]{4}\Z")


class HangUp(Exception):
    """The connection is to end, or has ended."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """An answer as it should be. before: the previous one as it went out, with its terminator."""

    frame: bytes
    dialect: Dialect
    before: bytes = b""

    @property
    def terminated(self) -> bytes:
        return self.frame + self.dialect.terminator.encode()


class Delivery:
    """Sends on one connection. ended: set when the whole server stops, so that nobody sleeps on."""

    def __init__(self, connection: socket.socket, chance: Random, ended: Event) -> None:
        self._connection = connection
        self._chance = chance
        self._ended = ended

    def pause(self, seconds: float) -> None:
        """Raises HangUp if the server stopped meanwhile."""
        if self._ended.wait(seconds):
            raise HangUp

    def send(self, outgoing: Outgoing, fault: Fault | None = None) -> None:
        """Send an answer. Raises HangUp if there is, or the fault wants, nobody to send to."""
        whole = outgoing.terminated
        if fault is None:
            self._put(whole)
            return
        match fault.kind:
            case FaultKind.SLOW:
                self.pause(fault.seconds)
                self._put(whole)
            case FaultKind.DROP_AFTER:
                raise HangUp
            case FaultKind.SILENT_AFTER:
                return
            case FaultKind.CUT:
                self._put(whole[: self._place(whole, fault)])
                raise HangUp
            case FaultKind.TRICKLE:
                self._in_pieces(whole, 1, fault.seconds)
            case FaultKind.SPLIT:
                self._in_pieces(whole, _PIECE, _BETWEEN_PIECES_S)
            case _:
                self._put(self._changed(outgoing, fault))

    def _changed(self, outgoing: Outgoing, fault: Fault) -> bytes:
        match fault.kind:
            case FaultKind.TOGETHER:
                return outgoing.before + outgoing.terminated
            case FaultKind.GARBLE:
                return self._garbled(outgoing.terminated, fault)
            case FaultKind.WRONG_CHECKSUM:
                return replace(outgoing, frame=_CHECKSUM.sub(_other_checksum, outgoing.frame)).terminated
            case FaultKind.EARLIER:
                return replace(outgoing, frame=_earlier(outgoing)).terminated
            case _:
                return outgoing.terminated

    def _put(self, content: bytes) -> None:
        try:
            self._connection.sendall(content)
        except (OSError, ValueError):
            raise HangUp from None

    def _in_pieces(self, content: bytes, size: int, seconds: float) -> None:
        for start in range(0, len(content), size):
            self._put(content[start : start + size])
            self.pause(seconds)

    def _place(self, content: bytes, fault: Fault) -> int:
        return self._chance.randrange(len(content)) if fault.at_byte is None else fault.at_byte

    def _garbled(self, content: bytes, fault: Fault) -> bytes:
        """Return ``content`` with some bytes changed, its terminator aside."""
        changed = bytearray(content)
        for number in range(fault.count):
            place = self._chance.randrange(len(content) - 1) if fault.at_byte is None else fault.at_byte + number
            if place < len(content) - 1:
                changed[place] = (changed[place] + self._chance.randrange(1, 256)) % 256
        return bytes(changed)


def _other_checksum(found: re.Match[bytes]) -> bytes:
    return b"AZ" + f"{(int(found[0][2:], 16) + 1) & 0xFFFF:04X}".encode()


def _earlier(outgoing: Outgoing) -> bytes:
    found = _SEQUENCE.search(outgoing.frame)
    if not found:
        return outgoing.frame
    body, sequence = outgoing.frame[: found.start()], str((int(found[1]) - 1) % 10)
    return with_error_detection(body, outgoing.dialect, sequence=sequence, checked=True)
