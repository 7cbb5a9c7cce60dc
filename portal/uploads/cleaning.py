"""Handing a file to a process of its own, and taking what it makes of it."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import BoundedSemaphore, Timer

from portal.uploads import limits
from portal.uploads.outcomes import Cleaned, NotAccepted, Reason

COMMAND = (sys.executable, "-s", "-E", "-m", "portal.uploads.worker")
FOLDER = Path(__file__).resolve().parents[2]
"""In which the worker finds the package ``portal``."""
ENVIRONMENT = {"MALLOC_ARENA_MAX": "1"}
"""All of it: nothing of the portal's. Each arena takes addresses, of which the worker has few."""
MOST_ANSWERED = limits.MOST_BYTES + 1000
"""Bytes of an answer. A worker that says more has been taken over."""


class Busy(Exception):
    """As many files are being made safe as may be. The same file may be sent again in a moment."""


class Cleaner:
    """Has files made safe, so many at once; any thread may ask. One for each process. command, spans: for tests."""

    def __init__(
        self,
        *,
        command: Sequence[str] = COMMAND,
        waits_s: float = limits.WAITS_S,
        longest_s: float = limits.LONGEST_S,
    ) -> None:
        self._command, self._waits_s, self._longest_s = command, waits_s, longest_s
        self._room = BoundedSemaphore(limits.AT_ONCE)

    def clean(self, data: bytes) -> Cleaned:
        """Return a file made safe: a JPEG for each picture, a PDF for each PDF.

        Takes half a second for a camera's picture, ``limits.WAITS_S`` and ``limits.LONGEST_S`` at the most.
        Raises NotAccepted, Busy.
        """
        if not data:
            raise NotAccepted(Reason.EMPTY)
        if len(data) > limits.MOST_BYTES:
            raise NotAccepted(Reason.TOO_LARGE)
        with self._turn():
            status, answer = self._handed_over(data)
        return _understood(status, answer)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._room.acquire(timeout=self._waits_s):
            raise Busy
        try:
            yield
        finally:
            self._room.release()

    def _handed_over(self, data: bytes) -> tuple[int, bytes]:
        """Return how a worker ended, and what it said before."""
        with subprocess.Popen(  # noqa: S603 -- nothing of it comes from outside
            self._command,
            cwd=FOLDER,
            env=ENVIRONMENT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        ) as worker:
            end = Timer(self._longest_s, _end, (worker,))
            end.start()
            try:
                return _talked(worker, data)
            finally:
                end.cancel()
                _end(worker)


clean = Cleaner().clean


def _talked(worker: "subprocess.Popen[bytes]", data: bytes) -> tuple[int, bytes]:
    if worker.stdin is None or worker.stdout is None:
        raise RuntimeError("a worker without pipes")
    with suppress(BrokenPipeError):  # it ended before it had read all: its status says why
        worker.stdin.write(data)
        worker.stdin.flush()
    with suppress(BrokenPipeError):
        worker.stdin.close()
    answer = worker.stdout.read(MOST_ANSWERED + 1)
    if len(answer) > MOST_ANSWERED:
        raise NotAccepted(Reason.BROKEN)
    return worker.wait(), answer


def _end(worker: "subprocess.Popen[bytes]") -> None:
    """End a worker, with whatever it may have started. Not one that has ended and been waited for: the number of its
    group may be another's by now.
    """
    if worker.returncode is None:
        with suppress(ProcessLookupError):
            os.killpg(worker.pid, signal.SIGKILL)


def _understood(status: int, answer: bytes) -> Cleaned:
    if status in {-signal.SIGKILL, -signal.SIGXCPU}:
        raise NotAccepted(Reason.TOOK_TOO_LONG)
    try:
        head, _, data = answer.partition(b"\n")
        said = json.loads(head)
        if status == 0 and "refused" not in said:
            return Cleaned(data=data, **said)
        reason = Reason(said["refused"])
    except (ValueError, TypeError, KeyError):  # it fell over: a library's fault, which a file found
        reason = Reason.BROKEN
    raise NotAccepted(reason)
