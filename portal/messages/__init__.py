"""Messages to people: one row in the outbox and the job that delivers it, in the caller's transaction.

Templates and their fields (all text; addresses are whole URLs):

| template | fields | tells |
| --- | --- | --- |
| ``register-confirm`` | ``link`` | that an address is about to be used; the link goes on |
| ``register-exists`` | ``sign_in``, ``reset`` | that somebody tried to register with an address that has an account |
| ``contact-confirm`` | ``link`` | that an address was added to an account |
| ``reset`` | ``link`` or, in letters, ``address``, ``code`` and perhaps ``username`` | how to choose a new password |
| ``account-made`` | ``link`` or, in letters, ``address``, ``code`` and ``username`` | that staff made an account |
| ``account-noted`` | | by letter, that staff made an account with an e-mail address that was given at a desk |
| ``password-changed`` | ``reset`` | that the password was changed |
| ``sign-in-method-changed`` | ``address`` | that a contact or another way to sign in was changed |
| ``help-given`` | ``link`` | that staff helped with the account, and nothing of what |
| ``contact-change-waits`` | ``link``, perhaps ``day`` (ISO 8601) when it is made | that a contact is to be changed |
| ``contact-change-not-made`` | ``link`` | that a change of contact that waited can't be made |
| ``staff-invite`` | ``name``, ``link`` | that staff have been given an account |
| ``library-due`` | ``count``, ``day`` (ISO 8601), ``link`` | that library loans are due soon |
| ``library-settled`` | ``link`` | that it was found out what came of a question to the library |
| ``energy-result`` | ``text`` (a line for each paragraph), ``link`` | what a check of energy help found |
| ``energy-corrections`` | ``reference``, perhaps ``name``, ``text`` (as above) | staff, what a person corrects |
| ``energy-received`` | ``link``, ``reference`` | that an application has arrived, and how it is named |
| ``energy-step`` | ``link`` | that something has changed about an application, and nothing of what |
| ``energy-draft-ends`` | ``day`` (ISO 8601), ``link`` | that a form which wasn't sent is deleted soon |
| ``energy-file`` | ``link`` | that a file which was added can't be taken |
| ``energy-works`` | ``link`` | that what a tenant told the council as landlord, or took back, has arrived |
| ``internet-booked`` | ``branch``, ``computer``, ``link``; ``starts``, ``ends``, ``held`` (ISO) | what is kept |
| ``internet-moved`` | as above | that the library gave them another computer, or less time |
| ``internet-cancelled`` | as above | that the library can't keep a booking |
| ``internet-offered`` | as above | that it is their turn |
| ``internet-closed`` | ``branch``, ``link`` | that they waited, and the computers have stopped for today |
| ``rent-activation`` | ``name``, ``address``, ``reference``, ``code``, ``until`` | how to connect a rent account |
"""

import json
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from portal.db import defer
from portal.messages.texts import TEMPLATES
from portal.models import Channel, Contact, OutboxMessage, Person
from portal.sealed import Sealer

DELIVER = "messages:deliver"
"""Name of the job that delivers one message."""


class NoWayToReach(Exception):
    """The person holds neither a confirmed e-mail address nor a postal one."""


def send(
    db: Session,
    *,
    person_id: UUID | None,
    template: str,
    fields: dict[str, str],
    at: datetime,
    sealer: Sealer,
    to: tuple[Channel, str] | None = None,
    language: str | None = None,
) -> UUID:
    """Write one message into the outbox and defer its delivery, in the caller's transaction; return its id.

    to: channel and address where they aren't the person's own confirmed ones, such as an address that is being
    confirmed; a postal address has its lines divided by line ends. The name of a person is put above theirs; where
    there is no person, it begins with the name. language: None for the person's.
    Raises NoWayToReach; KeyError for an unknown template or a field that it needs.
    """
    TEMPLATES[template].check(fields)
    channel, address = to or _way_to_reach(db, person_id)
    if channel is Channel.POST and person_id:
        name = db.execute(select(Person.name).where(Person.id == person_id)).scalar_one()
        address = f"{name}\n{address}"
    message_id = uuid4()
    db.execute(
        insert(OutboxMessage).values(
            id=message_id,
            person_id=person_id,
            channel=channel,
            template=template,
            language=language or db.scalar(select(Person.language).where(Person.id == person_id)) or "en",
            address=sealer.seal(address, context="outbox_message.address"),
            fields=sealer.seal(json.dumps(fields), context="outbox_message.fields"),
            created_at=at,
            state="waiting",
        )
    )
    if channel is Channel.EMAIL:
        defer(db, DELIVER, message_id=str(message_id))
    return message_id


def _way_to_reach(db: Session, person_id: UUID | None) -> tuple[Channel, str]:
    """Return the person's e-mail address, else their postal one: texts are not sent yet, so who has only a telephone
    gets a letter.
    """
    rows = db.execute(
        select(Contact.channel, Contact.value)
        .where(Contact.person_id == person_id, Contact.confirmed_at.is_not(None))
        .order_by(Contact.confirmed_at)
    ).all()
    for wanted in (Channel.EMAIL, Channel.POST):
        for channel, value in rows:
            if channel == wanted:
                return wanted, value
    raise NoWayToReach(str(person_id))
