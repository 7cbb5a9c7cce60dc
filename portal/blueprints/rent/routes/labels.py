"""What a line of a statement says: plain words for what the housing system's code means."""

from portal.blueprints.rent.queries import Entry
from portal.i18n import Lazy
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l

WORDS: dict[str, Lazy] = {
    "rent": _l("Rent"),
    "service": _l("Service charges"),
    "cleaning": _l("Cleaning of stairs and halls"),
    "grounds": _l("Care of gardens and grounds"),
    "concierge": _l("Concierge"),
    "lighting": _l("Lighting of stairs and halls"),
    "heating": _l("Heating"),
    "hot-water": _l("Hot water"),
    "water": _l("Water"),
    "television": _l("Shared television aerial"),
    "tenants-levy": _l("Tenants’ association"),
    "support": _l("Support charges"),
    "garage": _l("Garage"),
    "parking": _l("Parking"),
    "insurance": _l("Contents insurance"),
    "vat": _l("VAT"),
    "court-costs": _l("Court costs"),
    "repairs": _l("Repairs that you pay for"),
    "interest": _l("Interest"),
    "housing-benefit": _l("Housing Benefit"),
    "housing-benefit-adjustment": _l("Housing Benefit, corrected"),
    "universal-credit": _l("Universal Credit, paid to us for you"),
    "direct-debit": _l("You paid, by Direct Debit"),
    "direct-debit-unpaid": _l("Direct Debit that your bank did not pay"),
    "standing-order": _l("You paid, by standing order"),
    "card": _l("You paid, by card"),
    "cash": _l("You paid, in cash"),
    "post-office": _l("You paid, at a shop or post office"),
    "cheque": _l("You paid, by cheque"),
    "cheque-returned": _l("Cheque that your bank did not pay"),
    "bank": _l("You paid, by bank transfer"),
    "deduction": _l("Taken from your benefit and paid to us"),
    "refund": _l("Paid back to you"),
    "transfer": _l("Moved from or to another account"),
    "waiver": _l("Rent that you don’t have to pay"),
    "write-off": _l("What you no longer have to pay"),
    "write-on": _l("What you have to pay again"),
    "opening-balance": _l("Balance from before"),
}
"""By label (``extract.labels``)."""

KINDS: dict[str, Lazy] = {
    "charge": _l("Another charge"),
    "benefit": _l("Benefit"),
    "universal-credit": _l("Universal Credit, paid to us for you"),
    "payment": _l("Payment"),
    "adjustment": _l("Correction"),
    "opening": _l("Balance from before"),
    "other": _l("Another change to your account"),
}
"""By kind, where there is no label: neutral words. The housing system's own, and its codes, never reach a resident."""


def label(name: str | None, kind: str = "charge") -> str:
    """Return the words for a label; where there is none, for the kind."""
    return str(WORDS[name] if name else KINDS[kind])


def of_entry(entry: Entry) -> str:
    """Return what an entry of a statement was."""
    return described_as(entry.label, entry.kind, entry.lines > 1)


def described_as(name: str | None, kind: str, is_joint: bool) -> str:
    """Return what an entry with this label is, or without one. is_joint: it stands for several lines."""
    return _("Charges") if is_joint and name is None else label(name, kind)
