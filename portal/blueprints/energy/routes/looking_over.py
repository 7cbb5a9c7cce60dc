"""All answers of a form: looked over before it is sent, and as they were sent."""

from uuid import UUID

from flask import Blueprint, Response

from portal.blueprints.energy.routes import part_words
from portal.blueprints.energy.routes.addresses import evidence_address, send_address, step_address
from portal.blueprints.energy.routes.drafts import form_or_404
from portal.web.pages import page


def add_to(bp: Blueprint) -> None:
    """Add the addresses of this module to the residents' blueprint."""
    bp.add_url_rule("/applications/<uuid:application>/answers", view_func=answers)


def answers(application: UUID) -> Response:
    draft = form_or_404(application)
    return page(
        "energy/form_answers.html",
        draft=draft,
        sections=part_words.answered(draft),
        is_ready=part_words.is_ready(draft),
        step_address=step_address,
        evidence=evidence_address(application),
        send=send_address(application),
    )
