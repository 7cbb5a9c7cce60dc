"""Sitting down at a free computer without having booked: it is booked for now and the session begins, in one commit."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from portal.blueprints.internet.actions import booking, holding, settling, sitting
from portal.blueprints.internet.actions.booking import Wanted
from portal.blueprints.internet.actions.turn import Turn
from portal.blueprints.internet.models import Computer
from portal.blueprints.internet.rules.desk import is_code
from portal.blueprints.internet.rules.kinds import Kind
from portal.blueprints.internet.rules.limits import NotAllowed, Why, longest
from portal.blueprints.internet.rules.standing import EARLY, Held, State
from portal.db import committing


@dataclass(frozen=True, slots=True)
class Shown:
    """A computer, found by the code that it shows."""

    id: UUID
    branch_id: UUID
    kind: Kind


def start(turn: Turn, code: str, *, policy_from: datetime, key: UUID) -> UUID:
    """Let somebody begin at the computer in front of them, for as long as there is, and return the booking's id.

    Whoever has booked it for now claims it; at another than their own they are told which theirs is. key: of the form
    that was sent; the same one again returns what it began.
    Raises PolicyChanged, NotAllowed (WRONG_CODE, OTHER_COMPUTER, AT_ANOTHER, TAKEN, and the rules).
    """
    computer = computer_of(turn, code)
    own = due(turn)
    if own and own.computer_id == computer.id:
        sitting.check_in(turn, own.id, code=code, policy_from=policy_from)
        return own.id
    if own:
        why = Why.AT_ANOTHER if own.state(turn.now) is State.IN_USE else Why.OTHER_COMPUTER
        raise NotAllowed(why, name=own.computer)
    settling.settle(turn.db, turn.desk, computer.branch_id, holder=turn.holder.id, now=turn.now)
    with holding.refusing_what_the_database_refuses(), committing(turn.db):
        return sit_down(turn, computer, policy_from=policy_from, key=key)


def due(turn: Turn) -> Held | None:
    """Return the booking at whose computer somebody sits, or may sit down now; nothing stays locked or open."""
    found = holding.open_ones(turn)
    turn.db.rollback()
    return next((held for held in found if held.starts_at - EARLY <= turn.now), None)


def computer_of(turn: Turn, code: str) -> Shown:
    """Return the computer that shows a code. Raises NotAllowed (WRONG_CODE)."""
    found = turn.db.execute(select(Computer.id, Computer.branch_id, Computer.kind)).all()
    turn.db.rollback()
    for id_, branch_id, kind in found:
        if is_code(turn.desk.secret, id_, code, turn.now):
            return Shown(id_, branch_id, Kind(kind))
    raise NotAllowed(Why.WRONG_CODE)


def sit_down(turn: Turn, computer: Shown, *, policy_from: datetime, key: UUID) -> UUID:
    """Book a computer for now, in the caller's transaction, and begin the session. Raises as ``start``."""
    most = longest(holding.look(turn, computer.branch_id).limits, computer.kind)
    wanted = Wanted(computer.branch_id, computer.kind, None, most, computer.id)
    booking_id = booking.keep(turn, wanted, key)
    sitting.begin(turn, booking_id, policy_from=policy_from)
    return booking_id
