"""The session at a computer: check in, time left, more time, the end."""

from flask import Blueprint


def add_to(bp: Blueprint) -> None:
    """Add the addresses of this module to the residents' blueprint."""
