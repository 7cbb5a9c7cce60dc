"""The portal's codec against library systems that others wrote: what we write they read, what they write we read.

What differs is in ``docs/sip2.md``. A test that brings a server down has one of its own.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time

import pytest

from portal.connectors.library.sip2 import framing
from portal.connectors.library.sip2.fields import HoldMode, PatronFlag, Summary
from portal.connectors.library.sip2.messages import RenewAnswer, RenewRequest, StatusRequest
from portal.connectors.library.sip2.requests import ready_holds
from tests.counterparts.shelves import (
    CAFE,
    FERRY,
    INSTITUTION,
    KITE,
    LANTERNS,
    LARCHES,
    NAME,
    PASSWORD,
    PEMBREY,
    PEMBREY_PIN,
    SALT,
    UNKNOWN_ITEM,
    USER,
    WRAYE,
    WRAYE_PIN,
)
from tests.support.counterparts import Counterpart, Line, serving

AT = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)

only_invenio = pytest.mark.parametrize("counterpart", ["invenio"], indirect=True)
only_pysip2 = pytest.mark.parametrize("counterpart", ["pysip2"], indirect=True)


def signed_in(line: Line) -> Line:
    assert line.ask(line.requests.login(user=USER, password=PASSWORD)).ok
    return line


@pytest.fixture
def line(counterpart: Counterpart) -> Iterator[Line]:
    with Line(counterpart) as connected:
        yield signed_in(connected)


def renewal_of(line: Line, item: str) -> RenewRequest:
    return line.requests.renew(card=PEMBREY, pin=PEMBREY_PIN, item=item, at=AT)


def renewed(line: Line, item: str) -> RenewAnswer:
    return line.ask(renewal_of(line, item))


def listed(line: Line, summary: Summary, *, last: int = 50) -> tuple[str, ...]:
    asked = line.requests.patron_information(card=PEMBREY, pin=PEMBREY_PIN, at=AT, summary=summary, last=last)
    return line.ask(asked).listed(summary)


def test_a_wrong_password_is_refused(counterpart: Counterpart) -> None:
    with Line(counterpart) as line:
        assert not line.ask(line.requests.login(user=USER, password="something else")).ok


def test_status(line: Line) -> None:
    status = line.ask(StatusRequest())
    assert status.online and status.institution == INSTITUTION and status.library == NAME
    asked = {request: status.supports(request) for request in ("93", "99", "97", "23", "63", "17", "29", "35", "65")}
    assert asked == {**dict.fromkeys(asked, True), "65": False}


@only_invenio
def test_invenio_pads_the_numbers_of_a_98_with_blanks(line: Line) -> None:
    status = line.ask(StatusRequest())
    assert (status.timeout_tenths, status.retries) == (10, 10)
    assert status.supports("15") is False


@only_pysip2
def test_pysip2_supports_what_it_has_a_handler_for(line: Line) -> None:
    status = line.ask(StatusRequest())
    assert (status.supports("15"), status.supports("11"), status.checkout_ok) == (True, False, False)


def test_patron_status_and_pin(line: Line) -> None:
    answer = line.ask(line.requests.patron_status(card=PEMBREY, pin=PEMBREY_PIN, at=AT))
    assert (answer.valid_card, answer.name, answer.owed_pence) == (True, "Siân Pembrey", 240)
    assert answer.status == frozenset()


def test_patron_information(line: Line) -> None:
    answer = line.ask(line.requests.patron_information(card=PEMBREY, pin=PEMBREY_PIN, at=AT))
    assert (answer.valid_card, answer.valid_pin, answer.name) == (True, True, "Siân Pembrey")
    assert (answer.charged, answer.overdue, answer.fines) == (4, 1, 1)
    assert (answer.currency, answer.owed_pence) == ("GBP", 240)
    assert ready_holds(answer, line.dialect) == 1
    assert answer.charged_items == ()


@pytest.mark.parametrize(
    ("summary", "items"),
    [
        (Summary.CHARGED, {SALT, CAFE, KITE, LANTERNS}),
        (Summary.OVERDUE, {CAFE}),
        (Summary.UNAVAILABLE_HOLDS, {FERRY}),
        (Summary.RECALLS, set()),
    ],
)
def test_summaries(line: Line, summary: Summary, items: set[str]) -> None:
    assert set(listed(line, summary)) == items


def test_holds_are_listed(line: Line) -> None:
    held = set(listed(line, Summary.HOLDS)) | set(listed(line, Summary.UNAVAILABLE_HOLDS))
    assert held == {LARCHES, FERRY}


@only_invenio
def test_invenio_pages_nothing_and_counts_no_unavailable_holds(line: Line) -> None:
    assert len(listed(line, Summary.CHARGED, last=2)) == 4
    assert listed(line, Summary.HOLDS) == (LARCHES,) and listed(line, Summary.FINES) == (CAFE,)
    answer = line.ask(line.requests.patron_information(card=PEMBREY, pin=PEMBREY_PIN, at=AT))
    assert (answer.holds, answer.unavailable_holds) == (1, 0)


@only_pysip2
def test_pysip2_pages_and_leaves_a_count_blank(line: Line) -> None:
    assert listed(line, Summary.CHARGED, last=2) == (SALT, CAFE)
    assert listed(line, Summary.HOLDS) == (LARCHES, FERRY)
    assert listed(line, Summary.FINES) == ("Late: A café by the weir 2.40",)
    answer = line.ask(line.requests.patron_information(card=PEMBREY, pin=PEMBREY_PIN, at=AT))
    assert (answer.holds, answer.unavailable_holds, answer.recalls) == (2, 1, None)


def test_a_wrong_pin_and_none(line: Line) -> None:
    wrong = line.ask(line.requests.patron_information(card=PEMBREY, pin="0000", at=AT))
    assert (wrong.valid_card, wrong.valid_pin) == (True, False)
    none = line.ask(line.requests.patron_information(card=PEMBREY, pin=None, at=AT))
    assert (none.valid_card, none.valid_pin) == (True, None)


def test_an_unknown_card_is_never_good(line: Line) -> None:
    """invenio leaves out BL, pysip2 has N in it; neither gives the person away that isn't there."""
    answer = line.ask(line.requests.patron_information(card="21984999999999", pin="1234", at=AT))
    assert not answer.valid_card and answer.valid_pin is False and answer.name == ""
    assert answer.screen != ()


def test_a_barred_borrower(line: Line) -> None:
    answer = line.ask(line.requests.patron_information(card=WRAYE, pin=WRAYE_PIN, at=AT))
    assert {PatronFlag.CHARGE_DENIED, PatronFlag.RENEWAL_DENIED} <= answer.status
    assert answer.owed_pence == 3150


def test_item_information(line: Line) -> None:
    loan = line.ask(line.requests.item_information(item=CAFE, at=AT))
    assert (loan.circulation, loan.title, loan.item) == ("04", "A café by the weir", CAFE)
    assert loan.due and (loan.due.on, loan.due.at) == (date(2026, 11, 20), time(23, 59))
    ready = line.ask(line.requests.item_information(item=LARCHES, at=AT))
    assert (ready.circulation, ready.title, ready.due) == ("08", "Under the Larches", None)
    unknown = line.ask(line.requests.item_information(item=UNKNOWN_ITEM, at=AT))
    assert (unknown.circulation, unknown.title) == ("01", "")


def test_a_renewal_moves_the_due_date(line: Line) -> None:
    answer = renewed(line, SALT)
    assert answer.ok and answer.due and answer.due.on == date(2026, 12, 15)
    read = line.ask(line.requests.item_information(item=SALT, at=AT))
    assert read.due == answer.due


@pytest.mark.parametrize("item", [KITE, LANTERNS, UNKNOWN_ITEM])
def test_a_refused_renewal_says_why(line: Line, item: str) -> None:
    answer = renewed(line, item)
    assert not answer.ok and answer.screen[0]


@only_invenio
def test_invenio_refuses_with_this_moment_as_the_due_date(line: Line) -> None:
    """Whoever believed it would tell a resident to bring the book back now."""
    answer = renewed(line, KITE)
    assert not answer.ok and answer.due and answer.at
    assert answer.due.on == answer.at.astimezone(line.dialect.zone).date()
    kite = line.ask(line.requests.item_information(item=KITE, at=AT))
    assert kite.due and kite.due.on == date(2026, 11, 27)


@only_pysip2
def test_pysip2_cancels_a_hold_and_changes_its_pick_up(line: Line) -> None:
    change = line.requests.hold(HoldMode.CHANGE, card=PEMBREY, pin=PEMBREY_PIN, at=AT, item=FERRY, pick_up_at="HARBOUR")
    assert line.ask(change).pick_up_at == "HARBOUR"
    cancel = line.requests.hold(HoldMode.CANCEL, card=PEMBREY, pin=PEMBREY_PIN, at=AT, item=FERRY)
    assert line.ask(cancel).ok
    assert listed(line, Summary.HOLDS) == (LARCHES,)
    assert not line.ask(cancel).ok


def test_a_patrons_session_ends_and_the_next_may_follow(line: Line) -> None:
    assert line.ask(line.requests.end_session(card=PEMBREY, pin=PEMBREY_PIN, at=AT)).ended
    answer = line.ask(line.requests.patron_information(card=WRAYE, pin=WRAYE_PIN, at=AT))
    assert answer.name == "Ellis Wraye"


def test_numbers_of_requests_go_round(line: Line) -> None:
    """Beyond 9 comes 0; ``ask`` holds each answer to the number of its request."""
    for _ in range(12):
        assert line.ask(StatusRequest()).online


@only_invenio
def test_invenio_says_none_where_it_has_no_answer(counterpart: Counterpart) -> None:
    """Without an end: before 93, to 65, and to 15 where it has no handler. Nothing reads that as an answer."""
    with Line(counterpart) as line:
        assert line.hear(line.bytes_of(StatusRequest())) == b"None"
    with Line(counterpart) as line:
        signed_in(line)
        assert line.hear(line.bytes_of(line.requests.renew_all(card=PEMBREY, pin=PEMBREY_PIN, at=AT))) == b"None"
        line.sequence += 1
        hold = line.requests.hold(HoldMode.CANCEL, card=PEMBREY, pin=PEMBREY_PIN, at=AT, item=FERRY)
        assert line.hear(line.bytes_of(hold)) == b"None"


@only_pysip2
def test_pysip2_closes_where_it_has_no_answer(counterpart: Counterpart) -> None:
    """Before 93, after a refused one, and to 18 blanks where it wants a date."""
    with Line(counterpart) as line:
        assert line.hear(line.bytes_of(StatusRequest())) == b""
    with Line(counterpart) as line:
        assert not line.ask(line.requests.login(user=USER, password="something else")).ok
        assert line.hear(line.bytes_of(StatusRequest())) == b""
    with Line(counterpart) as line:
        renewal = renewal_of(signed_in(line), SALT)
        assert line.hear(line.bytes_of(replace(renewal, no_block_due=None))) == b""


def test_the_last_answer_again(line: Line) -> None:
    """pysip2 repeats it as it was; invenio without its end, so that it never is a whole line."""
    first = line.exchange(line.bytes_of(StatusRequest()))
    again = line.hear(framing.say_again(line.dialect))
    assert again.rstrip(b"\r") == first
    assert again.endswith(b"\r") == (line.dialect.encoding == "cp850")


def harmed(sent: bytes) -> bytes:
    """Return a message with the checksum of another one."""
    return sent[:-5] + b"0000\r"


@only_invenio
def test_invenio_does_what_a_harmed_request_asks(line: Line) -> None:
    """Of a checksum only that of a connection's first request matters to it."""
    answer = line.exchange(harmed(line.bytes_of(renewal_of(line, SALT))))
    assert answer.startswith(b"301")


@only_invenio
def test_invenio_takes_a_first_request_again(counterpart: Counterpart) -> None:
    with Line(counterpart) as line:
        login = line.requests.login(user=USER, password=PASSWORD)
        assert line.exchange(harmed(line.bytes_of(login))) == b"96AZFEF6"
        assert line.exchange(line.bytes_of(login, numbered=False)).startswith(b"941")


@only_pysip2
def test_pysip2_does_what_is_asked_again_and_hangs_up(counterpart: Counterpart) -> None:
    """After its 96 the repetition, without a number, is carried out and not answered: the renewal must be looked up."""
    with Line(counterpart) as line:
        renewal = renewal_of(signed_in(line), SALT)
        assert line.exchange(harmed(line.bytes_of(renewal))) == b"96AZFEF6"
        assert line.hear(line.bytes_of(renewal, numbered=False)) == b""
    with Line(counterpart) as line:
        read = signed_in(line).ask(line.requests.item_information(item=SALT, at=AT))
        assert read.due and read.due.on == date(2026, 12, 15)


@only_pysip2
def test_pysip2_answers_what_is_asked_again_with_its_number(line: Line) -> None:
    renewal = renewal_of(line, SALT)
    assert line.exchange(harmed(line.bytes_of(renewal))) == b"96AZFEF6"
    assert line.ask(renewal).ok


def end(counterpart: Counterpart, sent: bytes) -> None:
    with Line(counterpart) as line:
        assert signed_in(line).hear(sent) == b""
    counterpart.process.wait(10)


@pytest.mark.parametrize(
    "sent",
    [b"9900802.00\r9900802.00\r", b"9900802.00\r\n", b"9900802.00XY1|\r", b"9900802.00AZFD6B\r"],
    ids=["two in one", "a line feed", "a field it doesn't know", "no number but a checksum"],
)
def test_invenio_ends_for_everybody(sent: bytes) -> None:
    """None of these may ever be sent to it: the last is a repetition after a 96, beyond the first request."""
    with pytest.raises(RuntimeError, match="ended badly"), serving("invenio") as own:
        end(own, sent)
