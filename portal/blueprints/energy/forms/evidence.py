"""Choosing files to add."""

from typing import Any

from flask_wtf.file import MultipleFileField
from wtforms.validators import InputRequired, ValidationError

from portal.blueprints.energy.rules.evidence import MOST_AT_ONCE
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.web.forms import Form


class EvidenceForm(Form):
    files = MultipleFileField(
        _l("Photos or PDF files"), [InputRequired(_l("Choose a photo or a PDF first"))], name="files"
    )

    def validate_files(self, field: Any) -> None:
        if len(field.data) > MOST_AT_ONCE:
            raise ValidationError(_("Choose %(most)s files at most at a time. Nothing was added.", most=MOST_AT_ONCE))
