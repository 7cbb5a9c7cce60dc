"""The council's file: what is taken from it, and how a wrong one is refused."""

import re
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from portal.council import Council, CouncilError, contrast, load_council

COUNCILS = Path(__file__).parents[2] / "councils"
MILLBROOK = COUNCILS / "millbrook" / "council.toml"
DUNMARRA = COUNCILS / "dunmarra" / "council.toml"

colours = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


def changed(folder: Path, old: str, new: str, *, of: Path = MILLBROOK) -> Path:
    """Return a copy of a council's file in which ``old``, which must be there, is ``new``."""
    text = of.read_text("utf-8")
    assert old in text
    path = folder / "council.toml"
    path.write_text(text.replace(old, new, 1), "utf-8")
    return path


def refusal(path: Path) -> str:
    with pytest.raises(CouncilError) as refused:
        load_council(path)
    return str(refused.value)


def test_millbrook_is_english_and_welsh_in_pounds() -> None:
    council = load_council(MILLBROOK)
    assert (council.nation, council.languages, council.currency) == ("england", ("en", "cy"), "GBP")
    assert council.zone == ZoneInfo("Europe/London")
    assert council.name["en"] == "Millbrook Council"
    assert council.name["cy"] == "Cyngor Millbrook"
    assert council.rent.housing_benefit


def test_dunmarra_is_english_and_irish_in_euro_with_differential_rent() -> None:
    council = load_council(DUNMARRA)
    assert (council.nation, council.languages, council.currency) == ("ireland", ("en", "ga"), "EUR")
    assert council.zone == ZoneInfo("Europe/Dublin")
    assert council.rent.scheme == "differential"
    assert not council.rent.housing_benefit


def test_the_two_councils_do_not_look_alike() -> None:
    one, other = load_council(MILLBROOK).brand, load_council(DUNMARRA).brand
    assert one.mark != other.mark
    assert (one.colours.brand, one.colours.link) != (other.colours.brand, other.colours.link)


def test_a_council_cannot_be_changed_once_loaded() -> None:
    council = load_council(MILLBROOK)
    with pytest.raises(ValidationError, match="frozen"):
        council.currency = "EUR"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('currency = "GBP"', 'curency = "GBP"', "curency: there is no such key"),
        ('currency = "GBP"\n', "", "currency: is missing"),
        ('currency = "GBP"', 'currency = "USD"', "currency: Input should be 'GBP' or 'EUR'"),
        ('"Europe/London"', '"Europe/Londinium"', "time_zone: there is no such time zone"),
        ('"Europe/London"', '"../../etc/passwd"', "time_zone: there is no such time zone"),
        ('["en", "cy"]', '["en", "fr"]', "languages.1: Input should be"),
        ('["en", "cy"]', '["en", "en"]', "languages: holds something twice"),
        ('["en", "cy"]', '"en"', "languages: Input should be a valid tuple"),
        ('["en", "cy"]', "[]", "languages: Tuple should have at least 1 item"),
        ('["en", "cy"]', '["en", "ga"]', "contacts.hours: is not given in ga, which the council offers"),
        ('cy = "Cyngor Millbrook"', 'cy = ""', "name.cy: String should have at least 1 character"),
        ('phone = "01632 960 100"', 'phone = "call us"', "contacts.phone: String should match pattern"),
        ("hello@millbrook.example.org", "hello", "contacts.email: value is not a valid email address"),
        ("https://pay.", "http://pay.", "rent.payment_address: String should match pattern"),
        (
            "payment_days = [2, 3]",
            "payment_days = [3, 2]",
            "rent: payment_days: the most, 2, is less than the least, 3",
        ),
        (
            "payment_days = [2, 3]",
            "payment_days = [0, 3]",
            "rent.payment_days.0: Input should be greater than or equal",
        ),
        ("payment_days = [2, 3]", "payment_days = [3]", "rent.payment_days.1: is missing"),
        ("2026-12-21", "2026-12-22", "rent_free: 2026-12-22 is a tuesday, but rent is charged on a monday"),
        ('"#0b5c56"', '"teal"', "brand.colours.link: String should match pattern"),
        ('"Segoe UI"', '"x;}body{"', "brand.font.2: String should match pattern"),
        ('"M3 30q4.25', '"<script>', "brand.mark.1: String should match pattern"),
    ],
)
def test_a_wrong_file_is_refused_naming_file_key_and_reason(tmp_path: Path, old: str, new: str, said: str) -> None:
    path = changed(tmp_path, old, new)
    assert f"{path}: " in refusal(path)
    assert said in refusal(path)


def test_every_fault_of_a_file_is_named_at_once(tmp_path: Path) -> None:
    path = changed(tmp_path, 'currency = "GBP"\nwebsite = "https://millbrook.example.org/"', 'website = "ftp://x"')
    lines = refusal(path).splitlines()
    assert [line.removeprefix(f"{path}: ").split(":")[0] for line in lines] == ["currency", "website"]


def test_a_slip_in_the_notation_is_refused_naming_the_line(tmp_path: Path) -> None:
    path = changed(tmp_path, 'nation = "england"', 'nation = "england')
    assert re.search(r"council\.toml: .*line 6", refusal(path))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    path = tmp_path / "nowhere.toml"
    assert refusal(path) == f"{path}: can't be read: No such file or directory"


def test_a_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "council.toml"
    path.write_bytes("name = 'Dún Mara'".encode("latin-1"))
    assert refusal(path) == f"{path}: is not UTF-8"


def test_ireland_has_no_housing_benefit(tmp_path: Path) -> None:
    path = changed(tmp_path, "housing_benefit = false", "housing_benefit = true", of=DUNMARRA)
    assert "rent.housing_benefit: there is none in Ireland" in refusal(path)


def test_text_that_is_hard_to_read_is_refused_naming_the_pair_and_its_ratio(tmp_path: Path) -> None:
    path = changed(tmp_path, 'quiet = "#4c5a57"', 'quiet = "#8c9a97"')
    assert "brand.colours: quiet on paper has a contrast of 2.66:1, and needs 4.5:1" in refusal(path)
    assert "quiet on card has a contrast of" in refusal(path)
    assert "ink on paper" not in refusal(path)


def test_an_edge_that_is_hard_to_see_is_refused(tmp_path: Path) -> None:
    path = changed(tmp_path, 'accent_tint = "#fdf0e4"', 'accent_tint = "#d99a6c"')
    assert "accent on accent_tint has a contrast of 2.44:1, and needs 3.0:1" in refusal(path)


def test_contrast_is_that_of_wcag() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)
    assert contrast("#0000ff", "#ffffff") == pytest.approx(8.59, abs=0.005)


@given(colours, colours)
def test_contrast_is_the_same_both_ways_and_between_1_and_21(one: str, other: str) -> None:
    assert contrast(one, other) == contrast(other, one)
    assert 1 <= contrast(one, other) <= 21


def test_words_are_there_in_the_languages_offered_and_in_no_others() -> None:
    council: Council = load_council(MILLBROOK)
    with pytest.raises(KeyError):
        council.name["ga"]
