"""What can come of asking another system, besides an answer. Never an empty list for a failure.

``settles`` is what the audit says where the outcome is known; an error without it leaves a question open. ``code``
names what came of it in logs, metrics and the database.
"""

from enum import StrEnum


class OutsideError(Exception):
    """Another system was asked, or was to be."""

    code: str


class Refused(OutsideError):
    """It said no. reason: a code, for words to be made at the edge."""

    settles = "refused"
    code = "refused"

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Away(StrEnum):
    """Why a system could not be asked."""

    BUSY = "busy"
    """As many calls are under way as may be: our own limit, it was not asked."""
    RESTING = "resting"
    """It failed several times in a row and is left alone for a while: it was not asked."""
    TIMEOUT = "timeout"
    """The time that there was is over."""
    UNREACHABLE = "unreachable"
    """No address, no connection, no encryption that we trust, or our login was turned down."""
    LOST = "lost"
    """The connection ended before the answer to a question came."""
    UNDONE = "undone"
    """It ended the connection instead of answering to a change; we looked, and nothing is changed."""
    UNWILLING = "unwilling"
    """It answered that it can't just now."""


class Unavailable(OutsideError):
    """Nothing was sent, or nothing of it was taken, or it was only a question: asking again is safe."""

    settles = "unavailable"

    def __init__(self, message: str = "", *, reason: Away = Away.UNREACHABLE) -> None:
        """message: for operators, who read it in ``portal check``; no secret, nothing personal."""
        super().__init__(message or reason.value)
        self.reason = reason
        self.code = reason.value


class Garbled(OutsideError):
    """It answered a question, and we don't understand the answer."""

    settles = "garbled"
    code = "garbled"


class Unknown(OutsideError):
    """Something was sent and its answer lost: it may have been done."""

    code = "unknown"
