"""Why a library says no, out of a text for a screen: each system words it as it likes, some not at all.

Texts and codes as Koha (C4/SIP/ILS/Transaction/Renew.pm, CanBookBeRenewed), Evergreen (OpenILS/SIP/Msg.pm), FOLIO
(mod-circulation), Sierra, Polaris, Symphony and Spydus have them, as far as they could be read or were seen.
"""

import re
from collections.abc import Iterable

from portal.connectors.library import Block, Reason
from portal.connectors.library.sip2.messages import ItemInformationAnswer

Table = tuple[tuple[re.Pattern[str], Reason], ...]

GREETING = re.compile(r"greetings from koha\.?")


def _table(*rows: tuple[str, Reason]) -> Table:
    return tuple((re.compile(pattern), reason) for pattern, reason in rows)


OF_CARDS = _table(
    (r"(invalid|wrong|incorrect|unknown)\b.*\b(pin|password|passcode|barcode|card)\b", Reason.WRONG_CARD_OR_PIN),
    (r"\bcard\b.*\b(not recogni[sz]ed|not found|invalid|unknown)|contact library staff", Reason.WRONG_CARD_OR_PIN),
    (r"\b(card|borrower|patron)\b.*\b(lost|stolen)|\blost card\b", Reason.CARD_LOST),
    (r"\bexpired\b", Reason.CARD_EXPIRED),
    (
        r"too many overdue|\b(blocked|barred|debarred|suspended|restricted|restriction|delinquent)\b",
        Reason.CARD_BLOCKED,
    ),
    (
        r"\b(owes?|oweing|owing|debts?|fines?)\b|charges? exceed|outstanding (charges|fees|balance)",
        Reason.OWES_TOO_MUCH,
    ),
    (r"(fee|fine|balance|charge)s?\b.*\b(limit|maximum|exceed)|maximum outstanding", Reason.OWES_TOO_MUCH),
)
OF_RENEWALS = _table(
    (r"\b(no checkout|no item|unknown item|no such item)\b", Reason.NOT_ON_THIS_CARD),
    (r"item (is |was )?not (found|recogni[sz]ed|known)|issued to other", Reason.NOT_ON_THIS_CARD),
    (r"not (currently )?(on loan|checked out|charged|issued)", Reason.NOT_ON_THIS_CARD),
    (r"\brecall", Reason.RECALLED),
    (r"\b(reserved?|reserves|reservations?|holds?|requests?|requested|booked)\b", Reason.RESERVED_BY_ANOTHER),
    (r"too many( unseen)?$|too many renewals?|too unseen|consecutive renewals", Reason.TOO_MANY_RENEWALS),
    (r"max(imum)?\b.*\brenew|renew\w*\b.*\b(limit|maximum|exceeded|exhausted)", Reason.TOO_MANY_RENEWALS),
    (r"no (more|remaining|further) renewals?|\blimit\b.*\brenew|^limit$", Reason.TOO_MANY_RENEWALS),
    (r"too (soon|early)|renewed too|not yet\b", Reason.TOO_SOON),
    (r"too late|\boverdue\b", Reason.TOO_LATE),
    (r"(would )?not change the due date|same due date|due date (is )?unchanged", Reason.UNCHANGED),
    (r"there is a (charge|fee)|\b(fee|charge) (is )?(required|applies|payable)|^fee$", Reason.FEE),
)
IN_GENERAL = _table(
    (r"(not|never|cannot|can't|can not) be(ing)? renewed|\bnot renewable", Reason.NOT_RENEWABLE),
    (r"renewals? (is |are )?not (allowed|permitted|possible|authori[sz]ed)", Reason.NOT_RENEWABLE),
    (r"\bdenied\b|\bonsite\b|non-renewable|unrenewable", Reason.NOT_RENEWABLE),
)
"""What is only said because it always is: whatever else is known of the card or the item says more."""
OF_BRANCHES = _table(
    (r"\b(branch|location|library|pick-?up( \w+)?|collection \w+)\b.*\b(not|unknown|invalid)\b", Reason.NO_SUCH_BRANCH),
    (r"\b(no|no such|unknown|invalid)( pick-?up)? (branch|location|library)\b", Reason.NO_SUCH_BRANCH),
)
NOT_POSSIBLE = re.compile(r"\bcannot be changed\b")


def why_not_renewed(
    screen: Iterable[str], *, fee: bool, blocks: frozenset[Block], item: ItemInformationAnswer | None
) -> Reason:
    """Return why a renewal was refused: by its text, else by what is known of the card, else of the item.

    fee: whether the answer names one. item: as it was before.
    """
    said = _said(screen)
    strong = _first((*OF_CARDS, *OF_RENEWALS), said)
    if strong:
        return strong
    if fee:
        return Reason.FEE
    return why_blocked(blocks) or _why_of_item(item) or _first(IN_GENERAL, said) or Reason.OTHER


def is_refusal(screen: Iterable[str]) -> bool:
    """Tell whether the text of an answer that says yes means no (Koha says yes to whatever it has heard)."""
    return _first((*OF_CARDS, *OF_RENEWALS, *IN_GENERAL), _said(screen)) is not None


def why_not_cancelled(screen: Iterable[str]) -> Reason:
    return _first(OF_CARDS, _said(screen)) or Reason.NOT_CANCELLABLE


def why_not_changed(screen: Iterable[str]) -> Reason:
    said = _said(screen)
    if any(NOT_POSSIBLE.search(text) for text in said):
        return Reason.NOT_CHANGEABLE
    return _first((*OF_CARDS, *OF_BRANCHES), said) or Reason.NOT_CHANGEABLE


def why_blocked(blocks: frozenset[Block]) -> Reason | None:
    """Return why nothing is renewed on a card; None if nothing speaks against it."""
    if Block.LOST in blocks:
        return Reason.CARD_LOST
    if Block.EXPIRED in blocks:
        return Reason.CARD_EXPIRED
    if Block.OWES_TOO_MUCH in blocks:
        return Reason.OWES_TOO_MUCH
    return Reason.CARD_BLOCKED if Block.NO_RENEWING in blocks else None


def _why_of_item(item: ItemInformationAnswer | None) -> Reason | None:
    if item is None:
        return None
    if item.recalled_for:
        return Reason.RECALLED
    return Reason.RESERVED_BY_ANOTHER if item.queue_length else None


def _first(table: Table, said: list[str]) -> Reason | None:
    return next((reason for pattern, reason in table if any(pattern.search(text) for text in said)), None)


def _said(screen: Iterable[str]) -> list[str]:
    """Return texts without what is always said, codes such as ``too_many`` as words."""
    return [GREETING.sub("", text.casefold().replace("_", " ").replace("’", "'")).strip() for text in screen]
