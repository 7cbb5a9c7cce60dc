"""Authenticators and recovery codes: what opens, and that it opens once."""

from datetime import timedelta
from math import log2
from threading import Barrier, Thread
from uuid import UUID

import pyotp
import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from portal.clock import SetClock
from portal.identity import second_factors
from portal.models import RecoveryCode, TotpSecret
from portal.sealed import SealBroken, Sealer
from tests.factories import Factory

SECRET = pyotp.random_base32()
STEP = timedelta(seconds=second_factors.STEP_S)


@pytest.fixture
def person(make: Factory) -> UUID:
    return make.staff(secret=SECRET).id


@pytest.fixture
def newcomer(make: Factory, db: Session, sealer: Sealer, clock: SetClock) -> UUID:
    """Somebody whose authenticator is being set up."""
    person = make.resident().id
    second_factors.begin(db, sealer, person, at=clock.now())
    db.commit()
    return person


def code_at(clock: SetClock, *, steps: int = 0, secret: str = SECRET) -> str:
    return pyotp.TOTP(secret).at(clock.now() + steps * STEP)


def use(db: Session, sealer: Sealer, person: UUID, code: str, clock: SetClock) -> bool:
    used = second_factors.use_code(db, sealer, person, code, at=clock.now())
    db.commit()
    return used


@pytest.mark.parametrize("steps", [-1, 0])
def test_a_code_is_taken_in_its_own_step_and_in_the_next(
    db: Session, sealer: Sealer, person: UUID, clock: SetClock, steps: int
) -> None:
    assert use(db, sealer, person, code_at(clock, steps=steps), clock)


@pytest.mark.parametrize("steps", [-2, 1, 2])
def test_a_code_that_is_older_or_before_its_time_is_refused(
    db: Session, sealer: Sealer, person: UUID, clock: SetClock, steps: int
) -> None:
    assert not use(db, sealer, person, code_at(clock, steps=steps), clock)


def test_spaces_in_a_code_do_not_matter(db: Session, sealer: Sealer, person: UUID, clock: SetClock) -> None:
    code = code_at(clock)
    assert use(db, sealer, person, f" {code[:3]} {code[3:]} ", clock)


@pytest.mark.parametrize("typed", ["", "000", "not a code", "١٢٣٤٥٦"])
def test_anything_else_is_refused(db: Session, sealer: Sealer, person: UUID, clock: SetClock, typed: str) -> None:
    assert not use(db, sealer, person, typed, clock)


def test_a_code_counts_once(db: Session, sealer: Sealer, person: UUID, clock: SetClock) -> None:
    code = code_at(clock)
    assert use(db, sealer, person, code, clock)
    assert not use(db, sealer, person, code, clock)
    clock.advance(STEP)
    assert not use(db, sealer, person, code, clock)
    assert use(db, sealer, person, code_at(clock), clock)


def test_a_code_older_than_one_that_was_used_is_refused(
    db: Session, sealer: Sealer, person: UUID, clock: SetClock
) -> None:
    assert use(db, sealer, person, code_at(clock), clock)
    assert not use(db, sealer, person, code_at(clock, steps=-1), clock)


def test_of_two_who_use_a_code_at_the_same_moment_one_gets_in(
    engine: Engine, sealer: Sealer, person: UUID, clock: SetClock
) -> None:
    code, ready, results = code_at(clock), Barrier(2), []

    def try_it() -> None:
        with Session(engine) as db:
            db.connection()
            ready.wait(timeout=5)
            results.append(use(db, sealer, person, code, clock))

    threads = [Thread(target=try_it) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [False, True]


def test_an_authenticator_that_was_never_confirmed_opens_nothing(
    db: Session, sealer: Sealer, newcomer: UUID, clock: SetClock
) -> None:
    secret = second_factors.secret_to_set_up(db, sealer, newcomer)
    assert secret and not second_factors.is_set_up(db, newcomer)
    assert not use(db, sealer, newcomer, code_at(clock, secret=secret), clock)


def test_confirming_an_authenticator_gives_ten_recovery_codes_and_uses_the_code_up(
    db: Session, sealer: Sealer, newcomer: UUID, clock: SetClock
) -> None:
    secret = second_factors.secret_to_set_up(db, sealer, newcomer) or ""
    code = code_at(clock, secret=secret)
    assert second_factors.confirm(db, sealer, newcomer, "wrong", at=clock.now()) is None
    codes = second_factors.confirm(db, sealer, newcomer, code, at=clock.now())
    assert codes and len(set(codes)) == 10
    assert second_factors.is_set_up(db, newcomer)
    assert not use(db, sealer, newcomer, code, clock)


def test_a_confirmed_secret_is_neither_shown_nor_replaced(
    db: Session, sealer: Sealer, person: UUID, clock: SetClock
) -> None:
    second_factors.begin(db, sealer, person, at=clock.now())
    assert second_factors.secret_to_set_up(db, sealer, person) is None
    assert use(db, sealer, person, code_at(clock), clock)


def test_setting_up_again_makes_a_new_secret(db: Session, sealer: Sealer, newcomer: UUID, clock: SetClock) -> None:
    first = second_factors.secret_to_set_up(db, sealer, newcomer)
    second_factors.begin(db, sealer, newcomer, at=clock.now())
    assert second_factors.secret_to_set_up(db, sealer, newcomer) != first


def test_a_secret_copied_to_somebody_else_does_not_open(
    db: Session, sealer: Sealer, person: UUID, make: Factory, clock: SetClock
) -> None:
    thief = make.staff(email="thief@example.org")
    stolen = db.execute(select(TotpSecret.secret).where(TotpSecret.person_id == person)).scalar_one()
    row = db.get(TotpSecret, thief.id)
    assert row
    row.secret = stolen
    db.commit()
    with pytest.raises(SealBroken):
        use(db, sealer, thief.id, code_at(clock), clock)


def test_a_recovery_code_works_once_and_for_its_own_person(
    db: Session, person: UUID, make: Factory, clock: SetClock
) -> None:
    other = make.staff(email="other@example.org").id
    code = second_factors.renew_recovery_codes(db, person)[0]
    assert not second_factors.use_recovery_code(db, other, code, at=clock.now())
    assert second_factors.use_recovery_code(db, person, code, at=clock.now())
    assert not second_factors.use_recovery_code(db, person, code, at=clock.now())
    assert second_factors.recovery_codes_left(db, person) == 9


def test_a_recovery_code_is_read_as_people_write_it(db: Session, person: UUID, clock: SetClock) -> None:
    code = second_factors.renew_recovery_codes(db, person)[0]
    written = code.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    assert second_factors.use_recovery_code(db, person, written, at=clock.now())


def test_recovery_codes_are_kept_as_hashes_of_128_random_bits_and_more(db: Session, person: UUID) -> None:
    codes = second_factors.renew_recovery_codes(db, person)
    for code in codes:
        letters = code.replace("-", "")
        assert len(letters) * log2(len(second_factors.RECOVERY_LETTERS)) >= 128
        assert set(letters) <= set(second_factors.RECOVERY_LETTERS)
    kept = db.execute(select(RecoveryCode.hash)).scalars().all()
    assert len(kept) == 10 and all(len(hash_) == 32 for hash_ in kept)


def test_new_recovery_codes_void_the_old_ones(db: Session, person: UUID, clock: SetClock) -> None:
    old = second_factors.renew_recovery_codes(db, person)
    second_factors.renew_recovery_codes(db, person)
    assert not second_factors.use_recovery_code(db, person, old[0], at=clock.now())


def test_after_removal_neither_authenticator_nor_recovery_codes_open(
    db: Session, sealer: Sealer, person: UUID, clock: SetClock
) -> None:
    codes = second_factors.renew_recovery_codes(db, person)
    second_factors.remove(db, person)
    assert not use(db, sealer, person, code_at(clock), clock)
    assert not second_factors.use_recovery_code(db, person, codes[0], at=clock.now())
    assert not second_factors.is_set_up(db, person)
