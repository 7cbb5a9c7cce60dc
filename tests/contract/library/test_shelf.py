"""The connector of ``docs/add-a-connector.md`` where its library is away, slow or odd: each outcome is of its type."""

from collections.abc import Iterator
from datetime import timedelta
from time import monotonic

import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs

from portal.cli.check import State, of_system
from portal.clock import SetClock
from portal.connectors.calling import FAILS
from portal.connectors.errors import Away, Garbled, OutsideError, Refused, Unavailable, Unknown
from portal.connectors.library import Card, Reason
from portal.health import Health, health_of
from portal.settings import Settings, SettingsError
from tests.support.shelf import wiring
from tests.support.shelf.server import PASSWORD, RENEWED_FOR, Fault, ShelfUnderTest, shelf_under_test

WITHIN_S = 4.0
SHORT_S = 0.4
"""For what is never answered."""
SLACK_S = 0.3


@pytest.fixture
def library(clock: SetClock) -> Iterator[ShelfUnderTest]:
    with shelf_under_test(clock) as library:
        yield library


class TestReading:
    def test_of_a_library_that_is_not_there_says_so(self, clock: SetClock) -> None:
        with shelf_under_test(clock) as gone:
            pass
        with pytest.raises(Unavailable, match="ConnectionRefused") as away:
            gone.system.read(gone.card, within_s=WITHIN_S)
        assert away.value.reason is Away.UNREACHABLE

    @pytest.mark.parametrize("fault", [Fault.SILENT, Fault.TRICKLES])
    def test_of_a_slow_one_ends_with_the_deadline(self, library: ShelfUnderTest, fault: Fault) -> None:
        library.fault("CARD", fault, fault)
        began = monotonic()
        with pytest.raises(Unavailable) as away:
            library.system.read(library.card, within_s=SHORT_S)
        assert away.value.reason is Away.TIMEOUT
        assert monotonic() - began < SHORT_S + SLACK_S

    def test_is_tried_again_once(self, library: ShelfUnderTest) -> None:
        library.fault("CARD", Fault.DROPPED)
        assert library.system.read(library.card, within_s=WITHIN_S).account.name
        library.fault("CARD", Fault.DROPPED, Fault.DROPPED)
        with pytest.raises(Unavailable) as away:
            library.system.read(library.card, within_s=WITHIN_S)
        assert away.value.reason is Away.LOST

    @pytest.mark.parametrize("fault", [Fault.NONSENSE, Fault.ENDLESS])
    def test_what_makes_no_sense_is_not_tried_again(self, library: ShelfUnderTest, fault: Fault) -> None:
        library.fault("CARD", fault)
        with pytest.raises(Garbled):
            library.system.read(library.card, within_s=WITHIN_S)
        assert library.shelf.heard == ["CARD"]

    @pytest.mark.parametrize("number", ["29999\t000", "29999\n000"])
    def test_a_number_that_would_be_another_request_is_not_sent(self, library: ShelfUnderTest, number: str) -> None:
        with pytest.raises(Refused, match=Reason.WRONG_CARD_OR_PIN):
            library.system.read(Card(number, "0000"), within_s=WITHIN_S)
        assert library.shelf.heard == []

    def test_a_password_that_is_turned_down_says_so(self, clock: SetClock) -> None:
        with shelf_under_test(clock, password="not that one") as library, pytest.raises(Unavailable, match="password"):
            library.system.check()


class TestRenewing:
    def test_is_told_as_done_where_the_answer_is_lost_and_it_was(self, library: ShelfUnderTest) -> None:
        item = library.lend(due_in=2)
        library.fault("RENEW", Fault.DONE_AND_DROPPED)
        renewed = library.system.renew(library.card, item, within_s=WITHIN_S)
        assert renewed.due_on == library.today + RENEWED_FOR
        assert library.shelf.heard.count("RENEW") == 1

    @pytest.mark.parametrize("fault", [Fault.DROPPED, Fault.SILENT])
    def test_is_unknown_where_nothing_shows_it_and_is_not_sent_again(
        self, library: ShelfUnderTest, fault: Fault
    ) -> None:
        item = library.lend(due_in=2)
        library.fault("RENEW", fault)
        with pytest.raises(Unknown, match="may be done yet"):
            library.system.renew(library.card, item, within_s=SHORT_S)
        assert library.shelf.heard.count("RENEW") == 1

    def test_is_unknown_where_it_cannot_be_looked_up(self, library: ShelfUnderTest) -> None:
        item = library.lend(due_in=2)
        library.fault("RENEW", Fault.DONE_AND_DROPPED)
        library.fault("CARD", Fault.NONE, Fault.BUSY)
        with pytest.raises(Unknown, match="can't look"):
            library.system.renew(library.card, item, within_s=WITHIN_S)
        assert library.shelf.heard == ["CARD", "RENEW", "CARD"]

    def test_is_sent_again_where_the_library_says_that_it_did_nothing(self, library: ShelfUnderTest) -> None:
        item = library.lend(due_in=2)
        library.fault("RENEW", Fault.BUSY)
        assert library.system.renew(library.card, item, within_s=WITHIN_S).due_on == library.today + RENEWED_FOR
        assert library.shelf.heard.count("RENEW") == 2

    def test_that_changes_nothing_is_refused(self, library: ShelfUnderTest) -> None:
        item = library.lend(due_in=RENEWED_FOR.days)
        with pytest.raises(Refused, match=Reason.UNCHANGED):
            library.system.renew(library.card, item, within_s=WITHIN_S)


class TestHealth:
    """Comes of the calls themselves: an adapter does nothing for it."""

    def test_is_heard(self, library: ShelfUnderTest, clock: SetClock) -> None:
        (system,) = library.connectors.systems
        library.system.check()
        assert health_of(system.heard, at=clock.now()) is Health.OK
        clock.advance(timedelta(minutes=1))
        library.fault("HELLO", Fault.BUSY, Fault.BUSY)
        assert of_system("library", library.system.check).state is State.FAIL
        assert health_of(system.heard, at=clock.now()) is Health.AWAY
        assert system.heard.failure == Away.UNWILLING

    def test_a_library_that_fails_is_left_alone(self, library: ShelfUnderTest) -> None:
        library.fault("HELLO", *[Fault.DROPPED] * FAILS)
        reasons = []
        for _ in range(FAILS):
            with pytest.raises(Unavailable) as away:
                library.system.check()
            reasons.append(away.value.reason)
        assert reasons[-1] is Away.RESTING
        assert len(library.shelf.heard) == FAILS


@pytest.mark.parametrize("fault", list(Fault))
def test_no_error_and_no_log_holds_a_secret_or_a_person(library: ShelfUnderTest, fault: Fault) -> None:
    item = library.lend(due_in=2)
    said: list[object] = []
    with capture_logs() as logs:
        for verb in ("CARD", "RENEW"):
            library.fault(verb, fault, fault)
            try:
                library.system.renew(library.card, item, within_s=SHORT_S)
            except OutsideError as error:
                said.append((repr(error), str(error), repr(error.__cause__), repr(error.__context__)))
    assert logs
    shown = repr((said, logs))
    for secret in (library.card.number, library.card.pin, PASSWORD, item, "Ferry", "Mary"):
        assert secret and secret not in shown


class TestSettings:
    @pytest.mark.parametrize(
        "url",
        [
            "shelf://localhost",
            "shelf://secret-word@localhost:4000",
            "shelf://localhost:secret-word",
            "shelf://localhost:4000?secret-word",
            "shelf://library.example.org:4000",
            "bookcase://localhost:4000",
        ],
    )
    def test_a_wrong_address_stops_the_start_and_is_not_repeated(self, url: str, clock: SetClock) -> None:
        with pytest.raises(SettingsError, match=r"^PORTAL_LIBRARY_URL: ") as wrong:
            wiring.connect(Settings(profile="test", library_url=url), clock)
        assert "secret-word" not in str(wrong.value)

    def test_a_password_that_would_be_another_request_stops_the_start(self, clock: SetClock) -> None:
        password = SecretStr("rack\tpinion")
        with pytest.raises(SettingsError, match="can't be sent"):
            wiring.connect(
                Settings(profile="test", library_url="shelf://localhost:4000", library_password=password), clock
            )
