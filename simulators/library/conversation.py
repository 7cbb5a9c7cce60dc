"""One connection, from its first byte to its last."""

import socket
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from threading import Event

from simulators.library.answers import HANDLERS
from simulators.library.answers.parts import Asked, Handled
from simulators.library.catalogue import INSTITUTION
from simulators.library.delivery import Delivery, HangUp, Outgoing
from simulators.library.desk import Desk
from simulators.library.dialect import Dialect
from simulators.library.faults import Fault, FaultKind, FaultPlan
from simulators.library.journal import NOT_DONE, Deed, Journal
from simulators.library.protocol import (
    ASK_AGAIN,
    Answer,
    BadFrame,
    Request,
    WrongChecksum,
    content,
    parse,
    timestamp,
    with_error_detection,
    yes,
)

LOGIN_USER, LOGIN_PASSWORD = "millbrook-portal", "weir-lamp-31"
_PLACES = ("23", "11", "09", "01", "99", "97", "93", "63", "35", "37", "17", "19", "25", "15", "29", "65")
"""What BX tells of, in its order."""
_NOT_HANDLED = {"01", "19", "25"}
_MAY_BE_EMPTY = {"AA", "AC", "AD", "AO", "CN", "CO", "CP"}
"""Fields that the standard requires somewhere, even without a value."""
_BIGGEST = 4096
_RETRIES = 3
_BEFORE_IT_IS_DONE = {
    FaultKind.DROP_BEFORE,
    FaultKind.SILENT,
    FaultKind.ASK_AGAIN,
    FaultKind.RESTART,
}


@dataclass(slots=True)
class Surroundings:
    """What all connections share. restart: closes all of them, and listens again after some seconds."""

    desk: Desk
    journal: Journal
    faults: FaultPlan
    users: dict[str, str]
    restart: Callable[[float], None]
    ended: Event = field(default_factory=Event)


class Conversation:
    def __init__(self, connection: socket.socket, number: int, dialect: Dialect, around: Surroundings) -> None:
        self._connection = connection
        self._number = number
        self._dialect = dialect
        self._around = around
        self._delivery = Delivery(connection, around.faults.chance, around.ended)
        self._signed_in = dialect.login == "never"
        self._sequence: str | None = None
        self._body = b""
        self._sent = b""

    def run(self) -> None:
        """Answer until the other side, the dialect or a fault ends it."""
        try:
            for frame in self._frames():
                self._hear(frame)
        except HangUp:
            return

    def _frames(self) -> Iterator[bytes]:
        end = b"\r\n" if self._dialect.line_feed == "required" else b"\r"
        waiting = b""
        while more := self._received():
            waiting += more
            while end in waiting:
                frame, waiting = waiting.split(end, 1)
                if self._dialect.line_feed == "dropped" and frame.startswith(b"\n"):
                    raise HangUp
                if frame := frame.strip(b"\n"):
                    yield frame
            if len(waiting) > _BIGGEST:
                raise HangUp

    def _received(self) -> bytes:
        try:
            return self._connection.recv(_BIGGEST)
        except (OSError, ValueError):  # a time-out of silence is one, too
            return b""

    def _hear(self, frame: bytes) -> None:
        try:
            request = self._fit(parse(frame, self._dialect))
        except WrongChecksum:
            self._record([Deed("asked again: wrong checksum")], None, None)
            self._ask_again()
        except BadFrame:
            self._record([Deed("not understood")], None, None)
            self._pass_over()
        else:
            self._answer(request)

    def _fit(self, request: Request) -> Request:
        """Return a request as this kind of server takes it. Raises HangUp, BadFrame."""
        if self._dialect.sequence_checked:
            self._check_sequence(request)
        optional = {name for name, value in request.fields.items() if not value} - _MAY_BE_EMPTY
        if optional and self._dialect.empty_fields == "drop":
            raise HangUp
        if self._dialect.empty_fields == "ignored":
            for name in optional:
                del request.fields[name]
        if request.message == "29" and self._dialect.no_block_due == "required" and not request.fixed[3].strip():
            raise HangUp
        return request

    def _check_sequence(self, request: Request) -> None:
        if request.sequence is None:
            return
        if self._sequence is not None and int(request.sequence) != (int(self._sequence) + 1) % 10:
            raise HangUp
        self._sequence = request.sequence

    def _answer(self, request: Request) -> None:
        if request.message == "97":
            self._again(request)
            return
        if not supported(request.message, self._dialect):
            self._record([Deed("not supported")], request, None)
            self._pass_over()
            return
        if not (self._signed_in or self._may_come_first(request.message)):
            raise HangUp
        if not self._institution_fits(request):
            self._record([Deed("not for this institution")], request, None)
            return
        if self._dialect.status_needs_fields and request.message == "23" and not {"AC", "AD"} <= set(request.fields):
            self._record([Deed("asked again: fields missing")], request, None)
            self._ask_again()
            return
        fault = self._around.faults.next_for(request.message)
        if fault and fault.kind in _BEFORE_IT_IS_DONE:
            self._record([Deed(NOT_DONE, request.get("AB"))], request, fault)
            self._leave_undone(fault)
            return
        if fault and fault.kind is FaultKind.LATE:
            self._delivery.pause(fault.seconds)
        self._do(request, fault)

    def _do(self, request: Request, fault: Fault | None) -> None:
        with self._around.desk.lock:
            try:
                handled = self._handled(request)
            except BadFrame:
                self._record([Deed("not understood")], request, fault)
                self._pass_over()
                return
            self._record(handled.deeds, request, fault)
        self._body = content(handled.answer, self._dialect)
        self._say(request, fault)
        if request.message == "93" and not self._signed_in and self._dialect.failed_login == "closes":
            raise HangUp

    def _handled(self, request: Request) -> Handled:
        if request.message == "93":
            return self._sign_in(request)
        if request.message == "99":
            return Handled(self._status(), [Deed("told")])
        return HANDLERS[request.message](Asked(request, self._around.desk, self._dialect))

    def _say(self, request: Request, fault: Fault | None = None) -> None:
        frame = with_error_detection(
            self._body, self._dialect, sequence=request.sequence, checked=request.checked
        )  # fmt: skip
        outgoing = Outgoing(frame, self._dialect, self._sent)
        self._sent = outgoing.terminated
        self._delivery.send(outgoing, fault)

    def _again(self, request: Request) -> None:
        """Answer 97: the last answer once more, without a sequence number."""
        self._record([Deed("said again")], request, None)
        if not self._body:
            self._ask_again()
            return
        self._say(Request("97", (), {}, sequence=None, checked=request.checked))

    def _ask_again(self) -> None:
        frame = with_error_detection(ASK_AGAIN.encode(), self._dialect, sequence=None, checked=True)
        self._delivery.send(Outgoing(frame, self._dialect))

    def _pass_over(self) -> None:
        if self._dialect.unsupported == "drop":
            raise HangUp

    def _leave_undone(self, fault: Fault) -> None:
        match fault.kind:
            case FaultKind.DROP_BEFORE:
                raise HangUp
            case FaultKind.ASK_AGAIN:
                self._ask_again()
            case FaultKind.RESTART:
                self._around.restart(fault.seconds)
                raise HangUp

    def _may_come_first(self, message: str) -> bool:
        return message == "93" or (message == "99" and self._dialect.login == "needed")

    def _institution_fits(self, request: Request) -> bool:
        if request.message in {"93", "99"}:
            return True
        match self._dialect.institution:
            case "known":
                return request.get("AO") == INSTITUTION
            case "empty":
                return not request.get("AO")
            case "any":
                return True

    def _sign_in(self, request: Request) -> Handled:
        user = request.get("CN")
        right = request.fixed == ("0", "0") and user in self._around.users
        self._signed_in = right and self._around.users[user] == request.get("CO")
        return Handled(
            Answer("94", str(int(self._signed_in))), [Deed("signed in" if self._signed_in else "refused: login")]
        )

    def _status(self) -> Answer:
        flag = yes(self._dialect.check_in_out)
        stamp = timestamp(self._around.desk.now, self._dialect)
        answer = Answer("98", f"Y{flag}{flag}YNN999{_RETRIES:03}{stamp}2.00")
        answer.add("AO", INSTITUTION)
        answer.add("AM", "Millbrook Libraries")
        places = "".join(yes(supported(message, self._dialect)) for message in _PLACES)
        match self._dialect.supported_told:
            case "whole":
                answer.add("BX", places)
            case "short":
                answer.add("BX", places[:10])
        return answer

    def _record(self, deeds: Sequence[Deed], request: Request | None, fault: Fault | None) -> None:
        self._around.journal.record(
            deeds,
            at=self._around.desk.now,
            connection=self._number,
            message=request.message if request else "",
            card=request.get("AA") if request else "",
            fault=fault.kind if fault else "",
        )


def supported(message: str, dialect: Dialect) -> bool:
    """Tell whether a server of this kind answers a message."""
    if message in _NOT_HANDLED or message in dialect.without:
        return False
    return message != "93" or dialect.login != "never"
