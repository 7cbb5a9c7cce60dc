"""Codes that work once."""

from datetime import timedelta
from threading import Barrier, Thread
from uuid import UUID

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from portal.clock import SetClock
from portal.identity import codes
from portal.identity.codes import CodeWrong
from portal.models import OneTimeCode
from tests.factories import Factory

DAY = timedelta(days=1)


@pytest.fixture
def person(make: Factory) -> UUID:
    return make.resident().id


def issue(
    db: Session,
    clock: SetClock,
    *,
    purpose: str = "reset",
    person: UUID | None = None,
    typed: bool = False,
    tries: int | None = None,
) -> str:
    code = codes.issue(db, purpose, at=clock.now(), lasts=DAY, person_id=person, typed=typed, tries=tries)
    db.commit()
    return code


def works(db: Session, clock: SetClock, code: str, *, purpose: str = "reset") -> bool:
    try:
        codes.redeem(db, purpose, code, at=clock.now())
    except CodeWrong:
        db.rollback()
        return False
    db.commit()
    return True


def test_a_code_works_once(db: Session, clock: SetClock) -> None:
    code = issue(db, clock)
    assert works(db, clock, code)
    assert not works(db, clock, code)


def test_looking_at_a_code_does_not_use_it_up(db: Session, clock: SetClock, person: UUID) -> None:
    code = issue(db, clock, person=person)
    assert codes.find(db, "reset", code, at=clock.now()).person_id == person
    assert works(db, clock, code)
    with pytest.raises(CodeWrong):
        codes.find(db, "reset", code, at=clock.now())


def test_of_two_who_redeem_a_code_at_once_one_gets_it(engine: Engine, db: Session, clock: SetClock) -> None:
    code, ready, results = issue(db, clock), Barrier(2), []

    def redeem() -> None:
        with Session(engine) as own:
            own.connection()
            ready.wait(timeout=5)
            results.append(works(own, clock, code))

    threads = [Thread(target=redeem) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [False, True]


def test_a_code_is_good_until_its_time_is_over(db: Session, clock: SetClock) -> None:
    first, second = issue(db, clock), issue(db, clock)
    clock.advance(DAY - timedelta(seconds=1))
    assert works(db, clock, first)
    clock.advance(timedelta(seconds=1))
    assert not works(db, clock, second)


def test_a_code_opens_only_what_it_was_made_for(db: Session, clock: SetClock) -> None:
    code = issue(db, clock, purpose="reset")
    assert not works(db, clock, code, purpose="contact")
    assert works(db, clock, code, purpose="reset")


def test_a_new_code_stops_the_persons_older_ones_of_that_purpose(db: Session, clock: SetClock, person: UUID) -> None:
    other_purpose = issue(db, clock, purpose="contact", person=person)
    old = issue(db, clock, person=person)
    new = issue(db, clock, person=person)
    assert not works(db, clock, old)
    assert works(db, clock, new)
    assert works(db, clock, other_purpose, purpose="contact")


def test_a_link_holds_256_random_bits(db: Session, clock: SetClock) -> None:
    made = {issue(db, clock) for _ in range(20)}
    assert len(made) == 20 and {len(code) for code in made} == {43}


def test_a_typed_code_has_letters_that_do_not_look_alike_and_60_random_bits_at_least(
    db: Session, clock: SetClock
) -> None:
    code = issue(db, clock, typed=True)
    assert [len(group) for group in code.split("-")] == [4, 4, 4, 4]
    assert not set("0O1IL") & set(codes.LETTERS)
    assert len(set(codes.LETTERS)) ** 16 >= 2**60


def test_case_blanks_and_hyphens_of_a_typed_code_do_not_matter(db: Session, clock: SetClock) -> None:
    code = issue(db, clock, typed=True)
    assert works(db, clock, f"  {code.lower().replace('-', ' ')}\n")


def test_case_of_a_link_matters(db: Session, clock: SetClock) -> None:
    code = issue(db, clock)
    assert not works(db, clock, code.swapcase())
    assert works(db, clock, code)


def test_after_five_wrong_tries_the_right_one_does_not_work_either(db: Session, clock: SetClock) -> None:
    mine, others = issue(db, clock, typed=True, tries=5), issue(db, clock, typed=True, tries=5)
    wrong = mine[:4] + "-2222-2222-2222"
    for _ in range(4):
        codes.count_wrong(db, "reset", wrong.lower())
    codes.find(db, "reset", mine, at=clock.now())
    codes.count_wrong(db, "reset", wrong)
    codes.count_wrong(db, "reset", wrong)
    db.commit()
    assert not works(db, clock, mine)
    assert works(db, clock, others)


def test_wrong_tries_at_another_purpose_do_not_count(db: Session, clock: SetClock) -> None:
    code = issue(db, clock, typed=True, tries=1)
    codes.count_wrong(db, "rent.activate", code)
    db.commit()
    assert works(db, clock, code)


def test_no_code_lies_in_the_table(db: Session, clock: SetClock) -> None:
    link, typed = issue(db, clock), issue(db, clock, typed=True)
    rows = str(db.execute(text("select * from one_time_code")).all())
    assert link not in rows and typed not in rows and typed[5:].replace("-", "") not in rows
    assert {len(kept) for kept in db.execute(select(OneTimeCode.hash)).scalars()} == {32}
