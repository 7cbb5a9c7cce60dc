"""Documents as PDF, made by typst: tagged (PDF/UA-1), in its own bundled fonts. Texts are handed over as data."""

from portal.documents.guides import Guide, Item, Part, guide
from portal.documents.letters import Letter, letter
from portal.documents.statements import Statement, statement

__all__ = ["Guide", "Item", "Letter", "Part", "Statement", "guide", "letter", "statement"]
