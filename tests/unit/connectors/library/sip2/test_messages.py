"""Messages there and back, each server's answers, and what must never be sent."""

from dataclasses import replace
from datetime import date, time, timedelta
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.connectors.library.sip2.dialect import Dialect, HoldCount, NoBlockDue
from portal.connectors.library.sip2.errors import GarbledMessage, UnsendableValue
from portal.connectors.library.sip2.fields import HoldMode, PatronFlag, Summary
from portal.connectors.library.sip2.framing import build, parse, split
from portal.connectors.library.sip2.layout import Message, Request, read, read_answer, write
from portal.connectors.library.sip2.messages import (
    MESSAGES,
    HoldRequest,
    ItemInformationAnswer,
    LoginAnswer,
    LoginRequest,
    PatronInformationAnswer,
    PatronStatusAnswer,
    PatronStatusRequest,
    RenewAllAnswer,
    RenewAnswer,
    StatusAnswer,
    StatusRequest,
)
from portal.connectors.library.sip2.requests import Requests, born_on, expires_on, ready_holds
from tests.support.sip2 import CARD, EVERGREEN, KOHA, PIN, SAMPLES, SECRETS, SIERRA, TUESDAY, dialects, messages

SITE = Dialect(institution="MB", location="MB-1", encoding="utf-8")
ASK = Requests(SITE)


M = TypeVar("M", bound=Message)


def sample(name: str, expected: type[M]) -> M:
    line, dialect = SAMPLES[name]
    return read(parse(line, dialect=dialect), expected, dialect=dialect)


@given(
    data=st.data(), dialect=dialects(), sequence=st.none() | st.integers(0, 9), of=st.sampled_from([*MESSAGES.values()])
)
def test_each_message_comes_back_as_it_was_sent(
    data: st.DataObject, dialect: Dialect, sequence: int | None, of: type[Message]
) -> None:
    sent = data.draw(messages(of, dialect))
    (line,), rest = split(build(write(sent, dialect=dialect), sequence=sequence, dialect=dialect), dialect=dialect)
    frame = parse(line, dialect=dialect)
    assert read(frame, of, dialect=dialect) == sent
    assert frame.sequence == (sequence if dialect.error_detection else None)
    assert rest.strip() == b""


def test_a_request_knows_its_answer() -> None:
    requests = [each for each in MESSAGES.values() if issubclass(each, Request)]
    assert {each.id: each.answer.id for each in requests} == {
        "93": "94",
        "99": "98",
        "23": "24",
        "63": "64",
        "17": "18",
        "29": "30",
        "65": "66",
        "15": "16",
        "35": "36",
    }


@pytest.mark.parametrize("name", SAMPLES)
def test_each_servers_messages_are_read(name: str) -> None:
    line, dialect = SAMPLES[name]
    frame = parse(line, dialect=dialect)
    message = read(frame, MESSAGES[frame.id], dialect=dialect)
    assert repr(message).startswith(f"<{frame.id} ")
    assert not any(secret in repr(message) for secret in SECRETS)


def test_an_account_of_koha() -> None:
    account = sample("koha 64", PatronInformationAnswer)
    assert (account.patron, account.name) == (CARD, "Róisín Quill")
    assert (account.valid_card, account.valid_pin, account.owed_pence, account.owed_limit_pence) == (
        True,
        True,
        450,
        1000,
    )
    assert account.listed(Summary.CHARGED) == ("35001", "35002")
    assert account.listed(Summary.HOLDS) == ()
    assert account.address == "14 Fuller Row Millbrook"
    assert (account.holds, account.unavailable_holds, ready_holds(account, KOHA)) == (1, 2, 1)
    assert expires_on(account, KOHA) == date(2027, 3, 31)


def test_an_account_of_evergreen() -> None:
    account = sample("evergreen 64", PatronInformationAnswer)
    assert account.status == {PatronFlag.RECALL_DENIED, PatronFlag.EXCESSIVE_FINES}
    assert account.owed_pence == 123450
    assert (account.holds, account.unavailable_holds, ready_holds(account, EVERGREEN)) == (5, 3, 2)
    assert ready_holds(account, replace(EVERGREEN, hold_count=HoldCount.READY)) == 5
    assert expires_on(account, EVERGREEN) == date(2027, 3, 31)
    assert expires_on(account, replace(EVERGREEN, expiry="none")) is None
    assert born_on(account, EVERGREEN) == date(1984, 2, 29)
    assert born_on(account, SITE) is None


def test_counts_may_be_blank_or_padded_with_blanks() -> None:
    folio = sample("folio 64, a page in two texts", PatronInformationAnswer)
    assert (folio.holds, folio.overdue, folio.charged, ready_holds(folio, SITE)) == (None, 0, 3, None)
    polaris = sample("polaris 64", PatronInformationAnswer)
    assert (polaris.holds, polaris.unavailable_holds, polaris.charged_limit) == (1, 4, 20)
    assert ready_holds(sample("sierra 64", PatronInformationAnswer), SIERRA) is None


def test_an_expiry_in_polariss_field_and_not_in_its_pa() -> None:
    polaris = sample("polaris 64", PatronInformationAnswer)
    assert expires_on(polaris, replace(SITE, expiry="PX")) == date(2027, 3, 31)
    assert expires_on(polaris, replace(SITE, expiry="PA")) is None


def test_a_screen_text_may_come_in_several_fields() -> None:
    assert sample("folio 64, a page in two texts", PatronInformationAnswer).screen == ("Your fines are", "listed below")


def test_a_pin_is_right_only_where_the_server_says_so() -> None:
    assert sample("koha 24", PatronStatusAnswer).valid_pin is False
    assert sample("koha 64, unknown card", PatronInformationAnswer).valid_pin is None


def test_an_item_that_nobody_knows_has_no_title() -> None:
    unknown = sample("evergreen 18, unknown item", ItemInformationAnswer)
    assert (unknown.circulation, unknown.title, unknown.due) == ("01", "", None)


def test_a_delimiter_within_a_value_is_seen_again() -> None:
    known = sample("evergreen 18", ItemInformationAnswer)
    assert known.title == "Tides | Holm"
    assert known.due and (known.due.on, known.due.at) == (date(2026, 12, 1), time(23, 59, 59))
    stray = b"1804000120261124    103006AB35001|AJFish | chips|AH20261201|"
    assert read(parse(stray, dialect=SITE), ItemInformationAnswer, dialect=SITE).title == "Fish | chips"


def test_the_counts_of_a_renewal_of_all_hold_where_its_items_do_not() -> None:
    answer = sample("koha 66", RenewAllAnswer)
    assert (answer.renewed, answer.unrenewed) == (2, 1)
    assert answer.unrenewed_items == (), "what Koha prints before the first swallows it"


def test_what_a_server_supports() -> None:
    answer = sample("evergreen 98", StatusAnswer)
    assert (answer.online, answer.retries) == (True, 3)
    assert (answer.supports("63"), answer.supports("29"), answer.supports("19")) == (True, True, False)
    shorter = replace(answer, supported="YY")
    assert (shorter.supports("11"), shorter.supports("29")) == (True, None)
    assert replace(answer, supported=None).supports("63") is None


@pytest.mark.parametrize(("flag", "online"), [("Y", True), ("N", False), (" ", True), ("U", True)])
def test_only_a_clear_no_is_off_line(flag: str, online: bool) -> None:
    line = f"98{flag}NNNNN999   20261124    1030082.00AO|".encode()
    answer = read(parse(line, dialect=SITE), StatusAnswer, dialect=SITE)
    assert (answer.online, answer.timeout_tenths, answer.retries) == (online, 999, None)


@pytest.mark.parametrize(
    "line",
    [
        b"36Y20261124    103014AO|",
        b"301YNN20261124    1030",
        b"30?YNN20261124    103009AO|",
        b"301YNN20261124    103009xxAO|AA1|",
        b"301YNN20261124    1030099AO|AA1|",
        b"301YNN20261124    103009AO|BV1.2.3|",
    ],
)
def test_an_answer_that_is_not_the_one_expected_is_garbled(line: bytes) -> None:
    request = ASK.renew(card=CARD, pin=None, item="35001", at=TUESDAY)
    with pytest.raises(GarbledMessage):
        read_answer(parse(line, dialect=SITE), request, dialect=SITE)


def test_fields_may_come_in_any_order_or_twice_or_empty() -> None:
    line = b"301YNN20261124    103009AH |AB35001|BV|AB35002|BK|AA1|AO|AF|AFone|zz|"
    answer = read(parse(line, dialect=SITE), RenewAnswer, dialect=SITE)
    assert (answer.item, answer.fee_pence, answer.due, answer.transaction) == ("35001", None, None, None)
    assert answer.screen == ("one|zz",)


@pytest.mark.parametrize(
    ("text", "length"), [("2", 2), ("0002", 2), (" 2 ", 2), ("²", None), ("2a", None), ("9" * 5000, None)]
)
def test_a_number_that_is_none_is_left_out(text: str, length: int | None) -> None:
    line = f"1804000120261124    103006AB1|AJ|CF{text}|".encode()
    assert read(parse(line, dialect=SITE), ItemInformationAnswer, dialect=SITE).queue_length == length


def sent(request: Message, dialect: Dialect = SITE) -> str:
    return write(request, dialect=dialect).decode("utf-8")


def test_what_is_sent() -> None:
    at, card, now = TUESDAY, CARD, "20261124    103000"
    assert sent(ASK.login(user="portal", password="gate")) == "9300CNportal|COgate|CPMB-1|"
    assert sent(StatusRequest()) == "9900802.00"
    assert sent(ASK.patron_status(card=card, pin=PIN, at=at)) == f"23001{now}AOMB|AA{card}|AC|AD{PIN}|"
    assert sent(ASK.patron_information(card=card, pin=None, at=at)) == f"63001{now}{' ' * 10}AOMB|AA{card}|"
    assert (
        sent(ASK.patron_information(card=card, pin=PIN, at=at, summary=Summary.FINES, last=12))
        == f"63001{now}   Y      AOMB|AA{card}|AD{PIN}|BP1|BQ12|"
    )
    assert sent(ASK.item_information(item="35001", at=at)) == f"17{now}AOMB|AB35001|"
    assert sent(ASK.renew(card=card, pin=None, item="35001", at=at)) == f"29NN{now}{now}AOMB|AA{card}|AB35001|"
    assert sent(ASK.renew_all(card=card, pin=PIN, at=at)) == f"65{now}AOMB|AA{card}|AD{PIN}|"
    assert (
        sent(ASK.hold(HoldMode.CANCEL, card=card, pin=None, at=at, item="35001")) == f"15-{now}AOMB|AA{card}|AB35001|"
    )
    assert (
        sent(ASK.hold(HoldMode.CHANGE, card=card, pin=None, at=at, title="Tides", pick_up_at="MB-2"))
        == f"15*{now}BSMB-2|AOMB|AA{card}|AJTides|"
    )
    assert sent(ASK.end_session(card=card, pin=None, at=at)) == f"35{now}AOMB|AA{card}|"


def test_the_terminals_password_goes_where_the_site_has_one() -> None:
    asks = Requests(replace(SITE, terminal_password="gate"))
    assert "|ACgate|" in sent(asks.end_session(card=CARD, pin=None, at=TUESDAY))


@pytest.mark.parametrize(
    ("setting", "due"),
    [
        (NoBlockDue.TRANSACTION, "20261124    103000"),
        (NoBlockDue.BLANKS, " " * 18),
        (NoBlockDue.OLD_DUE, "20261126    103000"),
    ],
)
def test_the_no_block_due_date_is_the_sites(setting: NoBlockDue, due: str) -> None:
    asks = Requests(replace(SITE, no_block_due=setting))
    old = TUESDAY + timedelta(days=2)
    assert sent(asks.renew(card=CARD, pin=None, item="1", at=TUESDAY, old_due=old))[22:40] == due


def test_a_renewal_may_be_of_a_title_and_never_of_nothing() -> None:
    assert sent(ASK.renew(card=CARD, pin=None, title="Tides", at=TUESDAY)).endswith(f"|AA{CARD}|AJTides|")
    with pytest.raises(UnsendableValue, match="without a title"):
        ASK.renew(card=CARD, pin=None, at=TUESDAY)


def test_a_page_may_begin_further_on() -> None:
    page = ASK.patron_information(card=CARD, pin=None, at=TUESDAY, summary=Summary.CHARGED, first=6, last=12)
    assert sent(page).endswith("|BP6|BQ12|")


def test_an_accepted_fee_is_said() -> None:
    assert sent(ASK.renew(card=CARD, pin=None, item="1", at=TUESDAY, fee_accepted=True)).endswith("|AB1|BOY|")


@pytest.mark.parametrize("empty", ["", " ", "\t"])
def test_an_empty_pin_is_never_sent(empty: str) -> None:
    for ask in (ASK.patron_information, ASK.renew_all, ASK.end_session, ASK.patron_status):
        with pytest.raises(UnsendableValue, match=r"^AD: must not be empty$"):
            ask(card=CARD, pin=empty, at=TUESDAY)
    with pytest.raises(UnsendableValue):
        ASK.renew(card=CARD, pin=empty, item="1", at=TUESDAY)
    with pytest.raises(UnsendableValue):
        ASK.hold(HoldMode.CANCEL, card=CARD, pin=empty, at=TUESDAY, item="1")


def test_nothing_is_asked_about_no_card_or_no_item() -> None:
    with pytest.raises(UnsendableValue, match=r"^AA: "):
        ASK.patron_information(card="", pin=None, at=TUESDAY)
    with pytest.raises(UnsendableValue, match=r"^AB: "):
        ASK.renew(card=CARD, pin=None, item=" ", at=TUESDAY)
    with pytest.raises(UnsendableValue, match=r"^AB: "):
        HoldRequest(mode=HoldMode.CANCEL, at=TUESDAY, institution="", card=CARD)


@pytest.mark.parametrize("pin", ["12|34", "12\r34", "12\n34", "12\x0034", "1" * 256, "☃1234"])
def test_a_value_that_would_break_the_message_is_refused_without_being_named(pin: str) -> None:
    request = PatronStatusRequest(at=TUESDAY, institution="", card=CARD, pin=pin)
    with pytest.raises(UnsendableValue, match=r"^AD: ") as refused:
        write(request, dialect=replace(SITE, encoding="latin-1"))
    assert refused.value.field_id == "AD"
    assert pin not in str(refused.value) and pin not in repr(refused.value)


def test_what_a_message_says_of_itself_names_nobody() -> None:
    request = ASK.patron_information(card=CARD, pin=PIN, at=TUESDAY, summary=Summary.HOLDS, last=3)
    assert repr(request) == "<63 PatronInformationRequest summary=<Summary.HOLDS: 'AS'> first=1 last=3>"
    assert repr(LoginRequest(user="portal", password="gate")) == "<93 LoginRequest >"
    assert repr(LoginAnswer(ok=True)) == "<94 LoginAnswer ok=True>"
