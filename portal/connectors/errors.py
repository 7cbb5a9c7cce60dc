"""What can come of asking another system, besides an answer. Never an empty list for a failure.

``settles`` is what the audit says where the outcome is known; an error without it leaves a question open.
"""


class OutsideError(Exception):
    """Another system was asked, or was to be."""


class Refused(OutsideError):
    """It said no. reason: a code, for words to be made at the edge."""

    settles = "refused"

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Unavailable(OutsideError):
    """Nothing was sent, or nothing of it was taken: asking again is safe."""

    settles = "unavailable"


class Garbled(OutsideError):
    """It answered a question, and we don't understand the answer."""

    settles = "garbled"


class Unknown(OutsideError):
    """Something was sent and its answer lost: it may have been done."""
