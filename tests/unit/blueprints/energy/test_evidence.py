"""What is to be shown, and how files are called."""

import pytest

from portal.blueprints.energy.rules.evidence import Kind, as_shown, is_settled, takes_more
from portal.blueprints.energy.rules.progress import State


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("IMG_1234.HEIC", "IMG_1234.HEIC"),
        ("C:\\Users\\Mary\\letter.pdf", "letter.pdf"),
        ("../../etc/passwd", "passwd"),
        ("a\x00b\r\nSet-Cookie: x.jpg", "abSet-Cookie: x.jpg"),
        ("invoice\u202egpj.exe", "invoicegpj.exe"),
        ("  .. ", "file"),
        ("", "file"),
        (None, "file"),
        ("x" * 300 + ".jpg", "x" * 51 + "…xxxx.jpg"),
    ],
)
def test_a_name_is_shown_without_folders_and_what_cannot_be_seen(given: str | None, shown: str) -> None:
    assert as_shown(given) == shown
    assert len(as_shown(given)) <= 60


@pytest.mark.parametrize(
    ("kind", "shown", "settled"),
    [
        (Kind("savings"), (), False),
        (Kind("savings"), ("income",), False),
        (Kind("savings"), ("savings",), True),
        (Kind("savings", later=True), (), True),
        (Kind("address", source="rent"), (), True),
    ],
)
def test_a_kind_is_settled_by_a_file_by_a_service_or_by_being_shown_later(
    kind: Kind, shown: tuple[str, ...], settled: bool
) -> None:
    assert is_settled(kind, shown) is settled


def test_files_are_taken_as_long_as_one_case_is_open_or_may_be_opened_again() -> None:
    assert takes_more([State.WITHDRAWN, State.REFUSED])
    assert takes_more([State.DRAFT])
    assert not takes_more([State.WITHDRAWN, State.PAID])
