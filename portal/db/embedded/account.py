"""The account of the operating system that the server runs as: PostgreSQL refuses to run as root."""

import os
import pwd
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import psutil

from portal.db.embedded.errors import EmbeddedError

UNPRIVILEGED = ("postgres", "nobody")
"""Who stands in for root, the first that exists."""

ENVIRONMENT = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}
"""What the server's programs are told: nothing of the caller's PGPORT, PGDATA and the like."""


@dataclass(frozen=True, slots=True)
class Account:
    """name: as the operating system knows it. uid, gid: its numbers."""

    name: str
    uid: int
    gid: int

    @classmethod
    def caller(cls) -> "Account":
        """Return the account that this process runs as. Raises EmbeddedError if it has no name."""
        try:
            entry = pwd.getpwuid(os.geteuid())
        except KeyError:
            raise EmbeddedError(
                f"The account with number {os.geteuid()} has no name, which PostgreSQL needs."
            ) from None
        return cls(entry.pw_name, entry.pw_uid, entry.pw_gid)

    @classmethod
    def of_server(cls) -> "Account":
        """Return the caller's account; for root, an unprivileged one. Raises EmbeddedError if there is none."""
        if os.geteuid() != 0:
            return cls.caller()
        for name in UNPRIVILEGED:
            try:
                entry = pwd.getpwnam(name)
            except KeyError:
                continue
            return cls(entry.pw_name, entry.pw_uid, entry.pw_gid)
        raise EmbeddedError(f"PostgreSQL doesn't run as root, and there is no account {' or '.join(UNPRIVILEGED)}.")

    def run(self, *command: str | Path) -> subprocess.CompletedProcess[str]:
        """Run a command to its end as this account, and return what it said and its status."""
        return subprocess.run(  # noqa: S603 -- no shell, and nothing in it comes from outside
            command,
            check=False,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            cwd="/",
            env=ENVIRONMENT,
            user=self.uid if self._is_other else None,
            group=self.gid if self._is_other else None,
            extra_groups=[] if self._is_other else None,
        )

    def start(self, command: Sequence[str | Path], *, log: IO[bytes]) -> psutil.Popen:
        """Start a command as this account, away from the terminal: Ctrl-C is for the caller, who then stops it."""
        return psutil.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd="/",
            env=ENVIRONMENT,
            start_new_session=True,
            user=self.uid if self._is_other else None,
            group=self.gid if self._is_other else None,
            extra_groups=[] if self._is_other else None,
        )

    def can_enter(self, folder: Path) -> bool:
        return self.run("test", "-x", folder).returncode == 0

    def own(self, folder: Path) -> Path:
        """Give this account a folder that the caller has made."""
        if self._is_other:
            shutil.chown(folder, self.uid, self.gid)
        return folder

    @property
    def _is_other(self) -> bool:
        return self.uid != os.geteuid()


def name_of(uid: int) -> str:
    """Return what the account with this number is called; where it is gone, as on a restored disk, its number."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"number {uid}"
