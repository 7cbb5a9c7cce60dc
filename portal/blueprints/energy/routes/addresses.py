"""Where the pages of an application are."""

from uuid import UUID

from flask import url_for

from portal.blueprints.energy.rules.parts import Step

ANSWERS = "answers"
"""Where a page leads back to that is changed from the list of answers: ``then`` in an address."""


def step_address(application: UUID, asked: Step, *, then: str | None = None) -> str:
    """Return where a page is. then: ``answers`` to come back to the list of answers."""
    slug, _slash, person = asked.name.partition("/")
    if slug == "evidence":
        return evidence_address(application)
    if person:
        return url_for("energy.step_about", application=application, slug=slug, person=int(person), then=then)
    return url_for("energy.step", application=application, slug=slug, then=then)


def evidence_address(application: UUID) -> str:
    """Return where files are added."""
    return url_for("energy.application", application=application) + "/evidence"


def send_address(application: UUID) -> str:
    """Return where the declaration is."""
    return url_for("energy.application", application=application) + "/send"
