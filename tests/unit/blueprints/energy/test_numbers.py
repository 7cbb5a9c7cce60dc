"""Numbers that people copy from bills and cards."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.blueprints.energy.rules.numbers import has_digits, is_iban, is_mpan, without_blanks

MPAN = "2299743438105"
IBANS = ("IE29AIBK93115212345678", "GB82WEST12345698765432", "DE89370400440532013000")


@pytest.mark.parametrize("typed", ["30-94-30", "30 94 30", "309430", " 30.94.30 "])
def test_blanks_and_marks_between_digits_do_not_matter(typed: str) -> None:
    assert without_blanks(typed) == "309430"


def test_an_mpan_is_known_by_its_check_digit() -> None:
    assert is_mpan(MPAN)


@given(place=st.integers(0, 12), more=st.integers(1, 9))
def test_one_wrong_digit_of_an_mpan_is_seen(place: int, more: int) -> None:
    assert not is_mpan(MPAN[:place] + str((int(MPAN[place]) + more) % 10) + MPAN[place + 1 :])


@pytest.mark.parametrize("iban", IBANS)
def test_an_iban_is_known_by_its_check_digits(iban: str) -> None:
    assert is_iban(iban)


@given(iban=st.sampled_from(IBANS), place=st.integers(4, 21), more=st.integers(1, 9))
def test_one_wrong_digit_of_an_iban_is_seen(iban: str, place: int, more: int) -> None:
    digit = iban[place]
    if digit.isdecimal():
        assert not is_iban(iban[:place] + str((int(digit) + more) % 10) + iban[place + 1 :])


@pytest.mark.parametrize("iban", ["", "IE29", "IE29AIBK9311521234567", "IE29AIBK931152123456789", "1234567890123456"])
def test_what_is_no_iban_is_none(iban: str) -> None:
    assert not is_iban(iban)


@pytest.mark.parametrize("number", ["", "12345", "1234567", "12345a", "１２３４５６"])
def test_six_digits_are_six_digits_of_ours(number: str) -> None:
    assert not has_digits(number, 6)
