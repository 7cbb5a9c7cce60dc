"""Refusals in words, in each language."""

from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from portal.blueprints.internet.routes.words import kind_name, length, refusal
from portal.blueprints.internet.rules.kinds import Kind
from portal.blueprints.internet.rules.limits import NotAllowed, Why
from portal.i18n import LANGUAGES, use_locale

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with use_locale("en", ZoneInfo("Europe/London")):
        yield


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("why", Why)
@pytest.mark.parametrize("fields", [{}, {"until": NOON}, {"minutes": 2}, {"may_wait": True}], ids=str)
def test_every_refusal_has_words_of_its_own(language: str, why: Why, fields: dict[str, object]) -> None:
    with use_locale(language, ZoneInfo("Europe/London")):
        said = refusal(NotAllowed(why, **fields))  # type: ignore[arg-type]
    assert len(said) > len("That time is over.")
    assert "%" not in said


def test_a_refusal_says_the_number_that_its_rule_has() -> None:
    assert "2 days ahead" in refusal(NotAllowed(Why.TOO_FAR_AHEAD, minutes=2))
    assert "2 bookings" in refusal(NotAllowed(Why.TOO_MANY, minutes=2))
    assert "1 hour 30 minutes" in refusal(NotAllowed(Why.NO_MINUTES, minutes=90))
    assert "5 minutes before" in refusal(NotAllowed(Why.NOT_YET, until=NOON))


def test_it_says_when_a_computer_may_be_free_only_where_that_is_known() -> None:
    assert "midday" in refusal(NotAllowed(Why.TAKEN, until=NOON, may_wait=True))
    assert refusal(NotAllowed(Why.TAKEN, may_wait=True)) == "No computer is free now. You can wait for one."


@pytest.mark.parametrize(
    ("minutes", "said"),
    [(0, "0 minutes"), (1, "1 minute"), (45, "45 minutes"), (60, "1 hour"), (150, "2 hours 30 minutes")],
)
def test_how_long_something_takes(minutes: int, said: str) -> None:
    assert length(minutes) == said


def test_each_kind_has_a_name() -> None:
    assert len({kind_name(kind) for kind in [*Kind, None]}) == len(Kind) + 1
