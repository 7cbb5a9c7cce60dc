"""About rent accounts."""

from portal.i18n import gettext as _
from portal.messages.texts.parts import Composed, Fields, Template, Templates


def _rent_activation(fields: Fields) -> Composed:
    return Composed(
        _("Your code for the council’s portal"),
        (
            _("Dear %(name)s,", name=fields["name"]),
            _("with this code you can see your rent account on the web. It is for you alone."),
            _("Open %(address)s and make an account, or sign in.", address=fields["address"]),
            _(
                "Enter your payment reference, %(reference)s, and the code below, by %(until)s.",
                reference=fields["reference"],
                until=fields["until"],
            ),
        ),
        fields["code"],
    )


TEMPLATES: Templates = {
    "rent-activation": Template(("name", "address", "reference", "code", "until"), _rent_activation),
}
