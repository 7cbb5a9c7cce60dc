"""What befalls a connection to a library, and what comes of it: never a wrong answer, and nothing is sent twice."""

from collections.abc import Iterator
from datetime import date
from time import monotonic

import pytest

from portal.clock import SetClock
from portal.connectors.calling import FAILS
from portal.connectors.errors import Away, Garbled, OutsideError, Refused, Unavailable, Unknown
from portal.connectors.library import Card, Reason
from portal.connectors.library.sip2.adapter import Sip2Library
from simulators.library.dialects import dialect_named
from simulators.library.faults import Fault, FaultKind
from simulators.library.simulator import LibrarySimulator
from tests.support.sip2_library import SETTINGS, asking
from tests.support.terminal import BREAD, FERRY, HERON, SALT, TIDE

ROWAN = Card("29999000004417", "2580")
SAFFRON, LONG_FIELD = Card("29999000000100", "8642"), "39999000003101"
"""A film that costs something to renew, and who has it."""
WITHIN_S = 4.0
SHORT_S = 0.4
"""For what is never answered."""
NEW_DAY = date(2026, 12, 15)


@pytest.fixture
def library(clock: SetClock) -> Iterator[LibrarySimulator]:
    with LibrarySimulator(clock=clock.now) as simulator:
        yield simulator


@pytest.fixture
def system(library: LibrarySimulator, clock: SetClock) -> Iterator[Sip2Library]:
    with asking(library, clock, SETTINGS["standard"]) as adapter:
        yield adapter


def befall(library: LibrarySimulator, kind: FaultKind, *messages: str, **given: float | None) -> None:
    library.misbehave(Fault(kind, messages=frozenset(messages), **given))  # type: ignore[arg-type]  # fields of a fault


def times_sent(library: LibrarySimulator, item: str, message: str = "29") -> int:
    """Return how often a request arrived that the server didn't itself ask for again."""
    return sum(entry.fault != "ask-again" for entry in library.journal.entries(message=message, item=item))


HARMLESS = [
    *(FaultKind.SPLIT, FaultKind.TOGETHER, FaultKind.WRONG_CHECKSUM, FaultKind.GARBLE, FaultKind.ASK_AGAIN),
    *(FaultKind.SLOW, FaultKind.TRICKLE),
]
SLOWNESS_S = {FaultKind.SLOW: 0.1, FaultKind.TRICKLE: 0.001}


class TestReading:
    @pytest.mark.parametrize("message", ["63", "17", "99", "93"])
    @pytest.mark.parametrize("kind", HARMLESS)
    def test_what_can_be_made_good_is(
        self, library: LibrarySimulator, system: Sip2Library, kind: FaultKind, message: str
    ) -> None:
        befall(
            library, kind, message, seconds=SLOWNESS_S.get(kind, 1.0), at_byte=20 if kind is FaultKind.GARBLE else None
        )
        borrower = system.read(ROWAN, within_s=WITHIN_S)
        assert len(borrower.loans) == 5 and all(loan.due_on for loan in borrower.loans)
        assert len(borrower.holds) == 4 and len(borrower.charges) == 2

    @pytest.mark.parametrize("kind", [FaultKind.DROP_BEFORE, FaultKind.DROP_AFTER, FaultKind.CUT])
    def test_a_connection_that_ends_is_replaced_once(
        self, library: LibrarySimulator, system: Sip2Library, kind: FaultKind
    ) -> None:
        befall(library, kind, "63")
        assert len(system.read(ROWAN, within_s=WITHIN_S).loans) == 5
        befall(library, kind, "63", times=4)
        with pytest.raises(Unavailable) as away:
            system.read(ROWAN, within_s=WITHIN_S)
        assert away.value.reason is Away.LOST

    @pytest.mark.parametrize("kind", [FaultKind.SILENT, FaultKind.SILENT_AFTER, FaultKind.EARLIER])
    def test_what_never_comes_is_awaited_until_the_deadline_and_no_longer(
        self, library: LibrarySimulator, system: Sip2Library, kind: FaultKind
    ) -> None:
        befall(library, kind, "63", times=5)
        began = monotonic()
        with pytest.raises(Unavailable) as away:
            system.read(ROWAN, within_s=SHORT_S)
        assert away.value.reason is Away.TIMEOUT
        assert monotonic() - began < SHORT_S + 0.3

    @pytest.mark.parametrize("message", ["63", "93"])
    def test_one_byte_now_and_then_does_not_stretch_the_deadline(
        self, library: LibrarySimulator, system: Sip2Library, message: str
    ) -> None:
        befall(library, FaultKind.TRICKLE, message, seconds=0.1)
        began = monotonic()
        with pytest.raises(Unavailable) as away:
            system.read(ROWAN, within_s=SHORT_S)
        assert away.value.reason is Away.TIMEOUT
        assert monotonic() - began < SHORT_S + 0.3

    def test_without_items_all_else_is_told(self, library: LibrarySimulator, system: Sip2Library) -> None:
        system.read(ROWAN, within_s=WITHIN_S)
        befall(library, FaultKind.SILENT, "17", times=99)
        borrower = system.read(ROWAN, within_s=SHORT_S)
        assert borrower.loans[0].title == "A Ferry for Tuesday", "remembered"
        assert not any(loan.due_on for loan in borrower.loans) and borrower.loans[0].is_late

    def test_a_server_that_cannot_be_reached_is_away(self, library: LibrarySimulator, system: Sip2Library) -> None:
        library.stop_listening()
        with pytest.raises(Unavailable) as away:
            system.check()
        assert away.value.reason is Away.UNREACHABLE

    def test_a_login_that_is_turned_down_says_so(self, library: LibrarySimulator, clock: SetClock) -> None:
        with (
            asking(library, clock, "institution=MILLBROOK", password="not that one") as system,
            pytest.raises(Unavailable, match="login"),
        ):
            system.check()

    def test_a_library_that_hangs_is_left_alone_after_a_while(
        self, library: LibrarySimulator, system: Sip2Library
    ) -> None:
        befall(library, FaultKind.SILENT, times=99)
        for _ in range(FAILS):
            with pytest.raises(Unavailable):
                system.read(ROWAN, within_s=0.05)
        with pytest.raises(Unavailable) as away:
            system.read(ROWAN, within_s=WITHIN_S)
        assert away.value.reason is Away.RESTING

    def test_two_answers_of_which_none_says_to_what_are_garbled(self, clock: SetClock) -> None:
        """Without sequence numbers the answer before, once more, can't be told from the one that was asked for."""
        folio = dialect_named("folio")
        with LibrarySimulator(folio, clock=clock.now) as library, asking(library, clock, SETTINGS["folio"]) as system:
            befall(library, FaultKind.SPLIT, "63")
            befall(library, FaultKind.TOGETHER, "63")  # the second one: without it, no loans would be read
            with pytest.raises(Garbled):
                system.read(ROWAN, within_s=WITHIN_S)


class TestRenewing:
    @pytest.mark.parametrize("kind", HARMLESS)
    def test_what_can_be_made_good_is(self, library: LibrarySimulator, system: Sip2Library, kind: FaultKind) -> None:
        befall(library, kind, "29", seconds=SLOWNESS_S.get(kind, 1.0))
        assert system.renew(ROWAN, FERRY, within_s=WITHIN_S).due_on == NEW_DAY
        assert library.journal.renewals(FERRY) == times_sent(library, FERRY) == 1

    @pytest.mark.parametrize(
        "kind", [FaultKind.DROP_AFTER, FaultKind.SILENT_AFTER, FaultKind.CUT, FaultKind.EARLIER, FaultKind.SLOW]
    )
    def test_a_lost_answer_is_looked_up_and_told_as_it_is(
        self, library: LibrarySimulator, system: Sip2Library, kind: FaultKind
    ) -> None:
        befall(library, kind, "29", seconds=9)
        assert system.renew(ROWAN, FERRY, within_s=SHORT_S).due_on == NEW_DAY
        assert library.journal.renewals(FERRY) == times_sent(library, FERRY) == 1

    @pytest.mark.parametrize("kind", [FaultKind.DROP_BEFORE, FaultKind.RESTART])
    def test_where_the_server_ended_it_and_nothing_changed_it_was_not_done(
        self, library: LibrarySimulator, system: Sip2Library, kind: FaultKind
    ) -> None:
        befall(library, kind, "29", seconds=0.5)
        with pytest.raises(Unavailable) as away:
            system.renew(ROWAN, FERRY, within_s=WITHIN_S)
        assert away.value.reason is Away.UNDONE
        assert library.journal.renewals(FERRY) == 0 and times_sent(library, FERRY) == 1

    @pytest.mark.parametrize("kind", [FaultKind.SILENT, FaultKind.LATE])
    def test_what_may_still_be_done_is_unknown(
        self, library: LibrarySimulator, system: Sip2Library, kind: FaultKind
    ) -> None:
        befall(library, kind, "29", seconds=SHORT_S * 2)
        with pytest.raises(Unknown):
            system.renew(ROWAN, FERRY, within_s=SHORT_S)
        assert times_sent(library, FERRY) <= 1

    def test_what_cannot_be_looked_up_is_unknown(self, library: LibrarySimulator, system: Sip2Library) -> None:
        befall(library, FaultKind.RESTART, "29", seconds=9)
        with pytest.raises(Unknown):
            system.renew(ROWAN, FERRY, within_s=SHORT_S)

    @pytest.mark.parametrize("message", ["63", "17"])
    def test_where_it_cannot_be_seen_before_nothing_is_sent(
        self, library: LibrarySimulator, system: Sip2Library, message: str
    ) -> None:
        befall(library, FaultKind.SILENT, message, times=9)
        with pytest.raises(Unavailable):
            system.renew(ROWAN, FERRY, within_s=SHORT_S)
        assert times_sent(library, FERRY) == 0

    @pytest.mark.parametrize(
        ("item", "reason"), [(HERON, Reason.RESERVED_BY_ANOTHER), (BREAD, Reason.TOO_MANY_RENEWALS)]
    )
    def test_a_refusal_is_one(self, library: LibrarySimulator, system: Sip2Library, item: str, reason: Reason) -> None:
        with pytest.raises(Refused) as refused:
            system.renew(ROWAN, item, within_s=WITHIN_S)
        assert refused.value.reason is reason and times_sent(library, item) == 1

    def test_a_yes_that_changes_nothing_is_none(self, library: LibrarySimulator, system: Sip2Library) -> None:
        library.use(library.dialect.changed({"renewal": "unchanged"}))
        with pytest.raises(Refused) as refused:
            system.renew(ROWAN, FERRY, within_s=WITHIN_S)
        assert refused.value.reason is Reason.UNCHANGED

    def test_a_no_that_was_a_yes_is_told_as_what_happened(self, library: LibrarySimulator, system: Sip2Library) -> None:
        """The first byte of 30 says it; without checksums nobody can tell."""
        library.use(dialect_named("folio").changed({"pin_needed": False}))
        befall(library, FaultKind.GARBLE, "29", at_byte=2)
        assert system.renew(ROWAN, FERRY, within_s=WITHIN_S).due_on == NEW_DAY

    def test_a_yes_that_cannot_be_checked_is_believed_unless_it_says_no(self, clock: SetClock) -> None:
        koha = dialect_named("koha").changed({"without": ["17"]})
        with LibrarySimulator(koha, clock=clock.now) as library, asking(library, clock, SETTINGS["koha"]) as system:
            assert system.renew(ROWAN, FERRY, within_s=WITHIN_S).due_on == NEW_DAY
            with pytest.raises(Unknown):
                system.renew(ROWAN, HERON, within_s=WITHIN_S)
            befall(library, FaultKind.DROP_AFTER, "29")
            with pytest.raises(Unknown):
                system.renew(ROWAN, FERRY, within_s=WITHIN_S)
        assert times_sent(library, FERRY) == 2

    def test_what_costs_something_is_not_agreed_to(self, library: LibrarySimulator, system: Sip2Library) -> None:
        with pytest.raises(Refused) as refused:
            system.renew(SAFFRON, LONG_FIELD, within_s=WITHIN_S)
        assert refused.value.reason is Reason.FEE
        assert library.account(SAFFRON.number).owed_pence == 0

    def test_what_is_on_another_card_is_not_even_asked_for(
        self, library: LibrarySimulator, system: Sip2Library
    ) -> None:
        with pytest.raises(Refused) as refused:
            system.renew(Card("29999000000019", "1357"), FERRY, within_s=WITHIN_S)
        assert refused.value.reason is Reason.NOT_ON_THIS_CARD and times_sent(library, FERRY) == 0

    @pytest.mark.parametrize("value", ["a|b", "é\r29", "x" * 300, "書"])
    def test_what_cannot_be_sent_is_refused(self, system: Sip2Library, value: str) -> None:
        with pytest.raises(Refused):
            system.renew(ROWAN, value, within_s=WITHIN_S)
        with pytest.raises(Refused) as refused:
            system.sign_in(Card(value, "2580"), within_s=WITHIN_S)
        assert refused.value.reason is Reason.WRONG_CARD_OR_PIN
        with pytest.raises(Refused):
            system.sign_in(Card(ROWAN.number, value), within_s=WITHIN_S)


class TestHolds:
    @pytest.mark.parametrize("kind", [FaultKind.DROP_AFTER, FaultKind.SILENT_AFTER, FaultKind.CUT])
    def test_a_lost_answer_is_looked_up(self, library: LibrarySimulator, system: Sip2Library, kind: FaultKind) -> None:
        befall(library, kind, "15")
        system.cancel_hold(ROWAN, SALT, within_s=SHORT_S)
        assert times_sent(library, SALT, "15") == 1 and len(library.holds(ROWAN.number)) == 3

    @pytest.mark.parametrize(("kind", "outcome"), [(FaultKind.DROP_BEFORE, Unavailable), (FaultKind.SILENT, Unknown)])
    def test_what_was_not_done_is_not_told_as_done(
        self, library: LibrarySimulator, system: Sip2Library, kind: FaultKind, outcome: type[OutsideError]
    ) -> None:
        befall(library, kind, "15")
        with pytest.raises(outcome):
            system.cancel_hold(ROWAN, SALT, within_s=SHORT_S)
        assert times_sent(library, SALT, "15") == 1 and len(library.holds(ROWAN.number)) == 4

    def test_a_branch_that_is_said_only_is_none(self, library: LibrarySimulator, clock: SetClock) -> None:
        library.use(library.dialect.changed({"pickup_change": "unchanged"}))
        with asking(library, clock, "change-pickup=yes") as system, pytest.raises(Refused) as refused:
            system.change_pickup(ROWAN, TIDE, "HAL", within_s=WITHIN_S)
        assert refused.value.reason is Reason.UNCHANGED

    def test_a_branch_that_nothing_shows_is_unknown(self, library: LibrarySimulator, system: Sip2Library) -> None:
        library.use(library.dialect.changed({"pickup_told": False}))
        with pytest.raises(Unknown):
            system.change_pickup(ROWAN, TIDE, "HAL", within_s=WITHIN_S)

    @pytest.mark.parametrize(
        ("hold", "branch", "reason"),
        [
            (TIDE, "NOWHERE", Reason.NO_SUCH_BRANCH),
            (SALT, "HAL", Reason.NOT_CHANGEABLE),
            (FERRY, "HAL", Reason.NOT_CHANGEABLE),
        ],
    )
    def test_a_branch_that_cannot_be_is_refused(
        self, system: Sip2Library, hold: str, branch: str, reason: Reason
    ) -> None:
        with pytest.raises(Refused) as refused:
            system.change_pickup(ROWAN, hold, branch, within_s=WITHIN_S)
        assert refused.value.reason is reason
