"""Several processes that start together, end together, and leave nothing behind."""

import fcntl
import os
import select
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import psutil

from portal.db.embedded import ends_with_us, is_alive

MARK = "RESIDENT_PORTAL_RUN"
"""In the environment of every process that a run starts: the folder it works in. Theirs inherit it."""

STOP_S = 10
ROUNDS = 3
"""In which what is left is killed: what was asked to end may have been starting something."""
STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class AlreadyRunning(Exception):
    """Another run holds the folder. Its text is where that one serves; empty while it is starting."""


@contextmanager
def only_run(folder: Path) -> Iterator[IO[str]]:
    """Hold ``folder`` for this run, until it ends, however it does. Yields a file to note its address in.

    Raises AlreadyRunning.
    """
    note = folder / ".portal" / "run"
    note.parent.mkdir(exist_ok=True)
    with note.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise AlreadyRunning(file.read()) from None
        file.truncate(0)
        yield file


def stop_like_ctrl_c() -> None:
    """Let SIGTERM, and the end of the terminal, do what Ctrl-C does: raise KeyboardInterrupt."""
    for request in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(request) is not signal.SIG_IGN:  # nohup
            signal.signal(request, signal.default_int_handler)


class Processes:
    """The processes of one run in ``folder``. As a context: clears up after a killed run, and stops its own at the end.

    A process killed together with its parent leaves its children behind; they are found by the mark that all carry.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = str(folder)
        self._parts: dict[str, psutil.Process] = {}

    def __enter__(self) -> Self:
        self._stop()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for request in STOPPING:  # a second Ctrl-C must not interrupt the tidying up
            signal.signal(request, signal.SIG_IGN)
        self._stop()

    def start(self, name: str, command: Sequence[str], environ: Mapping[str, str]) -> None:
        """Start a process, away from the terminal: Ctrl-C is for this one, which then stops it."""
        self._parts[name] = self._started(command, environ)

    def start_and_hear(
        self, name: str, command: Sequence[str], environ: Mapping[str, str], *, within_s: float
    ) -> str | None:
        """Start a process whose output is for programs: one line, once it is ready. Return that line.

        None if it ends without it or takes longer: it is no part of the run then.
        """
        process = self._started(command, environ, stdout=subprocess.PIPE)
        ready, _, _ = select.select([process.stdout], [], [], within_s)
        said: str = process.stdout.readline().decode() if ready else ""
        if not said:
            process.kill()
            process.wait()
            return None
        self._parts[name] = process
        return said

    def _started(
        self, command: Sequence[str], environ: Mapping[str, str], *, stdout: int | None = None
    ) -> psutil.Popen:
        return psutil.Popen(
            [*ends_with_us("TERM"), *command],
            env={**environ, MARK: self._folder},
            cwd=self._folder,
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            start_new_session=True,
        )

    def watch(self, name: str, process: psutil.Process) -> None:
        """Take a process that is started and stopped elsewhere for a part of the run."""
        self._parts[name] = process

    def ended(self) -> str | None:
        """Return the name of a part that has ended, None while all run."""
        return next((name for name, process in self._parts.items() if not is_alive(process)), None)

    def wait(self) -> str:
        """Wait until one has ended, and return its name."""
        while not (name := self.ended()):
            time.sleep(0.2)
        return name

    def _stop(self) -> None:
        """Ask the topmost to end, which end their children; kill what is left after a while."""
        marked = self._marked()
        for process in marked:
            with suppress(psutil.NoSuchProcess):
                if process.parent() not in marked:
                    process.terminate()
        psutil.wait_procs(marked, timeout=STOP_S)
        for _ in range(ROUNDS):
            left = self._marked()
            for process in left:
                with suppress(psutil.NoSuchProcess):
                    process.kill()
            psutil.wait_procs(left, timeout=STOP_S)

    def _marked(self) -> list[psutil.Process]:
        return [process for process in psutil.process_iter() if self._is_marked(process)]

    def _is_marked(self, process: psutil.Process) -> bool:
        try:
            return process.environ().get(MARK) == self._folder and process.pid != os.getpid()
        except psutil.Error:
            return False
