"""Texts of what was changed: their days are the reader's."""

from zoneinfo import ZoneInfo

import pytest

from portal.i18n import use_locale
from portal.web.visits import with_days


@pytest.mark.parametrize(
    ("language", "text", "shown"),
    [
        ("en", "2026-12-08", "Tuesday 8 December 2026"),
        ("en", "A Ferry for Tuesday, 2026-12-08", "A Ferry for Tuesday, Tuesday 8 December 2026"),
        ("ga", "Salt, 2026-12-08", "Salt, Dé Máirt 8 Nollaig 2026"),
        ("cy", "Salt, 2026-12-08", "Salt, dydd Mawrth 8 Rhagfyr 2026"),
        ("en", "no day at all", "no day at all"),
        ("en", "Room 2026-13-45", "Room 2026-13-45"),
        ("en", "12026-12-08", "12026-12-08"),
    ],
)
def test_days_are_written_as_the_reader_writes_them(language: str, text: str, shown: str) -> None:
    with use_locale(language, ZoneInfo("Europe/London")):
        assert with_days(text) == shown
