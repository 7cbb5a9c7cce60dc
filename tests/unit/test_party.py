"""Levels are ordered; what roles may do is one table."""

from portal.party import PERMISSIONS, Level, Permission, Role, permissions_of


def test_levels_are_ordered() -> None:
    assert Level.LOW < Level.MEDIUM < Level.HIGH


def test_every_role_is_in_the_table() -> None:
    assert set(PERMISSIONS) == set(Role)


def test_nobody_may_read_restricted_people_yet() -> None:
    assert Permission.PERSON_READ_RESTRICTED not in permissions_of(frozenset(Role))


def test_no_role_allows_nothing() -> None:
    assert permissions_of(frozenset()) == frozenset()
