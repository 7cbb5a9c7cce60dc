"""The acceptable-use policy in words."""

from dataclasses import dataclass

from portal.blueprints.internet.queries.rooms import PolicyText
from portal.i18n import current_language
from portal.i18n import gettext as _


@dataclass(frozen=True, slots=True)
class Rules:
    """The policy as a page shows it. since: which text it is, as forms send it back. language: None for the page's."""

    since: str
    language: str | None
    paragraphs: tuple[str, ...]


def in_words(policy: PolicyText) -> Rules:
    """Return the policy in the reader's language, or in the first that the council wrote it in."""
    since = policy.since.isoformat()
    if policy.body is None:
        return Rules(since, None, _to_begin_with())
    here = current_language()
    language = here if policy.body.get(here) else next(iter(policy.body))
    paragraphs = tuple(line for line in policy.body[language].splitlines() if line.strip())
    return Rules(since, language if language != here else None, paragraphs)


def _to_begin_with() -> tuple[str, ...]:
    return (
        _(
            "Use the computer within the law, and leave it as you found it. Don’t install anything, and don’t go around"
            " its protection."
        ),
        _(
            "Others sit beside you, children too. Don’t show anything that shocks them, and don’t harass or deceive"
            " anybody."
        ),
        _("The library can end your time if you don’t keep to this."),
        _(
            "We keep when you used which computer, for some days. We never keep which sites you visit, or what you do"
            " there."
        ),
    )
