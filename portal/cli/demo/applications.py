"""Applications for help with energy that are there when the demo starts: one that the council has answered, one half
filled in. Where no scheme of the council's has a form, there are none.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from portal.blueprints.energy.actions import drafting, replying, sending
from portal.blueprints.energy.actions.drafting import Answer
from portal.blueprints.energy.actions.replying import Reply, Step
from portal.blueprints.energy.actions.sending import Declared
from portal.blueprints.energy.queries import applications, sent
from portal.blueprints.energy.rules.answers import Answers
from portal.blueprints.energy.rules.details import (
    Address,
    Bank,
    Contact,
    Detail,
    Happened,
    ShownLater,
    Supplier,
    Who,
)
from portal.blueprints.energy.rules.form import Form
from portal.blueprints.energy.rules.progress import State
from portal.blueprints.energy.schemes.catalogue import Ready, nation_of, schemes_of
from portal.blueprints.energy.schemes.household import Household, household_of
from portal.cli.demo.logins import DemoLogin
from portal.cli.demo.people import ENERGY_DESK
from portal.identity import persons, staff
from portal.party import Level, Party, permissions_of
from portal.workplace import Workplace

_SCHEME = "crisis-and-resilience-fund"
_SENT, _ANSWERED, _BEGUN = timedelta(days=6), timedelta(days=2), timedelta(days=3)
"""How long ago."""
_WAITS = timedelta(days=14)
"""So long the council waits for what it has asked for."""
_HOUSEHOLD = {
    "tenure": "council",
    "crisis": True,
    "savings": 21_300,
    "people": [{"role": "applicant", "benefits": ["universal_credit"]}],
}
_ASKED = ("home", "people", "benefits/0", "savings", "emergency")
_HAS_BEGUN = "has begun a form for help with energy"
_HAS_SENT = "has applied for help with energy, and is asked for a paper"
_DECLARED = "What I have said is true and complete, as far as I know."
_WANTED = (
    "Thank you for writing to us. To decide, we need to see your newest letter about Universal Credit. A photo is"
    " enough: every page, with your name on it. If you can’t find it, call us, and we will look together."
)


@dataclass(frozen=True, slots=True)
class _Applicant:
    """Somebody of the demo, and where they are in a form. at: when they fill it in."""

    place: Workplace
    person: UUID
    edition: str
    at: datetime

    @property
    def party(self) -> Party:
        return persons.themselves(self.person)

    def begin(self, answers: Answers) -> UUID:
        schemes = {_SCHEME: self.edition}
        return drafting.begin(self.place.db, self.place.sealer, self.party, schemes, answers, now=self.at)

    def answer(self, application: UUID, details: Mapping[str, Detail]) -> Form | None:
        """Answer pages one by one, and return the form after the last of them."""
        db, sealer, nation, form = self.place.db, self.place.sealer, nation_of(self.place.council), None
        for slug, detail in details.items():
            given = Answer(slug, None, partial(Form.with_detail, slug=slug, detail=detail))
            form = drafting.answer(db, sealer, self.party, application, given, nation=nation, now=self.at)
        return form


def bring_applications(place: Workplace, residents: list[DemoLogin]) -> list[DemoLogin]:
    """Let the second resident have begun a form, and the third have sent one and been answered, unless they have one.
    Return the residents with what is to be said of it.
    """
    now = place.clock.now()
    ready = _edition(place, now)
    if ready is None:
        return residents
    first, beginner, sender, *others = residents
    if applicant := _without(place, beginner, ready, now - _BEGUN):
        answers = Answers(_household(place, tenure="council"), ("home",))
        applicant.answer(applicant.begin(answers), {"who": Who(applying_for="myself")})
    if applicant := _without(place, sender, ready, now - _SENT):
        _send(applicant)
        _ask_for_more(place, applicant.person)
    return [first, _with_more(beginner, _HAS_BEGUN), _with_more(sender, _HAS_SENT), *others]


def _with_more(login: DemoLogin, line: str) -> DemoLogin:
    return replace(login, more=(*login.more, line))


def _edition(place: Workplace, now: datetime) -> Ready | None:
    """Return the edition of the demo's scheme that holds today; None if the council can't be asked for it."""
    day = now.astimezone(place.council.zone).date()
    scheme = next(one for one in schemes_of(place.council) if one.slug == _SCHEME)
    ready = scheme.on(day)
    here = ready is not None and nation_of(place.council) in ready.edition.nations
    return ready if here and scheme.available(day) == "open" else None


def _without(place: Workplace, login: DemoLogin, ready: Ready, at: datetime) -> _Applicant | None:
    """Return a resident as an applicant; None if they have a form, sent or not."""
    account = persons.find(place.db, login.sign_in)
    if account is None or applications.of_person(place.db, persons.themselves(account.id), at=place.clock.now()):
        return None
    place.db.rollback()
    return _Applicant(place, account.id, ready.edition.edition, at)


def _send(applicant: _Applicant) -> None:
    place = applicant.place
    details = persons.details(place.db, applicant.person)
    place.db.rollback()
    if details is None:
        return
    application = applicant.begin(Answers(_household(place, **_HOUSEHOLD), _ASKED))
    form = applicant.answer(
        application,
        {
            "who": Who(applying_for="myself"),
            "contact": Contact(name=details.name, by="phone", phone="01632 960 177"),
            "address": Address(lines=("7 Weir Lane", "Millbrook", "ZZ1 3AB")),
            "supplier": Supplier(name="Millstream Energy"),
            "happened": Happened(
                what="My hours at work were cut, and the prepayment meter has been empty since Sunday.",
                would_help="Money to top up the meter until I am paid again.",
            ),
            "bank": Bank(),
            "evidence": ShownLater(kinds=("benefit_award", "savings")),
        },
    )
    if form:
        declared = Declared(_DECLARED, "en", form.mark, {_SCHEME: applicant.edition})
        office = sending.Office(place.sealer, place.council, _secret(place), _link(place, application))
        sending.send(place.db, office, applicant.party, application, declared, now=applicant.at)


def _ask_for_more(place: Workplace, person: UUID) -> None:
    """Let a member of staff ask for a paper that wasn't shown."""
    member = staff.member_by_email(place.db, ENERGY_DESK)
    application = next((one for one in sent.every(place.db) if one.person == person), None)
    place.db.rollback()
    if member is None or application is None:
        return
    now = place.clock.now()
    today = now.astimezone(place.council.zone).date()
    party = Party(person, member.id, Level.HIGH, permissions=permissions_of(member.roles))
    desk = replying.Desk(place.sealer, _secret(place), _link(place, application.id), today)
    step = Step(_SCHEME, State.EVIDENCE_NEEDED, today + _WAITS)
    replying.reply(place.db, desk, party, application, Reply(step, _WANTED), now=now - _ANSWERED)


def _household(place: Workplace, **known: object) -> Household:
    return household_of({"nation": nation_of(place.council), **known})


def _secret(place: Workplace) -> bytes:
    return place.settings.secret_key.get_secret_value().encode()


def _link(place: Workplace, application: UUID) -> str:
    return f"{place.settings.base_url}/energy/applications/{application}"
