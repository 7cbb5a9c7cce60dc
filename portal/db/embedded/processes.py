"""Two questions about processes that the platform answers in more than one line."""

import shutil
from collections.abc import Sequence

import psutil


def ends_with_us(request: str) -> Sequence[str]:
    """Return what goes before a command that is to get a signal when the calling thread ends, even by SIGKILL.

    request: the signal's name without SIG. Empty where the system has no such thing (it is Linux's).
    """
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", request, "--"] if setpriv else []


def is_alive(process: psutil.Process) -> bool:
    """Tell whether a process runs. One that ended counts as such even before its parent has taken note."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
