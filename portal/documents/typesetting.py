"""Typst, as every document is set by it."""

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import typst


def typeset(template: Path, name: str, data: Mapping[str, object], *, at: datetime) -> bytes:
    """Return a tagged PDF (PDF/UA-1), the same bytes for the same data. name: under which the template reads it."""
    made: bytes = typst.compile(
        str(template),
        format="pdf",
        ignore_system_fonts=True,
        pdf_standards=["ua-1"],
        sys_inputs={name: json.dumps(data)},
        timestamp=int(at.timestamp()),
    )
    return made
