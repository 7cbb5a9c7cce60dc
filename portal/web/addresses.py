"""Addresses that a browser sends back to us."""

from urllib.parse import urlsplit


def local_path(address: str | None) -> str | None:
    """Return ``address`` if it is a page of ours (a path, perhaps with a query), else None: never another site."""
    if not address or not address.startswith("/") or address.startswith(("//", "/\\")):
        return None
    if any(ord(character) < 33 or character == "\\" for character in address):
        return None
    parts = urlsplit(address)
    return address if not parts.scheme and not parts.netloc else None
