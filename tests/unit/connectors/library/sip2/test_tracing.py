"""A trace shows what was asked and how it went, and nothing about anybody."""

import pytest

from portal.connectors.library.sip2.dialect import Dialect
from portal.connectors.library.sip2.tracing import traced
from tests.support.sip2 import CARD, KOHA, SAMPLES, SECRETS

SITE = Dialect(encoding="utf-8")


def test_a_trace_of_a_request_and_its_answer() -> None:
    line, _ = SAMPLES["a request 63"]
    assert traced(line, dialect=KOHA) == "6300120261124    103015  Y       AO***|AA***|AD***|BP1|BQ7|AY1"
    line, _ = SAMPLES["koha 24"]
    assert traced(line, dialect=KOHA) == ("24    Y     Y   00120261124    103002AE***|AA***|BLY|CQN|AF***|AO***|AY6")


def test_login_shows_nothing_but_that_it_was_tried() -> None:
    assert traced(b"9300CNportal|COgate|CPMB-1|AY0AZ0000", dialect=SITE) == "9300CN***|CO***|CP***|AY0"


@pytest.mark.parametrize("name", SAMPLES)
def test_no_trace_holds_a_secret(name: str) -> None:
    line, dialect = SAMPLES[name]
    told = traced(line, dialect=dialect)
    assert told.startswith(line[:2].decode())
    assert not any(secret in told for secret in SECRETS)


def test_a_message_that_we_do_not_know_is_only_named() -> None:
    assert traced(f"12Y{CARD}|".encode(), dialect=SITE) == "12***"
    assert traced(b"96AZFEF6", dialect=SITE) == "96"


def test_what_is_no_message_is_only_counted() -> None:
    assert traced(b"HTTP/1.1 400", dialect=SITE) == "(12 bytes: doesn't begin with the id of a message)"


def test_fields_that_slipped_are_blanked() -> None:
    """A lost delimiter brings the next field into a value, and a fixed part that is too short brings a card."""
    fields = f"BLYAA{CARD}|CF{CARD}|AH20261201|BW2026-12-01AA{CARD}|CJ01/12/2026AA{CARD}|"
    fixed = f"001{CARD}    10300100000000"
    assert traced(f"24{' ' * 14}00120261124    103001{fields}".encode(), dialect=SITE) == (
        f"24{' ' * 14}00120261124    103001BL***|CF***|AH20261201|BW***|CJ***|"
    )
    assert traced(f"24{fixed}{fields}".encode(), dialect=SITE) == "24***BL***|CF***|AH20261201|BW***|CJ***|"
