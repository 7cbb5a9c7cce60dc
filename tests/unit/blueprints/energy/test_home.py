"""The mark of a home: the same however its address is written, and nobody reads the address out of it."""

import pytest

from portal.blueprints.energy.rules.home import mark

SECRET = b"a secret of the installation"
FLAT = ("Flat 2", "14 Mill Street", "Millbrook", "MB1 2AB")


@pytest.mark.parametrize(
    "lines",
    [
        ("14 Mill St, Flat 2", "Millbrook", "mb12ab"),
        ("FLAT 2,", "14, Mill Street", "Anytown", "MB1  2AB"),
        ("2/14 Mill Street", "MB1-2AB"),
    ],
)
def test_is_the_same_however_it_is_written(lines: tuple[str, ...]) -> None:
    assert mark(SECRET, lines) == mark(SECRET, FLAT)


@pytest.mark.parametrize(
    "lines",
    [
        ("Flat 3", "14 Mill Street", "Millbrook", "MB1 2AB"),
        ("Flat 2", "14a Mill Street", "Millbrook", "MB1 2AB"),
        ("14 Mill Street", "Millbrook", "MB1 2AB"),
        ("Flat 2", "14 Mill Street", "Millbrook", "MB1 2AC"),
        ("Rose Cottage", "Mill Street", "Millbrook", "MB1 2AB"),
    ],
)
def test_is_another_for_another_home(lines: tuple[str, ...]) -> None:
    assert mark(SECRET, lines) != mark(SECRET, FLAT)


def test_a_home_without_a_number_has_its_name() -> None:
    named = mark(SECRET, ("Rose Cottage", "Mill Street", "MB1 2AB"))
    assert named == mark(SECRET, ("ROSE-COTTAGE", "Mill St.", "Millbrook", "MB1 2AB"))
    assert named != mark(SECRET, ("Mill House", "Mill Street", "MB1 2AB"))


def test_an_eircode_is_one_home_alone() -> None:
    assert mark(SECRET, ("Teach an Mhuilinn", "D02 X285")) == mark(SECRET, ("5 Sráid an Mhuilinn", "BÁC", "d02x285"))
    assert mark(SECRET, ("5 Mill Road", "D02 X285")) != mark(SECRET, ("5 Mill Road", "D02 X286"))


def test_needs_the_secret() -> None:
    assert mark(SECRET, FLAT) != mark(b"another one", FLAT)
    assert len(mark(SECRET, FLAT)) == 32


def test_an_address_without_lines_has_one_too() -> None:
    assert mark(SECRET, ()) == mark(SECRET, ("",))
