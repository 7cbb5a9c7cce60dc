"""Sealed values open with their key, in their place, unchanged; and never otherwise."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.sealed import SealBroken, Sealer

OLD, NEW = {"old": b"o" * 32}, {"new": b"n" * 32}


@given(st.text())
def test_what_is_sealed_comes_back(value: str) -> None:
    sealer = Sealer(OLD)
    assert sealer.unseal(sealer.seal(value, context="a.b"), context="a.b") == value


@given(st.text(min_size=4, alphabet="abcdefghij"))
def test_the_value_cannot_be_read_in_what_is_stored(value: str) -> None:
    assert value.encode() not in Sealer(OLD).seal(value, context="a.b")


def test_the_same_value_never_looks_the_same() -> None:
    sealer = Sealer(OLD)
    assert sealer.seal("x", context="a.b") != sealer.seal("x", context="a.b")


def test_it_opens_only_in_its_place() -> None:
    sealer = Sealer(OLD)
    with pytest.raises(SealBroken):
        sealer.unseal(sealer.seal("x", context="a.b"), context="a.c")


def test_a_new_key_seals_and_the_old_one_still_opens() -> None:
    sealed = Sealer(OLD).seal("x", context="a.b")
    both = Sealer(NEW | OLD)
    assert both.unseal(sealed, context="a.b") == "x"
    with pytest.raises(SealBroken):
        Sealer(OLD).unseal(both.seal("y", context="a.b"), context="a.b")


@given(st.binary(max_size=80))
def test_garbage_is_refused(garbage: bytes) -> None:
    with pytest.raises(SealBroken):
        Sealer(OLD).unseal(garbage, context="a.b")


@given(st.integers(min_value=0, max_value=10_000), st.integers(min_value=1, max_value=255))
def test_one_changed_byte_is_noticed(place: int, change: int) -> None:
    sealed = bytearray(Sealer(OLD).seal("twelve pounds", context="a.b"))
    sealed[place % len(sealed)] ^= change
    with pytest.raises(SealBroken):
        Sealer(OLD).unseal(bytes(sealed), context="a.b")


@pytest.mark.parametrize("text", ["", "k:", "k:c2hvcnQ=", "k:not base64", "k"])
def test_a_wrong_key_stops_the_start(text: str) -> None:
    with pytest.raises(ValueError, match=r"key"):
        Sealer.from_text(text)
