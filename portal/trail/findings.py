"""What verifying finds: each thing that is wrong, and where."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

NAMED = 1_000
"""Findings that are listed; the others are counted."""


class Trouble(StrEnum):
    """What can be wrong with the trail, in words."""

    RECORD_CHANGED = "the record was changed"
    RECORD_DELETED = "the record was deleted, and not by rule"
    RECORD_DELETED_EARLY = "the record was deleted before the day that its rule gives"
    RECORD_PUT_BACK = "a record stands where one was deleted by rule"
    RECORD_MISDATED = "the record says a time at which it wasn't written"
    RECORD_UNSEALED = "the record isn't sealed, though by its time it would have to be"
    BATCH_CHANGED = "the seal's records aren't those that were sealed"
    SEAL_MISSING = "the seal is missing"
    SEAL_CHANGED = "the seal was changed, or the one before it"
    SEAL_FORGED = "the seal isn't signed by the portal"
    HEAD_FORGED = "the head isn't signed by the portal"
    HEAD_REMOVED = "the head is kept elsewhere, and not in the database"
    HEAD_DIFFERS = "the head isn't the one that is kept elsewhere"
    CUT = "the trail ends before this seal, which a head names"
    REWRITTEN = "the trail from this seal on isn't the one that a head names"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong. seal: the first that it concerns. record: its id. day: of the head that tells it."""

    trouble: Trouble
    seal: int | None = None
    record: int | None = None
    day: date | None = None


@dataclass(slots=True)
class Report:
    """What was verified. records: sealed and there. deleted: by rule. waiting: not sealed yet, and needn't be.

    findings: at most 1,000; unnamed: how many more there are. whole_until: when the last seal was made before the first
    that is wrong; None if there is none.
    """

    records: int = 0
    deleted: int = 0
    waiting: int = 0
    seals: int = 0
    heads: int = 0
    whole_until: datetime | None = None
    findings: list[Finding] = field(default_factory=list)
    unnamed: int = 0
    first_wrong_seal: int | None = None

    @property
    def is_whole(self) -> bool:
        return not self.findings

    def add(
        self, trouble: Trouble, *, seal: int | None = None, record: int | None = None, day: date | None = None
    ) -> None:
        """Note one thing that is wrong."""
        if seal is not None:
            self.first_wrong_seal = min(seal, self.first_wrong_seal or seal)
        if len(self.findings) < NAMED:
            self.findings.append(Finding(trouble, seal, record, day))
        else:
            self.unnamed += 1
