"""What an application has to show: what another service says already, what comes later; how much is taken."""

import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from portal.blueprints.energy.rules.details import ShownLater
from portal.blueprints.energy.rules.form import Form
from portal.blueprints.energy.rules.needs import Needs
from portal.blueprints.energy.rules.progress import State

OTHER: Final = "other"
"""Kind of what the council has asked for besides, once the form is sent."""
VOUCHED_BY: Final[Mapping[str, str]] = {"address": "address", "housing_costs": "rent"}
"""Kinds that needn't be shown where another service knows the fact and the person has confirmed it: by that page."""
OVER: Final = frozenset((State.PAID, State.WITHDRAWN, State.REVIEW_DECIDED))
"""Where nothing is shown any more. What was refused or closed may come to be looked at again."""

MOST_AT_ONCE: Final = 10
MOST_FILES: Final = 60
MOST_BYTES: Final = 100_000_000
"""Of one application, as they are kept."""
_LONGEST_NAME: Final = 60
_NAMELESS: Final = "file"


@dataclass(frozen=True, slots=True)
class Kind:
    """One thing to show. source: slug of the service that vouches for it. later: the person can't show it now.
    is_asked: the form asks for it; what it asked for before stays as long as there are files of it.
    """

    name: str
    source: str | None = None
    later: bool = False
    is_asked: bool = True


def kinds(form: Form, needs: Needs, shown: Collection[str], *, is_sent: bool) -> tuple[Kind, ...]:
    """Return what is to be shown, in order. shown: kinds that have a file."""
    told = form.detail(ShownLater)
    later = told.kinds if told else ()
    asked = [Kind(name, vouched_by(name, form), name in later) for name in needs.evidence]
    if is_sent:
        asked.append(Kind(OTHER))
    before = sorted(set(shown) - {kind.name for kind in asked})
    return (*asked, *(Kind(name, is_asked=False) for name in before))


def vouched_by(name: str, form: Form) -> str | None:
    """Return which service knows what a kind would show, as the person has confirmed it."""
    return form.answers.sources.get(VOUCHED_BY.get(name, ""))


def is_settled(kind: Kind, shown: Collection[str]) -> bool:
    """Tell whether there is nothing to do for one kind now. shown: kinds that have a file."""
    return bool(kind.source) or kind.later or kind.name in shown


def takes_more(states: Collection[State]) -> bool:
    """Tell whether an application still takes files."""
    return any(state not in OVER for state in states)


def as_shown(given: str | None) -> str:
    """Return what a file was called, fit to be shown: no folders, nothing that can't be seen, not long."""
    bare = (given or "").replace("\\", "/").rpartition("/")[2]
    seen = "".join(one for one in bare if unicodedata.category(one)[0] != "C").strip(" .")
    if len(seen) > _LONGEST_NAME:
        end = seen[-8:]
        seen = f"{seen[: _LONGEST_NAME - len(end) - 1]}…{end}"
    return seen or _NAMELESS
