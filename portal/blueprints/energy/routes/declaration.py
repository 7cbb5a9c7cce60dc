"""What somebody declares when they send a form: in plain words, of this form alone."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from portal.blueprints.energy.routes import common
from portal.blueprints.energy.routes.drafts import Draft
from portal.blueprints.energy.rules.details import Who
from portal.blueprints.energy.rules.parts import may_keep_health
from portal.blueprints.energy.schemes.catalogue import Ready
from portal.blueprints.energy.schemes.household import Nation
from portal.i18n import Lazy, use_locale, words
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.web import current

CHECKS_WITH: Final[dict[Nation, Lazy]] = {
    "england": _l("the Department for Work and Pensions and HM Revenue and Customs"),
    "wales": _l("the Department for Work and Pensions and HM Revenue and Customs"),
    "scotland": _l("the Department for Work and Pensions, Social Security Scotland and HM Revenue and Customs"),
    "northern_ireland": _l("the Department for Communities and HM Revenue and Customs"),
    "ireland": _l("the Department of Social Protection and Revenue"),
}
"""Who a council can ask whether somebody gets a benefit, and what they earn."""


@dataclass(frozen=True, slots=True)
class Declaration:
    """What is declared. language: of the words. mark: of the form that they are about, and of the words."""

    statements: tuple[str, ...]
    language: str
    behalf: str
    seen: str

    @property
    def words(self) -> str:
        """Return it as it is kept: a line for each paragraph."""
        return "\n".join(filter(None, (self.behalf, *self.statements)))


def declaration(draft: Draft, nation: Nation, *, behalf_of: str = "") -> Declaration:
    """Return what is declared of a form. behalf_of: whose name it is read out to in a help.

    It is in the reader's language only where a translator has been over it: somebody may be held to it.
    """
    language = common.binding_language()
    with use_locale(language, current.council().zone):
        statements = tuple(_statements(draft, nation))
        behalf = (
            _(
                "On behalf of %(name)s, to whom this was read out, and who agreed to it. “I” is %(name)s:",
                name=behalf_of,
            )
            if behalf_of
            else ""
        )
    schemes = (f"{ready.edition.scheme} {ready.edition.edition}" for ready in draft.editions)
    shown = "\x00".join((draft.form.mark, *schemes, language, behalf, *statements))
    seen = hashlib.blake2b(shown.encode(), digest_size=8).hexdigest()
    return Declaration(statements, language, behalf, seen)


def _statements(draft: Draft, nation: Nation) -> Iterator[str]:
    council = words(current.council().name)
    who = draft.form.detail(Who)
    if who and who.applying_for == "somebody_else":
        yield _("I apply for somebody else. They know it, or I may act for them.")
    yield _("What I have said is true and complete, as far as I know.")
    yield _("If something changes, I will tell %(council)s as soon as I can.", council=council)
    yield _may_check(council, nation)
    passed_on = [ready for ready in draft.editions if ready.edition.kind == "council_refers"]
    for ready in passed_on:
        yield _(
            "For %(scheme)s, %(council)s may pass on to those who do the work what they need to know, and nothing more:"
            " my name, how to reach me, and what the home is like.",
            scheme=_name(ready),
            council=council,
        )
    if is_about_health(draft):
        yield from _of_health(council, passed_on)
    yield _(
        "If I say on purpose what isn’t true, or leave something out, I may have to pay money back, and I could be"
        " taken to court."
    )


def is_about_health(draft: Draft) -> bool:
    """Tell whether something of health is sent."""
    return may_keep_health(draft.form, draft.needs) and draft.form.texts.health is not None


def _may_check(council: str, nation: Nation) -> str:
    others = CHECKS_WITH[nation]
    if nation == "ireland":
        return _(
            "%(council)s may check what I have said: with its own records of rent and housing, with %(others)s, with my"
            " energy supplier and my landlord.",
            council=council,
            others=others,
        )
    return _(
        "%(council)s may check what I have said: with its own records of rent, Council Tax and benefits, with"
        " %(others)s, with my energy supplier and my landlord.",
        council=council,
        others=others,
    )


def _of_health(council: str, passed_on: list[Ready]) -> Iterator[str]:
    """Say what leaves the council of what was said of health, and to whom."""
    yield _("I have agreed that %(council)s uses what I said about health to decide about this form.", council=council)
    for ready in passed_on:
        yield _(
            "To those who do the work for %(scheme)s, %(council)s says only “yes” or “no”: whether somebody at home has"
            " an illness that counts. It doesn’t say which, nor who has it.",
            scheme=_name(ready),
            council=council,
        )
    if not passed_on:
        yield _("Nothing of it leaves %(council)s.", council=council)


def _name(ready: Ready) -> str:
    return words(ready.edition.name)
