"""Single values of an extract."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.blueprints.rent.extract import fields
from tests.factories.rent import amount


@given(st.integers(-(10**12), 10**12))
def test_an_amount_is_read_to_the_penny(pence: int) -> None:
    assert fields.pence(f"{'-' if pence < 0 else ''}{abs(pence) // 100:,}.{abs(pence) % 100:02}") == pence


@pytest.mark.parametrize(("text", "pence"), [("0.00", 0), (" 12.30 ", 1230), ("1,441.09", 144109), ("-0.05", -5)])
def test_an_amount_may_have_blanks_around_it_and_commas_in_it(text: str, pence: int) -> None:
    assert fields.pence(text) == pence


@pytest.mark.parametrize(
    "text", ["", "12", "12.3", "12.345", "1,44.09", "£12.30", "1.441,09", "+5.00", "--5.00", "٣.٠٠"]
)
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not an amount such as -1,234\.50"):
        fields.pence(text)


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)))
def test_a_day_is_read(day: date) -> None:
    assert fields.day(f"{day:%d/%m/%Y}") == day


@pytest.mark.parametrize("text", ["", "2026-11-23", "23/11/26", "23.11.2026", "11/23/2026", "31/02/2026"])
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not a date|calendar doesn't have"):
        fields.day(text)


def test_a_reference_loses_what_pads_it() -> None:
    assert fields.key("0012345  ") == "0012345"


def test_a_reference_is_never_empty() -> None:
    with pytest.raises(ValueError, match="is empty"):
        fields.key("   ")


@pytest.mark.parametrize(("text", "words"), [(".", ""), ("", ""), (" D'Arcy  Ann ", "D'Arcy Ann")])
def test_a_full_stop_stands_for_a_blank(text: str, words: str) -> None:
    assert fields.words(text) == words


@pytest.mark.parametrize(("text", "answer"), [("TRUE", True), ("true", True), ("FALSE", False), ("", False)])
def test_a_flag_is_true_or_false(text: str, answer: bool) -> None:
    assert fields.yes_or_no(text) is answer


def test_another_flag_is_refused_instead_of_guessed() -> None:
    with pytest.raises(ValueError, match="neither TRUE nor FALSE"):
        fields.yes_or_no("Y")


def test_the_factory_writes_amounts_as_they_are_read() -> None:
    assert fields.pence(amount(-144109)) == -144109
