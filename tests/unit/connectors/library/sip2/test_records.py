"""What a server says, as the port's values."""

from datetime import UTC, date, datetime, time

import pytest

from portal.connectors.library import Block, Charge, HoldState
from portal.connectors.library.sip2 import records
from portal.connectors.library.sip2.dates import Due, read_due
from portal.connectors.library.sip2.dialect import Dialect, HoldCount
from portal.connectors.library.sip2.fields import PatronFlag
from portal.connectors.library.sip2.messages import ItemInformationAnswer, PatronInformationAnswer

TODAY = date(2026, 11, 24)
ALL, READY = Dialect(), Dialect(hold_count=HoldCount.READY)


@pytest.mark.parametrize(
    ("text", "charge"),
    [
        ("1.20 Overdue: a book", Charge("Overdue: a book", 120)),
        ("0.40 Overdue materials Emma / Austen", Charge("Overdue materials Emma / Austen", 40)),
        ("Lost item: 1984 12.50", Charge("Lost item: 1984", 1250)),
        ("£3.00 - Reservation fee", Charge("Reservation fee", 300)),
        ("Reservation fee: 3.00 GBP", Charge("Reservation fee", 300)),
        ("GBP 1,204.00 Replacement", Charge("Replacement", 120400)),
        ("1984", Charge("1984")),
        ("Lost: Catch 22", Charge("Lost: Catch 22")),
        ("12.5.00 odd", Charge("12.5.00 odd")),
        ("2.50", Charge("2.50")),
    ],
)
def test_an_amount_stands_at_either_end(text: str, charge: Charge) -> None:
    assert records.charge_of(text) == charge


def test_flags_are_blocks_where_a_resident_can_act_on_them() -> None:
    assert records.blocks_of({PatronFlag.EXCESSIVE_FEES, PatronFlag.TOO_MANY_RENEWALS}) == {Block.OWES_TOO_MUCH}
    assert set(records.BLOCKS.values()) == set(Block) - {Block.EXPIRED}


@pytest.mark.parametrize(("last_day", "blocks"), [("20261123", {Block.EXPIRED}), ("20261124", set()), ("junk", set())])
def test_a_card_has_expired_the_day_after_its_last(last_day: str, blocks: set[Block]) -> None:
    answer = PatronInformationAnswer(status=frozenset(), extensions=(("PA", last_day),))
    account = records.account_of(answer, Dialect(expiry="PA"), today=TODAY)
    assert account.blocks == blocks and account.name is None


def test_loans_are_in_order_and_late_ones_are_late() -> None:
    items = {
        "1": ItemInformationAnswer(circulation="04", due=read_due("20261201    235900", ALL)),
        "2": ItemInformationAnswer(circulation="04", due=read_due("23/11/2026", ALL)),
        "3": ItemInformationAnswer(circulation="04", due=Due("next Friday")),
    }
    loans = records.loans_of(["1", "2", "3", "4"], ["4"], items, dict.fromkeys("1234", "x"), today=TODAY)
    assert [(loan.item, loan.due_on, loan.due_text, loan.is_late) for loan in loans] == [
        ("2", date(2026, 11, 23), "", True),
        ("1", date(2026, 12, 1), "", False),
        ("3", None, "next Friday", False),
        ("4", None, "", True),
    ]


@pytest.mark.parametrize(
    ("listed", "unavailable", "dialect", "ready"),
    [
        (["1", "2", "3"], ["2"], ALL, ["1", "3"]),
        (["1", "1"], ["1"], ALL, ["1"]),
        (["1"], ["2", "3"], READY, ["1"]),
        (["1", "2"], None, READY, ["1", "2"]),
        (["1", "2"], None, ALL, ["2"]),
    ],
)
def test_which_holds_are_ready(
    listed: list[str], unavailable: list[str] | None, dialect: Dialect, ready: list[str]
) -> None:
    items = {"2": ItemInformationAnswer(circulation="08")}
    holds = records.holds_of(listed, unavailable, items, dict.fromkeys("123", "x"), dialect)
    assert [hold.id for hold in holds if hold.state is HoldState.READY] == ready
    assert len(holds) == len(set(listed + (unavailable or []))) + (listed == ["1", "1"])


def test_what_18_tells_of_holds() -> None:
    items = {
        "1": ItemInformationAnswer(circulation="08", now_at="CEN", pick_up_by=read_due("20261128    000000", ALL)),
        "2": ItemInformationAnswer(circulation="10", now_at="STA", going_to="WEA"),
        "3": ItemInformationAnswer(circulation="04", now_at="STA"),
    }
    holds = records.holds_of(["1"], ["2", "3"], items, dict.fromkeys("123", "x"), READY)
    assert [(hold.state, hold.branch, hold.last_day) for hold in holds] == [
        (HoldState.READY, "CEN", date(2026, 11, 28)),
        (HoldState.ON_ITS_WAY, "WEA", None),
        (HoldState.WAITING, None, None),
    ]


@pytest.mark.parametrize(
    ("before", "after", "is_other"),
    [
        ("20261201    235959", "2026-12-01 23:59", False),
        ("20261201    235959", "01/12/2026", False),
        ("20261201    235959", "02/12/2026", True),
        ("2026-12-01 09:00", "2026-12-01 13:00", True),
        ("next Friday", "next Friday", False),
        ("next Friday", "20261201    235959", True),
        (None, "20261201    235959", None),
        ("20261201    235959", None, None),
    ],
)
def test_a_day_is_another_in_whatever_form_it_is_written(
    before: str | None, after: str | None, is_other: bool | None
) -> None:
    dues = [None if text is None else read_due(text, ALL) for text in (before, after)]
    assert records.is_other_day(*dues) is is_other


def test_the_old_due_date_is_a_moment() -> None:
    assert records.moment_of(Due("", date(2026, 6, 1), time(9)), ALL) == datetime(2026, 6, 1, 8, tzinfo=UTC)
    assert records.moment_of(Due("", date(2026, 12, 1)), ALL) == datetime(2026, 12, 1, 23, 59, tzinfo=UTC)
    assert records.moment_of(Due("soon"), ALL) is None and records.moment_of(None, ALL) is None
