"""Words, days, times and money in the reader's language. Knows no web framework: a job writes letters with it too.

The language and the council's zone lie in context variables. ``set_locale`` sets them for a request, ``use_locale``
for a block. Catalogues are read from their sources (``.po``) at first use, so there is nothing to compile, and nothing
that can be out of date. Formatted values are kept: Babel takes 20 microseconds for each.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, time, tzinfo
from decimal import Decimal
from functools import cache, lru_cache
from gettext import NullTranslations
from io import BytesIO
from pathlib import Path
from typing import Literal

from babel import Locale
from babel.dates import format_date as babel_date
from babel.messages import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_currency
from babel.support import LazyProxy, Translations
from jinja2 import Environment
from markupsafe import Markup

from portal.council import Words

LANGUAGES = {"en": "English", "ga": "Gaeilge", "cy": "Cymraeg"}
"""Every language of the portal, by its own name. Sources are in English."""

TRANSLATIONS = Path(__file__).parent / "translations"
NOT_REVIEWED = "not reviewed"
"""A translator's comment: no translator has been over this text yet."""

Lazy = LazyProxy
"""A text that is translated each time it is shown."""

Width = Literal["full", "day", "long", "short", "month"]
_PATTERNS: dict[Width, str] = {
    "full": "EEEE d MMMM y",
    "day": "EEEE d MMMM",
    "long": "d MMMM y",
    "short": "d MMM y",
    "month": "LLLL",
}
_LOCALES = {"en": Locale("en", "GB"), "ga": Locale("ga", "IE"), "cy": Locale("cy", "GB")}
_HALVES_OF_DAY = {"en": ("am", "pm"), "ga": (" r.n.", " i.n."), "cy": ("yb", "yh")}
_KEPT = 4096
"""How many formatted values of a kind are kept, in each process."""

_language: ContextVar[str] = ContextVar("language", default="en")
_zone: ContextVar[tzinfo | None] = ContextVar("zone", default=None)


def set_locale(language: str, zone: tzinfo) -> None:
    """Set language and zone until they are set again. Raises ValueError if the portal doesn't know the language."""
    if language not in LANGUAGES:
        raise ValueError(f"there is no language {language!r}")
    _language.set(language)
    _zone.set(zone)


@contextmanager
def use_locale(language: str, zone: tzinfo) -> Iterator[None]:
    """Set language and zone for a block. Raises ValueError if the portal doesn't know the language."""
    before = _language.get(), _zone.get()
    set_locale(language, zone)
    try:
        yield
    finally:
        _language.set(before[0])
        _zone.set(before[1])


def current_language() -> str:
    return _language.get()


def gettext(message: str, /, **variables: object) -> str:
    """Return ``message`` in the reader's language; ``%(name)s`` in it become the variables."""
    text = _translations(_language.get()).gettext(message)
    return text % variables if variables else text


def ngettext(singular: str, plural: str, number: int, /, **variables: object) -> str:
    """Return the form of a message for ``number`` things, which is also the variable ``num``."""
    text = _translations(_language.get()).ngettext(singular, plural, number)
    return text % {"num": number, **variables}


def pgettext(context: str, message: str, /, **variables: object) -> str:
    """As ``gettext``, for a message that means different things in different contexts."""
    text = _translations(_language.get()).pgettext(context, message)
    return text % variables if variables else text


def npgettext(context: str, singular: str, plural: str, number: int, /, **variables: object) -> str:
    text = _translations(_language.get()).npgettext(context, singular, plural, number)
    return text % {"num": number, **variables}


def lazy_gettext(message: str, /, **variables: object) -> Lazy:
    """Return a message that is translated when it is shown: for what is made once, such as forms and manifests."""
    return LazyProxy(gettext, message, enable_cache=False, **variables)


def lazy_pgettext(context: str, message: str, /) -> Lazy:
    return LazyProxy(pgettext, context, message, enable_cache=False)


def words(texts: Words) -> str:
    """Return a text of the council's file in the reader's language."""
    return texts[_language.get()]


def format_date(day: date, width: Width = "full") -> str:
    """Return a day: "Monday 23 November 2026"; ``day`` without the year, ``long`` without the weekday, ``short``, or
    the name of its ``month``.

    Of a moment (aware), it's the day in the council's zone.
    """
    if isinstance(day, datetime):
        day = _local(day).date()
    return _date(_language.get(), day, width)


def format_time(at: datetime | time) -> str:
    """Return a time of day to the minute: "6am", "8:15am", "midday". Of a moment (aware), in the council's zone."""
    if isinstance(at, datetime):
        at = _local(at).time()
    return _time(_language.get(), at.hour, at.minute)


def format_moment(at: datetime) -> str:
    """Return a moment (aware) in the council's zone: "Tuesday 24 November 2026, 6am"."""
    return f"{format_date(at)}, {format_time(at)}"


def format_money(pence: int, currency: str) -> str:
    """Return an amount with two decimals: "£1,234.50". currency: ISO 4217, of a currency with 100 parts."""
    return _money(_language.get(), pence, currency)


def reviewed_languages() -> frozenset[str]:
    """Return the languages whose every text a translator has been over; letters and decisions are offered in these."""
    return frozenset(language for language in LANGUAGES if _is_reviewed(language))


def read_catalogue(language: str) -> Catalog:
    """Read the texts of a language. Raises PoFileError for a malformed file."""
    with catalogue_path(language).open("rb") as source:
        return read_po(source, locale=language, abort_invalid=True)


def catalogue_path(language: str) -> Path:
    return TRANSLATIONS / language / "LC_MESSAGES" / "messages.po"


def install(env: Environment, *, currency: str) -> None:
    """Bring words into templates: ``_()``, ``{% trans %}``, and filters that format.

    currency: of the amounts that the filter ``money`` is given, in pence.
    """

    def money(pence: int) -> str:
        return format_money(pence, currency)

    env.add_extension("jinja2.ext.i18n")
    env.policies["ext.i18n.trimmed"] = True
    env.install_gettext_callables(  # type: ignore[attr-defined]  # a method that the extension adds
        gettext, ngettext, newstyle=True, pgettext=pgettext, npgettext=npgettext
    )
    env.globals["_"] = _in_template
    env.filters.update(date=format_date, time=format_time, moment=format_moment, money=money, words=words)


def _in_template(message: str, /, **variables: object) -> Markup:
    """Return a text in a template: ours is mark-up, what is put into it is escaped.

    Jinja's own looks the function up anew for each text and takes four times as long.
    """
    text = Markup(_translations(_language.get()).gettext(message))  # noqa: S704 -- from our catalogues
    return text % variables if variables else text


def _local(moment: datetime) -> datetime:
    zone = _zone.get()
    if zone is None:
        raise RuntimeError("no zone is set: use_locale() goes around what shows a moment")
    if moment.tzinfo is None:
        raise ValueError("a moment without a zone: moments are aware")
    return moment.astimezone(zone)


@lru_cache(_KEPT)
def _date(language: str, day: date, width: Width) -> str:
    text = babel_date(day, _PATTERNS[width], locale=_LOCALES[language])
    return text[0].lower() + text[1:] if language == "cy" else text  # Welsh writes "dydd Llun" within a sentence


@lru_cache(_KEPT)
def _time(language: str, hour: int, minute: int) -> str:
    if minute == 0 and hour in (0, 12):
        return gettext("midday") if hour else gettext("midnight")
    minutes = f":{minute:02}" if minute else ""
    return f"{hour % 12 or 12}{minutes}{_HALVES_OF_DAY[language][hour // 12]}"


@lru_cache(_KEPT)
def _money(language: str, pence: int, currency: str) -> str:
    return format_currency(Decimal(pence).scaleb(-2), currency, locale=_LOCALES[language])


@cache
def _translations(language: str) -> NullTranslations:
    if language == "en":
        return NullTranslations()
    compiled = BytesIO()
    write_mo(compiled, read_catalogue(language))
    compiled.seek(0)
    return Translations(compiled)


@cache
def _is_reviewed(language: str) -> bool:
    return language == "en" or not any(NOT_REVIEWED in text.user_comments for text in read_catalogue(language))
