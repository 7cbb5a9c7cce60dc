"""A library's address: what it says, and what it may not say."""

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from portal.connectors.library.sip2.dialect import SETTINGS
from portal.connectors.library.sip2.errors import BadSetting
from portal.connectors.library.sip2.site import OWN, PORT, site_of
from portal.settings import PROJECT
from tests.support.certificates import certificate

FAR = "sip2://portal@library.example/"


def test_an_address_says_where_who_and_how() -> None:
    site = site_of(
        "sip2://por%74al@library.example:6009/?institution=Millbrook%20%26%20Co&encoding=utf-8&connections=1&keep-alive=0",
        password="gate",
    )
    assert (site.host, site.port, site.user, site.password) == ("library.example", 6009, "portal", "gate")
    assert (site.dialect.institution, site.dialect.encoding) == ("Millbrook & Co", "utf-8")
    assert (site.connections, site.keep_alive_s) == (1, 0)
    assert "gate" not in repr(site)


def test_what_an_address_leaves_out() -> None:
    site = site_of(FAR, zone=ZoneInfo("Europe/Dublin"))
    assert (site.port, site.connections, site.tls_name) == (PORT, 2, "library.example")
    assert site.dialect.zone == ZoneInfo("Europe/Dublin") and not site.trace


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "127.9.9.9"])
def test_to_this_machine_nothing_is_encrypted_unless_wanted(host: str) -> None:
    assert site_of(f"sip2://portal@{host}").tls is None
    assert site_of(f"sip2://portal@{host}/?tls=yes").tls is not None


def test_to_others_all_is_encrypted_unless_the_address_says_so_aloud() -> None:
    assert site_of(FAR).tls is not None
    with pytest.raises(BadSetting, match="tls: no is only for this machine"):
        site_of(f"{FAR}?tls=no")
    assert site_of(f"{FAR}?tls=no-even-over-the-network").tls is None


def test_certificates_come_from_files(tmp_path: Path) -> None:
    own, key = certificate(tmp_path, "portal")
    assert (
        site_of(f"{FAR}?tls-ca={own}&tls-certificate={own}&tls-key={key}&tls-name=sip.example").tls_name
        == "sip.example"
    )


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("telnet://portal@library.example", "must be like"),
        ("sip2:///?institution=x", "must be like"),
        ("sip2://portal@library.example:many", "isn't an address"),
        ("sip2://portal@[library", "isn't an address"),
        ("sip2://portal:gate@library.example", "PORTAL_LIBRARY_PASSWORD"),
        ("sip2://library.example", "names no user"),
        ("sip2://portal@library.example/?login=no", "login"),
        (f"{FAR}sip", "after the host"),
        (f"{FAR}#x", "after the host"),
        (f"{FAR}?institution", "name=value"),
        (f"{FAR}?institution=a&institution=b", "institution: stands there twice"),
        (f"{FAR}?instituton=a", "instituton: no such setting"),
        (f"{FAR}?connections=0", "connections: must be a number from 1 to 10"),
        (f"{FAR}?connections=²", "connections"),
        (f"{FAR}?keep-alive=-1", "keep-alive"),
        (f"{FAR}?tls=perhaps", "tls: must be"),
        (f"{FAR}?tls-ca=/nowhere/ca.pem", "tls-ca: can't be read: No such file"),
        (f"{FAR}?tls-certificate=/nowhere/own.pem", "tls-certificate: can't be read"),
        (f"{FAR}?tls-key=/nowhere/own.key", "tls-key: there is no tls-certificate"),
        ("sip2://portal@localhost/?tls-name=x", "tls: is off"),
        ("sip2://por%7Ctal@library.example", "login can't be sent: CN"),
        ("sip2://por%0Dtal@library.example", "login can't be sent: CN"),
    ],
)
def test_a_wrong_address_is_refused_with_its_reason(address: str, why: str) -> None:
    with pytest.raises(BadSetting, match=why) as refused:
        site_of(address)
    assert "gate" not in str(refused.value)


def test_a_password_that_cannot_be_sent_is_refused_and_not_repeated() -> None:
    with pytest.raises(BadSetting, match="CO") as refused:
        site_of(FAR, password="ga|te")
    assert "ga|te" not in str(refused.value)


def test_every_setting_is_in_the_table() -> None:
    rows = (PROJECT / "docs" / "sip2.md").read_text("utf-8").splitlines()
    listed = [row.split("`")[1] for row in rows if row.startswith("| `") and ".py" not in row]
    assert listed == [*OWN[2:], *OWN[:2], *SETTINGS]
