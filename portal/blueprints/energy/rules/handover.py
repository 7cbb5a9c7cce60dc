"""What an application says, as it is handed to staff: as JSON, and as lines to read, both from the same content.

Lines are in English and their labels are the names of the answers, so that nothing is left out that a release adds.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from portal.blueprints.energy.rules.details import Bank, TellsOfHealth
from portal.blueprints.energy.rules.form import Form
from portal.blueprints.energy.schemes.money import Sum

_MONEY: Final = frozenset(("savings",))
_LEFT_OUT: Final = frozenset(("bank", "tells-health"))
"""Pages of which one has its own place, and one says whether somebody wanted to tell of health: that is of it."""
_CODE: Final = re.compile(r"[a-z0-9]+(_[a-z0-9]+)+")
Lines = list[tuple[str, str]]


def content(form: Form, *, health: bool, bank: bool) -> dict[str, Any]:
    """Return what a form says, as JSON has it. health, bank: with these; else without a trace of them.

    Sums are in pence or cents.
    """
    shown = form if health else form.without_health()
    household = shown.household.model_dump(mode="json", exclude_none=True)
    people = household.pop("people", [])
    details = {name: one.model_dump(mode="json") for name, one in shown.details.items() if name not in _LEFT_OUT}
    told = form.detail(TellsOfHealth)
    account = form.detail(Bank)
    return {
        "home": household,
        "people": people,
        "details": details,
        "corrections": [
            {"page": page, "source": one.source, "as_of": one.as_of, "said": dict(one.fact)}
            for page, one in form.corrections.items()
        ],
        **({"tells_of_health": told.tells} if health and told else {}),
        **({"bank": account.model_dump(mode="json")} if bank and account else {}),
    }


def lines(given: Mapping[str, Any], *, sign: str) -> Lines:
    """Return a part of the content as lines, each what it is about and what was said. sign: of the currency."""
    said = {key: value for key, value in given.items() if value not in (None, "")}
    return [(f"{label(key)}:", _text(key, value, sign)) for key, value in said.items()]


def called(people: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Yield what each of the people is called here: "Applicant", "Child 2"."""
    seen: Counter[str] = Counter()
    for person in people:
        role = str(person.get("role", "somebody"))
        seen[role] += 1
        yield label(role) if role in ("applicant", "partner") else f"{label(role)} {seen[role]}"


def label(key: str) -> str:
    """Return the name of an answer as words."""
    return key.replace("_", " ").replace("-", " ").capitalize()


def _text(key: str, value: Any, sign: str) -> str:
    match value:
        case None | "" | []:
            return "none"
        case bool():
            return "yes" if value else "no"
        case {"amount": amount, "period": period, **rest}:
            told = f"{Sum(amount, sign, period)}"
            return f"{_plain(rest['kind'])} {told}" if "kind" in rest else told
        case dict():
            return "; ".join(f"{label(name)}: {_text(name, one, sign)}" for name, one in value.items())
        case list():
            return ", ".join(_text(key, one, sign) for one in value)
    return str(Sum(value, sign)) if key in _MONEY else _plain(value)


def _plain(value: Any) -> str:
    """Return a code as words, and what somebody wrote as it is."""
    text = str(value)
    return text.replace("_", " ") if _CODE.fullmatch(text) else text
