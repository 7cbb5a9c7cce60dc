"""What goes wrong on demand."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random
from threading import Lock


class FaultKind(StrEnum):
    """What befalls a request, from when it arrives until its answer is out."""

    REFUSE = "refuse"
    """A connection is reset as soon as it is made. ``messages`` means nothing here."""
    DROP_BEFORE = "drop-before"
    """The connection ends; nothing was done."""
    SILENT = "silent"
    """Nothing is done, nothing answered, the connection stays."""
    ASK_AGAIN = "ask-again"
    """Nothing is done; 96 is the answer."""
    RESTART = "restart"
    """Nothing is done; all connections end, and for ``seconds`` nobody listens."""
    LATE = "late"
    """It is done and answered after ``seconds``."""
    SLOW = "slow"
    """It is done at once and answered after ``seconds``."""
    DROP_AFTER = "drop-after"
    """It is done; the connection ends without an answer."""
    SILENT_AFTER = "silent-after"
    """It is done and never answered; the connection stays."""
    CUT = "cut"
    """It is done; the connection ends within the answer, before ``at_byte`` (anywhere if not set)."""
    TRICKLE = "trickle"
    """The answer comes one byte each ``seconds``."""
    SPLIT = "split"
    """The answer comes in several packets."""
    TOGETHER = "together"
    """The previous answer comes once more, in one packet with this one."""
    GARBLE = "garble"
    """``count`` bytes of the answer are others, from ``at_byte`` on (anywhere if not set); its checksum stays."""
    WRONG_CHECKSUM = "wrong-checksum"
    """The answer's checksum doesn't fit, if it has one."""
    EARLIER = "earlier"
    """The answer has the sequence number before, if it has one; its checksum fits."""


@dataclass(frozen=True, slots=True)
class Fault:
    """times: for so many requests; None for all until ``behave``. messages: only those of these ids; none means all.

    probability: for each request, decided by the plan's seeded chance.
    """

    kind: FaultKind
    times: int | None = 1
    messages: frozenset[str] = frozenset()
    probability: float = 1.0
    seconds: float = 1.0
    at_byte: int | None = None
    count: int = 1

    def concerns(self, message: str) -> bool:
        return self.kind is not FaultKind.REFUSE and (not self.messages or message in self.messages)


@dataclass(slots=True)
class _Planned:
    fault: Fault
    left: int | None = field(init=False)

    def __post_init__(self) -> None:
        self.left = self.fault.times


class FaultPlan:
    """Faults that are to come. The first one that concerns a request, and that chance picks, befalls it."""

    def __init__(self, seed: int = 1) -> None:
        self._lock = Lock()
        self._planned: list[_Planned] = []
        self.chance = Random(seed)  # noqa: S311 -- it breaks things for tests; nothing is guarded by it

    def add(self, faults: Iterable[Fault]) -> None:
        with self._lock:
            self._planned.extend(_Planned(fault) for fault in faults)

    def clear(self) -> None:
        with self._lock:
            self._planned.clear()

    def planned(self) -> list[tuple[Fault, int | None]]:
        """Return what is to come, with how often still."""
        with self._lock:
            return [(one.fault, one.left) for one in self._planned]

    def next_for(self, message: str) -> Fault | None:
        """Return what befalls a request, and count it."""
        return self._pick(lambda fault: fault.concerns(message))

    def refuses(self) -> bool:
        """Tell whether a new connection is to be reset, and count it."""
        return self._pick(lambda fault: fault.kind is FaultKind.REFUSE) is not None

    def _pick(self, concerned: Callable[[Fault], bool]) -> Fault | None:
        with self._lock:
            for one in self._planned:
                if concerned(one.fault) and self.chance.random() < one.fault.probability:
                    if one.left is not None:
                        one.left -= 1
                    self._planned = [other for other in self._planned if other.left != 0]
                    return one.fault
        return None
