"""What a form holds, as it is filled in: a value, of which each answer makes another one."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, NamedTuple, Self, TypeVar

from pydantic import ValidationError

from portal.blueprints.energy.rules.answers import Answers, names_of_health, with_people
from portal.blueprints.energy.rules.details import DETAILS, Bank, Detail, Names, ShownLater
from portal.blueprints.energy.rules.questions import page_named
from portal.blueprints.energy.schemes.clauses import SHOWS_HEALTH
from portal.blueprints.energy.schemes.household import Household, HouseholdError, Nation

AnyDetail = TypeVar("AnyDetail", bound=Detail)
_NOTHING: Mapping[str, Any] = MappingProxyType({})
_HEALTH = ("health", "pregnant")


class Texts(NamedTuple):
    """A form as it is kept, in three parts that are sealed apart. None: nothing was said of that."""

    answers: str
    health: str | None
    bank: str | None


class Unreadable(Exception):
    """What is kept isn't a form that this release knows."""


@dataclass(frozen=True, slots=True)
class Correction:
    """What a service of the council's said, and the person says otherwise. fact: by key, as JSON. source: the service's
    slug. as_of: when it said so, in ISO 8601.
    """

    fact: Mapping[str, Any]
    source: str
    as_of: str


@dataclass(frozen=True, slots=True)
class Form:
    """answers: what the check asks for. details: the rest, by the page's slug. corrections: by the page's name."""

    answers: Answers
    details: Mapping[str, Detail] = field(default_factory=lambda: _NOTHING)
    corrections: Mapping[str, Correction] = field(default_factory=lambda: _NOTHING)

    @property
    def household(self) -> Household:
        return self.answers.household

    def detail(self, kind: type[AnyDetail]) -> AnyDetail | None:
        """Return what one page was answered with; None if it wasn't."""
        return next((found for found in self.details.values() if isinstance(found, kind)), None)

    def is_answered(self, name: str) -> bool:
        """Tell whether a page was answered. Names have to be told again when somebody moves in or out."""
        names = self.detail(Names)
        if name == "names" and names and len(names.names) != len(self.household.people or ()) - 1:
            return False
        return name in (self.details if name in DETAILS else self.answers.asked)

    def with_answer(self, name: str, household: Household) -> Self:
        """Return the form with the answer to a page of the check. household: as it is known now."""
        return replace(self, answers=self.answers.answered(name, household))

    def with_detail(self, slug: str, detail: Detail) -> Self:
        return replace(self, details={**self.details, slug: detail})

    def with_correction(self, name: str, correction: Correction | None) -> Self:
        """Return the form with what the person says of a fact; None where they say nothing else."""
        rest = {page: one for page, one in self.corrections.items() if page != name}
        return replace(self, corrections=rest | ({name: correction} if correction else {}))

    def with_source(self, name: str, source: str | None) -> Self:
        """Return the form with which service knew what the person confirmed; None where none did."""
        rest = {page: one for page, one in self.answers.sources.items() if page != name}
        return replace(self, answers=replace(self.answers, sources=rest | ({name: source} if source else {})))

    def without_health(self) -> Self:
        """Return the form of somebody who doesn't want to tell of health, not by what they would show later either."""
        answers, later = self.answers.without_health(), self.detail(ShownLater)
        if later is None or SHOWS_HEALTH.isdisjoint(later.kinds):
            return replace(self, answers=answers)
        details = {slug: one for slug, one in self.details.items() if one is not later}
        if others := tuple(kind for kind in later.kinds if kind not in SHOWS_HEALTH):
            details["evidence"] = ShownLater(kinds=others)
        return replace(self, answers=answers, details=details)

    def with_health_of(self, told: Answers) -> Self:
        """Return the form with what a check was told of the health of the same people, where the form has nothing."""
        mine, theirs = self.household.people or (), told.household.people or ()
        if self.answers.has_health or [one.role for one in mine] != [one.role for one in theirs]:
            return self
        household = self.household
        for name in _HEALTH:
            household = with_people(household, name, [getattr(one, name) for one in theirs])
        asked = [name for name in told.asked if name.partition("/")[0] in names_of_health()]
        return replace(self, answers=replace(self.answers, household=household, asked=(*self.answers.asked, *asked)))

    def seen(self, name: str) -> str:
        """Return a mark of what one page holds: two are the same where nothing has changed in between.

        Of a page about people it changes with who there is, as well.
        """
        if name in DETAILS:
            detail = self.details.get(name)
            held: Any = detail.model_dump(mode="json") if detail else None
        else:
            held = self._held(name)
        return hashlib.blake2b(json.dumps(held).encode(), digest_size=8).hexdigest()

    def _held(self, name: str) -> Any:
        page = page_named(name, self.household)
        if page is None:
            return None
        known = self.household.model_dump(mode="json", exclude_none=True)
        home = {key: known.get(key) for key in page.question.keys if "." not in key and key != "people"}
        keys = [key.partition(".")[2] for key in page.question.keys if "." in key]
        people = [
            (number, one.role, [one.model_dump(mode="json")[key] for key in keys])
            for number, one in enumerate(self.household.people or ())
            if keys and (page.person is None or page.person == number)
        ]
        return [home, people, name in self.answers.asked]

    @property
    def mark(self) -> str:
        """Return a mark of all that the form holds: two are the same where nothing has changed in between."""
        return hashlib.blake2b("\x00".join(text or "" for text in self.texts).encode(), digest_size=8).hexdigest()

    @property
    def texts(self) -> Texts:
        bare = self.without_health()
        kept = {
            "answers": json.loads(bare.answers.text),
            "details": {slug: one.model_dump(mode="json") for slug, one in bare.details.items() if slug != "bank"},
            "corrections": {
                name: {"fact": dict(one.fact), "source": one.source, "as_of": one.as_of}
                for name, one in self.corrections.items()
            },
        }
        bank = self.detail(Bank)
        health = self._health if self != bare else None
        return Texts(json.dumps(kept), health, bank.model_dump_json() if bank else None)

    @property
    def _health(self) -> str:
        people = [one.model_dump(mode="json", include=set(_HEALTH)) for one in self.household.people or ()]
        asked = [name for name in self.answers.asked if name.partition("/")[0] in names_of_health()]
        told = self.detail(ShownLater)
        later = [kind for kind in told.kinds if kind in SHOWS_HEALTH] if told else []
        return json.dumps({"people": people, "asked": asked, "later": later})

    @classmethod
    def from_texts(cls, texts: Texts, nation: Nation) -> Self:
        """Read what ``texts`` wrote. health, bank: None leaves them out, for a reader who may not see them.

        Raises Unreadable.
        """
        try:
            kept = json.loads(texts.answers)
            answers = Answers.from_text(json.dumps(kept["answers"]), nation)
            if answers is None:
                raise Unreadable
            details = {slug: DETAILS[slug].model_validate(given) for slug, given in kept["details"].items()}
            if texts.bank:
                details["bank"] = Bank.model_validate_json(texts.bank)
            corrections = {name: Correction(**given) for name, given in kept["corrections"].items()}
            if texts.health:
                health = json.loads(texts.health)
                answers = _with_health(answers, health)
                if later := health.get("later"):
                    others = details.get("evidence", ShownLater()).model_dump()["kinds"]
                    details["evidence"] = ShownLater.model_validate({"kinds": (*others, *later)})
            return cls(answers, details, corrections)
        except (ValueError, KeyError, TypeError, HouseholdError, ValidationError) as error:
            raise Unreadable from error


def _with_health(answers: Answers, kept: Mapping[str, Any]) -> Answers:
    household = answers.household
    for name in _HEALTH if kept["people"] else ():
        values = [one.get(name) for one in kept["people"]]
        as_kept = [tuple(value) if isinstance(value, list) else value for value in values]
        household = with_people(household, name, as_kept)
    return replace(answers, household=household, asked=(*answers.asked, *kept["asked"]))
