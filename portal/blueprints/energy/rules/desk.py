"""What the actions about files work with."""

import hashlib
import hmac
from dataclasses import dataclass, field

from portal.connectors.errors import Unavailable
from portal.connectors.scanner import Scanner, Verdict
from portal.connectors.storage import FileStore
from portal.sealed import Sealer


@dataclass(frozen=True, slots=True)
class Desk:
    """Where files are kept, and who looks for viruses in them; None where the installation has none.

    secret: keys the HMACs by which the same file is known again.
    """

    files: FileStore | None
    scanner: Scanner | None
    sealer: Sealer
    secret: bytes = field(repr=False)

    @property
    def store(self) -> FileStore:
        """Return the store. Raises Unavailable where there is none."""
        if self.files is None:
            raise Unavailable("PORTAL_FILES_FOLDER is not set")
        return self.files

    def scan(self, data: bytes, *, within_s: float) -> Verdict:
        """Have a file looked at. Raises Unavailable, also where nobody can; Refused, Garbled."""
        if self.scanner is None:
            raise Unavailable("PORTAL_SCANNER_URL is not set")
        return self.scanner.scan(data, within_s=within_s)

    def digest(self, data: bytes) -> bytes:
        return hmac.digest(self.secret, b"energy\x00evidence\x00" + data, hashlib.sha256)
