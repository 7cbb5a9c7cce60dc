"""The import of branches, hours and computers from a file: tried first, then done."""

from collections.abc import Sequence

from flask import Blueprint, Response, flash, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from portal.blueprints.internet.actions.importing import Imported, import_sheet
from portal.blueprints.internet.forms.branches import ImportForm
from portal.blueprints.internet.routes.branches.changing import agreed, keeper, languages, told
from portal.blueprints.internet.rules.kinds import Kind
from portal.blueprints.internet.rules.sheet import COLUMNS, MOST_BYTES, Fault, SheetRefused, read_sheet
from portal.i18n import gettext as _
from portal.web.pages import page, see_other


def add_to(bp: Blueprint) -> None:
    """Add the addresses of this module to the staff's blueprint."""
    bp.add_url_rule("/import", view_func=upload)
    bp.add_url_rule("/import", view_func=bring_in, methods=["POST"])


def upload() -> Response:
    return _upload_page(ImportForm(formdata=None))


def bring_in() -> AnyResponse:
    """Try a file that was sent, and do what it says once that was seen: its text comes back with the second form."""
    text = request.form.get("text")
    if text is not None:
        return _do(text.encode())
    form = ImportForm()
    if not form.is_good():
        return _upload_page(form, status=422)
    data = form.file.data.stream.read(MOST_BYTES + 1)
    try:
        sheet = read_sheet(data, languages())
        tried = import_sheet(keeper(), sheet, languages=languages(), agreed=None)
    except SheetRefused as refused:
        return _refused(form, refused)
    return _tried_page(data.decode("utf-8-sig"), tried)


def _do(data: bytes) -> AnyResponse:
    try:
        sheet = read_sheet(data, languages())
        done = import_sheet(keeper(), sheet, languages=languages(), agreed=agreed())
    except SheetRefused as refused:
        return _refused(ImportForm(formdata=None), refused)
    if not done.is_done:
        return _tried_page(data.decode(), done)
    flash(f"{_('The file is imported.')} {told(done.touched)}".strip(), "success")
    return see_other(url_for(".upload"))


def _refused(form: ImportForm, refused: SheetRefused) -> Response:
    form.fail("file", _("Nothing was imported: the file has mistakes. They are listed below."))
    return _upload_page(form, refused.faults, status=422)


def _upload_page(form: ImportForm, faults: Sequence[Fault] = (), status: int = 200) -> Response:
    return page(
        "internet/staff/import.html",
        form=form,
        faults=faults,
        columns=(*COLUMNS[:3], *(f"name {language}" for language in languages()[1:]), *COLUMNS[3:]),
        kinds=list(Kind),
        status=status,
    )


def _tried_page(text: str, tried: Imported) -> Response:
    changes = any(step.what != "stays-retired" for step in tried.steps)
    return page("internet/staff/import_tried.html", text=text, tried=tried, changes=changes)
