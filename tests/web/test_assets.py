"""What the front end's build made, and how it is served: small, ours, and without anything that stands for GOV.UK."""

import gzip
import hashlib
import json
import re
from pathlib import Path

import brotli
import pytest
from sqlalchemy import Engine

from portal.app import create_app
from portal.council import Council
from portal.settings import Settings
from portal.web.assets import DIST, FINGERPRINTED
from portal.web.brand import style_sheet
from portal.web.headers import HSTS
from portal.web.languages import A_YEAR
from tests.support.client import CheckingClient
from tests.support.pages import find

A_FIRST_VISIT = 45_000
"""Bytes, compressed: page, styles, scripts, icon."""
NAMESPACES = {"www.w3.org"}
"""Names of kinds of XML, never fetched."""


def built() -> list[Path]:
    files = [path for path in sorted(DIST.iterdir()) if path.suffix in (".css", ".js", ".svg")]
    assert files
    return files


def text() -> str:
    return "\n".join(path.read_text("utf-8") for path in built())


def fetched(client: CheckingClient) -> list[str]:
    """Return the addresses of what the first page makes a browser fetch."""
    page = client.get("/").text
    addresses = find(page, "//link[@rel='stylesheet' or @rel='icon']/@href") + find(page, "//script/@src")
    assert len(addresses) == 4
    return addresses


class TestOfGovUk:
    def test_no_crown_crest_or_logotype_is_left(self) -> None:
        assert not re.findall(r"crown|crest|logotype|coat-of-arms", text(), re.IGNORECASE)

    def test_no_header_is_left_with_its_blue_bar(self) -> None:
        assert not re.findall(r"\.govuk-(?:header|footer)\b", text())
        assert not re.search(r"border-(?:top|bottom)[^;}]*#1d70b8|background(?:-color)?:#1d70b8", text())

    def test_no_typeface_is_left(self) -> None:
        assert not re.findall(r"GDS Transport|@font-face", text(), re.IGNORECASE)
        assert not [path.name for path in DIST.iterdir() if path.suffix in (".woff", ".woff2", ".ttf", ".otf", ".eot")]

    def test_the_name_is_left_only_where_its_scripts_tell_programmers_what_went_wrong(
        self, client: CheckingClient
    ) -> None:
        assert "GOV.UK" not in text().replace("GOV.UK Frontend", "")
        assert "gov.uk" not in client.get("/").text.lower()


class TestNothing:
    def test_comes_from_elsewhere(self) -> None:
        hosts = set(re.findall(r"(?:https?:)?//((?:[\w-]+\.)+[a-z]{2,})", text()))
        assert hosts <= NAMESPACES

    def test_is_fetched_by_a_style_sheet(self) -> None:
        """The policy lets none through: neither pictures in it, nor further sheets."""
        assert not re.findall(
            r"@import|url\(", "\n".join(path.read_text() for path in built() if path.suffix == ".css")
        )

    def test_is_there_but_what_is_listed(self) -> None:
        listed: dict[str, str] = json.loads((DIST / "manifest.json").read_text("utf-8"))
        expected = {name + end for name in listed.values() for end in ("", ".br", ".gz")}
        assert {path.name for path in DIST.iterdir()} == expected | {"manifest.json"}


@pytest.mark.parametrize("path", built(), ids=lambda path: path.suffix)
class TestEachFile:
    def test_is_named_by_its_content(self, path: Path) -> None:
        assert FINGERPRINTED.search(path.name)
        assert hashlib.sha256(path.read_bytes()).hexdigest()[:12] in path.name

    def test_lies_compressed_beside_itself(self, path: Path) -> None:
        assert brotli.decompress(Path(f"{path}.br").read_bytes()) == path.read_bytes()
        assert gzip.decompress(Path(f"{path}.gz").read_bytes()) == path.read_bytes()


class TestServed:
    def test_for_a_year_unchanged_and_to_this_site_alone(self, client: CheckingClient) -> None:
        for address in fetched(client):
            headers = client.get(address, buffered=True).headers
            (seconds,) = re.findall(r"max-age=(\d+)", headers["Cache-Control"])
            assert int(seconds) >= A_YEAR and {"public", "immutable"} <= set(headers["Cache-Control"].split(", "))
            assert headers["X-Content-Type-Options"] == "nosniff", address
            assert headers["Cross-Origin-Resource-Policy"] == "same-origin", address
            assert headers["Content-Security-Policy"].startswith("default-src 'none'"), address
            assert not {"Access-Control-Allow-Origin", "Set-Cookie", "Strict-Transport-Security"} & set(headers.keys())

    def test_with_https_once_and_for_all_where_that_is_how_the_portal_is_reached(
        self, engine: Engine, settings: Settings
    ) -> None:
        app = create_app(settings.model_copy(update={"base_url": "https://portal.example.org"}), engine=engine)
        app.test_client_class = CheckingClient
        client = app.test_client()
        assert isinstance(client, CheckingClient)
        for address in fetched(client):
            assert client.get(address, buffered=True).headers["Strict-Transport-Security"] == HSTS, address

    @pytest.mark.parametrize("encoding", ["br", "gzip"])
    def test_compressed_as_the_browser_likes(self, client: CheckingClient, encoding: str) -> None:
        for address in fetched(client):
            if "/dist/" in address:
                headers = client.get(address, headers={"Accept-Encoding": encoding}, buffered=True).headers
                assert (headers["Content-Encoding"], headers["Vary"]) == (encoding, "Accept-Encoding"), address

    def test_in_little(self, client: CheckingClient) -> None:
        asked = {"Accept-Encoding": "br"}
        sizes = [len(client.get(one, headers=asked, buffered=True).data) for one in ("/", *fetched(client))]
        assert sum(sizes) <= A_FIRST_VISIT

    def test_the_councils_own_colours(self, council: Council, client: CheckingClient) -> None:
        (brand,) = [address for address in fetched(client) if "/brand-" in address]
        sheet = client.get(brand)
        assert (sheet.mimetype, sheet.text) == ("text/css", style_sheet(council.brand))
