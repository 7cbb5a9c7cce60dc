"""Moments, due dates and amounts in each form that was met on a server."""

from datetime import UTC, date, datetime, time

import pytest

from portal.connectors.library.sip2.dates import Due, moment_text, read_due, read_moment, read_pence
from portal.connectors.library.sip2.dialect import DateOrder, Dialect, ZoneForm
from portal.connectors.library.sip2.errors import GarbledMessage

LONDON = Dialect()
SUMMER = datetime(2026, 7, 1, 22, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        *("20260701    235900", "202607010000235900", "20260701   Z225900", "20260701 GMT225900", "20260701   A235900"),
        *("20260701 BST235900", "20260701   N215900", "20260701 ???235900"),
    ],
)
def test_a_moment_is_read_in_its_zone(text: str) -> None:
    assert read_moment(text, LONDON) == SUMMER


@pytest.mark.parametrize(
    "text", [" " * 18, "", "20261301    000000", "20260701    250000", "00010101   A000000", "2026070\u0661    235900"]
)
def test_what_is_no_moment_is_none(text: str) -> None:
    assert read_moment(text, LONDON) is None


@pytest.mark.parametrize(
    ("form", "text"),
    [
        (ZoneForm.BLANKS, "20260701    235900"),
        (ZoneForm.ZEROS, "202607010000235900"),
        (ZoneForm.UTC, "20260701   Z225900"),
    ],
)
def test_a_moment_is_written_as_the_site_wants_it(form: ZoneForm, text: str) -> None:
    assert moment_text(SUMMER, Dialect(zone_form=form)) == text


@pytest.mark.parametrize(
    "text",
    [
        *("20261201    235900", "202612010000235900", "20261201   Z235900", "01/12/2026 23:59", "2026-12-01 23:59:00"),
        *("1/12/2026 11:59 pm", "01.12.2026 23:59", "2026-12-01T23:59:00+00:00", "2026-12-02T00:59+01:00"),
        *("20261201 2359", "2026-12-01T23:59:00.000Z", " 20261201    235900 "),
    ],
)
def test_a_due_date_with_a_time_is_read(text: str) -> None:
    due = read_due(text, LONDON)
    assert (due.on, due.at, due.text) == (date(2026, 12, 1), time(23, 59), text.strip())


@pytest.mark.parametrize("text", ["20261201", "01/12/2026", "2026-12-01", "01-12-2026", "20261201    000000"])
def test_a_due_date_may_be_a_day(text: str) -> None:
    assert read_due(text, LONDON) == Due(text, date(2026, 12, 1), None)


def test_a_due_date_in_another_zone_is_the_librarys_day() -> None:
    assert read_due("2026-06-30T23:30:00Z", LONDON).on == date(2026, 7, 1)


def test_which_of_two_numbers_is_the_month_is_the_sites() -> None:
    assert read_due("01/12/2026", Dialect(date_order=DateOrder.MONTH_FIRST)).on == date(2026, 1, 12)
    assert read_due("31/12/2026", Dialect(date_order=DateOrder.MONTH_FIRST)).on is None


@pytest.mark.parametrize(
    "text", ["next Tuesday", "31/02/2026", "20261301", "2026-12-01 25:00", "01/12/26", "-", "9999-12-31T23:59-09:00"]
)
def test_any_other_due_date_keeps_its_text(text: str) -> None:
    assert read_due(text, LONDON) == Due(text)


@pytest.mark.parametrize(
    ("text", "pence"),
    [
        *(("12.50", 1250), ("12", 1200), (" 12.50", 1250), ("1,234.50", 123450), ("1,234", 123400), ("12,50", 1250)),
        *(("£12.50", 1250), ("12.50 GBP", 1250), ("EUR 12.50", 1250), ("12.5", 1250), ("12.500000", 1250), ("$3", 300)),
        *(("-3.00", -300), ("£-3.00", -300), ("-£3.00", -300), ("0.30000000000000004", 30), ("┬ú12.50", 1250)),
        *(("0", 0), ("0.00", 0), ("", None), ("n/a", None), ("-", None)),
    ],
)
def test_an_amount_is_read(text: str, pence: int | None) -> None:
    assert read_pence(text, field_id="BV") == pence


@pytest.mark.parametrize("text", ["3.00CR", "1.2.3", "1,23,4", "12 34", "0x12", "1" * 5000, "12.50 owed"])
def test_digits_that_are_no_amount_are_never_taken_for_nothing(text: str) -> None:
    with pytest.raises(GarbledMessage, match=r"^BV: not an amount$"):
        read_pence(text, field_id="BV")
