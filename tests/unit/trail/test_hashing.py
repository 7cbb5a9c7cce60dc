"""What seals are made of: the tree of RFC 6962, and hashes that hang on everything they are of."""

from datetime import UTC, date, datetime, timedelta
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.trail import hashing
from portal.trail.keys import PublicKeys, SigningKeys, new_key
from portal.trail.rules import RULES, delete_on

NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)
SEAL = {"number": 2, "sealed_at": NOW, "events": 3, "root": b"r" * 32, "previous": b"p" * 32}


def by_the_standard(leaves: list[bytes]) -> bytes:
    """Return the root as RFC 6962, 2.1, defines it: split at the largest power of two below the number of leaves."""
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << ((len(leaves) - 1).bit_length() - 1)
    return sha256(b"\x01" + by_the_standard(leaves[:split]) + by_the_standard(leaves[split:])).digest()


@given(st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=70))
def test_the_root_is_that_of_the_standard(leaves: list[bytes]) -> None:
    assert hashing.root(leaves) == by_the_standard(leaves)


@pytest.mark.parametrize(
    "change",
    [
        {"number": 3},
        {"sealed_at": NOW + timedelta(microseconds=1)},
        {"events": 4},
        {"root": b"x" * 32},
        {"previous": b""},
    ],
)
def test_a_seals_hash_hangs_on_all_of_it(change: dict[str, object]) -> None:
    assert hashing.seal(**SEAL) != hashing.seal(**{**SEAL, **change})  # type: ignore[arg-type]  # as above


def test_a_leaf_hangs_on_its_record_and_the_day_it_may_go() -> None:
    leaves = {
        hashing.leaf(id_, day, digest)
        for id_ in (1, 2)
        for day in (date(2027, 1, 1), date(2027, 1, 2))
        for digest in (b"a" * 32, b"b" * 32)
    }
    assert len(leaves) == 8


def test_the_same_record_has_another_digest_with_another_salt() -> None:
    assert hashing.digest("said", b"1" * 16) != hashing.digest("said", b"2" * 16)


class TestKeys:
    def test_sign_with_the_first_and_check_with_all(self) -> None:
        old = new_key("old")
        signature = SigningKeys.from_text(old).sign(b"message")
        both = SigningKeys.from_text(f"{new_key('new')},{old}")
        assert both.id == "new"
        assert both.public.are_good("old", signature, b"message")
        assert not both.public.are_good("new", signature, b"message")
        assert not both.public.are_good("old", signature, b"another")

    def test_are_printed_and_read(self) -> None:
        keys = SigningKeys.from_text(new_key("one"))
        assert PublicKeys.from_text(str(keys.public)).are_good("one", keys.sign(b"message"), b"message")

    @pytest.mark.parametrize("text", ["", "one", "one:", "one:!", ":" + "A" * 43 + "=", "one:" + "A" * 40])
    def test_that_are_none_are_refused(self, text: str) -> None:
        with pytest.raises(ValueError, match="key"):
            SigningKeys.from_text(text)


def test_the_last_rule_covers_everything_so_that_every_record_has_a_day() -> None:
    assert (RULES[-1].acts, RULES[-1].own) == ((), False)
    assert delete_on("something.new", "staff", date(2026, 1, 1)) > date(2026, 1, 1) + RULES[-1].kept


def test_what_staff_see_is_kept_as_long_as_what_is_done() -> None:
    day = date(2026, 1, 1)
    assert (
        delete_on("rent.view", "staff", day)
        == delete_on("link.begin", "self", day)
        > delete_on("rent.view", "self", day)
    )
