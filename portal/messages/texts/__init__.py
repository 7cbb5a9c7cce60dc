"""What messages say, by what they are about. Subjects are neutral: whoever sees a screen or an envelope learns nothing
from them.
"""

from portal.council import Council
from portal.i18n import gettext as _
from portal.i18n import use_locale
from portal.messages.texts import account, energy, internet, library, rent
from portal.messages.texts.parts import Composed, Fields, Templates

TEMPLATES: Templates = {
    name: template for about in (account, library, energy, internet, rent) for name, template in about.TEMPLATES.items()
}


def compose(template: str, fields: Fields, *, language: str, council: Council) -> Composed:
    """Return a message in a language; the council's name ends it."""
    with use_locale(language, council.zone):
        return TEMPLATES[template].write(fields)


def signature(*, language: str, council: Council) -> tuple[str, ...]:
    """Return the lines below a message: who it is from, and how to reach a person."""
    with use_locale(language, council.zone):
        call = _(
            "Questions? Call %(phone)s, %(hours)s.",
            phone=council.contacts.phone,
            hours=council.contacts.hours[language],
        )
        return council.name[language], call
