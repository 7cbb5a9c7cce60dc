"""Files that people send, made safe: read as what they are, rewritten, and everything else in them gone.

A file is taken apart in a process of its own (``worker``), which has little memory, little time, nothing of the
portal's and no secrets. ``pictures`` and ``papers`` do it, ``kinds`` tells them apart, ``limits`` says how much is
taken. ``envelope`` encrypts what comes of it. Why so: ``docs/decisions/0128-files-that-people-send.md``.
"""

from portal.uploads.cleaning import Busy, clean
from portal.uploads.outcomes import Cleaned, NotAccepted, Reason

__all__ = ["Busy", "Cleaned", "NotAccepted", "Reason", "clean"]
