"""What can go wrong, in words for whoever typed the command."""


class EmbeddedError(Exception):
    """The embedded server can't be had; the message says why and what to do."""
