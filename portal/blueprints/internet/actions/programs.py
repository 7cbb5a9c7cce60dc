"""The program that locks a computer: enrolled by a code, heard when it asks, told what staff say, revoked.

Asking leaves no audit record: nothing of a person is told. Its key is sealed; a code is kept as an HMAC.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from portal.audit import record
from portal.blueprints.internet.actions import sitting
from portal.blueprints.internet.actions.holding import NoSuch
from portal.blueprints.internet.actions.turn import Turn
from portal.blueprints.internet.models import Computer, Program
from portal.blueprints.internet.queries import programs
from portal.blueprints.internet.queries.programs import Known
from portal.blueprints.internet.rules import programs as rules
from portal.blueprints.internet.rules.desk import Desk, code_of
from portal.blueprints.internet.rules.kinds import Holder
from portal.blueprints.internet.rules.limits import NotAllowed
from portal.blueprints.internet.rules.programs import Signed, Told
from portal.db import committing
from portal.identity.throttle import Limit, Throttle
from portal.party import Party

KEY = "internet_program.key"
MESSAGE = "internet_program.message"
MOST_LETTERS = 300
"""Of a message to whoever sits at a computer."""


class NotKnown(Exception):
    """No enrolled program signed this: there is none, it was revoked, or the signature is another. Which isn't said."""


class WrongCode(Exception):
    """No program is enrolled by this code: it is wrong, too old, or was used."""


@dataclass
class Replayed(Exception):
    """The counter didn't grow. last: the one that counted."""

    last: int


@dataclass(frozen=True, slots=True)
class Credential:
    """What a program gets once. key: in base64."""

    computer_id: UUID
    key: str


@dataclass(frozen=True, slots=True)
class Message:
    """What staff say to whoever sits at a computer. id: another one for each."""

    id: str
    text: str


def make_code(db: Session, desk: Desk, party: Party | None, computer_id: UUID, now: datetime) -> str:
    """Return a code that enrols a computer's program once, for 15 minutes; an earlier code is good no more.

    party: None for a command. A program that is enrolled goes on until the code is used. Raises NoSuch.
    """
    code = rules.new_code()
    values = {"code_hash": rules.code_hash(desk.secret, code), "code_until": now + rules.CODE_GOOD_FOR}
    with committing(db):
        if db.scalar(select(Computer.id).where(Computer.id == computer_id, Computer.status != "retired")) is None:
            raise NoSuch(str(computer_id))
        row = upsert(Program).values(computer_id=computer_id, **values)
        db.execute(row.on_conflict_do_update(index_elements=[Program.computer_id], set_=values))
        _record(db, party, "internet.program-code", computer_id, now)
    return code


def enrol(db: Session, desk: Desk, throttle: Throttle, *, code: str, address: str, now: datetime) -> Credential:
    """Give the program that knows a code a key of its own; the one that was enrolled before is out.

    address: whose tries are counted. Raises WrongCode, Throttled.
    """
    limits = [Limit(("internet.enrol", throttle.network(address)), 20, timedelta(minutes=15))]
    throttle.ask(db, limits, at=now)
    key = rules.new_key()
    with committing(db):
        taken = (
            update(Program)
            .where(Program.code_hash == rules.code_hash(desk.secret, code), Program.code_until > now)
            .values(
                code_hash=None,
                code_until=None,
                key=desk.sealer.seal(key, context=KEY),
                counter=0,
                enrolled_at=now,
                seen_at=None,
                is_locked=None,
                message=None,
                message_until=None,
            )
        )
        computer_id = db.scalar(taken.returning(Program.computer_id))
        if computer_id is None:
            raise WrongCode
        throttle.give_back(db, limits)
        _record(db, None, "internet.program-enrol", computer_id, now, authority="program")
    return Credential(computer_id, key)


def revoke(db: Session, party: Party, computer_id: UUID, now: datetime) -> None:
    """Let a computer's program in no more, from now on, nor by a code that was made for it."""
    known_of_it = ("key", "enrolled_at", "seen_at", "is_locked", "message", "message_until")
    nothing = dict.fromkeys(("code_hash", "code_until", *known_of_it))
    with committing(db):
        db.execute(update(Program).where(Program.computer_id == computer_id).values(nothing))
        _record(db, party, "internet.program-revoke", computer_id, now)


def send_message(db: Session, desk: Desk, party: Party, computer_id: UUID, *, text: str, now: datetime) -> None:
    """Have a computer show a message until whoever sits there closes it, for ten minutes at most; instead of another.

    text: at most ``MOST_LETTERS``. Raises NoSuch where no program is enrolled.
    """
    with committing(db):
        sent = (
            update(Program)
            .where(Program.computer_id == computer_id, Program.key.is_not(None))
            .values(
                message=desk.sealer.seal(text[:MOST_LETTERS], context=MESSAGE), message_until=now + rules.MESSAGE_LASTS
            )
        )
        if db.scalar(sent.returning(Program.computer_id)) is None:
            raise NoSuch(str(computer_id))
        _record(db, party, "internet.program-message", computer_id, now)


def accept(db: Session, desk: Desk, asked: Signed, now: datetime) -> Known:
    """Return whose program signed a request, once: its counter must be greater than all before.

    Raises NotKnown, Replayed.
    """
    with committing(db):
        known = programs.known(db, asked.computer_id)
        if known is None or not rules.is_signed(asked, desk.sealer.unseal(known.key, context=KEY)):
            raise NotKnown
        counted = (
            update(Program)
            .where(Program.computer_id == asked.computer_id, Program.counter < asked.counter, Program.key == known.key)
            .values(counter=asked.counter, seen_at=now)
        )
        if db.scalar(counted.returning(Program.computer_id)) is None:
            raise Replayed(known.counter)
    return known


def hear(db: Session, known: Known, *, is_locked: bool, acknowledged: str | None) -> None:
    """Note what a program said, if that is news. acknowledged: id of the message that somebody closed."""
    seen = known.message if known.message and acknowledged == _id_of(known.message) else None
    if known.is_locked == is_locked and not seen:
        return
    of_this = Program.computer_id == known.computer_id
    with committing(db):
        db.execute(update(Program).where(of_this).values(is_locked=is_locked))
        if seen:  # and not one that was sent meanwhile
            db.execute(update(Program).where(of_this, Program.message == seen).values(message=None, message_until=None))


def tell(db: Session, desk: Desk, known: Known, now: datetime) -> Told:
    """Return how a program's computer stands."""
    held = programs.at_computer(db, known.computer_id, now=now)
    code = code_of(desk.secret, known.computer_id, now)
    return rules.told(held, in_service=known.in_service, secret=desk.secret, code=code, now=now)


def message(desk: Desk, known: Known, now: datetime) -> Message | None:
    """Return what staff say to whoever sits there, None if nothing, or no more."""
    if known.message is None or known.message_until is None or known.message_until <= now:
        return None
    return Message(_id_of(known.message), desk.sealer.unseal(known.message, context=MESSAGE))


def end(db: Session, desk: Desk, known: Known, session: str, now: datetime) -> None:
    """End the session at a program's computer, if it is the one that is meant: another has begun, or none is there,
    where the answer to the first try was lost.
    """
    sits = rules.present(programs.at_computer(db, known.computer_id, now=now), now)
    db.rollback()
    if sits is None or sits.holder is None or rules.session_of(desk.secret, sits) != session:
        return
    turn = Turn(db, desk, Holder(sits.holder, is_guest=sits.is_guest), None, now, by_program=True)
    try:
        sitting.end(turn, sits.id)
    except (NoSuch, NotAllowed):
        return  # staff moved or ended it in this moment: the next answer says how it stands


def _id_of(sealed: bytes) -> str:
    return hashlib.sha256(sealed).hexdigest()[:16]


def _record(
    db: Session, party: Party | None, act: str, computer_id: UUID, now: datetime, *, authority: str = "command"
) -> None:
    of = f"internet.computer:{computer_id}"
    record(db, party, act, at=now, object=of, authority=None if party else authority)
