"""The library port over Shelf.

One connection for each exchange. A request is one line: what is wanted, the portal's password, the card, its PIN, and
the item where there is one, with tabs between. The answer is ``OK``, ``NO`` and why, ``BUSY`` or ``LOGIN``, then a line
for each record, then a full stop.
"""

import socket
from datetime import date
from ipaddress import ip_address
from urllib.parse import urlsplit

from portal.connectors.calling import PERSON_WAITS_S, Deadline, System
from portal.connectors.dialling import dial
from portal.connectors.errors import Away, Garbled, OutsideError, Refused, Unavailable, Unknown
from portal.connectors.library import (
    Abilities,
    Account,
    Block,
    Borrower,
    Card,
    Charge,
    Hold,
    HoldState,
    Loan,
    Reason,
    Renewed,
)

Records = list[list[str]]

END = b"\n.\n"
MOST_BYTES = 64 * 1024
"""Of one answer."""
LOOKS_S = 1.5
"""For finding out what became of a change, even where the caller's time is over."""
REASONS = {
    "who": Reason.WRONG_CARD_OR_PIN,
    "blocked": Reason.CARD_BLOCKED,
    "reserved": Reason.RESERVED_BY_ANOTHER,
}


class Lost(Exception):
    """Something was sent, and no whole answer came. reason: timeout or lost."""

    def __init__(self, reason: Away) -> None:
        super().__init__(reason.value)
        self.reason = reason


class ShelfLibrary:
    """``LibrarySystem``. url: ``shelf://localhost:4000``. Raises ValueError for a wrong one, without repeating it."""

    abilities = Abilities(cancel_hold=False, change_pickup=False, needs_pin=True)

    def __init__(self, url: str, system: System, *, password: str) -> None:
        self._host, self._port = _address(url)
        if not password.isprintable():
            raise ValueError("the password can't be sent")
        self._system, self._password = system, password

    # ---- The port

    def check(self) -> None:
        self._system.call("check", lambda deadline: self._asked(deadline, "HELLO"), within_s=PERSON_WAITS_S)

    def sign_in(self, card: Card, *, within_s: float) -> Account:
        if card.pin is None:
            raise ValueError("signing in takes a PIN")
        return self._system.call("sign-in", lambda deadline: self._borrower(deadline, card).account, within_s=within_s)

    def read(self, card: Card, *, within_s: float) -> Borrower:
        return self._system.call("read", lambda deadline: self._borrower(deadline, card), within_s=within_s)

    def renew(self, card: Card, item: str, *, within_s: float) -> Renewed:
        """See the port. Takes up to 1.5 s more where an answer was lost."""
        return self._system.call("renew", lambda deadline: self._renewed(deadline, card, item), within_s=within_s)

    def cancel_hold(self, card: Card, hold: str, *, within_s: float) -> None:  # noqa: ARG002 -- the port's
        raise Refused(Reason.NOT_CANCELLABLE)

    def change_pickup(self, card: Card, hold: str, branch: str, *, within_s: float) -> None:  # noqa: ARG002 -- the port's
        raise Refused(Reason.NOT_CHANGEABLE)

    # ---- Questions: whatever is lost, asking again is safe

    def _borrower(self, deadline: Deadline, card: Card) -> Borrower:
        return _borrower_of(self._asked(deadline, "CARD", *_proof(card)))

    def _asked(self, deadline: Deadline, *words: str) -> Records:
        try:
            return self._exchanged(deadline, *words)
        except Lost as lost:
            raise Unavailable(reason=lost.reason) from None

    # ---- Changes: sent once, and looked up where the answer is lost

    def _renewed(self, deadline: Deadline, card: Card, item: str) -> Renewed:
        before = self._due(deadline, card, item)
        try:
            self._exchanged(deadline, "RENEW", *_proof(card), item)
            is_answered = True
        except (Lost, Garbled):
            is_answered = False
        now = self._due_afterwards(deadline.no_sooner(LOOKS_S), card, item)
        if now != before:
            return Renewed(item, due_on=now)
        raise Refused(Reason.UNCHANGED) if is_answered else Unknown("the answer was lost; it may be done yet")

    def _due(self, deadline: Deadline, card: Card, item: str) -> date | None:
        """Return when a loan is due. Raises Refused if there is no such loan: then nothing is sent."""
        for loan in self._borrower(deadline, card).loans:
            if loan.item == item:
                return loan.due_on
        raise Refused(Reason.NOT_ON_THIS_CARD)

    def _due_afterwards(self, deadline: Deadline, card: Card, item: str) -> date | None:
        try:
            return self._due(deadline, card, item)
        except OutsideError:
            raise Unknown("it may have been done, and we can't look") from None

    # ---- The line

    def _exchanged(self, deadline: Deadline, verb: str, *words: str) -> Records:
        """Return the records of an answer. Raises Lost and Garbled where something was sent; Refused, Unavailable."""
        if not all(word.isprintable() for word in words):
            raise Refused(Reason.WRONG_CARD_OR_PIN)  # a tab or an end of line: no card is called so
        request = "\t".join((verb, self._password, *words)) + "\n"
        with dial(self._host, self._port, deadline) as line:
            return _records_of(_told(line, request.encode(), deadline))


def _address(url: str) -> tuple[str, int]:
    """Return host and port. Shelf isn't encrypted, so that it is spoken on this machine alone."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:  # its text may repeat what was given, and with it a password that stands in the wrong place
        raise ValueError("is no address") from None
    if port is None or parts.username or parts.query:
        raise ValueError("must be shelf://host:port, and nothing else")
    if host != "localhost" and not _is_loopback(host):
        raise ValueError("is another machine, and Shelf isn't encrypted")
    return host, port


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _proof(card: Card) -> tuple[str, str]:
    if card.pin is None:
        raise Refused(Reason.PIN_NEEDED)
    return card.number, card.pin


def _told(line: socket.socket, request: bytes, deadline: Deadline) -> bytes:
    """Return a whole answer. Raises Unavailable if there is no time to send anything; then Lost, Garbled."""
    line.settimeout(deadline.needed())
    answer = b""
    try:
        line.sendall(request)
        while not answer.endswith(END):
            if len(answer) > MOST_BYTES:
                raise Garbled("an answer without an end")
            line.settimeout(_left(deadline))
            piece = line.recv(4096)
            if not piece:
                raise ConnectionResetError
            answer += piece
    except TimeoutError:
        raise Lost(Away.TIMEOUT) from None
    except OSError:
        raise Lost(Away.LOST) from None
    return answer.removesuffix(END)


def _left(deadline: Deadline) -> float:
    """Return the seconds that are left once something was sent. Raises Lost, where ``needed`` says Unavailable."""
    left = deadline.left()
    if not left:
        raise Lost(Away.TIMEOUT)
    return left


def _records_of(answer: bytes) -> Records:
    try:
        first, *records = [line.split("\t") for line in answer.decode().split("\n")]
    except UnicodeDecodeError:
        raise Garbled("an answer that isn't UTF-8") from None
    match first:
        case ["OK"]:
            return records
        case ["NO", why]:
            raise Refused(REASONS.get(why, Reason.OTHER))
        case ["BUSY"]:
            raise Unavailable("says that it can't just now", reason=Away.UNWILLING)
        case ["LOGIN"]:
            raise Unavailable("turned the portal's password down")
        case _:
            raise Garbled("an answer that begins as none does")


def _borrower_of(records: Records) -> Borrower:
    """Return what an answer says. Raises Garbled, whose text names the kind of record and nothing that stood in it."""
    name: str | None = None
    blocks, loans, holds, charges = set[Block](), list[Loan](), list[Hold](), list[Charge]()
    for record in records:
        try:
            match record:
                case ["NAME", text]:
                    name = text
                case ["BLOCK", block]:
                    blocks.add(Block(block))
                case ["LOAN", item, title, due, late]:
                    loans.append(Loan(item, title, due_on=date.fromisoformat(due), is_late=late == "late"))
                case ["HOLD", hold, title, state, branch, last_day]:
                    until = date.fromisoformat(last_day) if last_day else None
                    holds.append(Hold(hold, title, HoldState(state), branch=branch, last_day=until))
                case ["CHARGE", pence, text]:
                    charges.append(Charge(text, int(pence)))
                case _:
                    raise Garbled("a record of no kind that we know")
        except ValueError:
            raise Garbled(f"{record[0]}: a record that can't be read") from None
    return Borrower(
        Account(name, frozenset(blocks)),
        tuple(sorted(loans, key=lambda loan: loan.due_on or date.max)),
        tuple(sorted(holds, key=lambda hold: hold.state is not HoldState.READY)),
        tuple(charges),
    )
