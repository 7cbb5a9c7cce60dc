"""What can go wrong, in words for whoever typed the command."""

from portal.errors import Misconfigured


class EmbeddedError(Misconfigured):
    """The embedded server can't be had; the message says why and what to do."""
