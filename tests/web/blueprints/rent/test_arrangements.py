"""Benefit that is on its way, and agreements to pay arrears off, on the rent page."""

from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy.orm import Session

from portal.blueprints.rent.models import RentArrangement
from tests.factories.rent import RENT, Night
from tests.support.client import CheckingClient
from tests.support.pages import find
from tests.web.blueprints.rent.conftest import AccountId

PAY = "https://pay.millbrook.example.org/rent"


def hero(text: str) -> list[str]:
    return [heading.text_content() for heading in find(text, "//h2[@class='hero']")]


class TestBenefitAndArrangements:
    """What explains a balance is said before anything is asked for."""

    def test_housing_benefit_on_its_way_is_named_first(self, see: Callable[[Night], str]) -> None:
        charges = [(f"{day}/{month}/2026", "DBR", 8620) for day, month in (("09", 11), ("16", 11), ("23", 11))]
        paid = [("09/11/2026", "RHB", -34480), ("12/10/2026", "RHB", -34480)]
        opening = [("12/10/2026", "ROB", 2 * 34480)]
        text = see(Night().account(*opening, *paid, *charges, starts="01/04/2010"))
        assert hero(text) == ["You’re waiting for Housing Benefit"]
        assert "£344.80 should come on Monday 7 December." in text
        assert PAY not in text

    @pytest.mark.parametrize(
        ("paid", "sentence", "why"),
        [
            (-1000, "You owe £202.35", "You are paying it off as agreed."),
            (-100, "Less has come in than you agreed", "You owe £211.35."),
        ],
    )
    def test_an_arrangement_is_kept_or_a_payment_is_missed(
        self,
        db: Session,
        see: Callable[[Night], str],
        client: CheckingClient,
        account_id: AccountId,
        paid: int,
        sentence: str,
        why: str,
    ) -> None:
        see(Night().account(("02/11/2026", "DBR", 10000), ("13/11/2026", "RCP", paid), RENT))
        db.add(
            RentArrangement(
                account_id=account_id(),
                starts_on=date(2026, 11, 3),
                ends_on=None,
                frequency="weekly",
                by_court=False,
                amount_pence=500,
                first_due_on=date(2026, 11, 6),
                agreed_on=date(2026, 11, 3),
            )
        )
        db.commit()
        text = client.get("/rent").text
        assert hero(text) == [sentence]
        assert why in text
