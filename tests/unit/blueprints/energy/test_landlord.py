"""The council as landlord: meters' numbers, what a tenancy is known by, which schemes are works and which a letter."""

from datetime import UTC, date, datetime

import pytest

from portal.blueprints.energy.rules.landlord import as_landlord
from portal.blueprints.energy.rules.meters import Meter, meter
from portal.blueprints.energy.rules.tenancy import Tenancy, tenancy
from portal.blueprints.energy.schemes.catalogue import schemes_of
from portal.council import load_council
from portal.facts import Fact, FactKey
from portal.settings import PROJECT

NIGHT = datetime(2026, 11, 24, tzinfo=UTC)
KNOWN: dict[FactKey, bool | int | str] = {
    FactKey.TENANCY: True,
    FactKey.LANDLORD: "council",
    FactKey.TENANT: "Mary Example",
    FactKey.ADDRESS: "14 Weavers Row\nMillbrook\nZZ1 1AA",
    FactKey.TENANCY_SINCE: "2026-11-02",
}


def facts(known: dict[FactKey, bool | int | str]) -> list[Fact]:
    return [Fact(key, value, "rent", NIGHT) for key, value in known.items()]


class TestMeters:
    @pytest.mark.parametrize(
        ("written", "found"),
        [
            ("10001234567", Meter("electricity", "10001234567")),
            ("10 001 234 567", Meter("electricity", "10001234567")),
            ("MPRN: 10-001-234-567", Meter("electricity", "10001234567")),
            ("0123456", Meter("gas", "0123456")),
            (" gprn 0123 456 ", Meter("gas", "0123456")),
        ],
    )
    def test_are_told_apart_by_their_length(self, written: str, found: Meter) -> None:
        assert meter(written) == found

    @pytest.mark.parametrize(
        "written", ["", "1000123456", "100012345678", "123456", "1234567a", "١٢٣٤٥٦٧", "1000123456²"]
    )
    def test_of_another_length_or_with_letters_are_none(self, written: str) -> None:
        assert meter(written) is None


class TestTenancy:
    def test_is_what_the_facts_say(self) -> None:
        assert tenancy(facts({**KNOWN, FactKey.HEATING_CHARGE: 1420})) == Tenancy(
            "Mary Example", ("14 Weavers Row", "Millbrook", "ZZ1 1AA"), date(2026, 11, 2), True, NIGHT
        )

    def test_knows_nothing_of_heating_before_rent_was_charged(self) -> None:
        found = tenancy(facts(KNOWN))
        assert found is not None
        assert found.has_heating is None

    def test_of_somebody_else_is_none_of_ours(self) -> None:
        assert tenancy(facts({**KNOWN, FactKey.LANDLORD: "housing-association"})) is None

    def test_is_none_where_nothing_is_known(self) -> None:
        assert tenancy([]) is None


class TestSchemes:
    def test_in_ireland_are_works_and_a_letter(self) -> None:
        there = schemes_of(load_council(PROJECT / "councils" / "dunmarra" / "council.toml"))
        assert set(as_landlord("works", there, "ireland", NIGHT.date())) == {"local-authority-retrofit"}
        assert set(as_landlord("letter", there, "ireland", NIGHT.date())) == {"household-benefits-package"}

    def test_in_england_are_works_until_they_end(self) -> None:
        there = schemes_of(load_council(PROJECT / "councils" / "millbrook" / "council.toml"))
        assert set(as_landlord("works", there, "england", NIGHT.date())) == {"warm-homes-social-housing-fund"}
        assert as_landlord("works", there, "england", date(2028, 4, 1)) == {}
        assert as_landlord("letter", there, "england", NIGHT.date()) == {}
