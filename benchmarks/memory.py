"""The most memory that a process has had."""

import subprocess
import time
from pathlib import Path

LOOKED_EVERY = 0.02
"""Seconds."""


def highest_mib(process: subprocess.Popen[bytes]) -> float:
    """Wait until a process ends, and return the most memory that it had, in MiB; 0 where the system doesn't say (only
    Linux does). Raises RuntimeError if it fails.
    """
    highest = 0.0
    while process.poll() is None:
        highest = max(highest, _highest_mib(process.pid))
        time.sleep(LOOKED_EVERY)
    if process.returncode:
        raise RuntimeError(f"{process.args!r} failed")
    return highest


def _highest_mib(pid: int) -> float:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    kib = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:")]
    return int(kib[0]) / 1024 if kib else 0
