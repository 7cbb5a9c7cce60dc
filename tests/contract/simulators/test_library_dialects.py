"""Each way in which servers differ, one at a time; then all kinds of servers, asked nonsense."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from simulators.library.dialects import STANDARD
from simulators.library.simulator import LibrarySimulator
from tests.support.terminal import (
    BREAD,
    FERRY,
    HERON,
    LOGIN,
    NEVER,
    NOW,
    ROWAN,
    THEN,
    TIDE,
    WHO,
    Terminal,
    checked,
    summary,
    values,
)

STATUS = "9900802.00"
INFORMATION = f"63001{THEN}{' ' * 10}{WHO}"
RENEWAL = f"29NN{THEN}{NEVER}{WHO}AB{FERRY}|"
LOANS = f"63001{THEN}{summary(2)}{WHO}"
HOLDS = f"63001{THEN}{summary(0)}{WHO}"
WELSH = "AOMILLBROOK|AA29999000000084|AD1593|"


@contextmanager
def speaking(first: str = LOGIN, **changes: Any) -> Iterator[tuple[LibrarySimulator, Terminal]]:
    """Yield a library of the standard dialect but for some fields, and a terminal that has signed in to it."""
    dialect = STANDARD.changed(changes)
    with (
        LibrarySimulator(dialect, clock=lambda: NOW) as library,
        Terminal(library.port, encoding=dialect.encoding) as terminal,
    ):
        if first:
            assert terminal.ask(first) == "941"
        yield library, terminal


@pytest.mark.parametrize(
    ("encoding", "name", "title"),
    [
        ("cp850", "Gwenllïan Wyn-Llyr", "Y Môr a'r Gwr o'r Ty Gwyn"),
        ("latin-1", "Gwenllïan Wyn-Llyr", "Y Môr a'r Gwr o'r Ty Gwyn"),
        ("utf-8", "Gwenllïan Ŵyn-Llŷr", "Y Môr a’r Gŵr o’r Tŷ Gwyn"),
        ("ascii", "Gwenllian Wyn-Llyr", "Y Mor a'r Gwr o'r Ty Gwyn"),
    ],
)
def test_encodings(encoding: str, name: str, title: str) -> None:
    with speaking(encoding=encoding, items_as="titles") as (_, terminal):
        answer = terminal.ask(f"63001{THEN}{summary(2)}{WELSH}BP1|BQ6|")
    titles = values(answer, "AU")
    assert values(answer, "AE") == [name] and titles[0] == title
    assert titles[4] == "The Price of 12&#124;14 Mill Lane" and len(titles[5]) == 255


def test_a_checksum_counts_bytes() -> None:
    with speaking(encoding="utf-8") as (_, terminal):
        answer = terminal.ask(checked(f"63001{THEN}{' ' * 10}{WELSH}", 1))
    assert "Ŵ" in answer and sum(answer[:-4].encode()) + int(answer[-4:], 16) & 0xFFFF == 0


def test_values_of_any_length() -> None:
    with speaking(longest=None) as (_, terminal):
        assert len(values(terminal.ask(f"17{THEN}AOMILLBROOK|AB39999000002401|"), "AJ")[0]) > 255


@pytest.mark.parametrize("terminator", ["\r", "\r\n", "\n"])
def test_terminators(terminator: str) -> None:
    with speaking("", terminator=terminator) as (_, terminal):
        terminal.send(LOGIN)
        assert terminal.hear_packet() == b"941" + terminator.encode()


@pytest.mark.parametrize("ending", ["\r", "\r\n"])
def test_a_line_feed_is_passed_over(ending: str) -> None:
    with speaking() as (_, terminal):
        assert terminal.ask(STATUS, ending=ending) == terminal.ask(STATUS, ending=ending)


def test_a_line_feed_is_a_bad_frame() -> None:
    with speaking(line_feed="dropped") as (_, terminal):
        assert terminal.ask(STATUS, ending="\r\n")
        terminal.send(STATUS)
        assert terminal.ends()


def test_a_line_feed_is_awaited() -> None:
    with speaking("", line_feed="required") as (_, terminal):
        terminal.send(LOGIN)
        assert terminal.silent()
        assert terminal.ask("", ending="\n") == "941"


@pytest.mark.parametrize("delimiter", ["^", "~"])
def test_delimiters(delimiter: str) -> None:
    with speaking(LOGIN.replace("|", delimiter), delimiter=delimiter) as (_, terminal):
        answer = terminal.ask(f"63001{THEN}{summary(3)}{WHO}".replace("|", delimiter))
    assert f"&#{ord(delimiter)};" in values(answer, "AV", delimiter)[0]


@pytest.mark.parametrize(
    ("error_detection", "plain", "with_both"),
    [("mirrored", "", "AY4AZ"), ("never", "", ""), ("checksum", "AZ", "AZ"), ("always", "AZ", "AY4AZ")],
)
def test_error_detection(error_detection: str, plain: str, with_both: str) -> None:
    with speaking("", error_detection=error_detection, login="never") as (_, terminal):
        for sent, expected in ((STATUS, plain), (checked(STATUS, 4), with_both)):
            end = terminal.ask(sent).rsplit("|", 1)[1]
            assert end[:-4] == expected if expected else not end


def test_a_sequence_is_checked() -> None:
    with speaking(sequence_checked=True) as (_, terminal):
        assert terminal.ask(checked(STATUS, 9)) and terminal.ask(checked(STATUS, 0))
        terminal.send(checked(STATUS, 2))
        assert terminal.ends()


def test_the_card_comes_first() -> None:
    with speaking(card_first=True) as (_, terminal):
        names = [part[:2] for part in terminal.ask(RENEWAL)[24:].split("|")]
    assert names == ["AA", "AB", "AJ", "AH", "CK", "AO", ""]


@pytest.mark.parametrize(
    ("numbers", "counts"), [("blanks", "   4   1   5   2   0   3"), ("unknown", " " * 24)]
)  # fmt: skip
def test_numbers(numbers: str, counts: str) -> None:
    with speaking(numbers=numbers) as (_, terminal):
        assert terminal.ask(INFORMATION)[37:61] == counts


def test_flags_and_zone() -> None:
    with speaking(flags="N", zone="0000") as (_, terminal):
        assert terminal.ask(INFORMATION).startswith(f"64{'N' * 14}001202611240000100000")


@pytest.mark.parametrize(
    ("due_format", "due"),
    [
        ("%d/%m/%Y", "15/12/2026"),
        ("%Y-%m-%d %H:%M", "2026-12-15 23:59"),
        ("%Y%m%d", "20261215"),
        ("%Y%m%d   Z%H%M%S", "20261215   Z235900"),
    ],
)
def test_due_dates(due_format: str, due: str) -> None:
    with speaking(due_format=due_format) as (_, terminal):
        assert values(terminal.ask(RENEWAL), "AH") == [due]


def test_login_comes_first() -> None:
    with speaking("", login="first") as (_, terminal):
        terminal.send(STATUS)
        assert terminal.ends()


def test_there_is_no_login() -> None:
    with speaking("", login="never") as (_, terminal):
        assert values(terminal.ask(STATUS), "BX") == ["YYYNYYNYYYYNNYYY"]
        terminal.send(LOGIN)
        assert terminal.silent()


@pytest.mark.parametrize(("failed_login", "closes"), [("listens", False), ("closes", True)])
def test_after_a_failed_login(failed_login: str, closes: bool) -> None:
    with speaking("", failed_login=failed_login) as (_, terminal):
        assert terminal.ask("9300CNmillbrook-portal|COwrong|") == "940"
        if closes:
            assert terminal.ends()
        else:
            assert terminal.ask(LOGIN) == "941"


@pytest.mark.parametrize("message", [f"17{THEN}AO|AB{FERRY}|", "01N", "nonsense", "63", "15!" + THEN + WHO])
@pytest.mark.parametrize("unsupported", ["silence", "drop"])
def test_what_is_not_supported(unsupported: str, message: str) -> None:
    with speaking(unsupported=unsupported, without=["17"]) as (_, terminal):
        terminal.send(message)
        assert terminal.silent() if unsupported == "silence" else terminal.ends()


@pytest.mark.parametrize(("supported_told", "told"), [("short", ["YYYNYYYYYY"]), ("absent", [])])
def test_what_is_told_of_support(supported_told: str, told: list[str]) -> None:
    with speaking(supported_told=supported_told, check_in_out=False) as (_, terminal):
        answer = terminal.ask(STATUS)
    assert values(answer, "BX") == told and answer.startswith("98YNNYNN")


def test_empty_fields_are_ignored() -> None:
    with speaking() as (_, terminal):
        assert terminal.ask(f"{RENEWAL}AJ|").startswith("301")
        assert len(values(terminal.ask(f"{LOANS}BP|BQ|"), "AU")) == 5


def test_empty_fields_are_misread() -> None:
    with speaking(empty_fields="misread") as (library, terminal):
        assert terminal.ask(f"{RENEWAL}AJ|").startswith("300")
        assert values(terminal.ask(f"{LOANS}BP|BQ|"), "AU") == []
    assert library.journal.renewals(FERRY) == 0


def test_empty_fields_drop_the_connection() -> None:
    with speaking(empty_fields="drop") as (library, terminal):
        terminal.send(f"{RENEWAL}AJ|")
        assert terminal.ends()
    assert library.journal.renewals(FERRY) == 0


def test_no_block_due_is_required() -> None:
    with speaking(no_block_due="required") as (_, terminal):
        assert terminal.ask(RENEWAL.replace(NEVER, THEN)).startswith("301")
        terminal.send(RENEWAL)
        assert terminal.ends()


def test_no_block_due_is_taken() -> None:
    with speaking(no_block_due="taken") as (_, terminal):
        assert values(terminal.ask(RENEWAL.replace(NEVER, THEN)), "AH") == ["20261124    235900"]
        assert values(terminal.ask(RENEWAL), "AH") == ["20261215    235900"]


@pytest.mark.parametrize(("institution", "answers", "silent"), [("known", "MILLBROOK", ""), ("empty", "", "MILLBROOK")])
def test_institutions(institution: str, answers: str, silent: str) -> None:
    with speaking(institution=institution) as (_, terminal):
        assert terminal.ask(f"17{THEN}AO{answers}|AB{FERRY}|").startswith("18")
        terminal.send(f"17{THEN}AO{silent}|AB{FERRY}|")
        assert terminal.silent()


def test_one_connection_at_a_time() -> None:
    with speaking(one_connection=True) as (library, terminal), Terminal(library.port) as second:
        second.send(LOGIN)
        assert second.silent()
        terminal.__exit__(None, None, None)
        assert second.hear() == "941"


def test_an_idle_connection_is_closed() -> None:
    with speaking(idle_s=0.1) as (_, terminal):
        assert terminal.ends()


def test_23_needs_its_fields() -> None:
    with speaking(status_needs_fields=True) as (_, terminal):
        assert terminal.ask(f"23001{THEN}{WHO}").startswith("96")
        assert terminal.ask(f"23001{THEN}{WHO}AC|").startswith("24")


@pytest.mark.parametrize(
    ("pin_told", "pin", "told"),
    [("always", "", ["N"]), ("always", "AD2580|", ["Y"]), ("if sent", "", []), ("never", "AD2580|", [])],
)
def test_what_is_told_of_a_pin(pin_told: str, pin: str, told: list[str]) -> None:
    with speaking(pin_told=pin_told) as (_, terminal):
        assert values(terminal.ask(f"63001{THEN}{' ' * 10}AO|AA{ROWAN}|{pin}"), "CQ") == told


def test_an_empty_pin_is_right() -> None:
    with speaking(empty_pin_is_right=True) as (_, terminal):
        assert values(terminal.ask(f"63001{THEN}{' ' * 10}AO|AA{ROWAN}|AD|"), "CQ") == ["Y"]


@pytest.mark.parametrize("pin", ["", "AD1111|", "AD|"])
def test_nothing_is_told_or_done_without_the_pin(pin: str) -> None:
    with speaking(pin_needed=True) as (library, terminal):
        answer = terminal.ask(f"63001{THEN}{summary(2)}AO|AA{ROWAN}|{pin}")
        assert values(answer, "AE") == [""] and values(answer, "AF") == ["Invalid PIN"] and not values(answer, "AU")
        assert terminal.ask(f"29NN{THEN}{NEVER}AO|AA{ROWAN}|{pin}AB{FERRY}|").startswith("300")
    assert library.journal.renewals(FERRY) == 0


def test_nothing_personal_with_a_wrong_pin() -> None:
    with speaking(personal_with_wrong_pin=False) as (_, terminal):
        answer = terminal.ask(f"63001{THEN}{' ' * 10}AO|AA{ROWAN}|AD1111|")
        assert "Rowan" not in answer and "Example" not in answer and values(answer, "BL") == ["Y"]
        assert "Rowan" in terminal.ask(f"63001{THEN}{' ' * 10}AO|AA{ROWAN}|")


def test_holds_that_are_ready_are_counted() -> None:
    with speaking(hold_count="ready") as (_, terminal):
        answer = terminal.ask(HOLDS)
    assert answer[37:41] == "0001" and answer[57:61] == "0003" and values(answer, "AS") == ["39999000000201"]


def test_titles_instead_of_barcodes() -> None:
    with speaking(items_as="titles", authors=True) as (library, terminal):
        assert values(terminal.ask(LOANS), "AU")[0] == "A Ferry for Tuesday / Imelda Crake"
        by_title = RENEWAL.replace(f"AB{FERRY}", "AJA Ferry for Tuesday / Imelda Crake")
        assert values(terminal.ask(by_title), "AB") == [FERRY]
    assert library.journal.renewals(FERRY) == 1


def test_no_renewal_by_title() -> None:
    with speaking(title_renewal=False) as (_, terminal):
        assert terminal.ask(RENEWAL.replace(f"AB{FERRY}", "AJA Ferry for Tuesday")).startswith("300")


def test_pages() -> None:
    fifty = f"63001{THEN}{summary(2)}AO|AA29999000000076|AD9630|"
    with speaking(page=5) as (_, terminal):
        assert len(values(terminal.ask(fifty), "AU")) == 5
        assert len(values(terminal.ask(f"{fifty}BP46|BQ60|"), "AU")) == 5
    with speaking(paging=False) as (_, terminal):
        assert len(values(terminal.ask(f"{fifty}BP1|BQ5|"), "AU")) == 50


@pytest.mark.parametrize(
    ("expiry_field", "birth_field", "there"),
    [("PX", "BC", ("PX20271229    000000|", "BC19840517|")), ("", "", ())],
)
def test_fields_beyond_the_standard(expiry_field: str, birth_field: str, there: tuple[str, ...]) -> None:
    with speaking(expiry_field=expiry_field, birth_field=birth_field) as (_, terminal):
        answer = terminal.ask(INFORMATION)
    assert all(field in answer for field in there)
    assert not values(answer, "PA") and not values(answer, "PB")


def test_screen_texts() -> None:
    with speaking(greeting="Greetings from Koha.", wording="koha", end_message="Bye") as (_, terminal):
        assert values(terminal.ask(INFORMATION), "AF") == ["Greetings from Koha."]
        refused = terminal.ask(RENEWAL.replace(FERRY, HERON))
        assert values(refused, "AF") == ["Item unavailable due to outstanding holds"]
        assert values(terminal.ask(f"35{THEN}{WHO}"), "AF") == ["Bye"]
    with speaking(wording="none") as (_, terminal):
        assert values(terminal.ask(RENEWAL.replace(FERRY, HERON)), "AF") == []


def test_a_renewal_that_is_only_said() -> None:
    with speaking(renewal="unchanged") as (library, terminal):
        before = library.due(FERRY)
        answer = terminal.ask(RENEWAL)
    assert answer.startswith("301Y") and values(answer, "AH") == ["20261121    235900"]
    assert library.due(FERRY) == before and library.journal.renewals(FERRY) == 0


def test_renewal_ok_is_loose() -> None:
    with speaking(renewal_ok="loose") as (_, terminal):
        assert terminal.ask(RENEWAL).startswith("301N")
        assert terminal.ask(RENEWAL.replace(FERRY, BREAD)).startswith("300Y")


def test_a_refusal_says_ok() -> None:
    with speaking(refusals_say_ok=True) as (_, terminal):
        answer = terminal.ask(RENEWAL.replace(FERRY, BREAD))
    assert answer.startswith("301N") and values(answer, "AH") == ["20261129    235900"] and values(answer, "AF")


def test_a_change_of_branch_that_is_only_said() -> None:
    with speaking(pickup_change="unchanged", pickup_told=False) as (library, terminal):
        answer = terminal.ask(f"15*{THEN}BSHAL|{WHO}AB{TIDE}|")
        assert answer.startswith("161") and not values(answer, "BS")
        assert {hold.pickup for hold in library.holds(ROWAN)} == {"CEN", "WEA"}


def test_the_answer_to_a_payment_is_transposed() -> None:
    with speaking(fee_answer_transposed=True) as (_, terminal):
        assert terminal.ask(f"37{THEN}0400GBPBV1.20|{WHO}").startswith(f"38{THEN}YAO")
