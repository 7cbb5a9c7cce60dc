"""References: readable, and with a check against slips (Crockford's Base 32)."""

from hypothesis import given
from hypothesis import strategies as st

from portal.blueprints.energy.rules.reference import LENGTH, SIGNS, as_typed, drawn

NUMBERS = st.integers(0, len(SIGNS) ** LENGTH - 38)


def from_number(number: int) -> str:
    """Return the reference of a number, or of the first after it that one can be given for."""
    numbers = iter(range(number, number + 38))
    return drawn(lambda _below: next(numbers))


def test_is_as_the_source_has_it() -> None:
    """1234 is 16J, and its check sign is D, the one of 1234 mod 37 = 13."""
    assert from_number(1234) == "000-001-6JD"


@given(NUMBERS)
def test_is_found_again_however_it_is_typed(number: int) -> None:
    given = from_number(number)
    assert as_typed(given) == given
    spoken = given.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    assert as_typed(spoken) == given
    assert as_typed(f" {given.replace('-', '')}\n") == given


@given(NUMBERS, st.integers(0, LENGTH), st.sampled_from(SIGNS))
def test_a_wrong_sign_is_found(number: int, place: int, sign: str) -> None:
    signs = from_number(number).replace("-", "")
    slipped = signs[:place] + sign + signs[place + 1 :]
    assert (as_typed(slipped) is None) == (slipped != signs)


@given(NUMBERS, st.integers(0, LENGTH - 1))
def test_two_neighbours_that_changed_places_are_found(number: int, place: int) -> None:
    signs = from_number(number).replace("-", "")
    slipped = signs[:place] + signs[place + 1] + signs[place] + signs[place + 2 :]
    assert (as_typed(slipped) is None) == (slipped != signs)


def test_what_is_none_is_none() -> None:
    for typed in ("", "7KQ", "UUU-UUU-UUU", "000-001-6J", "000-001-6JD7", "ÄÄÄ-ÄÄÄ-ÄÄÄ", "٠٠٠-٠٠١-٦JD"):
        assert as_typed(typed) is None, typed


def test_is_never_one_whose_check_nobody_can_say() -> None:
    numbers = iter([32, 33, 36, 37])
    assert drawn(lambda _below: next(numbers)) == "000-000-150"


def test_is_drawn_from_all_there_are() -> None:
    asked: list[int] = []

    def below(most: int) -> int:
        asked.append(most)
        return 0

    assert drawn(below) == "000-000-000"
    assert asked == [32**8]
    assert len({drawn() for _ in range(100)}) == 100
