"""Codes that computers show, and guests' tickets."""

from datetime import UTC, datetime, timedelta
from itertools import product
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.blueprints.internet.rules.desk import (
    CODE_LASTS,
    CODE_LENGTH,
    CODE_LETTERS,
    as_typed,
    code_of,
    is_code,
    ticket_hash,
)

SECRET = b"a secret of the tests"
SEVEN, EIGHT = UUID(int=7), UUID(int=8)
TEN = datetime(2026, 11, 24, 10, tzinfo=UTC)
SECOND = timedelta(seconds=1)


class TestACode:
    def test_holds_while_it_is_shown_and_as_long_again(self) -> None:
        code = code_of(SECRET, SEVEN, TEN)
        assert code == code_of(SECRET, SEVEN, TEN + CODE_LASTS - SECOND)
        assert code != code_of(SECRET, SEVEN, TEN + CODE_LASTS)
        assert is_code(SECRET, SEVEN, code, TEN + 2 * CODE_LASTS - SECOND)
        assert not is_code(SECRET, SEVEN, code, TEN + 2 * CODE_LASTS)

    def test_doesnt_hold_before_it_is_shown(self) -> None:
        assert not is_code(SECRET, SEVEN, code_of(SECRET, SEVEN, TEN), TEN - SECOND)

    def test_is_of_one_computer_and_one_portal(self) -> None:
        code = code_of(SECRET, SEVEN, TEN)
        assert not is_code(SECRET, EIGHT, code, TEN)
        assert not is_code(b"another secret", SEVEN, code, TEN)

    def test_of_a_thousand_computers_in_a_day_is_hardly_ever_the_same(self) -> None:
        """Of 85 million, 1,000 codes share one with a chance of 0.6 % at a time."""
        computers = [UUID(int=number) for number in range(1000)]
        for hour in range(3):
            assert len({code_of(SECRET, one, TEN + timedelta(hours=hour)) for one in computers}) >= 999

    @given(st.uuids(), st.datetimes(datetime(2026, 1, 1), datetime(2036, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
    def test_has_six_letters_without_vowels(self, computer: UUID, now: datetime) -> None:
        code = code_of(SECRET, computer, now)
        assert len(code) == CODE_LENGTH
        assert set(code) <= set(CODE_LETTERS)
        assert is_code(SECRET, computer, code, now)

    @pytest.mark.parametrize("typed", ["{}", " {} ", "{lower}", "{first}-{last}", "{first} {last}"])
    def test_may_be_typed_in_many_ways(self, typed: str) -> None:
        code = code_of(SECRET, SEVEN, TEN)
        as_people_do = typed.format(code, lower=code.lower(), first=code[:3], last=code[3:])
        assert is_code(SECRET, SEVEN, as_people_do, TEN)

    @pytest.mark.parametrize("typed", ["", " ", "BBBBB", "ünïcode", "\x00", "B" * 10_000])
    def test_is_nothing_else(self, typed: str) -> None:
        assert not is_code(SECRET, SEVEN, typed, TEN)


class TestATicket:
    def test_is_found_however_it_is_typed(self) -> None:
        same = {ticket_hash(SECRET, typed) for typed in ("BCDF GHJK", "bcdfghjk", " bcdf-ghjk ")}
        assert len(same) == 1

    def test_isnt_found_by_another(self) -> None:
        codes = ["".join(letters) for letters in product("BCD", repeat=4)]
        assert len({ticket_hash(SECRET, code) for code in codes}) == len(codes)
        assert ticket_hash(SECRET, "BCDF") != ticket_hash(b"another secret", "BCDF")


def test_only_letters_and_digits_of_what_was_typed_count() -> None:
    assert as_typed(" ab-c 1 é\n") == "ABC1"
