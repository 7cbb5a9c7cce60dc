"""Evidence in a browser: photos from a telephone, with and without JavaScript; what goes wrong on the way."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from io import BytesIO
from pathlib import Path
from uuid import UUID

import pytest
from PIL import Image
from playwright.sync_api import Page, expect
from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.db import committing
from portal.models import Person
from portal.sealed import Sealer
from tests.e2e.conftest import Served, Visit, council_file
from tests.factories import Factory
from tests.support import axe
from tests.support import sent_files as files
from tests.support.clamd import daemon
from tests.support.mail import MailSink
from tests.support.sending import KIND, SCHEMES, begin_form
from tests.support.server import serving

both_ways = pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "no-javascript"])
TELEPHONE = 390
PATIENCE_MS = 30_000
PICTURES = os.environ.get("PICTURES")
"""A folder, where pictures of the pages are put for whoever wants to look."""
NOTES_SIZE = """
const send = XMLHttpRequest.prototype.send
XMLHttpRequest.prototype.send = function (body) {
  window.sent = body.get('files').size
  return send.call(this, body)
}
"""
IRISH = {"seai-fully-funded-upgrade": "2022"}


@pytest.fixture(scope="module")
def served(database_url: str, mail_server: MailSink, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Portals that take files, with a scanner."""
    with ExitStack() as stack:
        clamd = stack.enter_context(daemon())

        @cache
        def address(council: str) -> str:
            given = {"files_folder": str(tmp_path_factory.mktemp("files")), "scanner_url": clamd.url}
            path = str(council_file(council))
            return stack.enter_context(serving(database_url, messages_url=mail_server.url, council=path, **given))

        yield address


@pytest.fixture
def mary(make: Factory) -> Person:
    return make.resident()


@pytest.fixture
def form(db: Session, sealer: Sealer, mary: Person) -> UUID:
    return begin_form(db, sealer, mary)


@pytest.fixture(scope="module")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One of a telephone's camera, of 12 megapixels, which was held upright."""
    path = tmp_path_factory.mktemp("camera") / "IMG_0001.jpg"
    path.write_bytes(files.encoded(files.photograph((4032, 3024)), quality=92, exif=files.exif(orientation=6)))
    return path


@pytest.fixture
def small(tmp_path: Path) -> Callable[[str, bytes], Path]:
    def write(name: str, data: bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(data)
        return path

    return write


def look_at(page: Page, name: str) -> None:
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


def open_kind(page: Page, form: UUID) -> None:
    page.goto(f"/energy/applications/{form}/evidence")
    page.get_by_role("link", name="Bank statements").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Bank statements")


def choose(page: Page, *paths: Path) -> None:
    page.get_by_label("Photos or PDF files").set_input_files(list(paths))
    page.get_by_role("button", name="Add", exact=True).click()


@both_ways
def test_a_photo_from_a_telephone_is_added_looked_at_and_removed(
    visit: Visit, mary: Person, form: UUID, photo: Path, db: Session, javascript: bool
) -> None:
    page = visit(mary, javascript=javascript, width=TELEPHONE)
    page.add_init_script(NOTES_SIZE)
    open_kind(page, form)
    choose(page, photo)
    added = page.locator("#added")
    expect(added).to_contain_text("IMG_0001.jpg", timeout=PATIENCE_MS)
    expect(added).to_contain_text("Checked")
    look_at(page, f"added-{'with' if javascript else 'without'}")
    if javascript:
        assert 0 < page.evaluate("window.sent") < photo.stat().st_size / 2, "it is made smaller before it is sent"
        expect(page.get_by_role("status").filter(has_text="Done.")).to_be_visible()
        expect(page.get_by_label("Photos or PDF files")).to_have_value("")
        assert axe.violations(page) == []
    size = db.scalar(text("select size from energy_evidence"))
    assert size is not None and size < photo.stat().st_size
    with page.expect_download() as download:
        page.get_by_role("link", name="Look at it").click()
    assert download.value.suggested_filename == "file.jpg"
    assert Image.open(BytesIO(download.value.path().read_bytes())).size == (1800, 2400), "it stands upright"
    page.get_by_role("button", name="Remove it").click()
    expect(page.get_by_text("The file is removed.")).to_be_visible()
    expect(page.get_by_text("IMG_0001.jpg")).to_have_count(0)


@both_ways
def test_the_good_ones_are_kept_and_the_bad_one_says_what_to_do(
    visit: Visit, mary: Person, form: UUID, small: Callable[[str, bytes], Path], javascript: bool
) -> None:
    page = visit(mary, javascript=javascript, width=TELEPHONE)
    open_kind(page, form)
    bad = small("IMG_1234.HEIC", files.jpeg((900, 900))[:5000])
    choose(page, small("one.jpg", files.jpeg()), bad, small("two.pdf", files.pdf()))
    expect(page.get_by_role("alert")).to_contain_text(
        "We couldn’t read IMG_1234.HEIC. Take the photo again, or save it as JPEG.", timeout=PATIENCE_MS
    )
    expect(page.locator("#added li")).to_have_count(2)
    look_at(page, f"problem-{'with' if javascript else 'without'}")
    if javascript:
        expect(page.locator(".govuk-error-summary")).to_be_focused()
        assert page.title().startswith("Error: ")
        assert axe.violations(page) == []


def test_a_lost_connection_loses_nothing(
    visit: Visit, mary: Person, form: UUID, small: Callable[[str, bytes], Path]
) -> None:
    page = visit(mary, width=TELEPHONE)
    open_kind(page, form)
    page.route("**/evidence/*", lambda route: route.abort() if route.request.method == "POST" else route.continue_())
    page.get_by_label("Photos or PDF files").set_input_files(
        [small("one.jpg", files.jpeg()), small("two.pdf", files.pdf())]
    )
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text(
        "The connection was lost. one.jpg wasn’t added. Press “Add” again to go on from there.", timeout=PATIENCE_MS
    )
    look_at(page, "lost")
    assert page.evaluate("[...document.querySelector('#files').files].map((one) => one.name)") == ["one.jpg", "two.pdf"]
    page.unroute("**/evidence/*")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.locator("#added li")).to_have_count(2, timeout=PATIENCE_MS)
    expect(page.get_by_role("alert")).to_have_count(0)


@both_ways
def test_what_cannot_be_shown_now_is_shown_later(visit: Visit, mary: Person, form: UUID, javascript: bool) -> None:
    page = visit(mary, javascript=javascript, width=TELEPHONE)
    open_kind(page, form)
    page.get_by_role("button", name="I can’t show this now").click()
    page.goto(f"/energy/applications/{form}/evidence")
    expect(page.get_by_role("listitem").filter(has_text="Bank statements")).to_contain_text("You’ll show it later")
    look_at(page, f"list-{'with' if javascript else 'without'}")


@pytest.mark.parametrize(
    ("council", "language"), [("millbrook", "en"), ("millbrook", "cy"), ("dunmarra", "ga"), ("dunmarra", "en")]
)
def test_each_language_fits_a_narrow_screen(
    visit: Visit, mary: Person, db: Session, sealer: Sealer, council: str, language: str
) -> None:
    is_irish = council == "dunmarra"
    form = begin_form(
        *(db, sealer, mary), schemes=IRISH if is_irish else SCHEMES, nation="ireland" if is_irish else "england"
    )
    kind = "ownership" if is_irish else KIND
    page = visit(mary, council=council, width=320)
    page.goto(f"/energy/applications/{form}/evidence?lang={language}")
    address = f"/energy/applications/{form}/evidence/{kind}"
    page.goto(address)
    page.locator("#files").set_input_files(
        {"name": "x" * 70 + ".jpg", "mimeType": "image/jpeg", "buffer": files.jpeg()}
    )
    page.locator("form[data-upload] button").click()
    expect(page.locator("#added li")).to_have_count(1, timeout=PATIENCE_MS)
    page.goto(f"/energy/applications/{form}/evidence")
    page.locator(f".govuk-task-list__link:not([href$='/{kind}'])").first.click()
    page.locator("form[action$='/later'] button").click()
    for state in ("clean", "waiting", "infected"):
        with committing(db):
            moment = "null" if state == "waiting" else "now()"
            db.execute(text(f"update energy_evidence set state = '{state}', scanned_at = {moment}"))  # noqa: S608 -- ours
        for where in (f"/energy/applications/{form}/evidence", address):
            page.goto(where)
            assert not axe.scrolls_sideways(page)
            assert axe.violations(page) == []
            look_at(page, f"narrow-{council}-{language}-{state}-{'kind' if where == address else 'list'}")
