"""How often something may be tried."""

from datetime import timedelta
from threading import Thread

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from portal.clock import SetClock
from portal.db import committing
from portal.identity.throttle import Limit, Throttle, Throttled
from portal.settings import parse_networks

WINDOW = timedelta(minutes=15)
MARY = Limit(("sign-in", "mary@example.org"), 3, WINDOW)
THROTTLE = Throttle(b"a secret of these tests, long enough", parse_networks("192.0.2.0/24, 2001:db8:1::/48"))


def allowed(db: Session, clock: SetClock, *limits: Limit) -> bool:
    try:
        THROTTLE.ask(db, limits or (MARY,), at=clock.now())
    except Throttled:
        return False
    return True


def test_as_many_tries_as_allowed_and_then_none_until_the_window_ends(db: Session, clock: SetClock) -> None:
    assert [allowed(db, clock) for _ in range(4)] == [True, True, True, False]
    with pytest.raises(Throttled) as throttled:
        THROTTLE.ask(db, [MARY], at=clock.now())
    assert throttled.value.until == clock.now() + WINDOW
    clock.advance(WINDOW - timedelta(seconds=1))
    assert not allowed(db, clock)
    clock.advance(timedelta(seconds=1))
    assert allowed(db, clock)


def test_trying_on_while_refused_does_not_make_it_longer(db: Session, clock: SetClock) -> None:
    for _ in range(30):
        allowed(db, clock)
    clock.advance(WINDOW)
    assert allowed(db, clock)


def test_each_thing_is_counted_by_itself(db: Session, clock: SetClock) -> None:
    while allowed(db, clock):
        pass
    assert allowed(db, clock, Limit(("sign-in", "john@example.org"), 3, WINDOW))
    assert allowed(db, clock, Limit(("reset", "mary@example.org"), 3, WINDOW))


def test_one_limit_that_is_used_up_is_enough(db: Session, clock: SetClock) -> None:
    while allowed(db, clock):
        pass
    assert not allowed(db, clock, MARY, Limit(("network", "198.51.100.7"), 100, WINDOW))


def test_what_one_limit_refuses_does_not_count_against_those_after_it(db: Session, clock: SetClock) -> None:
    network = Limit(("network", "198.51.100.7"), 2, WINDOW)
    assert [allowed(db, clock, network, MARY) for _ in range(9)] == [True] * 2 + [False] * 7
    assert allowed(db, clock, MARY)
    assert not allowed(db, clock, MARY)


def test_what_is_rolled_back_afterwards_was_counted_all_the_same(db: Session, clock: SetClock) -> None:
    for _ in range(3):
        assert allowed(db, clock)
        with pytest.raises(ZeroDivisionError), committing(db):
            raise ZeroDivisionError
    assert not allowed(db, clock)


def test_processes_count_together(engine: Engine, clock: SetClock) -> None:
    results: list[bool] = []

    def try_it() -> None:
        with Session(engine) as own:
            results.append(allowed(own, clock))

    threads = [Thread(target=try_it) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [False] * 3 + [True] * 3


def test_a_count_can_be_forgotten(db: Session, clock: SetClock) -> None:
    while allowed(db, clock):
        pass
    THROTTLE.forget(db, *MARY.what)
    db.commit()
    assert allowed(db, clock)


def test_the_table_names_neither_account_nor_address(db: Session, clock: SetClock) -> None:
    allowed(db, clock, MARY, Limit(("network", "198.51.100.7"), 3, WINDOW))
    rows = str(db.execute(text("select * from attempt")).all())
    assert "mary" not in rows and "198.51" not in rows


def test_another_secret_gives_other_keys(db: Session, clock: SetClock) -> None:
    allowed(db, clock)
    Throttle(b"another secret of these tests, long").ask(db, [MARY], at=clock.now())
    assert db.execute(text("select count(distinct key) from attempt")).scalar_one() == 2


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("198.51.100.7", "198.51.100.7"),
        ("::ffff:198.51.100.7", "198.51.100.7"),
        ("2001:db8:7:1::1", "2001:db8:7:1::/64"),
        ("2001:db8:7:1:ffff::2", "2001:db8:7:1::/64"),
    ],
)
def test_an_ipv6_household_is_one_network_and_an_ipv4_address_is_itself(address: str, network: str) -> None:
    assert THROTTLE.network(address) == network


@pytest.mark.parametrize(
    ("address", "is_branch"),
    [
        ("192.0.2.40", True),
        ("::ffff:192.0.2.40", True),
        ("2001:db8:1:9::5", True),
        ("198.51.100.7", False),
        ("2001:db8:2::5", False),
    ],
)
def test_branches_are_known_by_their_networks(address: str, is_branch: bool) -> None:
    assert THROTTLE.is_branch(address) is is_branch
