"""What is filled in when a form is sent, and afterwards."""

from collections.abc import Collection, Mapping
from typing import Self
from uuid import UUID, uuid4

from wtforms import HiddenField, SelectMultipleField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from portal.i18n import Lazy
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.web.forms import Form

LONGEST = 4000


class DeclareForm(Form):
    agreed = SelectMultipleField(_l("Your declaration"))

    @classmethod
    def of(cls, behalf_of: str) -> Self:
        """Return the form with its box. behalf_of: to whom staff read it out; empty for the person themselves."""
        form = cls()
        if behalf_of:
            text = _("I have read this out to %(name)s, and they agree", name=behalf_of)
            missing: str | Lazy = _("Read it out to %(name)s, and tick the box if they agree", name=behalf_of)
        else:
            text, missing = _("I declare this"), _("Tick the box if you declare this")
        form.agreed.choices = [SelectChoice("yes", text)]
        form.agreed.validators = [InputRequired(missing)]
        return form


class KeyForm(Form):
    """A form whose content is taken once, whatever is pressed twice."""

    key = HiddenField()

    def draw_key(self) -> Self:
        """Give the form its key, unless it came back with one."""
        self.key.data = str(self.sent_key or uuid4())
        return self

    def draw_another_key(self) -> Self:
        self.key.data = str(uuid4())
        return self

    @property
    def sent_key(self) -> UUID | None:
        """Return the key that it came back with; None if that isn't one."""
        try:
            return UUID(self.key.data or "")
        except ValueError:
            return None


def _text(label: Lazy, missing: Lazy) -> TextAreaField:
    too_long = _l("Use 4,000 characters or fewer")
    return TextAreaField(label, [InputRequired(missing), Length(max=LONGEST, message=too_long)])


class MessageForm(KeyForm):
    body = _text(_l("Your message"), _l("Write your message"))


class ChangeForm(KeyForm):
    body = _text(_l("What has changed, and since when?"), _l("Write what has changed"))


class WithdrawForm(Form):
    schemes = SelectMultipleField(
        _l("What do you want to withdraw?"), validators=[InputRequired(_l("Choose what you want to withdraw"))]
    )

    @classmethod
    def of(cls, names: Mapping[str, str], chosen: Collection[str] = ()) -> Self:
        """Return the form with a box for each scheme that can be withdrawn. names: by slug."""
        form = cls(data={"schemes": list(chosen)})
        form.schemes.choices = [SelectChoice(slug, name) for slug, name in names.items()]
        return form
