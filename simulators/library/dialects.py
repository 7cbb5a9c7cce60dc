"""Kinds of servers, each as far as it was read in sources or seen by those who wrote clients for it.

Sources: Evergreen's SIPServer, Koha's C4/SIP, FOLIO's edge-sip2; for the others, what Palace's and Libki's clients and
SIP2.NET say of them. Differences whose server isn't known are spread over ``polaris``, ``sierra`` and ``strict``, so
that each is met in one of these. A council's own system may be set up otherwise: fields can be changed one by one.
"""

from simulators.library.dialect import Dialect
from simulators.library.fitting import DoesNotFit

STANDARD = Dialect()

EVERGREEN = Dialect(
    name="evergreen",
    encoding="ascii",
    unsupported="drop",
    login="first",
    empty_fields="misread",
    pickup_told=False,
    wording="evergreen",
    end_message="Thank you for using Evergreen!",
)
KOHA = Dialect(
    name="koha",
    encoding="utf-8",
    terminator="\r\n",
    unsupported="drop",
    login="first",
    hold_count="ready",
    idle_s=600,
    greeting="Greetings from Koha.",
    wording="koha",
    due_format="%Y%m%d    %H%M",
    title_renewal=False,
    refusals_say_ok=True,
)
FOLIO = Dialect(
    name="folio",
    encoding="utf-8",
    flags="N",
    without=frozenset({"15"}),
    pin_needed=True,
    pin_told="always",
    personal_with_wrong_pin=False,
    due_format="%Y%m%d   Z%H%M%S",
    zone="   Z",
    wording="codes",
)
POLARIS = Dialect(
    name="polaris",
    encoding="latin-1",
    card_first=True,
    hold_count="ready",
    expiry_field="PX",
    birth_field="BC",
    items_as="titles",
    paging=False,
    due_format="%d/%m/%Y",
)
SIERRA = Dialect(
    name="sierra",
    encoding="latin-1",
    zone="0000",
    numbers="blanks",
    check_in_out=False,
    without=frozenset({"35", "65"}),
    authors=True,
    page=5,
    one_connection=True,
    pickup_change="unchanged",
    due_format="%Y-%m-%d %H:%M",
    birth_field="",
    supported_told="absent",
)
STRICT = Dialect(
    name="strict",
    encoding="ascii",
    line_feed="dropped",
    sequence_checked=True,
    login="first",
    failed_login="closes",
    unsupported="drop",
    without=frozenset({"17", "65"}),
    supported_told="short",
    empty_fields="drop",
    no_block_due="required",
    institution="known",
    one_connection=True,
    idle_s=60,
    status_needs_fields=True,
    pin_needed=True,
    personal_with_wrong_pin=False,
    hold_count="ready",
    items_as="titles",
    renewal_ok="loose",
    wording="none",
)

DIALECTS = {one.name: one for one in (STANDARD, EVERGREEN, KOHA, FOLIO, POLARIS, SIERRA, STRICT)}


def dialect_named(name: str) -> Dialect:
    """Return one of ``DIALECTS``. Raises DoesNotFit."""
    if name not in DIALECTS:
        raise DoesNotFit(f"no dialect {name!r}: there are {', '.join(DIALECTS)}")
    return DIALECTS[name]
