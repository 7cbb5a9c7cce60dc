"""The page checker: what must hold for every page and fragment that the portal sends, whatever the test is about."""

import re
from typing import Any, cast
from urllib.parse import unquote

from lxml import html
from werkzeug.test import TestResponse

PERSONAL = re.compile(r"@|%40|(?<![\w-])(\d{10}|[A-Z]{2}\d[A-Z0-9]? ?\d[A-Z]{2})(?![\w-])", re.IGNORECASE)
"""What has no place in an address: e-mail addresses, payment references, post codes. A part of a link's random token
may look like one.
"""

ERROR_PREFIXES = ("Error: ", "Earráid: ", "Gwall: ")


HELP_PREFIXES = ("Helping a resident: ", "Ag cabhrú le cónaitheoir: ", "Yn helpu preswylydd: ")


def check(response: TestResponse, *, helping: bool = False) -> None:
    """Raise AssertionError, naming what is wrong, if the page breaks a rule that holds for all of them.

    helping: staff help a resident, so that each page and fragment says so.
    """
    where = f"{response.request.method} {response.request.path}"
    _check_headers(response, where)
    if response.content_encoding or response.mimetype != "text/html" or not response.text.strip() or response.location:
        return
    fragment = "HX-Target" in response.request.headers and "<html" not in response.text
    root = html.fromstring(f"<div>{response.text}</div>" if fragment else response.text)
    _check_markup(root, response, where)
    assert bool(root.xpath("//*[@id='helping']")) == helping, f"{where}: the banner is there in help and nowhere else"
    if not fragment:
        _check_whole_page(root, where, helping=helping)


def find(text: str, path: str) -> list[Any]:
    """Return what an XPath expression finds in a page or fragment: elements, or strings for texts and attributes."""
    return cast(list[Any], html.fromstring(text).xpath(path))


def _check_headers(response: TestResponse, where: str) -> None:
    assert "Content-Security-Policy" in response.headers, f"{where}: no policy"
    assert "unsafe" not in response.headers["Content-Security-Policy"], where
    for address in (response.request.full_path, response.headers.get("Location", "")):
        assert not PERSONAL.search(unquote(address)), f"{where}: something personal in the address {address}"


def _check_whole_page(root: html.HtmlElement, where: str, *, helping: bool) -> None:
    headings = root.xpath("//h1")
    assert len(headings) == 1, f"{where}: {len(headings)} h1"
    heading, title = _text(headings[0]), _text(root.find(".//title"))
    help_prefix = next((prefix for prefix in HELP_PREFIXES if title.startswith(prefix)), "")
    assert bool(help_prefix) == helping, f"{where}: a page in help, and no other, says so in its title"
    title = title.removeprefix(help_prefix)
    prefix = next((prefix for prefix in ERROR_PREFIXES if title.startswith(prefix)), "")
    has_errors = bool(root.xpath("//*[@data-module='govuk-error-summary']"))
    assert bool(prefix) == has_errors, f"{where}: a page with errors, and no other, says so in its title"
    assert title.removeprefix(prefix).startswith(heading), f"{where}: title {title!r} starts not with h1 {heading!r}"
    assert root.get("lang") in ("en", "ga", "cy"), f"{where}: lang"
    assert root.xpath("//main[@id='main']"), f"{where}: no main"


def _check_markup(root: html.HtmlElement, response: TestResponse, where: str) -> None:
    nonce = re.search(r"'nonce-([^']+)'", response.headers["Content-Security-Policy"])
    for script in root.xpath("//script"):
        assert nonce and script.get("nonce") == nonce[1], f"{where}: a script without this response's nonce"
    for element in root.iter():
        if not isinstance(element.tag, str):
            continue
        inline = [name for name in element.attrib if name.startswith("on") or name in ("style", "hx-on")]
        assert not inline, f"{where}: <{element.tag}> has {inline}"
    ids = root.xpath("//@id")
    assert len(ids) == len(set(ids)), f"{where}: an id twice: {sorted(i for i in ids if ids.count(i) > 1)}"
    for field in root.xpath("//input[not(@type='hidden' or @type='submit')] | //select | //textarea"):
        labels = root.xpath("//label[@for=$id]", id=field.get("id")) if field.get("id") else []
        assert labels or field.get("aria-label"), f"{where}: the field {field.get('name')!r} has no label"
    for reference in root.xpath("//@aria-describedby | //@aria-labelledby"):
        missing = [part for part in reference.split() if part not in ids]
        assert not missing, f"{where}: nothing has the id {missing}"
    for form in root.xpath("//form[translate(@method, 'POST', 'post') = 'post']"):
        is_ours = not form.get("action", "").startswith("https://")
        assert bool(form.xpath(".//input[@name='csrf_token']")) == is_ours, (
            f"{where}: our forms, and no other, have a token"
        )
    for link in root.xpath("//a/@href | //form/@action"):
        assert not PERSONAL.search(unquote(link)) or link.startswith(("mailto:", "tel:")), f"{where}: {link}"


def _text(element: html.HtmlElement | None) -> str:
    assert element is not None
    return " ".join(element.text_content().split())
