"""Reasons out of texts for a screen, as systems word them."""

from dataclasses import replace

import pytest

from portal.connectors.library import Block, Reason
from portal.connectors.library.sip2 import reasons
from portal.connectors.library.sip2.dates import Due
from portal.connectors.library.sip2.messages import ItemInformationAnswer

ITEM = ItemInformationAnswer(circulation="04")
GOOD: frozenset[Block] = frozenset()


def why(*screen: str, fee: bool = False, blocks: frozenset[Block] = GOOD, item: ItemInformationAnswer = ITEM) -> Reason:
    return reasons.why_not_renewed(screen, fee=fee, blocks=blocks, item=item)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        # Koha: its own texts, and codes of CanBookBeRenewed that it leaves as they are
        ("Item unavailable due to outstanding holds", Reason.RESERVED_BY_ANOTHER),
        ("Item has reached maximum renewals", Reason.TOO_MANY_RENEWALS),
        ("Item has reached maximum consecutive renewals without being seen", Reason.TOO_MANY_RENEWALS),
        ("Item renewal is not allowed", Reason.NOT_RENEWABLE),
        ("Item already issued to other borrower", Reason.NOT_ON_THIS_CARD),
        *(("on_reserve", Reason.RESERVED_BY_ANOTHER), ("too_many", Reason.TOO_MANY_RENEWALS)),
        *(("too_unseen", Reason.TOO_MANY_RENEWALS), ("too_soon", Reason.TOO_SOON), ("auto_too_soon", Reason.TOO_SOON)),
        *(("auto_too_late", Reason.TOO_LATE), ("overdue", Reason.TOO_LATE), ("recalled", Reason.RECALLED)),
        *(("auto_too_much_oweing", Reason.OWES_TOO_MUCH), ("auto_account_expired", Reason.CARD_EXPIRED)),
        *(("restriction", Reason.CARD_BLOCKED), ("item_denied_renewal", Reason.NOT_RENEWABLE)),
        *(("onsite_checkout", Reason.NOT_RENEWABLE), ("no_checkout", Reason.NOT_ON_THIS_CARD)),
        *(("booked", Reason.RESERVED_BY_ANOTHER), ("item_issued_to_other_patron", Reason.NOT_ON_THIS_CARD)),
        ("Greetings from Koha.  -- Invalid password", Reason.WRONG_CARD_OR_PIN),
        ("Greetings from Koha. PATRON EXPIRED", Reason.CARD_EXPIRED),
        ("Greetings from Koha. CARD LOST", Reason.CARD_LOST),
        ("Patron has outstanding fines", Reason.OWES_TOO_MUCH),
        # Evergreen
        ("Invalid patron password.", Reason.WRONG_CARD_OR_PIN),
        ("Invalid patron barcode.", Reason.WRONG_CARD_OR_PIN),
        ("No such item.", Reason.NOT_ON_THIS_CARD),
        ("Renewals not allowed.", Reason.NOT_RENEWABLE),
        ("Patron is not allowed to check out the selected item", Reason.OTHER),
        ("barred", Reason.CARD_BLOCKED),
        # FOLIO
        ("loan at maximum renewal number", Reason.TOO_MANY_RENEWALS),
        ("items cannot be renewed when there is an active recall request", Reason.RECALLED),
        ("renewal would not change the due date", Reason.UNCHANGED),
        ("loan is not renewable", Reason.NOT_RENEWABLE),
        ("Patron has reached maximum allowed outstanding fee/fine balance", Reason.OWES_TOO_MUCH),
        # As suppliers of other systems word it
        ("TOO MANY RENEWALS", Reason.TOO_MANY_RENEWALS),
        ("Renewal limit reached", Reason.TOO_MANY_RENEWALS),
        ("ON HOLD", Reason.RESERVED_BY_ANOTHER),
        ("Item is reserved by another borrower", Reason.RESERVED_BY_ANOTHER),
        ("Item has been requested by another patron", Reason.RESERVED_BY_ANOTHER),
        ("RENEWED TOO SOON", Reason.TOO_SOON),
        ("You’ve lost your card? This card has been reported lost", Reason.CARD_LOST),
        ("User has too many overdues", Reason.CARD_BLOCKED),
        ("Your membership has expired. Please see a member of staff", Reason.CARD_EXPIRED),
        ("Charges exceed the limit. Please pay at the desk", Reason.OWES_TOO_MUCH),
        ("There is a charge for this item", Reason.FEE),
        ("This item can’t be renewed", Reason.NOT_RENEWABLE),
        ("Item is not on loan to you", Reason.NOT_ON_THIS_CARD),
        *(("Please ask at the desk", Reason.OTHER), ("", Reason.OTHER)),
    ],
)
def test_a_text_says_why(text: str, reason: Reason) -> None:
    assert why(text) is reason


def test_what_is_only_said_because_it_always_is_gives_way_to_what_is_known() -> None:
    always = "Renewals not allowed."
    assert why(always, blocks=frozenset({Block.EXPIRED, Block.NO_RENEWING})) is Reason.CARD_EXPIRED
    assert why(always, blocks=frozenset({Block.LOST, Block.OWES_TOO_MUCH})) is Reason.CARD_LOST
    assert why(always, blocks=frozenset({Block.OWES_TOO_MUCH})) is Reason.OWES_TOO_MUCH
    assert why(blocks=frozenset({Block.NO_RENEWING})) is Reason.CARD_BLOCKED
    assert why(always, item=replace(ITEM, queue_length=2)) is Reason.RESERVED_BY_ANOTHER
    assert why(always, item=replace(ITEM, recalled_for=Due("soon"), queue_length=2)) is Reason.RECALLED
    assert why(blocks=frozenset({Block.NO_BORROWING}), item=replace(ITEM, queue_length=0)) is Reason.OTHER


def test_a_fee_is_the_reason_where_no_text_says_another() -> None:
    assert why(fee=True) is Reason.FEE
    assert why("Item has reached maximum renewals", fee=True) is Reason.TOO_MANY_RENEWALS


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Collection point not recognised", Reason.NO_SUCH_BRANCH),
        ("Invalid pickup location", Reason.NO_SUCH_BRANCH),
        ("no_branch", Reason.NO_SUCH_BRANCH),
        ("The item is on its way and the collection point cannot be changed", Reason.NOT_CHANGEABLE),
        ("Invalid PIN", Reason.WRONG_CARD_OR_PIN),
        ("", Reason.NOT_CHANGEABLE),
    ],
)
def test_why_a_branch_was_not_changed(text: str, reason: Reason) -> None:
    assert reasons.why_not_changed([text]) is reason


def test_why_a_hold_was_not_cancelled() -> None:
    assert reasons.why_not_cancelled(["No such hold on patron record."]) is Reason.NOT_CANCELLABLE
    assert reasons.why_not_cancelled(["Invalid password"]) is Reason.WRONG_CARD_OR_PIN


def test_a_greeting_is_no_refusal() -> None:
    assert not reasons.is_refusal(["Greetings from Koha.", "Thank you, come again"])
    assert reasons.is_refusal(["Greetings from Koha.", "too_many"])
