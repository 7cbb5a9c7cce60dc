"""Lines, checksums and sequence numbers, as the standard has them and as servers do."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.connectors.library.sip2 import framing
from portal.connectors.library.sip2.dialect import Dialect
from portal.connectors.library.sip2.errors import BadChecksum, GarbledMessage
from portal.connectors.library.sip2.framing import build, parse, say_again, split
from tests.support.sip2 import SAMPLES

STANDARD = Dialect(encoding="utf-8")
PLAIN = Dialect(error_detection=False)


def test_the_standards_own_checksums() -> None:
    assert say_again(STANDARD) == b"97AZFEF5\r"
    assert parse(b"96AZFEF6", dialect=STANDARD).id == framing.ASKED_AGAIN
    assert build(b"9900302.00", sequence=1, dialect=STANDARD) == b"9900302.00AY1AZFCA5\r"


def test_the_checksum_is_of_bytes_not_of_characters() -> None:
    line = build("AEé|".encode(), sequence=1, dialect=STANDARD)
    assert line.endswith(b"AZ%04X\r" % (-sum("AEé|AY1AZ".encode()) & 0xFFFF))


def test_what_is_sent_ends_with_cr_alone_unless_the_site_wants_more() -> None:
    assert build(b"9900802.00", sequence=0, dialect=STANDARD) == b"9900802.00AY0AZFCA1\r"
    assert build(b"9900802.00", sequence=0, dialect=PLAIN) == b"9900802.00\r"
    assert build(b"9900802.00", sequence=0, dialect=replace(PLAIN, crlf=True)) == b"9900802.00\r\n"


@pytest.mark.parametrize(
    ("line", "sequence"),
    [
        (b"941AY3AZFDFA", 3),
        (b"941AY3AZfdfa", 3),
        (b"941AY3", 3),
        (b"941AZ%04X" % (-sum(b"941AZ") & 0xFFFF), None),
        (b"941", None),
        (b"\n\0941AY3AZFDFA \r\n", 3),
    ],
)
def test_a_tail_may_be_whole_or_half_or_missing(line: bytes, sequence: int | None) -> None:
    frame = parse(line, dialect=STANDARD)
    assert (frame.id, frame.text, frame.sequence) == ("94", "1", sequence)


def test_a_checksum_may_lack_its_zeros() -> None:
    line = next(
        text for text in (b"36YAF" + b"~" * length + b"|AY1AZ" for length in range(600)) if -sum(text) & 0xFFFF < 0x1000
    )
    assert parse(line + b"%X" % (-sum(line) & 0xFFFF), dialect=STANDARD).sequence == 1


def test_a_text_that_ends_like_half_a_tail_is_none() -> None:
    assert parse(b"36Y20261124    103014AO|AFSee shelf AZ12", dialect=STANDARD).text.endswith("AZ12")
    assert parse(b"36Y20261124    103014AO|AFSee shelf AY1", dialect=STANDARD).sequence is None


def test_a_wrong_checksum_is_told_apart_unless_the_site_has_none() -> None:
    with pytest.raises(BadChecksum):
        parse(b"941AY3AZ0000", dialect=STANDARD)
    assert parse(b"941AY3AZ0000", dialect=PLAIN).sequence == 3


@pytest.mark.parametrize("line", [b"", b"9", b"HTTP/1.1 400 Bad Request", b"\xff\xfe", b"login:", "९४1".encode()])
def test_what_is_no_message_is_refused(line: bytes) -> None:
    with pytest.raises(GarbledMessage):
        parse(line, dialect=STANDARD)


@pytest.mark.parametrize(
    ("encoding", "name"), [("cp850", "Róisín"), ("utf-8", "Ŵyn"), ("latin-1", "Róisín"), ("ascii", "Roisin")]
)
def test_each_encoding_is_read(encoding: str, name: str) -> None:
    line = f"24AE{name}|".encode(encoding)
    assert parse(line, dialect=Dialect(encoding=encoding)).text == f"AE{name}|"


def test_a_byte_that_the_encoding_lacks_fails_nothing() -> None:
    assert parse(b"24AER\xf3is\xedn|", dialect=STANDARD).text == "AER\ufffdis\ufffdn|"


@given(cuts=st.lists(st.integers(1, 12), max_size=60), ends=st.sampled_from([b"\r", b"\r\n", b"\n", b"\r\0", b"\r\r"]))
def test_packets_may_be_cut_anywhere(cuts: list[int], ends: bytes) -> None:
    lines = [b"941AY3AZFDFA", b"36Y20261124    103014AOmill|AA1|", b"96", b"940"]
    stream = b"".join(line + ends for line in lines)
    found: list[bytes] = []
    rest = b""
    for cut in [*cuts, len(stream)]:
        packet, stream = stream[:cut], stream[cut:]
        more, rest = split(rest + packet, dialect=STANDARD)
        found += more
    assert found == lines
    assert rest.strip(framing.NOISE) == b""


def test_a_line_feed_in_a_value_ends_nothing() -> None:
    line = b"36Y20261124    103014AOmill|BD14 Fuller Row\nMillbrook|AA1|"
    assert split(line + b"\r941", dialect=STANDARD) == ([line], b"941")


def test_a_server_that_never_ends_a_message_is_cut_off() -> None:
    just_enough = b"1" * framing.LIMIT_BYTES
    assert split(just_enough, dialect=STANDARD) == ([], just_enough)
    with pytest.raises(GarbledMessage):
        split(just_enough + b"1", dialect=STANDARD)
    with pytest.raises(GarbledMessage):
        split(just_enough + b"1\r", dialect=STANDARD)


@pytest.mark.parametrize("name", SAMPLES)
def test_what_servers_write_is_a_message(name: str) -> None:
    line, dialect = SAMPLES[name]
    assert split(line + b"\r\n", dialect=dialect)[0] == [line]
    assert parse(line, dialect=dialect).id == line[:2].decode()
