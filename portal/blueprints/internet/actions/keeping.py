"""Branches, their hours and their computers, as staff keep them. Each change tells whom it concerns (``arranging``)."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from uuid import UUID, uuid4

from sqlalchemy import delete, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import IntegrityError

from portal.blueprints.internet.actions.arranging import IN_SERVICE, Keeper, Touched, arrange
from portal.blueprints.internet.actions.holding import NoSuch
from portal.blueprints.internet.models import Branch, Computer, Opening, OpeningException
from portal.blueprints.internet.rules.hours import Hours
from portal.blueprints.internet.rules.kinds import Kind
from portal.db import committing

Week = Mapping[int, Sequence[Hours]]
"""Hours by weekday, Monday 0; closed where there are none."""


class NameTaken(Exception):
    """There is a branch of this code, or a computer of this name at the branch."""


@dataclass(frozen=True, slots=True)
class Details:
    """What a branch is called and where it is. See ``models.Branch``."""

    code: str
    name: Mapping[str, str]
    address: str
    phone: str | None
    on_bank_holidays: bool

    def columns(self) -> dict[str, object]:
        return {
            "code": self.code,
            "name": dict(self.name),
            "address": self.address,
            "phone": self.phone,
            "on_bank_holidays": self.on_bank_holidays,
        }


def add_branch(keeper: Keeper, details: Details) -> UUID:
    """Add a branch that has no hours and no computers yet, and return its id. Raises NameTaken."""
    branch_id = uuid4()
    with _names_once(), committing(keeper.db):
        insert_branch(keeper, branch_id, details)
    return branch_id


def insert_branch(keeper: Keeper, branch_id: UUID, details: Details) -> None:
    """Write a new branch, in the caller's transaction."""
    keeper.db.execute(insert(Branch).values(id=branch_id, is_open=True, **details.columns()))
    keeper.record("internet.arrange-branch", f"internet.branch:{branch_id}", "added")


def describe(keeper: Keeper, branch_id: UUID, details: Details, *, agreed: int) -> Touched:
    """Change what a branch is called, where it is, and whether it opens on bank holidays.

    Raises NoSuch, NameTaken, AskFirst.
    """
    with _names_once():
        return arrange(keeper, [branch_id], lambda: write_details(keeper, branch_id, details), agreed=agreed)


def write_details(keeper: Keeper, branch_id: UUID, details: Details) -> None:
    """Write what a branch is called, in the caller's transaction."""
    keeper.db.execute(update(Branch).where(Branch.id == branch_id).values(**details.columns()))
    keeper.record("internet.arrange-branch", f"internet.branch:{branch_id}", "described")


def set_open(keeper: Keeper, branch_id: UUID, *, is_open: bool, agreed: int) -> Touched:
    """Close a branch for good, or until it is opened again. Raises NoSuch, AskFirst."""

    def write() -> None:
        keeper.db.execute(update(Branch).where(Branch.id == branch_id).values(is_open=is_open))
        what = "opened" if is_open else "closed"
        keeper.record("internet.arrange-branch", f"internet.branch:{branch_id}", what)

    return arrange(keeper, [branch_id], write, agreed=agreed)


def set_week(keeper: Keeper, branch_id: UUID, week: Week, *, agreed: int) -> Touched:
    """Change the hours of the weekdays that are named, from now on. Raises NoSuch, AskFirst."""
    return arrange(keeper, [branch_id], lambda: write_week(keeper, branch_id, week), agreed=agreed)


def write_week(keeper: Keeper, branch_id: UUID, week: Week) -> None:
    """Write the hours of the weekdays that are named, in the caller's transaction."""
    keeper.db.execute(delete(Opening).where(Opening.branch_id == branch_id, Opening.weekday.in_(list(week))))
    for weekday, spells in week.items():
        for hours in spells:
            keeper.db.execute(
                insert(Opening).values(branch_id=branch_id, weekday=weekday, opens=hours.opens, closes=hours.closes)
            )
    keeper.record("internet.arrange-hours", f"internet.branch:{branch_id}", "week")


def set_days(
    keeper: Keeper, branch_id: UUID, days: Sequence[date], hours: Hours | None, why: Mapping[str, str], *, agreed: int
) -> Touched:
    """Give days other hours than their weekdays have, whatever was said of them before. hours: None if it is closed.

    Raises NoSuch, AskFirst.
    """

    def write() -> None:
        for day in days:
            row = upsert(OpeningException).values(
                branch_id=branch_id,
                day=day,
                opens=hours.opens if hours else None,
                closes=hours.closes if hours else None,
                why=dict(why),
            )
            changed = {name: row.excluded[name] for name in ("opens", "closes", "why")}
            keeper.db.execute(row.on_conflict_do_update(index_elements=["branch_id", "day"], set_=changed))
        keeper.record("internet.arrange-hours", f"internet.branch:{branch_id}", "days")

    return arrange(keeper, [branch_id], write, agreed=agreed)


def forget_day(keeper: Keeper, branch_id: UUID, day: date, *, agreed: int) -> Touched:
    """Let a day have the hours of its weekday again. Raises NoSuch, AskFirst."""

    def write() -> None:
        is_it = (OpeningException.branch_id == branch_id, OpeningException.day == day)
        keeper.db.execute(delete(OpeningException).where(*is_it))
        keeper.record("internet.arrange-hours", f"internet.branch:{branch_id}", "day-as-usual")

    return arrange(keeper, [branch_id], write, agreed=agreed)


def add_computer(keeper: Keeper, branch_id: UUID, name: str, kind: Kind) -> UUID:
    """Add a computer, in service, and return its id. Raises NoSuch, NameTaken."""
    computer_id = uuid4()

    def write() -> None:
        insert_computer(keeper, branch_id, computer_id, name, kind)

    with _names_once():
        arrange(keeper, [branch_id], write)
    return computer_id


def insert_computer(keeper: Keeper, branch_id: UUID, computer_id: UUID, name: str, kind: Kind) -> None:
    """Write a new computer, in the caller's transaction."""
    keeper.db.execute(
        insert(Computer).values(id=computer_id, branch_id=branch_id, name=name, kind=kind, status=IN_SERVICE)
    )
    keeper.record("internet.arrange-computer", f"internet.computer:{computer_id}", "added")


def change_computer(keeper: Keeper, computer_id: UUID, *, name: str, kind: Kind, status: str, agreed: int) -> Touched:
    """Change what a computer is called and good for, and whether it works. Raises NoSuch, NameTaken, AskFirst."""
    branch_id = keeper.db.scalars(select(Computer.branch_id).where(Computer.id == computer_id)).one_or_none()
    if branch_id is None:
        raise NoSuch(str(computer_id))

    def write() -> None:
        write_computer(keeper, computer_id, name=name, kind=kind, status=status)

    with _names_once():
        return arrange(keeper, [branch_id], write, agreed=agreed)


def write_computer(keeper: Keeper, computer_id: UUID, **columns: str) -> None:
    """Write what a computer is, in the caller's transaction."""
    keeper.db.execute(update(Computer).where(Computer.id == computer_id).values(**columns))
    keeper.record("internet.arrange-computer", f"internet.computer:{computer_id}", columns.get("status", "changed"))


@contextmanager
def _names_once() -> Iterator[None]:
    """Turn the constraint that keeps names apart into an error with a name. Raises NameTaken."""
    try:
        yield
    except IntegrityError as error:
        name = getattr(getattr(error.orig, "diag", None), "constraint_name", None)
        if name in ("uq_internet_branch_code", "uq_internet_computer_branch_id_name"):
            raise NameTaken from None
        raise
