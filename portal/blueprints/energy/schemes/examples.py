"""The examples in a scheme's file: households with the answers that they must get."""

from collections.abc import Iterator

from portal.blueprints.energy.schemes.catalogue import Ready, Scheme
from portal.blueprints.energy.schemes.edition import Answer, Edition, Example
from portal.blueprints.energy.schemes.engine import Verdict, weigh

ANSWERS: dict[bool | None, Answer] = {True: "yes", False: "no", None: "unknown"}


def failing(edition: Edition) -> list[tuple[int, str]]:
    """Return what comes out otherwise than the examples of an edition say: the place of each, from 0 on, and why."""
    return [
        (position, fault) for position, example in enumerate(edition.examples) for fault in faults(edition, example)
    ]


def faults(edition: Edition, example: Example) -> Iterator[str]:
    """Yield what comes out otherwise than an example says, in words."""
    verdict = verdict_of(edition, example)
    if (answer := ANSWERS[verdict.answer]) != example.answer:
        yield f"example “{example.about}”: the answer is {answer}, not {example.answer}"
    if example.amount and verdict.amount != example.amount:
        yield f"example “{example.about}”: the amount is {verdict.amount}, not {example.amount}"
    answers = {reason.id: ANSWERS[reason.weighed.answer] for reason in verdict.reasons}
    for name, expected in example.conditions.items():
        if (found := answers.get(name, "not weighed")) != expected:
            yield f"example “{example.about}”: {name} is {found}, not {expected}"


def verdict_of(edition: Edition, example: Example) -> Verdict:
    """Weigh an example's household, on its day or on the first on which the edition holds."""
    limits = {name: given.minor for name, given in edition.example_limits.items()}
    scheme = Scheme(edition.scheme, (Ready(edition, limits),))
    return weigh(scheme, example.household, example.on or edition.in_force.from_)
