"""What is usually still to come of a case."""

import pytest

from portal.blueprints.energy.rules.progress import BY_COUNCIL, FOLLOWED, WITHDRAWS, Later, State, to_come


def test_what_the_council_decides_is_checked_looked_at_and_decided() -> None:
    whole = (Later.CHECK, Later.ASSESSMENT, Later.DECISION)
    assert to_come(State.SENT, refers=False, pays=True) == whole
    assert to_come(State.CHECKING, refers=False, pays=True) == whole[1:]
    assert to_come(State.EVIDENCE_NEEDED, refers=False, pays=True) == whole[1:]
    assert to_come(State.ASSESSING, refers=False, pays=True) == whole[2:]


def test_what_it_hands_on_is_checked_and_handed_on() -> None:
    assert to_come(State.SENT, refers=True, pays=False) == (Later.CHECK, Later.HANDING_ON)
    assert to_come(State.ASSESSING, refers=True, pays=False) == (Later.HANDING_ON,)


def test_money_comes_after_a_yes_where_there_is_money() -> None:
    assert to_come(State.APPROVED, refers=False, pays=True) == (Later.PAYMENT,)
    assert to_come(State.APPROVED, refers=False, pays=False) == ()


@pytest.mark.parametrize("state", [State.REFUSED, State.CLOSED, State.WITHDRAWN, State.PAID, State.REVIEW_DECIDED])
def test_nothing_is_promised_where_it_has_ended(state: State) -> None:
    assert to_come(state, refers=False, pays=True) == ()


def test_whoever_may_withdraw_may_say_what_has_changed() -> None:
    assert WITHDRAWS <= FOLLOWED
    assert BY_COUNCIL.keys() | {State.REFERRED} >= FOLLOWED
