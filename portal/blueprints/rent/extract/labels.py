"""What the code of a line can mean: a closed list, which mappings choose from and pages have words for."""

from typing import Final

LABELS: Final = {
    "rent": "charge",
    "service": "charge",
    "cleaning": "charge",
    "grounds": "charge",
    "concierge": "charge",
    "lighting": "charge",
    "heating": "charge",
    "hot-water": "charge",
    "water": "charge",
    "television": "charge",
    "tenants-levy": "charge",
    "support": "charge",
    "garage": "charge",
    "parking": "charge",
    "insurance": "charge",
    "vat": "charge",
    "court-costs": "charge",
    "repairs": "charge",
    "interest": "charge",
    "housing-benefit": "benefit",
    "housing-benefit-adjustment": "benefit",
    "universal-credit": "universal-credit",
    "direct-debit": "payment",
    "direct-debit-unpaid": "payment",
    "standing-order": "payment",
    "card": "payment",
    "cash": "payment",
    "post-office": "payment",
    "cheque": "payment",
    "cheque-returned": "payment",
    "bank": "payment",
    "deduction": "payment",
    "refund": "adjustment",
    "transfer": "adjustment",
    "waiver": "adjustment",
    "write-off": "adjustment",
    "write-on": "adjustment",
    "opening-balance": "opening",
}
"""Each label's kind, as ``RentLine.kind``. deduction: from a benefit, paid to the council. repairs: recharged ones."""

KINDS: Final = ("charge", "benefit", "universal-credit", "payment", "adjustment", "opening", "other")
"""A mapping may name a kind alone, where none of the labels is right: then the system's own words are shown."""
