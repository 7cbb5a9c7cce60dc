"""Each page that anybody can see: axe finds nothing, at 320 px nothing scrolls sideways, in each language."""

import pytest

from tests.e2e.conftest import Visit
from tests.support import axe

PUBLIC = ["/", "/sign-in", "/register", "/reset", "/help", "/accessibility", "/privacy", "/cookies", "/no-such-page"]


@pytest.mark.parametrize("path", PUBLIC)
@pytest.mark.parametrize(("language", "width"), [("en", 1280), ("en", 320), ("cy", 320)])
def test_a_public_page(visit: Visit, path: str, language: str, width: int) -> None:
    page = visit(width=width)
    page.goto(f"{path}?lang={language}")
    assert page.locator("html").get_attribute("lang") == language
    assert axe.violations(page) == []
    assert not axe.scrolls_sideways(page)
