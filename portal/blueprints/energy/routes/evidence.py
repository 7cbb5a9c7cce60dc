"""Showing what an application says: a list of what is asked for, and a page for each kind, where files are added."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore
from typing import Any, Final
from uuid import UUID

from flask import Blueprint, Response, abort, flash, request, url_for
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import ServiceUnavailable
from werkzeug.wrappers import Response as AnyResponse

from portal.blueprints.energy.actions import drafting
from portal.blueprints.energy.actions import evidence as adding
from portal.blueprints.energy.actions.drafting import Answer, NoSuchDraft
from portal.blueprints.energy.actions.evidence import Added, NotKept, NotThere, Sent
from portal.blueprints.energy.forms.evidence import EvidenceForm
from portal.blueprints.energy.queries import evidence as queries
from portal.blueprints.energy.routes import common, evidence_words, opening
from portal.blueprints.energy.routes.drafts import Draft, form_or_404
from portal.blueprints.energy.rules.details import ShownLater
from portal.blueprints.energy.rules.evidence import MOST_AT_ONCE, Kind, as_shown, is_settled, takes_more
from portal.blueprints.energy.rules.form import Form
from portal.connectors.calling import Deadline
from portal.connectors.errors import Unavailable
from portal.i18n import gettext as _
from portal.i18n import ngettext
from portal.uploads import Busy, NotAccepted
from portal.uploads.limits import MEGABYTE, MOST_BYTES
from portal.web import current
from portal.web.htmx import htmx
from portal.web.pages import page, see_other
from portal.web.requests import takes

MOST_SENT: Final = MOST_AT_ONCE * MOST_BYTES + MEGABYTE
"""Bytes of one request: as many of the largest files as may be sent at once, and what is around them."""
MOST_PARTS: Final = 64
"""Of one request: who sends a few files too many is told how many may be sent."""
AT_ONCE: Final = 3
"""Requests with files under way in one process: a server of pages has 8 threads, and most of them stay free."""
WAITS_S: Final = 2.0
AGAIN_S: Final = 10
"""After which who was turned away may come back."""
LONGEST_S: Final = 45.0
"""For one request: what isn't done by then has to be sent again."""

_room = BoundedSemaphore(AT_ONCE)


def add_to(bp: Blueprint) -> None:
    """Add the addresses of this module to the residents' blueprint."""
    those = "/applications/<uuid:application>/evidence"
    bp.add_url_rule(those, view_func=evidence)
    bp.add_url_rule(f"{those}/<kind>", view_func=evidence_of_kind)
    bp.add_url_rule(f"{those}/<kind>", view_func=add_evidence, methods=["POST"])
    bp.add_url_rule(f"{those}/<kind>/later", view_func=show_later, methods=["POST"])
    bp.add_url_rule(f"{those}/<uuid:evidence>/file", view_func=evidence_file)
    bp.add_url_rule(f"{those}/<uuid:evidence>/remove", view_func=remove_evidence, methods=["POST"])


def evidence(application: UUID) -> Response:
    """List what is to be shown."""
    form = form_or_404(application)
    files = _files(application)
    lines = [
        evidence_words.line(kind, [file for file in files if file.kind == kind.name], _address(application, kind))
        for kind in form.kinds
    ]
    back = url_for(".application", application=application)
    return page("energy/evidence.html", draft=form, lines=lines, is_open=_is_open(form), back=back)


def evidence_of_kind(application: UUID, kind: str) -> Response:
    form = form_or_404(application)
    return _kind_page(form, _kind_or_404(form, kind), EvidenceForm())


@takes(body=MOST_SENT, parts=MOST_PARTS)
def add_evidence(application: UUID, kind: str) -> AnyResponse:
    """Add files. Those that are good are kept, whatever becomes of the others."""
    form = form_or_404(application)
    wanted, chosen = _kind_or_404(form, kind), EvidenceForm()
    if not _is_open(form):
        abort(404)
    current.db().rollback()  # what was read ends here: files take seconds
    added: list[Added] = []
    if chosen.is_good():
        with _turn():
            added = _add(application, wanted, chosen)
    if chosen.errors:
        return _kind_page(form_or_404(application), wanted, chosen, status=422)
    if not htmx():
        flash(_told(added), "success")
    return see_other(_address(application, wanted))


def _add(application: UUID, kind: Kind, chosen: EvidenceForm) -> list[Added]:
    """Add each file by itself, and say in the form which couldn't be."""
    end, added = Deadline.after(LONGEST_S), []
    for file in chosen.files.data:
        name = as_shown(file.filename)
        if not end.left():
            chosen.fail("files", evidence_words.busy(name))
            continue
        try:
            added.append(_add_one(application, Sent(kind.name, name, _read(file))))
        except NotThere:
            abort(404)
        except (NotKept, NotAccepted, Busy, Unavailable) as error:
            chosen.fail("files", evidence_words.why_not_kept(error, name))
    return added


def _add_one(application: UUID, sent: Sent) -> Added:
    return adding.add(
        current.db(),
        opening.desk(),
        current.party(),
        application,
        sent,
        deadline=current.deadline(),
        now=current.now(),
    )


def _read(file: FileStorage) -> bytes:
    """Return what was sent, or a little more than is taken of it."""
    return file.stream.read(MOST_BYTES + 1)


def _told(added: list[Added]) -> str:
    new = sum(one is not Added.BEFORE for one in added)
    if not new:
        return _("You had added this already. Nothing has changed.")
    return ngettext("%(num)d file is added.", "%(num)d files are added.", new)


@contextmanager
def _turn() -> Iterator[None]:
    """Hold one of the few places of those who send files, so that others get their pages meanwhile."""
    if not _room.acquire(timeout=WAITS_S):
        raise ServiceUnavailable(retry_after=AGAIN_S)
    try:
        yield
    finally:
        _room.release()


def show_later(application: UUID, kind: str) -> AnyResponse:
    """Note that the person can't show something now."""
    form = form_or_404(application)
    wanted = _kind_or_404(form, kind)
    try:
        drafting.answer(
            current.db(),
            current.sealer(),
            current.party(),
            application,
            Answer("evidence", None, lambda before: _later(before, wanted)),
            nation=common.nation(),
            now=current.now(),
        )
    except NoSuchDraft:
        abort(404)
    return see_other(_onward(form, wanted))


def _later(before: Form, kind: Kind) -> Form:
    told = before.detail(ShownLater)
    kinds = dict.fromkeys((*(told.kinds if told else ()), kind.name))
    return before.with_detail("evidence", ShownLater.model_validate({"kinds": tuple(kinds)}))


def remove_evidence(application: UUID, evidence: UUID) -> AnyResponse:
    """Remove a file from a draft."""
    try:
        kind = adding.remove(current.db(), opening.desk(), current.party(), application, evidence, now=current.now())
    except NotThere:
        abort(404)
    flash(_("The file is removed."), "success")
    return see_other(url_for(".evidence_of_kind", application=application, kind=kind))


def evidence_file(application: UUID, evidence: UUID) -> AnyResponse:
    """Send a file to the person who added it."""
    found = queries.stored(current.db(), current.party(), application, evidence, at=current.now())
    return opening.opened(current.party(), found)


def _kind_page(form: Draft, kind: Kind, chosen: EvidenceForm, *, status: int = 200) -> Response:
    application = form.view.id
    return page(
        "energy/evidence_kind.html",
        fragments=("content", "added"),
        status=status,
        form=chosen,
        draft=form,
        kind=kind,
        title=evidence_words.title(kind),
        files=[file for file in _files(application) if file.kind == kind.name],
        states=evidence_words.STATES,
        source=evidence_words.source(kind),
        is_open=_is_open(form),
        is_sent=form.view.sent_at is not None,
        here=_address(application, kind),
        onward=_onward(form, kind),
        most_bytes=MOST_BYTES,
        words=evidence_words.of_script(),
    )


def _files(application: UUID) -> list[queries.FileView]:
    return queries.of_application(current.db(), current.sealer(), current.party(), application, at=current.now())


def _kind_or_404(form: Draft, name: str) -> Kind:
    return next((kind for kind in form.kinds if kind.name == name), None) or abort(404)


def _is_open(form: Draft) -> bool:
    return takes_more([case.state for case in form.view.cases])


def _onward(form: Draft, after: Kind) -> str:
    """Return where to go from a kind: to the next of which there is nothing yet, or to the list."""
    if form.view.sent_at is None:
        later = form.kinds[form.kinds.index(after) + 1 :] if after in form.kinds else ()
        for kind in later:
            if not is_settled(kind, form.view.shown):
                return _address(form.view.id, kind)
    return url_for(".evidence", application=form.view.id, then=request.args.get("then"))


def _address(application: UUID, kind: Kind, **more: Any) -> str:
    return url_for(".evidence_of_kind", application=application, kind=kind.name, **more)
