"""What is to be shown, and how files are called."""

from datetime import UTC, datetime

import pytest

from portal.blueprints.energy.rules.answers import Answers
from portal.blueprints.energy.rules.details import Address
from portal.blueprints.energy.rules.evidence import Kind, as_shown, is_settled, kinds, takes_more
from portal.blueprints.energy.rules.form import Form
from portal.blueprints.energy.rules.known import known
from portal.blueprints.energy.rules.needs import Needs
from portal.blueprints.energy.rules.progress import State
from portal.blueprints.energy.schemes.household import Payment
from portal.facts import Fact, FactKey

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)


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


class TestVouching:
    """The rent account knows the address, and what the rent is."""

    KNOWN = known(
        [
            Fact(FactKey.ADDRESS, "1 Mill Lane\nMillbrook\nMB1 2CD", "rent", NOW),
            Fact(FactKey.RENT, 12_450, "rent", NOW),
        ],
        every="week",
    )
    NEEDS = Needs(frozenset(), ("address", "housing_costs", "savings"), frozenset())

    def sources(self, form: Form) -> dict[str, str | None]:
        return {kind.name: kind.source for kind in kinds(form, self.NEEDS, self.KNOWN, is_sent=False)}

    def test_holds_for_what_the_person_has_confirmed(self) -> None:
        address = Address(lines=("1 Mill Lane", "Millbrook", "MB1 2CD"))
        form = Form(Answers.none("england")).with_detail("address", address)
        assert self.sources(form) == {"address": "rent", "housing_costs": None, "savings": None}

    def test_does_not_hold_for_what_they_say_otherwise(self) -> None:
        form = Form(Answers.none("england")).with_detail("address", Address(lines=("2 Mill Lane", "MB1 2CD")))
        assert self.sources(form) == dict.fromkeys(self.NEEDS.evidence)

    def test_of_rent_holds_for_the_amount_that_is_charged(self) -> None:
        none = Answers.none("england")
        rent = {"housing_costs": Payment(amount=12_450, period="week")}
        answered = none.answered("rent", none.household.model_copy(update=rent))
        assert self.sources(Form(answered)) == {"address": None, "housing_costs": "rent", "savings": None}


def test_files_are_taken_as_long_as_one_case_is_open_or_may_be_opened_again() -> None:
    assert takes_more([State.WITHDRAWN, State.REFUSED])
    assert takes_more([State.DRAFT])
    assert not takes_more([State.WITHDRAWN, State.PAID])
