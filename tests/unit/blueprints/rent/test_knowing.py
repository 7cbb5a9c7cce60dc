"""What a tenant is asked by phone: right for who knows it, however they say it."""

from dataclasses import replace
from datetime import date

import pytest

from portal.blueprints.rent.rules.knowing import Known
from portal.identity.identifying import ASKED, Question, draw

KNOWN = Known(
    born_on=date(1980, 2, 1),
    postcode="zz11aa",
    since=2019,
    rent_pence=112_35,
    paid_pence=80_00,
    together=("John Example", "Ann O'Dowd"),
)
NOTHING = Known(born_on=None, postcode="millbrook", since=0, rent_pence=None, paid_pence=None, together=())


@pytest.mark.parametrize(
    ("question", "right", "wrong"),
    [
        (Question.BORN, ("1980-02-01",), ("1980-01-02", "", "x")),
        (Question.POSTCODE, ("ZZ1 1AA", "zz11aa"), ("ZZ1 1AB", "", "ZZ1")),
        (Question.SINCE, ("2019", " 2019 "), ("2018", "19", "")),
        (Question.RENT, ("112.35", "£115", "107", "117.96"), ("106", "118", "0", "", "112,3", "lots", "-112.35")),
        (Question.PAID, ("80", "£79.00", "81.00"), ("78", "82", "78.99", "", "8000")),
        (
            Question.TOGETHER,
            ("John", "john example", "Ann", "Ann ODowd"),
            ("Example", "Jo", "John Other", "", "O'Dowd"),
        ),
    ],
)
def test_answers(question: Question, right: tuple[str, ...], wrong: tuple[str, ...]) -> None:
    assert question in KNOWN.questions()
    assert [answer for answer in right if not KNOWN.is_right(question, answer)] == []
    assert [answer for answer in wrong if KNOWN.is_right(question, answer)] == []


def test_what_the_record_does_not_hold_is_not_asked_and_never_right() -> None:
    assert NOTHING.questions() == frozenset()
    assert not any(NOTHING.is_right(question, answer) for question in Question for answer in ("", "0", "millbrook"))


def test_a_large_rent_is_written_with_a_comma() -> None:
    assert replace(KNOWN, rent_pence=1_250_00).is_right(Question.RENT, "1,250.00")


def test_three_are_drawn_by_chance_or_none() -> None:
    drawn = {tuple(draw(KNOWN.questions())) for _ in range(200)}
    assert {len(questions) for questions in drawn} == {ASKED}
    assert len(drawn) > 5
    assert draw({Question.BORN, Question.SINCE}) == ()


def test_what_whoever_lived_with_them_knows_is_asked_once_at_most() -> None:
    for _ in range(200):
        assert not {Question.BORN, Question.POSTCODE} <= {*draw(KNOWN.questions())}
    assert draw({Question.BORN, Question.POSTCODE, Question.SINCE}) == ()
