"""Computers that stand in one room: each asks in a thread of its own, and one looks after the timers of all."""

from collections.abc import Callable, Iterable
from threading import Event, Thread
from types import TracebackType
from typing import Self

from simulators.room.computer import Computer

STEP_S = 0.25
"""How long what is due may go unnoticed."""


class Room:
    """Use as a context manager. computers: by name, in the order given."""

    def __init__(self, computers: Iterable[Computer]) -> None:
        self.computers = {computer.name: computer for computer in computers}
        self._stopping = Event()
        asking = {f"computer-{name}": computer.ask_if_due for name, computer in self.computers.items()}
        self._threads = [
            Thread(target=self._again_and_again, args=(work,), name=name, daemon=True)
            for name, work in {"timers": self._watch_time, **asking}.items()
        ]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join()

    def _watch_time(self) -> None:
        for computer in self.computers.values():
            computer.watch_time()

    def _again_and_again(self, work: Callable[[], None]) -> None:
        while not self._stopping.is_set():
            work()
            self._stopping.wait(STEP_S)
