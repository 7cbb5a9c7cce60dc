"""Single values of an extract."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.blueprints.rent.extract import fields
from tests.factories.rent import amount
from tests.support.extracts import written_amount

pence_amounts = st.integers(-fields.MOST_PENCE, fields.MOST_PENCE)


@given(pence_amounts, st.sampled_from(sorted(fields.AMOUNTS)))
def test_an_amount_is_read_to_the_penny_however_it_is_written(pence: int, sample: str) -> None:
    assert fields.amount(sample)(written_amount(pence, sample)) == pence


@given(pence_amounts)
def test_where_a_positive_amount_is_paid_signs_are_turned(pence: int) -> None:
    assert fields.amount("1,234.50", positive_is_owed=False)(written_amount(pence, "1,234.50")) == -pence


@pytest.mark.parametrize(
    ("text", "pence"),
    [
        ("0.00", 0),
        (" 12.30 ", 1230),
        ("1441.09", 144109),
        ("1,441.09", 144109),
        ("-0.05", -5),
        ("\N{MINUS SIGN}5.00", -500),
        ("5.00-", -500),
        ("(5.00)", -500),
        ("(¤1,100.75)", -110075),
        ("¤1,133.75", 113375),
        ("£12.30", 1230),
        ("€ 12.30", 1230),
        ("12.30 €", 1230),
        ("-£12.30", -1230),
        ("£-12.30", -1230),
        ("12.30 CR", -1230),
        ("12.30cr", -1230),
        ("12.30 DR", 1230),
        ("£12.30 DR", 1230),
    ],
)
def test_an_amount_may_be_written_in_many_ways(text: str, pence: int) -> None:
    assert fields.amount("1,234.50")(text) == pence


@pytest.mark.parametrize(("text", "pence"), [("12.30 CR", -1230), ("12.30 DR", 1230), ("(12.30)", 1230)])
def test_credit_and_debit_mean_the_same_whatever_a_positive_amount_is(text: str, pence: int) -> None:
    assert fields.amount("1,234.50", positive_is_owed=False)(text) == pence


@pytest.mark.parametrize(
    "text",
    ["", "12", "12.3", "12.345", "1,44.09", "1.441,09", "+5.00", "٣.٠٠", "(5.00", "5.00)", "$5.00", "5.00 ER"],
)
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not an amount such as 1,234\.50"):
        fields.amount("1,234.50")(text)


@pytest.mark.parametrize("text", ["--5.00", "-5.00-", "-5.00 CR", "(-5.00)", "(5.00 CR)", "-£-5.00"])
def test_what_has_two_signs_is_refused_instead_of_guessed(text: str) -> None:
    with pytest.raises(ValueError, match="has more than one sign"):
        fields.amount("1,234.50")(text)


def test_what_is_too_large_is_refused() -> None:
    with pytest.raises(ValueError, match="is too large"):
        fields.amount("1234.50")("1000000000.01")


class TestDebitAndCredit:
    READ = staticmethod(fields.debit_or_credit(fields.amount("1234.50"), zero_is_unused=False))

    @pytest.mark.parametrize(
        ("texts", "pence"), [(("12.30", ""), 1230), ((" ", "12.30"), -1230), (("0.00", ""), 0), (("", "0.00"), 0)]
    )
    def test_a_line_has_one_of_them(self, texts: tuple[str, str], pence: int) -> None:
        assert self.READ(texts) == pence

    @pytest.mark.parametrize("texts", [("12.30", "12.30"), ("12.30", "0.00"), ("0.00", "0.00")])
    def test_both_are_refused(self, texts: tuple[str, str]) -> None:
        with pytest.raises(ValueError, match="stands beside a credit"):
            self.READ(texts)

    def test_neither_is_refused(self) -> None:
        with pytest.raises(ValueError, match="is empty, and so is the credit"):
            self.READ(("", " "))

    def test_a_negative_one_is_refused(self) -> None:
        with pytest.raises(ValueError, match="is negative"):
            self.READ(("-12.30", ""))

    @pytest.mark.parametrize(
        ("texts", "pence"), [(("12.30", "0.00"), 1230), (("0.00", "12.30"), -1230), (("0.00", "0.00"), 0)]
    )
    def test_nothing_may_be_written_as_zero_where_the_mapping_says_so(self, texts: tuple[str, str], pence: int) -> None:
        assert fields.debit_or_credit(fields.amount("1234.50"), zero_is_unused=True)(texts) == pence


PATTERNS = ["DD/MM/YYYY", "MM/DD/YYYY", "D.M.YYYY", "YYYYMMDD", "YYYY-MM-DD", "DD-MON-YYYY", "YYYY-MM-DDThh:mm:ss"]


@given(st.dates(date(1900, 1, 1)), st.sampled_from(PATTERNS))
def test_a_day_is_read_however_it_is_written(day: date, pattern: str) -> None:
    assert fields.day(pattern)(fields.written(day, pattern)) == day.isoformat()


@pytest.mark.parametrize(
    ("day", "pattern", "text"),
    [
        (date(2026, 11, 3), "DD/MM/YYYY", "03/11/2026"),
        (date(2026, 11, 3), "DD-MON-YYYY", "03-NOV-2026"),
        (date(2026, 11, 3), "D.M.YYYY", "3.11.2026"),
    ],
)
def test_a_day_is_written(day: date, pattern: str, text: str) -> None:
    assert fields.written(day, pattern) == text


@pytest.mark.parametrize("text", ["", "2026-11-23", "23/11/26", "23.11.2026", "11/23/2026", "31/02/2026", "٢٣/11/2026"])
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not a date|calendar doesn't have"):
        fields.day("DD/MM/YYYY")(text)


def test_a_month_that_there_is_not_is_refused() -> None:
    with pytest.raises(ValueError, match="calendar doesn't have"):
        fields.day("DD-MON-YYYY")("03-NOX-2026")


def test_a_day_before_anybody_kept_such_accounts_is_refused() -> None:
    with pytest.raises(ValueError, match="is before 1900-01-01"):
        fields.day("DD/MM/YYYY")("23/11/0026")


@pytest.mark.parametrize("pattern", ["DD/MM", "YYYY", "DD/MM/YY", "DD/DD/MM/YYYY", "today", ""])
def test_what_is_no_way_to_write_a_day_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match=r"has a part twice|is no way to write a day"):
        fields.date_pattern(pattern)


@pytest.mark.parametrize("text", ["", " ", ".", "01/01/1900"])
def test_a_day_that_is_not_known_is_none(text: str) -> None:
    assert fields.or_none(fields.day("DD/MM/YYYY"), (".", "01/01/1900"))(text) is None


def test_a_reference_loses_what_pads_it_and_keeps_its_zeros() -> None:
    assert fields.key("0012345  ") == "0012345"


@pytest.mark.parametrize(
    ("text", "why"),
    [("   ", "is empty"), ("x" * 65, "is longer than 64"), ("1\0", "can't be shown"), ("\udce1", "holds bytes")],
)
def test_what_is_no_reference_is_refused(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        fields.key(text)


@pytest.mark.parametrize(("text", "words"), [(".", ""), ("", ""), (" D'Arcy  Ann ", "D'Arcy Ann"), ("a\r\nb", "a b")])
def test_a_text_is_its_words(text: str, words: str) -> None:
    assert fields.words(["."])(text) == words


@pytest.mark.parametrize(
    ("text", "why"), [("x" * 501, "is longer than 500"), ("a\0b", "can't be shown"), ("\udc80", "holds bytes")]
)
def test_what_is_no_text_is_refused(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        fields.words([])(text)


@pytest.mark.parametrize(("text", "answer"), [("TRUE", True), ("true", True), ("FALSE", False), ("", False)])
def test_a_flag_is_yes_or_no(text: str, answer: bool) -> None:
    assert fields.flag(yes=["TRUE"], no=["FALSE"], blank=[])(text) is answer


def test_another_flag_is_refused_instead_of_guessed() -> None:
    with pytest.raises(ValueError, match="is neither TRUE nor FALSE"):
        fields.flag(yes=["TRUE"], no=["FALSE"], blank=[])("Y")


def test_the_factory_writes_amounts_as_they_are_read() -> None:
    assert fields.amount("1,234.50")(amount(-144109)) == -144109
