"""Where the server's files lie. Nothing outside these folders is changed, nor are anybody's rights to it."""

import hashlib
import tempfile
from pathlib import Path

from portal.db.embedded.account import Account

FAR = Path("/var/lib")
SHORT = "/tmp"  # noqa: S108 -- a socket's path has room for 107 bytes; what is made here is private, its name random


def reachable_place(folder: Path, account: Account) -> Path:
    """Return a folder of the project's own that the server's account can reach.

    ``.portal`` in the project; where root works in a folder that nobody else may enter, one in ``/var/lib``.
    """
    near = folder / ".portal"
    near.mkdir(exist_ok=True)
    if account.can_enter(near):
        return near
    name = hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:12]
    return made_passable(FAR / f"resident-portal-{name}")


def made_passable(folder: Path) -> Path:
    """Make a folder, if need be, that belongs to the caller and that the server's account can pass through."""
    if not folder.exists():
        folder.mkdir()
        folder.chmod(0o711)
    return folder


def temporary_home() -> Path:
    """Make a folder, with a short path, that the server's account can pass through."""
    folder = Path(tempfile.mkdtemp(prefix="portal-", dir=SHORT))
    folder.chmod(0o711)
    return folder


def private_folder(account: Account) -> Path:
    """Make a folder, with a short path, that the server's account alone may enter."""
    folder = Path(tempfile.mkdtemp(prefix="portal-", dir=SHORT))
    return account.own(folder)
