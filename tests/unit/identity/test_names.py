"""Names and post codes, however they are written."""

import pytest

from portal.identity.names import compact, is_name_of, plain, plain_words


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Gráinne Wyn-O'Dowd", ("grainne", "wyn", "odowd")),
        ("  Ó   Súilleabháin ", ("o", "suilleabhain")),
        ("Łukasz Ødegård", ("lukasz", "odegard")),
        ("GROẞ", ("gross",)),
        ("Đorđe Gülşen", ("dorde", "gulsen")),
        ("Олена Шевченко", ("олена", "шевченко")),
        ("D’Arcy", ("darcy",)),
        ("- ' .", ()),
    ],
)
def test_words_have_neither_case_nor_accents(name: str, words: tuple[str, ...]) -> None:
    assert plain_words(name) == words
    assert plain(name) == "".join(words)


@pytest.mark.parametrize(
    "typed", ["Example", "mary example", "Example, Mary", "Mary Ann Example", "MaryAnn Example", "ann example"]
)
def test_somebody_is_meant_by_their_last_or_whole_name(typed: str) -> None:
    assert is_name_of(typed, "Mary Ann Example")


@pytest.mark.parametrize("typed", ["", "Mary", "Ann", "Exam", "Examples", "John Example", "Mary Ann Example Example"])
def test_nobody_by_less_or_by_something_else(typed: str) -> None:
    assert not is_name_of(typed, "Mary Ann Example")


def test_whoever_has_one_name_is_meant_by_it() -> None:
    assert is_name_of("pelé", "Pele")
    assert not is_name_of("Pele", "")


@pytest.mark.parametrize(
    ("typed", "same"), [(" zz1-1AA ", "zz11aa"), ("D02 X285", "d02x285"), ("7204/01-1836", "7204011836")]
)
def test_codes_are_letters_and_digits_alone(typed: str, same: str) -> None:
    assert compact(typed) == same
