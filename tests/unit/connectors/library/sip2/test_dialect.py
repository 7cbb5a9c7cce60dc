"""Settings of a site, as its address's query has them."""

from dataclasses import fields
from zoneinfo import ZoneInfo

import pytest

from portal.connectors.library.sip2.dialect import SETTINGS, Dialect, HoldCount, NoBlockDue, dialect_of
from portal.connectors.library.sip2.errors import BadSetting


def test_the_defaults_are_the_standards() -> None:
    assert dialect_of({}) == Dialect()
    assert (Dialect().encoding, Dialect().delimiter, Dialect().crlf) == ("cp850", "|", False)


def test_every_setting_can_be_set() -> None:
    query = {
        "institution": "Millbrook Libraries",
        "location": "MB",
        "terminal-password": "gate",
        "login": "no",
        "status": "no",
        "encoding": "utf-8",
        "delimiter": "^",
        "crlf": "yes",
        "error-detection": "no",
        "pin-needed": "yes",
        "no-block-due": "old-due",
        "hold-count": "ready",
        "zone": "Europe/Dublin",
        "zone-form": "0000",
        "date-order": "mdy",
        "currency": "EUR",
        "expiry": "PX",
        "birth": "BC",
        "end-session": "no",
        "item-information": "no",
        "loans": "titles",
        "holds": "titles",
        "itemised-charges": "no",
        "renewals": "no",
        "cancel-holds": "no",
        "change-pickup": "yes",
    }
    assert set(query) == set(SETTINGS)
    dialect = dialect_of(query)
    unchanged = [each.name for each in fields(Dialect) if getattr(dialect, each.name) == getattr(Dialect(), each.name)]
    assert unchanged == []
    assert (dialect.no_block_due, dialect.hold_count) == (NoBlockDue.OLD_DUE, HoldCount.READY)
    assert "gate" not in repr(dialect)


def test_the_zone_is_the_councils_unless_the_address_names_one() -> None:
    dublin = ZoneInfo("Europe/Dublin")
    assert dialect_of({}, zone=dublin).zone == dublin
    assert dialect_of({"zone": "Europe/London"}, zone=dublin).zone == ZoneInfo("Europe/London")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("login", "true"), ("encoding", "ebcdic"), ("delimiter", "A"), ("delimiter", ""), ("no-block-due", "never")),
        *(("zone", "Mars/Base"), ("zone", "../etc"), ("currency", "£"), ("currency", "gbp"), ("expiry", "pa1")),
        *(("institution", "a\rb"), ("institution", "a|b"), ("terminal-password", "a|b"), ("location", "x" * 256)),
        *(("instituton", "x"), ("no_block_due", "blanks"), ("tls", "yes")),
    ],
)
def test_a_wrong_setting_is_named_and_its_value_is_not(name: str, value: str) -> None:
    with pytest.raises(BadSetting, match=f"^{name}: ") as refused:
        dialect_of({name: value})
    assert isinstance(refused.value, ValueError)
    assert value == "" or f": {value}" not in str(refused.value)
