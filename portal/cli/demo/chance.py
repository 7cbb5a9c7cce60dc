"""Chance that gives the same again."""

from random import Random


def seeded(*parts: object) -> Random:
    """Return a source of chance that gives the same for the same parts, on every machine and in every release."""
    return Random("/".join(map(str, parts)))  # noqa: S311 -- it invents households; nothing is guarded by it
