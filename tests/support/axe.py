"""axe-core in the browser: WCAG 2.0 to 2.2, A and AA, and best practices."""

from functools import cache
from typing import Any

from playwright.sync_api import Page

from portal.settings import PROJECT

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@cache
def _source() -> str:
    return (PROJECT / "node_modules" / "axe-core" / "axe.min.js").read_text("utf-8")


def violations(page: Page) -> list[str]:
    """Return what axe finds on the page as it stands, each as its rule and the elements."""
    page.evaluate(_source())
    result: dict[str, Any] = page.evaluate("tags => axe.run({ runOnly: tags, resultTypes: ['violations'] })", TAGS)
    return [f"{found['id']}: {[node['target'] for node in found['nodes']]}" for found in result["violations"]]


def scrolls_sideways(page: Page) -> bool:
    """Tell whether the page is wider than its window."""
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))
