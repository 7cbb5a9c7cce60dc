"""Which passwords are taken, and how they are kept."""

from contextlib import suppress

import pytest
from argon2 import PasswordHasher, Type, extract_parameters
from hypothesis import given
from hypothesis import strategies as st

from portal.identity import passwords
from portal.identity.passwords import Weakness, WeakPassword, check, hash_password, is_outdated, verify

NAMES = ("Mary Example", "mary.okeeffe@example.org", "Millbrook Council")


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery",
        "my dog eats grass",
        "ŷ ŵ ô á ŷ ŵ ô á ŷ ŵ",
        "🐕 barks at the 🌙 all night",
        "tall ships sail past the grey lighthouse " * 2,
    ],
)
def test_any_characters_are_taken(password: str) -> None:
    check(password, names=NAMES)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=60, max_size=256))
def test_whatever_a_password_holds_it_is_taken_or_refused_with_a_reason(password: str) -> None:
    with suppress(WeakPassword):
        check(password, names=NAMES)


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("elevenchars", Weakness.SHORT),
        ("xq" * 129, Weakness.LONG),
        ("password1234", Weakness.COMMON),
        ("PASSWORD1234", Weakness.COMMON),
        ("correcthorsebatterystaple", Weakness.COMMON),
        ("!RBGlmBRjLAC", Weakness.COMMON),
        ("Millbrook2026", Weakness.GUESSABLE),
        ("okeeffeokeeffe", Weakness.GUESSABLE),
        ("M1llbr00k-26", Weakness.GUESSABLE),
        ("qwertyuiopqwertyuiopqwertyuiop!", Weakness.GUESSABLE),
        ("a" * 256, Weakness.GUESSABLE),
    ],
)
def test_what_is_short_long_leaked_or_guessed_at_once_is_refused(password: str, reason: Weakness) -> None:
    with pytest.raises(WeakPassword) as weak:
        check(password, names=NAMES)
    assert weak.value.reason is reason


def test_256_characters_are_taken_and_all_of_them_count() -> None:
    password = "".join(chr(ord("a") + (number * 7919) % 23) for number in range(256))
    check(password)
    kept = hash_password(password)
    assert verify(kept, password)
    assert not verify(kept, password[:-1] + "!")
    assert not verify(kept, password + "!")


def test_a_password_is_kept_as_argon2id_with_owasps_parameters() -> None:
    parameters = extract_parameters(hash_password("correct horse battery"))
    assert (parameters.type, parameters.memory_cost, parameters.time_cost, parameters.parallelism) == (
        Type.ID,
        19 * 1024,
        2,
        1,
    )


def test_the_same_password_is_never_kept_as_the_same_hash() -> None:
    assert hash_password("correct horse battery") != hash_password("correct horse battery")


def test_only_the_very_password_is_right() -> None:
    kept = hash_password("Correct horse battery")
    assert verify(kept, "Correct horse battery")
    assert not verify(kept, "correct horse battery")
    assert not verify(kept, "Correct horse battery ")


def test_the_same_letters_from_another_keyboard_are_the_same_password() -> None:
    composed, decomposed = "r\u00edomhaire f\u00e1ilte", "ri\u0301omhaire fa\u0301ilte"
    assert verify(hash_password(composed), decomposed)


def test_nobodys_password_is_never_right_not_even_the_one_that_its_hash_was_made_of() -> None:
    assert not verify(None, "the password of no account")
    assert not verify(None, "correct horse battery")


def test_a_hash_with_weaker_parameters_is_outdated() -> None:
    assert is_outdated(PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1).hash("correct horse battery"))
    assert not is_outdated(hash_password("correct horse battery"))


def test_what_is_no_hash_is_never_right() -> None:
    assert not verify("no hash", "correct horse battery")
    assert passwords.SHORTEST == 12 and passwords.LONGEST == 256
