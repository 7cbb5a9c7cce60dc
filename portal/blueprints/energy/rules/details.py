"""What a form asks for beside the facts of a household: one class for each page."""

from datetime import date
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict

from portal.blueprints.energy.schemes.clauses import Evidence


class Detail(BaseModel):
    """What one page was answered with."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Who(Detail):
    """Who applies. relation: of somebody who applies for another person, and what allows them to."""

    applying_for: Literal["myself", "somebody_else"]
    relation: str = ""


class Contact(Detail):
    """How to reach the person about this. by: what they would rather have. needs: an interpreter, large print and the
    like, in their words.
    """

    name: str
    by: Literal["phone", "email", "post"]
    phone: str = ""
    email: str = ""
    needs: str = ""


class Address(Detail):
    """Of the home. The post code is the last line."""

    lines: tuple[str, ...]


class Names(Detail):
    """Of those who live with the applicant, in the household's order, the applicant left out."""

    names: tuple[str, ...]


class Supplier(Detail):
    """Who energy comes from. account: the number on the bill."""

    name: str
    account: str = ""


class Meter(Detail):
    """The numbers of the meters: MPAN or MPRN for electricity, MPRN or GPRN for gas. Digits alone. Both empty: the
    person doesn't have them to hand.
    """

    electricity: str = ""
    gas: str = ""


class Happened(Detail):
    """What happened, what would help, and by when it is needed, if that is known."""

    what: str
    would_help: str
    needed_by: date | None = None


class TellsOfHealth(Detail):
    """Whether the person wants to tell of health: their explicit consent (UK GDPR and GDPR, article 9(2)(a))."""

    tells: bool


class Bank(Detail):
    """Where money goes. sort_code and account in the United Kingdom, iban elsewhere. All empty: there is no account."""

    holder: str = ""
    sort_code: str = ""
    account: str = ""
    iban: str = ""


class ShownLater(Detail):
    """What the person can't show now, and will later or in another way."""

    kinds: tuple[Evidence, ...] = ()


DETAILS: Final[dict[str, type[Detail]]] = {
    "who": Who,
    "contact": Contact,
    "address": Address,
    "names": Names,
    "supplier": Supplier,
    "meter": Meter,
    "happened": Happened,
    "tells-health": TellsOfHealth,
    "bank": Bank,
    "evidence": ShownLater,
}
"""By the slug of the page that asks for it."""
