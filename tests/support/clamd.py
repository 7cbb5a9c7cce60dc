"""A real clamd, from the system's packages (``scripts/clamd`` brings it), with one signature and no network."""

import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from simulators.scanner.looking import EICAR, NAME

READY_S = 30
STREAM_MAX = 2_000_000
"""Bytes: less than the portal takes, so that a test can exceed it."""
CONFIGURATION = """
Foreground yes
LocalSocket {folder}/clamd.ctl
TCPSocket {port}
TCPAddr 127.0.0.1
DatabaseDirectory {folder}/signatures
TemporaryDirectory {folder}
StreamMaxLength {stream_max}
MaxThreads 2
SelfCheck 86400
"""


@dataclass(frozen=True)
class Daemon:
    """A clamd that runs. port: on 127.0.0.1. path: of its local socket."""

    port: int
    path: Path
    process: "subprocess.Popen[bytes]"

    @property
    def url(self) -> str:
        return f"clamd://127.0.0.1:{self.port}"

    @property
    def local_url(self) -> str:
        return f"clamd://{self.path}"


def program() -> str:
    """Return where clamd is; Debian's lies where not everybody looks."""
    found = shutil.which("clamd") or shutil.which("clamd", path="/usr/sbin")
    if found is None:
        raise FileNotFoundError("clamd: scripts/clamd brings it")
    return found


@contextmanager
def daemon() -> Iterator[Daemon]:
    """Run a clamd that knows one signature."""
    with tempfile.TemporaryDirectory(prefix="clamd-") as name:  # a socket's path is short
        folder = Path(name)
        signatures = folder / "signatures"
        signatures.mkdir()
        (signatures / "test.ndb").write_text(f"{NAME}:0:*:{EICAR.hex()}\n")
        port = _free_port()
        file = folder / "clamd.conf"
        file.write_text(CONFIGURATION.format(folder=folder, port=port, stream_max=STREAM_MAX))
        log = (folder / "log").open("wb")
        process = subprocess.Popen([program(), f"--config-file={file}"], stdout=log, stderr=log)
        try:
            _wait(process, port, folder / "log")
            yield Daemon(port, folder / "clamd.ctl", process)
        finally:
            process.terminate()
            process.wait(READY_S)
            log.close()


def _wait(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    until = time.monotonic() + READY_S
    while time.monotonic() < until and process.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5) as line:
            line.sendall(b"zPING\0")
            if line.recv(5) == b"PONG\0":
                return
        time.sleep(0.1)
    raise RuntimeError(f"clamd doesn't start: {log.read_text()}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
