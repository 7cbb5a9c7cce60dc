"""Why something is refused, and how systems say so in AF.

Sources: Koha's C4/SIP/ILS/Transaction/Renew.pm, Evergreen's OpenILS/SIP/Msg.pm and SIPServer's ILS.pm, Koha's codes of
CanBookBeRenewed; ``plain`` is how suppliers of such systems word it for readers.
"""

from collections.abc import Mapping
from enum import StrEnum


class Reason(StrEnum):
    UNKNOWN_CARD = "unknown card"
    WRONG_PIN = "wrong PIN"
    LOST_CARD = "lost card"
    EXPIRED = "expired"
    FINES = "fines"
    TOO_MANY = "too many loans"
    UNKNOWN_ITEM = "unknown item"
    NOT_ON_LOAN = "not on loan to this card"
    ON_LOAN = "on loan"
    RESERVED = "reserved"
    LIMIT = "renewal limit"
    NOT_RENEWABLE = "not renewable"
    TOO_SOON = "too soon"
    FEE = "fee"
    NO_HOLD = "no such hold"
    HELD_ALREADY = "held already"
    NO_BRANCH = "no such branch"
    TOO_LATE = "on its way or ready"
    NOT_OWED = "more than is owed"


class Refusal(Exception):
    """The library won't. fee_pence: what would have to be agreed to."""

    def __init__(self, reason: Reason, *, fee_pence: int = 0) -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.fee_pence = fee_pence


_PLAIN = {
    Reason.UNKNOWN_CARD: "Card not recognised",
    Reason.WRONG_PIN: "Invalid PIN",
    Reason.LOST_CARD: "This card has been reported lost. Please see a member of staff",
    Reason.EXPIRED: "Your membership has expired. Please see a member of staff",
    Reason.FINES: "Charges exceed the limit. Please pay at the desk",
    Reason.TOO_MANY: "Loan limit reached",
    Reason.UNKNOWN_ITEM: "Item not recognised",
    Reason.NOT_ON_LOAN: "Item is not on loan to you",
    Reason.ON_LOAN: "Item is on loan to another borrower",
    Reason.RESERVED: "Item is reserved by another borrower",
    Reason.LIMIT: "Maximum number of renewals reached",
    Reason.NOT_RENEWABLE: "This item cannot be renewed",
    Reason.TOO_SOON: "Too soon to renew this item",
    Reason.FEE: "There is a charge for this item",
    Reason.NO_HOLD: "No such reservation",
    Reason.HELD_ALREADY: "You have already reserved this title",
    Reason.NO_BRANCH: "Collection point not recognised",
    Reason.TOO_LATE: "The item is on its way and the collection point cannot be changed",
    Reason.NOT_OWED: "Amount is more than the balance",
}
_KOHA = {
    Reason.UNKNOWN_CARD: "Please contact library staff",
    Reason.WRONG_PIN: "Invalid password",
    Reason.LOST_CARD: "CARD LOST",
    Reason.EXPIRED: "PATRON EXPIRED",
    Reason.FINES: "Patron has outstanding fines",
    Reason.RESERVED: "Item unavailable due to outstanding holds",
    Reason.LIMIT: "Item has reached maximum renewals",
    Reason.NOT_RENEWABLE: "item_denied_renewal",
    Reason.TOO_SOON: "too_soon",
    Reason.NOT_ON_LOAN: "no_checkout",
}
_EVERGREEN = {
    Reason.UNKNOWN_CARD: "Invalid patron barcode.",
    Reason.WRONG_PIN: "Invalid patron password.",
    Reason.NO_HOLD: "No such hold on patron record.",
    Reason.UNKNOWN_ITEM: "No such item.",
    Reason.LOST_CARD: "Renewals not allowed.",
    Reason.EXPIRED: "Renewals not allowed.",
    Reason.FINES: "Renewals not allowed.",
    Reason.NOT_OWED: "Overpayment not allowed",
}
_EVERGREEN_ELSE = "Patron is not allowed to check out the selected item"


def _codes() -> dict[Reason, str]:
    return {reason: reason.name.lower() for reason in Reason}


_WORDINGS: Mapping[str, Mapping[Reason, str]] = {
    "plain": _PLAIN,
    "koha": _PLAIN | _KOHA,
    "evergreen": dict.fromkeys(Reason, _EVERGREEN_ELSE) | _EVERGREEN,
    "codes": _codes(),
    "none": dict.fromkeys(Reason, ""),
}


def in_words(reason: Reason, wording: str) -> str:
    """Return the screen text of a refusal in one of the wordings that a dialect may name."""
    return _WORDINGS[wording][reason]
