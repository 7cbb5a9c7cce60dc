"""What we ask, as one site's dialect wants it. Each raises UnsendableValue for an empty card, item or PIN."""

from dataclasses import dataclass
from datetime import date, datetime

from portal.connectors.library.sip2.dates import day_of
from portal.connectors.library.sip2.dialect import Dialect, HoldCount, NoBlockDue
from portal.connectors.library.sip2.fields import HoldMode, Summary
from portal.connectors.library.sip2.messages import (
    EndSessionRequest,
    HoldRequest,
    ItemInformationRequest,
    LoginRequest,
    PatronInformationAnswer,
    PatronInformationRequest,
    PatronStatusRequest,
    RenewAllRequest,
    RenewRequest,
)


@dataclass(frozen=True, slots=True)
class Requests:
    """at, in each: the moment of asking, aware. pin: None where none is to be sent."""

    dialect: Dialect

    def login(self, *, user: str, password: str) -> LoginRequest:
        return LoginRequest(user=user, password=password, location=self.dialect.location or None)

    def patron_status(self, *, card: str, pin: str, at: datetime) -> PatronStatusRequest:
        return PatronStatusRequest(
            at=at,
            institution=self.dialect.institution,
            card=card,
            terminal_password=self.dialect.terminal_password,
            pin=pin,
        )

    def patron_information(
        self,
        *,
        card: str,
        pin: str | None,
        at: datetime,
        summary: Summary | None = None,
        first: int = 1,
        last: int | None = None,
    ) -> PatronInformationRequest:
        """summary: the items to list, of which the ``first``, from 1, to the ``last``: how many there are, by a 64
        without any.
        """
        return PatronInformationRequest(
            at=at,
            summary=summary,
            institution=self.dialect.institution,
            card=card,
            terminal_password=self.dialect.terminal_password,
            pin=pin,
            first=None if last is None else first,
            last=last,
        )

    def item_information(self, *, item: str, at: datetime) -> ItemInformationRequest:
        return ItemInformationRequest(
            at=at,
            institution=self.dialect.institution,
            item=item,
            terminal_password=self.dialect.terminal_password,
        )

    def renew(
        self,
        *,
        card: str,
        pin: str | None,
        at: datetime,
        item: str | None = None,
        title: str | None = None,
        old_due: datetime | None = None,
        fee_accepted: bool | None = None,
    ) -> RenewRequest:
        """old_due: aware; sent where the dialect wants it, ``at`` if there is none."""
        no_block_due = {
            NoBlockDue.TRANSACTION: at,
            NoBlockDue.BLANKS: None,
            NoBlockDue.OLD_DUE: old_due or at,
        }[self.dialect.no_block_due]
        return RenewRequest(
            at=at,
            no_block_due=no_block_due,
            institution=self.dialect.institution,
            card=card,
            pin=pin,
            item=item,
            title=title,
            terminal_password=self.dialect.terminal_password,
            fee_accepted=fee_accepted,
        )

    def renew_all(self, *, card: str, pin: str | None, at: datetime) -> RenewAllRequest:
        return RenewAllRequest(
            at=at,
            institution=self.dialect.institution,
            card=card,
            pin=pin,
            terminal_password=self.dialect.terminal_password,
        )

    def hold(
        self,
        mode: HoldMode,
        *,
        card: str,
        pin: str | None,
        at: datetime,
        item: str | None = None,
        title: str | None = None,
        pick_up_at: str | None = None,
    ) -> HoldRequest:
        return HoldRequest(
            mode=mode,
            at=at,
            pick_up_at=pick_up_at,
            institution=self.dialect.institution,
            card=card,
            pin=pin,
            item=item,
            title=title,
            terminal_password=self.dialect.terminal_password,
        )

    def end_session(self, *, card: str, pin: str | None, at: datetime) -> EndSessionRequest:
        return EndSessionRequest(
            at=at,
            institution=self.dialect.institution,
            card=card,
            terminal_password=self.dialect.terminal_password,
            pin=pin,
        )


def ready_holds(answer: PatronInformationAnswer, dialect: Dialect) -> int | None:
    """Return how many holds wait to be picked up; None if the server doesn't count them."""
    if answer.holds is None or dialect.hold_count is HoldCount.READY:
        return answer.holds
    return None if answer.unavailable_holds is None else max(0, answer.holds - answer.unavailable_holds)


def expires_on(answer: PatronInformationAnswer, dialect: Dialect) -> date | None:
    """Return the last day of a card, where the site's dialect says in which field it stands."""
    return _day_in(dialect.expiry, answer, dialect)


def born_on(answer: PatronInformationAnswer, dialect: Dialect) -> date | None:
    """Return the day of birth of whose card it is, where the site's dialect says in which field it stands."""
    return _day_in(dialect.birth, answer, dialect)


def _day_in(field: str, answer: PatronInformationAnswer, dialect: Dialect) -> date | None:
    return day_of((text for field_id, text in answer.extensions if field_id == field), dialect)
