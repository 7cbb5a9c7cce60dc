"""The room as somebody sees it who stands in it: each screen, with what could be pressed there."""

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

_HEAD = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Computers</title><meta http-equiv="refresh" content="5">
<meta name="viewport" content="width=device-width">
<style>
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem; background: #e9ebe6; color: #14211f }
main { display: grid; grid-template-columns: repeat(auto-fill, minmax(15rem, 1fr)); gap: 1rem }
section { background: #10302d; color: #fff; border-radius: .5rem; padding: 1rem; min-height: 11rem }
section.open { background: #fff; color: inherit; border: 2px solid #10302d }
h2 { font-size: 1rem; margin: 0 } .code { font-size: 2rem; letter-spacing: .1em; margin: .5rem 0 }
button { font: inherit }
</style></head><body><h1>The computers of the library</h1>
<p>Invented, for the demo. Book one in the portal, then check in there with the code that its screen shows.</p><main>
"""
_STATES = {
    "free": "Free",
    "kept": "Kept for somebody",
    "in-use": "In use",
    "out-of-order": "Out of order",
    "ask-staff": "Please ask staff",
    "not-enrolled": "Not enrolled",
    "starting": "Starting",
}


def page(seen: Iterable[Mapping[str, Any]]) -> str:
    return _HEAD + "\n".join(_screen(one) for one in seen) + "</main></body></html>\n"


def _screen(one: Mapping[str, Any]) -> str:
    parts = [f"<h2>Computer {escape(one['name'])}</h2>", f"<p>{escape(_STATES.get(one['state'], one['state']))}</p>"]
    if one["code"]:
        parts.append(f'<p class="code">{escape(in_pieces(one["code"]))}</p>')
    if not one["locked"]:
        minutes = -(-(one["seconds_left"] or 0) // 60)
        warning = f"<p>Save your work: your time ends in {one['warned']} min.</p>" if one["warned"] else ""
        parts.append(f"<p><strong>{minutes} min left</strong></p>{warning}{_button(one, 'finish', 'Finish')}")
    if one["message"]:
        parts.append(f"<p>{escape(one['message'])}</p>{_button(one, 'close-message', 'Close')}")
    return f'<section class="{"locked" if one["locked"] else "open"}">{"".join(parts)}</section>'


def in_pieces(code: str) -> str:
    """Return a code as it is read out: ``KXQ RTV``."""
    return f"{code[:3]} {code[3:]}"


def _button(one: Mapping[str, Any], action: str, words: str) -> str:
    return f'<form method="post" action="/{escape(one["name"])}/{action}"><button>{words}</button></form>'
