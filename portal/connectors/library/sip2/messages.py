"""The messages of SIP2, each as the list of its fields. Source: 3M SIP 2.00, "Message formats".

Each answer stands before the request that gets it. Fixed fields come first and always; variable ones come in any order,
and an answer's are optional here even where the standard wants them.
"""

from datetime import datetime
from typing import Annotated

from portal.connectors.library.sip2.dates import Due
from portal.connectors.library.sip2.errors import UnsendableValue
from portal.connectors.library.sip2.fields import (
    CODE,
    COUNT,
    DONE,
    DUE,
    ENDED,
    FLAGS,
    MODE,
    MOMENT,
    NOT_NO,
    NUMBER,
    PENCE,
    SUMMARY,
    SUPPORTED,
    TEXT,
    YES,
    Fixed,
    HoldMode,
    PatronFlag,
    Rest,
    Summary,
    Variable,
)
from portal.connectors.library.sip2.layout import Answer, Message, Request, message

Moment = Annotated[datetime | None, Fixed(18, MOMENT)]
Now = Annotated[datetime, Fixed(18, MOMENT)]
Count = Annotated[int | None, Fixed(4, COUNT)]
"""None where the server doesn't count such."""
Language = Annotated[str, Fixed(3, CODE)]
Institution = Annotated[str, Variable("AO", TEXT, always=True)]
Card = Annotated[str, Variable("AA", TEXT, always=True, filled=True)]
PatronId = Annotated[str, Variable("AA", TEXT, always=True)]
"""A server's own id of a patron: not always the number on the card that was asked about."""
Name = Annotated[str, Variable("AE", TEXT, always=True)]
Pin = Annotated[str | None, Variable("AD", TEXT, filled=True)]
TerminalPassword = Annotated[str | None, Variable("AC", TEXT)]
Screen = Annotated[tuple[str, ...], Variable("AF", TEXT, repeated=True)]
Printed = Annotated[tuple[str, ...], Variable("AG", TEXT, repeated=True)]
ValidCard = Annotated[bool | None, Variable("BL", YES)]
ValidPin = Annotated[bool | None, Variable("CQ", YES)]
"""A PIN was right only if this is True: None says nothing, whatever else the answer tells."""
Currency = Annotated[str | None, Variable("BH", TEXT)]
Pence = Annotated[int | None, Variable("BV", PENCE)]
FeeAccepted = Annotated[bool | None, Variable("BO", YES)]
DueField = Annotated[Due | None, Variable("AH", DUE)]

ENGLISH = "001"
PLACES_IN_BX = ("23", "11", "09", "01", "99", "97", "93", "63", "35", "37", "17", "19", "25", "15", "29", "65")


@message("94")
class LoginAnswer(Answer):
    ok: Annotated[bool, Fixed(1, DONE)]


@message("93", answer=LoginAnswer)
class LoginRequest(Request[LoginAnswer]):
    """We, a terminal, sign in. user, password: ours, not a resident's; in clear, as the algorithms 0 say."""

    user_algorithm: Annotated[str, Fixed(1, CODE)] = "0"
    password_algorithm: Annotated[str, Fixed(1, CODE)] = "0"  # noqa: S105 -- the standard's word for: in clear
    user: Annotated[str, Variable("CN", TEXT, always=True)]
    password: Annotated[str, Variable("CO", TEXT, always=True)]
    location: Annotated[str | None, Variable("CP", TEXT)] = None


@message("98")
class StatusAnswer(Answer):
    """Of what it says, only ``online`` stops work: the other flags say no where things work."""

    online: Annotated[bool, Fixed(1, NOT_NO)]
    checkin_ok: Annotated[bool, Fixed(1, YES)] = False
    checkout_ok: Annotated[bool, Fixed(1, YES)] = False
    renewal_ok: Annotated[bool, Fixed(1, YES)] = False
    status_update_ok: Annotated[bool, Fixed(1, YES)] = False
    offline_ok: Annotated[bool, Fixed(1, YES)] = False
    timeout_tenths: Annotated[int | None, Fixed(3, NUMBER)] = None
    retries: Annotated[int | None, Fixed(3, NUMBER)] = None
    at: Moment = None
    protocol: Annotated[str, Fixed(4, CODE)] = "2.00"
    institution: Institution = ""
    library: Annotated[str | None, Variable("AM", TEXT)] = None
    supported: Annotated[str | None, Variable("BX", SUPPORTED)] = None
    terminal_location: Annotated[str | None, Variable("AN", TEXT)] = None
    screen: Screen = ()
    printed: Printed = ()

    def supports(self, request_id: str) -> bool | None:
        """Tell whether a request may be sent. None if the server doesn't say: then the site's settings decide."""
        place = PLACES_IN_BX.index(request_id)
        said = (self.supported or "")[place : place + 1]
        return {"Y": True, "N": False}.get(said)


@message("99", answer=StatusAnswer)
class StatusRequest(Request[StatusAnswer]):
    """Are you there? It also makes it SIP 2.00: until then Evergreen and Koha speak 1.00."""

    status: Annotated[str, Fixed(1, CODE)] = "0"
    print_width: Annotated[int | None, Fixed(3, NUMBER)] = 80
    protocol: Annotated[str, Fixed(4, CODE)] = "2.00"


@message("24")
class PatronStatusAnswer(Answer):
    status: Annotated[frozenset[PatronFlag], Fixed(14, FLAGS)]
    language: Language = ENGLISH
    at: Moment = None
    institution: Institution = ""
    patron: PatronId = ""
    name: Name = ""
    valid_card: ValidCard = None
    valid_pin: ValidPin = None
    currency: Currency = None
    owed_pence: Pence = None
    screen: Screen = ()
    printed: Printed = ()


@message("23", answer=PatronStatusAnswer)
class PatronStatusRequest(Request[PatronStatusAnswer]):
    """Is that card good, and its PIN? The one request that carries AC and AD always: so it needs a PIN."""

    language: Language = ENGLISH
    at: Now
    institution: Institution
    card: Card
    terminal_password: Annotated[str, Variable("AC", TEXT, always=True)] = ""
    pin: Annotated[str, Variable("AD", TEXT, always=True, filled=True)]


@message("64")
class PatronInformationAnswer(Answer):
    """Counts, flags, and the items of the one kind that was asked for. What ``holds`` counts, the dialect says."""

    status: Annotated[frozenset[PatronFlag], Fixed(14, FLAGS)]
    language: Language = ENGLISH
    at: Moment = None
    holds: Count = None
    overdue: Count = None
    charged: Count = None
    fines: Count = None
    recalls: Count = None
    unavailable_holds: Count = None
    institution: Institution = ""
    patron: PatronId = ""
    name: Name = ""
    holds_limit: Annotated[int | None, Variable("BZ", NUMBER)] = None
    overdue_limit: Annotated[int | None, Variable("CA", NUMBER)] = None
    charged_limit: Annotated[int | None, Variable("CB", NUMBER)] = None
    valid_card: ValidCard = None
    valid_pin: ValidPin = None
    currency: Currency = None
    owed_pence: Pence = None
    owed_limit_pence: Annotated[int | None, Variable("CC", PENCE)] = None
    hold_items: Annotated[tuple[str, ...], Variable("AS", TEXT, repeated=True)] = ()
    overdue_items: Annotated[tuple[str, ...], Variable("AT", TEXT, repeated=True)] = ()
    charged_items: Annotated[tuple[str, ...], Variable("AU", TEXT, repeated=True)] = ()
    fine_items: Annotated[tuple[str, ...], Variable("AV", TEXT, repeated=True)] = ()
    recall_items: Annotated[tuple[str, ...], Variable("BU", TEXT, repeated=True)] = ()
    unavailable_hold_items: Annotated[tuple[str, ...], Variable("CD", TEXT, repeated=True)] = ()
    address: Annotated[str | None, Variable("BD", TEXT)] = None
    email: Annotated[str | None, Variable("BE", TEXT)] = None
    phone: Annotated[str | None, Variable("BF", TEXT)] = None
    screen: Screen = ()
    printed: Printed = ()
    extensions: Annotated[tuple[tuple[str, str], ...], Rest()] = ()

    def listed(self, summary: Summary) -> tuple[str, ...]:
        """Return the items of one kind, as the library numbers them: barcodes, at some sites titles or ids of holds."""
        return {
            Summary.HOLDS: self.hold_items,
            Summary.OVERDUE: self.overdue_items,
            Summary.CHARGED: self.charged_items,
            Summary.FINES: self.fine_items,
            Summary.RECALLS: self.recall_items,
            Summary.UNAVAILABLE_HOLDS: self.unavailable_hold_items,
        }[summary]


@message("63", answer=PatronInformationAnswer)
class PatronInformationRequest(Request[PatronInformationAnswer]):
    """All about a card, and items of one kind: the ``first`` to the ``last``, from 1. Some send 5 without a last."""

    language: Language = ENGLISH
    at: Now
    summary: Annotated[Summary | None, Fixed(10, SUMMARY)] = None
    institution: Institution
    card: Card
    terminal_password: TerminalPassword = None
    pin: Pin = None
    first: Annotated[int | None, Variable("BP", NUMBER)] = None
    last: Annotated[int | None, Variable("BQ", NUMBER)] = None


@message("18")
class ItemInformationAnswer(Answer):
    """circulation: 03 available, 04 on loan, 08 on the hold shelf, 10 in transit… An unknown item has no title."""

    circulation: Annotated[str, Fixed(2, CODE)]
    security_marker: Annotated[str, Fixed(2, CODE)] = "00"
    fee_type: Annotated[str, Fixed(2, CODE)] = "01"
    at: Moment = None
    queue_length: Annotated[int | None, Variable("CF", NUMBER)] = None
    due: DueField = None
    recalled_for: Annotated[Due | None, Variable("CJ", DUE)] = None
    pick_up_by: Annotated[Due | None, Variable("CM", DUE)] = None
    item: Annotated[str, Variable("AB", TEXT, always=True)] = ""
    title: Annotated[str, Variable("AJ", TEXT, always=True)] = ""
    owner: Annotated[str | None, Variable("BG", TEXT)] = None
    currency: Currency = None
    fee_pence: Pence = None
    media: Annotated[str | None, Variable("CK", TEXT)] = None
    home: Annotated[str | None, Variable("AQ", TEXT)] = None
    now_at: Annotated[str | None, Variable("AP", TEXT)] = None
    going_to: Annotated[str | None, Variable("CT", TEXT)] = None
    properties: Annotated[str | None, Variable("CH", TEXT)] = None
    screen: Screen = ()
    printed: Printed = ()


@message("17", answer=ItemInformationAnswer)
class ItemInformationRequest(Request[ItemInformationAnswer]):
    at: Now
    institution: Institution
    item: Annotated[str, Variable("AB", TEXT, always=True, filled=True)]
    terminal_password: TerminalPassword = None


@message("30")
class RenewAnswer(Answer):
    """ok: it was renewed, if ``due`` is another one than before. was_on_loan says no more than its name."""

    ok: Annotated[bool, Fixed(1, DONE)]
    was_on_loan: Annotated[bool, Fixed(1, YES)] = False
    magnetic: Annotated[str, Fixed(1, CODE)] = "U"
    desensitise: Annotated[str, Fixed(1, CODE)] = "N"
    at: Moment = None
    institution: Institution = ""
    patron: PatronId = ""
    item: Annotated[str, Variable("AB", TEXT, always=True)] = ""
    title: Annotated[str, Variable("AJ", TEXT, always=True)] = ""
    due: DueField = None
    fee_type: Annotated[str | None, Variable("BT", TEXT)] = None
    currency: Currency = None
    fee_pence: Pence = None
    media: Annotated[str | None, Variable("CK", TEXT)] = None
    properties: Annotated[str | None, Variable("CH", TEXT)] = None
    transaction: Annotated[str | None, Variable("BK", TEXT)] = None
    screen: Screen = ()
    printed: Printed = ()


@message("29", answer=RenewAnswer)
class RenewRequest(Request[RenewAnswer]):
    """no_block_due: means something only with ``no_block``, which we never ask for; some servers mind all the same."""

    third_party: Annotated[bool, Fixed(1, YES)] = False
    no_block: Annotated[bool, Fixed(1, YES)] = False
    at: Now
    no_block_due: Moment
    institution: Institution
    card: Card
    pin: Pin = None
    item: Annotated[str | None, Variable("AB", TEXT, filled=True)] = None
    title: Annotated[str | None, Variable("AJ", TEXT, filled=True)] = None
    terminal_password: TerminalPassword = None
    fee_accepted: FeeAccepted = None

    def __post_init__(self) -> None:
        """Raises UnsendableValue, also for a renewal of nothing."""
        super().__post_init__()
        if not (self.item or self.title):
            raise UnsendableValue("AB", "must not be empty without a title")


@message("66")
class RenewAllAnswer(Answer):
    """Believe the counts: Koha and Evergreen let other things stand among the items."""

    ok: Annotated[bool, Fixed(1, DONE)]
    renewed: Count = None
    unrenewed: Count = None
    at: Moment = None
    institution: Institution = ""
    renewed_items: Annotated[tuple[str, ...], Variable("BM", TEXT, repeated=True)] = ()
    unrenewed_items: Annotated[tuple[str, ...], Variable("BN", TEXT, repeated=True)] = ()
    screen: Screen = ()
    printed: Printed = ()


@message("65", answer=RenewAllAnswer)
class RenewAllRequest(Request[RenewAllAnswer]):
    """Gives no reasons and stops nobody from being charged: the portal renews one after the other instead."""

    at: Now
    institution: Institution
    card: Card
    pin: Pin = None
    terminal_password: TerminalPassword = None
    fee_accepted: FeeAccepted = None


@message("16")
class HoldAnswer(Answer):
    """ok: it was done, at some sites no more than heard. queue_place: 1 is next."""

    ok: Annotated[bool, Fixed(1, DONE)]
    available: Annotated[bool, Fixed(1, YES)] = False
    at: Moment = None
    expires: Annotated[Due | None, Variable("BW", DUE)] = None
    queue_place: Annotated[int | None, Variable("BR", NUMBER)] = None
    pick_up_at: Annotated[str | None, Variable("BS", TEXT)] = None
    institution: Institution = ""
    patron: PatronId = ""
    item: Annotated[str | None, Variable("AB", TEXT)] = None
    title: Annotated[str | None, Variable("AJ", TEXT)] = None
    screen: Screen = ()
    printed: Printed = ()


@message("15", answer=HoldAnswer)
class HoldRequest(Request[HoldAnswer]):
    """Place, cancel or change a hold on an item or a title. hold_type: 2 is any copy of the title."""

    mode: Annotated[HoldMode, Fixed(1, MODE)]
    at: Now
    expires: Annotated[datetime | None, Variable("BW", MOMENT)] = None
    pick_up_at: Annotated[str | None, Variable("BS", TEXT)] = None
    hold_type: Annotated[str | None, Variable("BY", TEXT)] = None
    institution: Institution
    card: Card
    pin: Pin = None
    item: Annotated[str | None, Variable("AB", TEXT)] = None
    title: Annotated[str | None, Variable("AJ", TEXT)] = None
    terminal_password: TerminalPassword = None
    fee_accepted: FeeAccepted = None

    def __post_init__(self) -> None:
        """Raises UnsendableValue, also for a hold on nothing."""
        super().__post_init__()
        if not (self.item or self.title):
            raise UnsendableValue("AB", "must not be empty without a title")


@message("36")
class EndSessionAnswer(Answer):
    ended: Annotated[bool, Fixed(1, ENDED)]
    at: Moment = None
    institution: Institution = ""
    patron: PatronId = ""
    screen: Screen = ()
    printed: Printed = ()


@message("35", answer=EndSessionAnswer)
class EndSessionRequest(Request[EndSessionAnswer]):
    """This patron is done: before the connection is used for another one."""

    at: Now
    institution: Institution
    card: Card
    terminal_password: TerminalPassword = None
    pin: Pin = None


MESSAGES: dict[str, type[Message]] = {
    each.id: each
    for request in (
        LoginRequest,
        StatusRequest,
        PatronStatusRequest,
        PatronInformationRequest,
        ItemInformationRequest,
        RenewRequest,
        RenewAllRequest,
        HoldRequest,
        EndSessionRequest,
    )
    for each in (request, request.answer)
}
"""Each message by its id."""
