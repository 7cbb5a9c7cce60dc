"""What is to be shown, and how files are called."""

import pytest

from portal.blueprints.energy.rules.answers import Answers
from portal.blueprints.energy.rules.details import ShownLater
from portal.blueprints.energy.rules.evidence import Kind, as_shown, is_settled, kinds, takes_more
from portal.blueprints.energy.rules.form import Form
from portal.blueprints.energy.rules.needs import Needs
from portal.blueprints.energy.rules.progress import State


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("IMG_1234.HEIC", "IMG_1234.HEIC"),
        ("C:\\Users\\Mary\\letter.pdf", "letter.pdf"),
        ("../../etc/passwd", "passwd"),
        ("a\x00b\r\nSet-Cookie: x.jpg", "abSet-Cookie: x.jpg"),
        ("invoice\u202egpj.exe", "invoicegpj.exe"),
        ("  .. ", "file"),
        ("", "file"),
        (None, "file"),
        ("x" * 300 + ".jpg", "x" * 51 + "…xxxx.jpg"),
    ],
)
def test_a_name_is_shown_without_folders_and_what_cannot_be_seen(given: str | None, shown: str) -> None:
    assert as_shown(given) == shown
    assert len(as_shown(given)) <= 60


@pytest.mark.parametrize(
    ("kind", "shown", "settled"),
    [
        (Kind("savings"), (), False),
        (Kind("savings"), ("income",), False),
        (Kind("savings"), ("savings",), True),
        (Kind("savings", later=True), (), True),
        (Kind("address", source="rent"), (), True),
    ],
)
def test_a_kind_is_settled_by_a_file_by_a_service_or_by_being_shown_later(
    kind: Kind, shown: tuple[str, ...], settled: bool
) -> None:
    assert is_settled(kind, shown) is settled


class TestKinds:
    NEEDS = Needs(frozenset(), ("address", "housing_costs", "savings"), frozenset())

    def test_are_vouched_for_by_the_service_whose_fact_was_confirmed(self) -> None:
        none = Answers.none("england")
        form = Form(none.answered("rent", none.household, source="rent"))
        sources = {kind.name: kind.source for kind in kinds(form, self.NEEDS, (), is_sent=False)}
        assert sources == {"address": None, "housing_costs": "rent", "savings": None}

    def test_are_shown_later_where_the_person_says_so(self) -> None:
        form = Form(Answers.none("england")).with_detail("evidence", ShownLater(kinds=("savings",)))
        assert [kind.name for kind in kinds(form, self.NEEDS, (), is_sent=False) if kind.later] == ["savings"]

    def test_stay_where_there_are_files_of_what_is_not_asked_for_any_more(self) -> None:
        found = kinds(Form(Answers.none("england")), self.NEEDS, ("savings", "income"), is_sent=False)
        assert [kind.name for kind in found if not kind.is_asked] == ["income"]

    def test_have_one_more_once_the_form_is_sent(self) -> None:
        found = kinds(Form(Answers.none("england")), self.NEEDS, ("other",), is_sent=True)
        assert [kind.name for kind in found] == ["address", "housing_costs", "savings", "other"]


def test_files_are_taken_as_long_as_one_case_is_open_or_may_be_opened_again() -> None:
    assert takes_more([State.WITHDRAWN, State.REFUSED])
    assert takes_more([State.DRAFT])
    assert not takes_more([State.WITHDRAWN, State.PAID])
