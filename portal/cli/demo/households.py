"""Invented households: who lives where, which accounts they have, and how they pay. The same for the same seed."""

import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import count
from random import Random

from portal.cli.demo.chance import seeded
from portal.cli.demo.habits import Afterwards, Arrangement, Habit, HousingBenefit, Keeps, Monthly, NowAndThen
from portal.cli.demo.scenery import Name, Scenery

FIRST_REFERENCE = 2_100_000_000
OWING, AHEAD_WITH_GARAGE, LEFT_IN_PEACE, PAID_UP = range(4)
"""The first households, whose people are known by name (``Scenery.known``), and how they stand on every night."""

HOME, GARAGE, FORMER_HOME = 1, 2, 3
"""The accounts that a household may have; part of their references."""

_FORGOTTEN = Afterwards(0)
_LETTERS = str.maketrans({"Ł": "L", "ł": "l", "Ø": "O", "ø": "o", "Đ": "D", "đ": "d", "ß": "ss", "ı": "i"})


@dataclass(frozen=True, slots=True)
class Tenant:
    title: str
    first_name: str
    last_name: str
    born_on: date
    mobile: str
    email: str


@dataclass(frozen=True, slots=True)
class Account:
    """One rent account. charges: code and pence of a week in the first rent year. habit_after: once it has ended.

    chance: seeds what is left to chance. left_in_peace: its tenant is in Breathing Space. has_oddities: now and then a
    line is in a code that only the housing system knows.
    """

    reference: str
    tenancy: str
    is_garage: bool
    starts_on: date
    charges: tuple[tuple[str, int], ...]
    habit: Habit
    chance: str
    left_in_peace: bool
    has_oddities: bool
    ends_on: date | None = None
    habit_after: Habit = _FORGOTTEN


@dataclass(frozen=True, slots=True)
class Household:
    """address: three lines and the post code. home: what kind of home it is, in the extract's words."""

    tenants: tuple[Tenant, ...]
    address: tuple[str, str, str, str]
    home: str
    accounts: tuple[Account, ...]


def reference(household: int, account: int = HOME) -> str:
    """Return the payment reference of an account."""
    return str(FIRST_REFERENCE + household * 10 + account)


def households(scenery: Scenery, *, seed: int, since: date) -> Iterator[Household]:
    """Yield households without end: the same for the same seed, however many are taken."""
    for number in count():
        yield _household(scenery, number, seeded(seed, number), since)


def _household(scenery: Scenery, number: int, rng: Random, since: date) -> Household:
    is_known = number < len(scenery.known)
    home = _home(scenery, number, rng, since)
    if not is_known:
        home = _with_a_situation(scenery, home, rng, since)
    accounts = [home]
    if number == AHEAD_WITH_GARAGE or (not is_known and rng.random() < 0.1):
        accounts.append(_garage(home, number, rng))
    if not is_known and home.starts_on > since - timedelta(days=600) and rng.random() < 0.5:
        accounts.append(_former_home(scenery, home, number, rng))
    return Household(
        tenants=_tenants(scenery, number, rng),
        address=_address(scenery, rng),
        home=rng.choice(("Flat", "Flat", "House", "House", "Bungalow")),
        accounts=tuple(accounts),
    )


def _home(scenery: Scenery, number: int, rng: Random, since: date) -> Account:
    rent = _differential_rent(rng) if scenery.is_differential else rng.randrange(78_00, 131_00)
    charges = [("DBR", rent)]
    if rng.random() < 0.5:
        charges.append(("DHE", rng.randrange(4_00, 11_00)) if scenery.is_irish else ("DSC", rng.randrange(2_50, 13_00)))
    return Account(
        reference=reference(number),
        tenancy=f"{number + 1:06}/{HOME:02}",
        is_garage=False,
        starts_on=scenery.first_charge(since - timedelta(days=rng.randrange(30, 6000))),
        charges=tuple(charges),
        habit=_known_habit(scenery, number),
        chance=str(rng.random()),
        left_in_peace=scenery.has_breathing_space and number == LEFT_IN_PEACE,
        has_oddities=False,
    )


def _known_habit(scenery: Scenery, number: int) -> Habit:
    """Return how a household pays that stands the same on every night."""
    if number == OWING:
        return Keeps(pence=28_10, this_week=True)
    if number == AHEAD_WITH_GARAGE:
        return Keeps(weeks=-3)
    if number != LEFT_IN_PEACE:
        return Keeps()
    if scenery.has_breathing_space:
        return Keeps(pence=642_75, this_week=True)
    return Arrangement(arrears=1_940_00, instalment=5_00, from_week=6, kept=True)


def _with_a_situation(scenery: Scenery, home: Account, rng: Random, since: date) -> Account:
    """Return the account with a way of paying that chance chooses; a few began since ``since``, with nothing owed."""
    home = replace(home, has_oddities=True)
    chance = rng.random()
    if scenery.has_breathing_space and chance < 0.015:
        habit: Habit = Keeps(pence=rng.randrange(250_00, 2_500_00), this_week=True)
        return replace(home, habit=habit, left_in_peace=True)
    if chance < 0.08:
        starts_on = scenery.first_charge(since + timedelta(days=rng.randrange(7, 480)))
        return replace(home, starts_on=starts_on, habit=Keeps(day=rng.randrange(5), code="RCP"))
    weights = _SITUATIONS | _WITH_BENEFITS if scenery.has_benefits else _SITUATIONS
    return replace(home, habit=rng.choices(tuple(weights), tuple(weights.values()))[0](rng))


def _ahead(rng: Random) -> Habit:
    return Keeps(weeks=-rng.randrange(1, 6), day=rng.randrange(5))


def _exactly(rng: Random) -> Habit:
    return Keeps(code=rng.choice(("RSO", "RDD")))


def _within_the_week(rng: Random) -> Habit:
    return Keeps(day=rng.randrange(1, 7), code=rng.choice(("RSO", "RPY", "RCP")))


def _this_week_owed(rng: Random) -> Habit:
    return Keeps(this_week=True, code=rng.choice(("RSO", "RPY")))


def _some_weeks_owed(rng: Random) -> Habit:
    return Keeps(weeks=rng.randrange(1, 5), pence=rng.randrange(90_00), this_week=True, day=rng.randrange(5))


def _direct_debit(rng: Random) -> Habit:
    return Monthly(rng.choice((1, 7, 15, 28)), "RDD", ahead=rng.randrange(3), bounces=rng.choice((0, 0, 0.08)))


def _now_and_then(rng: Random) -> Habit:
    return NowAndThen(likely=rng.uniform(0.6, 0.95), worst_weeks=rng.randrange(4, 14))


def _arrangement_kept(rng: Random) -> Habit:
    return _arrangement(rng, kept=True)


def _arrangement_broken(rng: Random) -> Habit:
    return _arrangement(rng, kept=False)


def _arrangement(rng: Random, *, kept: bool) -> Habit:
    return Arrangement(
        arrears=rng.randrange(400_00, 2_200_00),
        instalment=rng.choice((3_70, 5_00, 7_50, 10_00)),
        from_week=rng.randrange(2, 40),
        kept=kept,
        by_court=rng.random() < 0.25,
    )


def _housing_benefit(rng: Random) -> Habit:
    return HousingBenefit(share=rng.choice((1, 1, 0.85, 0.6)), phase=rng.randrange(4))


def _universal_credit(rng: Random) -> Habit:
    return Monthly(rng.randrange(1, 29), "RUC", ahead=-rng.randrange(1, 5))


_SITUATIONS: dict[Callable[[Random], Habit], int] = {
    _ahead: 14,
    _exactly: 12,
    _within_the_week: 18,
    _this_week_owed: 8,
    _some_weeks_owed: 10,
    _direct_debit: 18,
    _now_and_then: 12,
    _arrangement_kept: 5,
    _arrangement_broken: 3,
}
"""How many of a hundred or so households pay like this."""

_WITH_BENEFITS: dict[Callable[[Random], Habit], int] = {_housing_benefit: 20, _universal_credit: 12}


def _differential_rent(rng: Random) -> int:
    """Return a week's rent by a share of income: Dunmarra's scheme, invented after those of several counties.

    16 % of the principal earner's income above 35, at most 18 of each other earner's, 1 less for each child.
    """
    principal, other = rng.randrange(250_00, 640_00), rng.choice((0, 0, rng.randrange(60_00, 300_00)))
    children = rng.choice((0, 0, 1, 2, 3))
    return round((principal - 35_00) * 0.16) + min(round(other * 0.16), 18_00) - children * 1_00


def _garage(home: Account, number: int, rng: Random) -> Account:
    is_known = number == AHEAD_WITH_GARAGE
    return replace(
        home,
        reference=reference(number, GARAGE),
        tenancy=f"{number + 1:06}/{GARAGE:02}",
        is_garage=True,
        charges=(("DGA", rng.randrange(9_50, 18_50)),),
        habit=Keeps(weeks=-2) if is_known else rng.choice((_exactly, _ahead, _direct_debit, _now_and_then))(rng),
        chance=str(rng.random()),
        left_in_peace=False,
        has_oddities=False,
    )


def _former_home(scenery: Scenery, home: Account, number: int, rng: Random) -> Account:
    """Return the account of where they lived before; what is owed there is still being paid, or forgotten."""
    return replace(
        home,
        reference=reference(number, FORMER_HOME),
        tenancy=f"{number + 1:06}/{FORMER_HOME:02}",
        starts_on=scenery.first_charge(home.starts_on - timedelta(days=rng.randrange(900, 3000))),
        ends_on=home.starts_on - timedelta(days=1),
        habit=rng.choice((_exactly, _some_weeks_owed, _now_and_then))(rng),
        habit_after=Afterwards(rng.choice((0, 5_00, 10_00))),
        chance=str(rng.random()),
        left_in_peace=False,
    )


def _tenants(scenery: Scenery, number: int, rng: Random) -> tuple[Tenant, ...]:
    names = scenery.known[number] if number < len(scenery.known) else _names(scenery, rng)
    return tuple(_tenant(scenery, name, number, rng) for name in names)


def _names(scenery: Scenery, rng: Random) -> tuple[Name, ...]:
    first_names = rng.sample(scenery.first_names, rng.choices((1, 2, 3), (62, 36, 2))[0])
    last_name = rng.choice(scenery.last_names)
    return tuple(
        (
            rng.choice(("", "", "", "Mx", "Dr")),
            first_name,
            last_name if rng.random() < 0.6 else rng.choice(scenery.last_names),
        )
        for first_name in first_names
    )


def _tenant(scenery: Scenery, name: Name, number: int, rng: Random) -> Tenant:
    title, first_name, last_name = name
    return Tenant(
        title=title,
        first_name=first_name,
        last_name=last_name,
        born_on=date(1936, 1, 1) + timedelta(days=rng.randrange(54 * 365)),
        mobile=f"07700 900{rng.randrange(1000):03}" if not scenery.is_irish and rng.random() < 0.6 else "",
        email=f"{plain(first_name)}.{plain(last_name)}.{number}@example.org" if rng.random() < 0.75 else "",
    )


def plain(name: str) -> str:
    """Return a name as it stands in an e-mail address: ``Renée`` is ``renee``."""
    letters = unicodedata.normalize("NFKD", name.translate(_LETTERS))
    return "".join(letter for letter in letters.lower() if letter.isascii() and letter.isalpha())


def _address(scenery: Scenery, rng: Random) -> tuple[str, str, str, str]:
    house = f"{rng.randrange(1, 140)} {rng.choice(scenery.streets)}"
    if rng.random() < 0.25:
        house = f"Flat {rng.randrange(1, 30)}, {house}"
    return house, rng.choice(scenery.districts), scenery.authority, _post_code(scenery, rng)


def _post_code(scenery: Scenery, rng: Random) -> str:
    """Return a post code that can't exist: there is no area ZZ in the UK, and no routing key ZZ in Ireland."""
    first, second = rng.choice("ABDEFGHJLNPQRSTUWXYZ"), rng.choice("ABDEFGHJLNPQRSTUWXYZ")
    if scenery.is_irish:
        return f"ZZ{rng.randrange(1, 10)} {first}{second}{rng.randrange(10, 100)}"
    return f"ZZ{rng.randrange(1, 10)} {rng.randrange(1, 10)}{first}{second}"
