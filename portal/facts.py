"""What slices tell each other and the home page: values, never their tables."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class FactKey(StrEnum):
    """Every fact that one service may learn from another. A new one is added here, with its type of value."""

    TENANCY = "tenancy"
    """bool: has a tenancy of a home with this council now."""
    LANDLORD = "landlord"
    """str: who lets the home; ``council`` for this one."""
    ADDRESS = "address"
    """str: of the home, its lines divided by line ends, the post code last."""
    TENANT = "tenant"
    """str: the subject's name as the tenancy has it."""
    TENANCY_SINCE = "tenancy-since"
    """str: the day on which the tenancy's rent account began, in ISO 8601."""
    RENT = "rent"
    """int: pence charged for the home itself, without services, when rent was last charged."""
    RENT_BENEFIT = "rent-benefit"
    """int: pence of the last payment of Housing Benefit or Universal Credit straight to the rent account, in the last
    eleven weeks; 0 if there was none."""
    HEATING_CHARGE = "heating-charge"
    """int: pence charged with the rent for heating and hot water, when rent was last charged; 0 if there was none."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing known about a person. source: the service's slug. as_of: when the source said so (UTC)."""

    key: FactKey
    value: bool | int | str
    source: str
    as_of: datetime


class PanelState(StrEnum):
    """How fresh a panel's facts are; each has its own look and words."""

    FRESH = "fresh"
    OLDER = "old"
    AWAY = "away"
    ASKING = "ask"
    NEVER = "never"
    NOT_CONNECTED = "not-connected"


@dataclass(frozen=True, slots=True)
class Panel:
    """One service's place on the home page. Texts are words in the reader's language, ready to show.

    fact: the sentence that matters, None where nothing is known. state_text: as of when. link: address and its text.
    away: that the other system isn't answering, where it isn't.
    """

    fact: str | None
    text: str
    state: PanelState
    state_text: str = ""
    link: tuple[str, str] | None = None
    away: str = ""


@dataclass(frozen=True, slots=True)
class ToDo:
    """One thing that a person has to do, for "What needs doing first". due: aware, None if there is no day. is_late:
    that day is over.
    """

    text: str
    detail: str
    address: str
    due: datetime | None = None
    is_late: bool = False
