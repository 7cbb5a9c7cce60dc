"""Bringing in branches, hours and computers from a file: all of it or nothing; what it doesn't name stays."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID, uuid4

from sqlalchemy import select

from portal.blueprints.internet.actions import keeping
from portal.blueprints.internet.actions.arranging import AskFirst, Keeper, Touched, arrange
from portal.blueprints.internet.actions.keeping import Details
from portal.blueprints.internet.models import Branch
from portal.blueprints.internet.queries import kept, rooms
from portal.blueprints.internet.queries.rooms import BranchView
from portal.blueprints.internet.rules.kinds import Kind
from portal.blueprints.internet.rules.sheet import BranchLine, Fault, Sheet, SheetRefused

What = Literal["branch-added", "branch-changed", "hours-changed", "computer-added", "kind-changed", "stays-retired"]


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that an import changes. name: of a computer, or of a branch that is new."""

    what: What
    branch: str
    name: str = ""

    def __str__(self) -> str:
        return f"{self.branch}: {_WORDS[self.what].format(name=self.name)}"


_WORDS: dict[What, str] = {
    "branch-added": "a new branch, {name}",
    "branch-changed": "another name, address, phone number or rule for bank holidays",
    "hours-changed": "other opening hours",
    "computer-added": "a new computer, {name}",
    "kind-changed": "another kind for computer {name}",
    "stays-retired": "computer {name} is retired and stays so",
}
"""In English: staff and operators read them."""


@dataclass(frozen=True, slots=True)
class Imported:
    """steps: what changes, in the order of the file. is_done: or only would."""

    steps: Sequence[Step]
    touched: Touched
    is_done: bool


@dataclass
class _Import:
    keeper: Keeper
    sheet: Sheet
    language: str
    steps: list[Step] = field(default_factory=list)

    def write(self) -> None:
        """Write all that differs, in the transaction under way. Raises SheetRefused."""
        self.steps.clear()
        there = {one.code: one for one in rooms.branches(self.keeper.db, since=self.keeper.today)}
        if faults := list(self._faults(there)):
            raise SheetRefused(faults)
        ids = {code: one.id for code, one in there.items()}
        for code, line in self.sheet.branches.items():
            ids.setdefault(code, uuid4())
            self._write_branch(ids[code], code, line, there.get(code))
        for code, week in self.sheet.week.items():
            self._write_week(ids[code], code, week, there.get(code))
        for code, computers in self.sheet.computers.items():
            self._write_computers(ids[code], code, computers)
        if self.steps:
            self.keeper.record("internet.arrange-import", "", f"{len(self.steps)} changes")

    def _faults(self, there: dict[str, BranchView]) -> list[Fault]:
        """Return what doesn't fit: a branch that nobody knows, or a new one that lacks name or address."""
        faults = [
            Fault(line, "branch", f"there is no branch {code}, and no line of the file adds it")
            for code, line in self.sheet.lines.items()
            if code not in there and code not in self.sheet.branches
        ]
        for code, new in self.sheet.branches.items():
            if code not in there and self.language not in new.name:
                faults.append(Fault(new.line, "name", "a new branch needs one"))
            if code not in there and not new.address:
                faults.append(Fault(new.line, "address", "a new branch needs one"))
        return sorted(faults, key=lambda fault: fault.line)

    def _write_branch(self, branch_id: UUID, code: str, line: BranchLine, before: BranchView | None) -> None:
        wanted = Details(
            code=code,
            name={**(before.name if before else {}), **line.name},
            address=line.address or (before.address if before else ""),
            phone=line.phone or (before.phone if before else None),
            on_bank_holidays=line.on_bank_holidays
            if line.on_bank_holidays is not None
            else bool(before and before.opening.on_bank_holidays),
        )
        if before is None:
            keeping.insert_branch(self.keeper, branch_id, wanted)
            self.steps.append(Step("branch-added", code, wanted.name[self.language]))
        elif wanted != Details(
            code, before.name, before.address, before.phone, on_bank_holidays=before.opening.on_bank_holidays
        ):
            keeping.write_details(self.keeper, branch_id, wanted)
            self.steps.append(Step("branch-changed", code))

    def _write_week(self, branch_id: UUID, code: str, week: keeping.Week, before: BranchView | None) -> None:
        weekly = before.opening.weekly if before else {}
        changed = {day: spells for day, spells in week.items() if tuple(spells) != weekly.get(day, ())}
        if changed:
            keeping.write_week(self.keeper, branch_id, changed)
            self.steps.append(Step("hours-changed", code))

    def _write_computers(self, branch_id: UUID, code: str, computers: dict[str, Kind]) -> None:
        there = {one.name: one for one in kept.computers(self.keeper.db, branch_id)}
        for name, kind in computers.items():
            one = there.get(name)
            if one is None:
                keeping.insert_computer(self.keeper, branch_id, uuid4(), name, kind)
                self.steps.append(Step("computer-added", code, name))
            elif one.status == "retired":
                self.steps.append(Step("stays-retired", code, name))
            elif one.kind is not kind:
                keeping.write_computer(self.keeper, one.id, kind=kind)
                self.steps.append(Step("kind-changed", code, name))


def import_sheet(keeper: Keeper, sheet: Sheet, *, languages: Sequence[str], agreed: int | None) -> Imported:
    """Bring in what a file says, in one transaction. Twice is as good as once.

    agreed: how many bookings it may touch; None only tries. If it touches more, nothing is changed (``is_done``).
    Raises SheetRefused.
    """
    work = _Import(keeper, sheet, languages[0])
    named = select(Branch.id).where(Branch.code.in_(sheet.lines))
    there = list(keeper.db.scalars(named))
    keeper.db.rollback()
    try:
        touched = arrange(keeper, there, work.write, agreed=agreed)
    except AskFirst as ask:
        return Imported(tuple(work.steps), ask.touched, is_done=False)
    return Imported(tuple(work.steps), touched, is_done=True)
