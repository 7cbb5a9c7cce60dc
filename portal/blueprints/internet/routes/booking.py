"""Finding a free computer, booking it, changing and cancelling that, waiting for one."""

from flask import Blueprint


def add_to(bp: Blueprint) -> None:
    """Add the addresses of this module to the residents' blueprint."""
