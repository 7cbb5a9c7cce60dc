"""What was said on the wire, with secrets and whatever is about a person blanked."""

import re
from dataclasses import replace

from portal.connectors.library.sip2.dialect import Dialect
from portal.connectors.library.sip2.errors import Sip2Error
from portal.connectors.library.sip2.fields import DUE
from portal.connectors.library.sip2.framing import parse
from portal.connectors.library.sip2.layout import split_fields
from portal.connectors.library.sip2.messages import MESSAGES

BLANK = "***"
SHOWN = {
    **dict.fromkeys(("BL", "CQ", "BO"), "[YN]"),
    **dict.fromkeys(("BP", "BQ", "BR", "BZ", "CA", "CB", "CF"), "[0-9 ]{1,4}"),
    **dict.fromkeys(("AH", "BW", "CJ", "CM"), DUE.shape),
    "BH": "[A-Z]{3}",
    "BT": "[0-9]{2}",
    "BX": "[YN]{1,16}",
    "BY": "[1-9]",
}
"""The fields that are shown, where their value looks as it should: a delimiter that got lost would bring the next field
along. All others, known or not, are blanked: cards, PINs, names, titles, items, amounts, texts for the screen."""


def traced(line: bytes, *, dialect: Dialect) -> str:
    """Return a line as it may be written down. Of what isn't a message: only how long it is, and what is wrong."""
    try:
        return _traced(line, dialect)
    except Sip2Error as error:
        return f"({len(line)} bytes: {error})"


def _traced(line: bytes, dialect: Dialect) -> str:
    frame = parse(line, dialect=replace(dialect, error_detection=False))
    if frame.id not in MESSAGES:
        return frame.id + (BLANK if frame.text else "")
    fixed = MESSAGES[frame.id].layout.fixed.values()
    width = sum(each.width for each in fixed)
    fields = split_fields(frame.text[width:], delimiter=dialect.delimiter)
    looks_right = re.fullmatch("".join(f"(?:{each.kind.shape})" for each in fixed), frame.text[:width])
    parts = [frame.id, frame.text[:width] if looks_right else BLANK]
    parts += [field_id + _shown(field_id, text) + dialect.delimiter for field_id, text in fields]
    return "".join(parts) + ("" if frame.sequence is None else f"AY{frame.sequence}")


def _shown(field_id: str, text: str) -> str:
    return text if not text or re.fullmatch(SHOWN.get(field_id, ""), text) else BLANK
