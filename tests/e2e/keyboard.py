"""A keyboard without a mouse: where Tab leads, and whether one sees where one is."""

from typing import Any

from playwright.sync_api import Page

MOST_STOPS = 80

_STOP = """() => {
  const outline = ({ outlineColor, outlineStyle, outlineWidth }) =>
    outlineStyle === 'none' || outlineColor === 'rgba(0, 0, 0, 0)' ? '' : outlineColor + outlineWidth
  const shown = (style) => [
    outline(style), style.boxShadow, style.background, style.border, style.textDecoration
  ].join()
  const look = (element) => shown(getComputedStyle(element)) + [...element.labels ?? []].map(
    (label) => shown(getComputedStyle(label, '::before'))  // radios and checkboxes draw their ring there
  )
  const called = (element) => element.tagName.toLowerCase() + ' ' + (
    element.labels?.[0] ?? element
  ).textContent.trim().replace(/\\s+/g, ' ')
  const isSeen = (element) => {
    const { left, right, top, bottom } = element.getBoundingClientRect()
    const there = document.elementFromPoint((left + right) / 2, (top + bottom) / 2)
    return there !== null && (element.contains(there) || there.contains(element))
  }
  const last = window.lastStop
  const here = document.activeElement
  const stop = {
    name: called(here),
    isEnd: here === document.body || (here !== last?.element && window.stops?.has(here) === true),
    isSeen: isSeen(here),
    lastLookedTheSame: last !== undefined && last.element !== here && look(last.element) === last.look
  }
  if (here !== last?.element) window.lastStop = { element: here, look: look(here) }  // a date has several stops
  window.stops = (window.stops ?? new Set()).add(here)
  return stop
}"""

_MISSED = """() => {
  const chosen = (element) => element.type !== 'radio' || element.checked || ![
    ...document.getElementsByName(element.name)
  ].some((other) => other.checked)
  return [...document.querySelectorAll('a[href], button, input, select, textarea, summary')]
    .filter((element) => element.type !== 'hidden' && element.checkVisibility() && chosen(element))
    .filter((element) => !window.stops.has(element))
    .map((element) => element.outerHTML.slice(0, 100))
}"""


def walk(page: Page) -> tuple[list[str], list[str]]:
    """Press Tab from the top of a page to its end. Return the stops by name, and what is wrong with them.

    Wrong: a stop that is hidden or covered, one that looks the same with the focus as without, and what can be pressed
    or filled in but isn't reached.
    """
    page.evaluate("window.stops = window.lastStop = undefined")
    stops: list[str] = []
    wrong: list[str] = []
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        stop: dict[str, Any] = page.evaluate(_STOP)
        if stop["lastLookedTheSame"]:
            wrong.append(f"{stops[-1]}: looks the same with the focus")
        if stop["isEnd"]:
            missed: list[str] = page.evaluate(_MISSED)
            return stops, [*wrong, *(f"{element}: not reached" for element in missed)]
        stops.append(stop["name"])
        if not stop["isSeen"]:
            wrong.append(f"{stop['name']}: hidden or covered")
    raise AssertionError(f"no end after {MOST_STOPS} stops: {stops}")


def tab_to(page: Page, name: str) -> None:
    """Press Tab until the focus is on what is called ``name``, with its kind: ``button Sign in``."""
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        if page.evaluate(_STOP)["name"] == name:
            return
    raise AssertionError(f"Tab leads to no {name!r}")
