"""Words, days, times and money in English, Irish and Welsh."""

import re
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from babel import Locale
from babel.dates import get_month_names
from babel.numbers import parse_decimal
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import DictLoader, Environment

from portal import i18n
from portal.council import Council, Words
from portal.i18n import (
    format_date,
    format_moment,
    format_money,
    format_time,
    gettext,
    lazy_gettext,
    ngettext,
    use_locale,
)

LONDON = ZoneInfo("Europe/London")
DUBLIN = ZoneInfo("Europe/Dublin")
MONDAY = date(2026, 11, 23)
LOCALES = {"en": Locale("en", "GB"), "ga": Locale("ga", "IE"), "cy": Locale("cy", "GB")}

languages = st.sampled_from(list(i18n.LANGUAGES))


@pytest.mark.parametrize(
    ("language", "full", "day", "long", "short"),
    [
        ("en", "Monday 23 November 2026", "Monday 23 November", "23 November 2026", "23 Nov 2026"),
        ("ga", "Dé Luain 23 Samhain 2026", "Dé Luain 23 Samhain", "23 Samhain 2026", "23 Samh 2026"),
        ("cy", "dydd Llun 23 Tachwedd 2026", "dydd Llun 23 Tachwedd", "23 Tachwedd 2026", "23 Tach 2026"),
    ],
)
def test_a_day_in_each_language(language: str, full: str, day: str, long: str, short: str) -> None:
    with use_locale(language, LONDON):
        assert format_date(MONDAY) == full
        assert format_date(MONDAY, "day") == day
        assert format_date(MONDAY, "long") == long
        assert format_date(MONDAY, "short") == short


@pytest.mark.parametrize(
    ("language", "at", "said"),
    [
        ("en", time(6), "6am"),
        ("en", time(8, 15), "8:15am"),
        ("en", time(18, 5), "6:05pm"),
        ("en", time(12, 30), "12:30pm"),
        ("en", time(0, 30), "12:30am"),
        ("en", time(0), "midnight"),
        ("en", time(12), "midday"),
        ("ga", time(6), "6 r.n."),
        ("ga", time(18, 5), "6:05 i.n."),
        ("ga", time(12), "meán lae"),
        ("cy", time(6), "6yb"),
        ("cy", time(18, 5), "6:05yh"),
        ("cy", time(0), "hanner nos"),
    ],
)
def test_a_time_of_day_in_each_language(language: str, at: time, said: str) -> None:
    with use_locale(language, LONDON):
        assert format_time(at) == said


def test_a_moment_is_told_in_the_councils_zone() -> None:
    winter, summer = datetime(2026, 11, 24, 6, tzinfo=UTC), datetime(2026, 7, 1, 23, 30, tzinfo=UTC)
    with use_locale("en", LONDON):
        assert format_moment(winter) == "Tuesday 24 November 2026, 6am"
        assert format_moment(summer) == "Thursday 2 July 2026, 12:30am"
    with use_locale("cy", LONDON):
        assert format_moment(winter) == "dydd Mawrth 24 Tachwedd 2026, 6yb"
    with use_locale("ga", DUBLIN):
        assert format_moment(winter) == "Dé Máirt 24 Samhain 2026, 6 r.n."


def test_the_day_of_a_moment_is_that_of_the_councils_zone() -> None:
    with use_locale("en", LONDON):
        assert format_date(datetime(2026, 7, 1, 23, 30, tzinfo=UTC)) == "Thursday 2 July 2026"


def test_a_moment_without_a_zone_is_refused() -> None:
    with use_locale("en", LONDON), pytest.raises(ValueError, match="moments are aware"):
        format_moment(datetime(2026, 11, 24, 6))  # noqa: DTZ001 -- the fault that is meant


def test_a_moment_is_not_told_before_a_zone_is_set() -> None:
    i18n._zone.set(None)
    with pytest.raises(RuntimeError, match="no zone is set"):
        format_moment(datetime(2026, 11, 24, 6, tzinfo=UTC))


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_money_has_two_decimals_and_its_sign(language: str) -> None:
    with use_locale(language, LONDON):
        assert format_money(123450, "GBP") == "£1,234.50"
        assert format_money(123450, "EUR") == "€1,234.50"
        assert format_money(0, "GBP") == "£0.00"
        assert format_money(-3210, "GBP") == "-£32.10"


@given(languages, st.integers(-(10**9), 10**9))
def test_money_can_be_read_back_to_the_penny(language: str, pence: int) -> None:
    with use_locale(language, LONDON):
        text = format_money(pence, "GBP")
    amount = parse_decimal(text.replace("£", ""), locale=LOCALES[language], strict=True)
    assert amount == Decimal(pence) / 100
    assert re.search(r"\.\d\d$", text)


@given(languages, st.dates(date(1900, 1, 1), date(2200, 12, 31)))
def test_a_day_can_be_read_back(language: str, day: date) -> None:
    with use_locale(language, LONDON):
        number, rest = format_date(day, "long").split(" ", 1)
    month, year = rest.rsplit(" ", 1)
    months = {name: at for at, name in get_month_names("wide", locale=LOCALES[language]).items()}
    assert date(int(year), months[month], int(number)) == day


@given(languages, st.times())
def test_no_two_minutes_of_a_day_are_told_alike(language: str, at: time) -> None:
    other = at.replace(hour=(at.hour + 12) % 24)
    with use_locale(language, LONDON):
        assert format_time(at) != format_time(other)


def test_the_language_holds_for_a_block() -> None:
    with use_locale("cy", LONDON):
        with use_locale("ga", DUBLIN):
            assert i18n.current_language() == "ga"
        assert i18n.current_language() == "cy"


def test_the_zone_holds_for_a_block() -> None:
    noon = datetime(2026, 11, 24, 12, tzinfo=UTC)
    with use_locale("en", LONDON):
        with use_locale("en", ZoneInfo("Asia/Tokyo")):
            assert format_time(noon) == "9pm"
        assert format_time(noon) == "midday"


def test_a_language_that_the_portal_lacks_is_refused() -> None:
    with pytest.raises(ValueError, match="there is no language 'fr'"):
        i18n.set_locale("fr", LONDON)


def test_a_lazy_text_is_translated_when_it_is_shown() -> None:
    text = lazy_gettext("midday")
    with use_locale("cy", LONDON):
        assert str(text) == "hanner dydd"
    with use_locale("ga", DUBLIN):
        assert str(text) == "meán lae"


def test_variables_are_put_into_a_text() -> None:
    with use_locale("en", LONDON):
        assert gettext("Renewed until %(due)s", due="Monday") == "Renewed until Monday"
        assert gettext("100% sure") == "100% sure"
        assert ngettext("%(num)d loan", "%(num)d loans", 1) == "1 loan"
        assert ngettext("%(num)d loan of %(of)d", "%(num)d loans of %(of)d", 2, of=5) == "2 loans of 5"


def test_every_language_is_a_draft_until_a_translator_has_been_over_all_of_it() -> None:
    reviewed = i18n.reviewed_languages()
    assert "en" in reviewed
    for language in ("ga", "cy"):
        drafts = [text for text in i18n.read_catalogue(language) if i18n.NOT_REVIEWED in text.user_comments]
        assert (language in reviewed) == (not drafts)


def test_a_text_of_the_councils_file_needs_a_language() -> None:
    name = Words({"en": "Millbrook Council", "cy": "Cyngor Millbrook"})
    with use_locale("cy", LONDON):
        assert i18n.words(name) == "Cyngor Millbrook"
    with pytest.raises(TypeError, match="shown in a language"):
        str(name)


def test_templates_say_it_in_the_readers_language(council: Council) -> None:
    env = Environment(
        autoescape=True,
        loader=DictLoader(
            {
                "page": "{{ _('midday') }}|{% trans %}\n  midnight\n{% endtrans %}|{{ 123450|money }}"
                "|{{ day|date('short') }}|{{ at|time }}|{{ at|moment }}|{{ council.name|words }}"
                "|{{ ngettext('%(num)d kite', '%(num)d kites', 3) }}|{{ _('Hello %(name)s', name='<b>') }}"
            }
        ),
    )
    i18n.install(env, currency="EUR")
    with use_locale("cy", LONDON):
        page = env.get_template("page").render(day=MONDAY, at=datetime(2026, 11, 24, 6, tzinfo=UTC), council=council)
    assert page == (
        "hanner dydd|hanner nos|€1,234.50|23 Tach 2026|6yb|dydd Mawrth 24 Tachwedd 2026, 6yb|Cyngor Millbrook"
        "|3 kites|Hello &lt;b&gt;"
    )


def test_formatting_three_hundred_amounts_again_asks_babel_for_none() -> None:
    with use_locale("en", LONDON):
        amounts = [format_money(pence, "GBP") for pence in range(300)]
        asked = i18n._money.cache_info().misses
        assert [format_money(pence, "GBP") for pence in range(300)] == amounts
    assert i18n._money.cache_info().misses == asked


def test_catalogues_lie_beside_the_code() -> None:
    assert i18n.catalogue_path("ga") == Path(i18n.__file__).parent / "translations/ga/LC_MESSAGES/messages.po"


def test_no_irish_sentence_ends_with_a_time_which_ends_with_a_full_stop_itself() -> None:
    texts = [
        text
        for message in i18n.read_catalogue("ga")
        for text in re.findall(r"%\((?:time|moment)\)s\.", str(message.string))
    ]
    assert texts == []
