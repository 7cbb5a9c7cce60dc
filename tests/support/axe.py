"""axe-core in the browser: WCAG 2.0 to 2.2, A and AA, and best practices."""

from functools import cache

from playwright.sync_api import Page

from portal.settings import PROJECT

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_RUN = """async (tags) => {
  if (typeof axe === 'undefined') return null
  const found = await axe.run({ runOnly: tags, resultTypes: ['violations'], preload: false })
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(' ')).join(', ')}`)
}"""
"""Only what is shown comes back from the browser: the whole result is large."""


@cache
def _source() -> str:
    return (PROJECT / "node_modules" / "axe-core" / "axe.min.js").read_text("utf-8")


def keep_ready(page: Page) -> None:
    """Have axe in each document that the page will open: cheaper than bringing it there one by one."""
    page.add_init_script(_source())


def violations(page: Page) -> list[str]:
    """Return what axe finds on the page, once it is all there, each as its rule and the elements."""
    page.wait_for_load_state()
    found: list[str] | None = page.evaluate(_RUN, TAGS)
    if found is None:
        page.evaluate(_source())
        found = page.evaluate(_RUN, TAGS)
    assert found is not None, "axe isn't in the page"
    return found


def scrolls_sideways(page: Page) -> bool:
    """Tell whether the page is wider than its window, once it is all there."""
    page.wait_for_load_state()
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))
