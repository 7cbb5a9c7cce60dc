"""Where a person is sent back to is a page of ours, whatever the address says."""

import pytest

from portal.web.addresses import local_path


@pytest.mark.parametrize("path", ["/", "/rent", "/rent/connect?x=1", "/rent/6f2c#lines"])
def test_pages_of_ours_are_kept(path: str) -> None:
    assert local_path(path) == path


@pytest.mark.parametrize(
    "elsewhere",
    [
        None,
        "",
        "rent",
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "javascript:alert(1)",
        "/rent\r\nLocation: https://evil.example",
        " //evil.example",
    ],
)
def test_everything_else_is_dropped(elsewhere: str | None) -> None:
    assert local_path(elsewhere) is None
