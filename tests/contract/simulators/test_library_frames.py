"""The library as the standard has it: known frames in, known frames out."""

import pytest

from simulators.library.simulator import LibrarySimulator
from tests.support.terminal import (
    BREAD,
    FERRY,
    HERON,
    NEVER,
    NOW,
    ROWAN,
    SALT,
    THEN,
    TIDE,
    WHO,
    Terminal,
    checked,
    summary,
    values,
)

PERSON = "AOMILLBROOK|AA29999000004417|AERowan Tarrick|BZ0010|CA0005|CB0050|BLY|CQY|BHGBP|BV2.00|CC10.00|"
PERSONAL = "BD18 Example Row, Millbrook, ZZ1 9ZZ|BEreader4417@example.org|BF01632 960 417|AQCEN|PB19840517|PA20271229|"
FINES = "AV1.20 Overdue: Rooks ^ Rafters ~ Rain|AV0.80 Reservation fee: Salt in the Weir|"
RESERVED = "AFItem is reserved by another borrower|"
COUNTS = "000400010005000200000003"


@pytest.mark.parametrize(
    ("sent", "answered"),
    [
        (
            "9900802.00",
            f"98YYYYNN999003{THEN}2.00AOMILLBROOK|AMMillbrook Libraries|BXYYYNYYYYYYYNNYYY|",
        ),
        (
            f"23001{THEN}{WHO}AC|",
            f"24{' ' * 14}001{THEN}AOMILLBROOK|AA29999000004417|AERowan Tarrick|BLY|CQY|BHGBP|BV2.00|",
        ),
        (
            f"63001{THEN}{summary(2)}{WHO}BP2|BQ3|",
            f"64{' ' * 14}001{THEN}{COUNTS}{PERSON}AU39999000000101|AU39999000000401|{PERSONAL}",
        ),
        (
            f"63001{THEN}{summary(3)}{WHO}",
            f"64{' ' * 14}001{THEN}{COUNTS}{PERSON}{FINES}{PERSONAL}",
        ),
        (
            f"63001{THEN}{' ' * 10}AOMILLBROOK|AA29999999999999|AD1111|",
            f"64YYYY{' ' * 10}001{THEN}{'0' * 24}AOMILLBROOK|AA29999999999999|AE|BLN|AFCard not recognised|",
        ),
        (
            f"17{THEN}AOMILLBROOK|AB{HERON}|",
            f"18040101{THEN}CF1|AH20261127    235900|AB{HERON}|AJWhat the Heron Counted|BGMILLBROOK|CK001|AQCEN|APCEN|",
        ),
        (
            f"17{THEN}AOMILLBROOK|AB39999000000201|",
            f"18080101{THEN}CF0|CM20261128    000000|AB{SALT}|AJSalt in the Weir|BGMILLBROOK|CK001|AQHAL|APCEN|",
        ),
        (
            f"17{THEN}AOMILLBROOK|AB39999000000601|",
            f"18100101{THEN}CF0|AB39999000000601|AJThe Beekeeper's Ledger|BGMILLBROOK|CK001|AQSTA|APSTA|CTWEA|",
        ),
        (f"17{THEN}AOMILLBROOK|AB1|", f"18010101{THEN}AB1|AJ|"),
        (
            f"29NN{THEN}{NEVER}{WHO}AB{FERRY}|",
            f"301YUN{THEN}AOMILLBROOK|AA{ROWAN}|AB{FERRY}|AJA Ferry for Tuesday|AH20261215    235900|CK001|",
        ),
        (
            f"29NN{THEN}{NEVER}{WHO}AB{HERON}|",
            f"300NUN{THEN}AOMILLBROOK|AA{ROWAN}|AB{HERON}|AJWhat the Heron Counted|AH|CK001|{RESERVED}",
        ),
        (
            f"65{THEN}{WHO}",
            f"66100030002{THEN}AOMILLBROOK|BM{FERRY}|BM39999000000101|BM39999000000901|BN{HERON}|BN{BREAD}|",
        ),
        (
            f"15*{THEN}BSHAL|{WHO}AB{TIDE}|",
            f"161N{THEN}BR1|BSHAL|AOMILLBROOK|AA{ROWAN}|AB{TIDE}|AJNobody's Tide|",
        ),
        (
            f"15-{THEN}{WHO}AB{TIDE}|",
            f"161N{THEN}BSCEN|AOMILLBROOK|AA{ROWAN}|AB{TIDE}|AJNobody's Tide|",
        ),
        (
            f"15+{THEN}BSSTA|{WHO}AB39999000005001|",
            f"161N{THEN}BR1|BSSTA|AOMILLBROOK|AA{ROWAN}|AB39999000005001|AJThe Mills of Crake Wood|",
        ),
        (f"35{THEN}{WHO}", f"36Y{THEN}AOMILLBROOK|AA{ROWAN}|"),
        (f"37{THEN}0400GBPBV1.20|{WHO}BKp-1|", f"38Y{THEN}AOMILLBROOK|AA{ROWAN}|BKp-1|"),
        (
            f"37{THEN}0400GBPBV99.00|{WHO}",
            f"38N{THEN}AOMILLBROOK|AA{ROWAN}|AFAmount is more than the balance|",
        ),
        (
            f"11YN{THEN}{NEVER}{WHO}AB39999000005001|AC|",
            f"121NUY{THEN}AOMILLBROOK|AA{ROWAN}|AB39999000005001|AJThe Mills of Crake Wood|AH20261215    235900|",
        ),
        (
            f"09N{THEN}{THEN}APCEN|AOMILLBROOK|AB{FERRY}|AC|",
            f"101YUN{THEN}AOMILLBROOK|AB{FERRY}|AQMOB|AJA Ferry for Tuesday|AA{ROWAN}|",
        ),
    ],
    ids=lambda value: value[:3],
)  # fmt: skip
def test_a_frame(terminal: Terminal, sent: str, answered: str) -> None:
    assert terminal.ask(sent) == answered


def test_error_detection_is_mirrored(terminal: Terminal) -> None:
    sent = checked("9900802.00", 7)
    answer = terminal.ask(sent)
    body, detection = answer.rsplit("AY", 1)
    assert detection.startswith("7AZ") and answer == checked(body, 7)
    assert "AZ" not in terminal.ask("9900802.00")
    assert terminal.ask(checked("9900802.00")) == checked(body)


def test_a_wrong_checksum_is_answered_by_96(library: LibrarySimulator, terminal: Terminal) -> None:
    sent = checked(f"29NN{THEN}{NEVER}{WHO}AB{FERRY}|", 1)
    assert terminal.ask(sent.replace("AB3", "AB4")) == "96AZFEF6"
    assert library.journal.renewals(FERRY) == 0
    assert terminal.ask(sent[:-4] + sent[-4:].lower()).startswith("301")


def test_97_brings_the_last_answer_without_its_sequence_number(terminal: Terminal) -> None:
    said = terminal.ask(checked("9900802.00", 3))
    assert terminal.ask("97AZFEF5") == checked(said.rsplit("AY", 1)[0])


def test_97_before_anything_is_answered_by_96(library: LibrarySimulator) -> None:
    with Terminal(library.port) as first:
        assert first.ask("97AZFEF5") == "96AZFEF6"


@pytest.mark.parametrize(
    "login", ["9300CNmillbrook-portal|COwrong|", "9300CNnobody|CO|", "9310CNmillbrook-portal|COx|"]
)
def test_a_wrong_login_is_refused(library: LibrarySimulator, login: str) -> None:
    with Terminal(library.port) as terminal:
        assert terminal.ask(login) == "940"
        terminal.send(f"63001{THEN}{' ' * 10}{WHO}")
        assert terminal.ends()


@pytest.mark.parametrize(
    ("pin", "told"),
    [("AD2580|", ["Y"]), ("AD9999|", ["N"]), ("AD|", ["N"]), ("", [])],
    ids=["right", "wrong", "empty", "absent"],
)
def test_what_a_pin_gets(terminal: Terminal, pin: str, told: list[str]) -> None:
    answer = terminal.ask(f"63001{THEN}{' ' * 10}AOMILLBROOK|AA{ROWAN}|{pin}")
    assert values(answer, "CQ") == told and values(answer, "AE") == ["Rowan Tarrick"]


@pytest.mark.parametrize(
    ("card", "pin", "right"),
    [("29999000000118", "0001", "Y"), ("29999000000092", "7531", "N")],
    ids=["never set a PIN", "locked"],
)
def test_odd_pins(terminal: Terminal, card: str, pin: str, right: str) -> None:
    assert values(terminal.ask(f"63001{THEN}{' ' * 10}AOMILLBROOK|AA{card}|AD{pin}|"), "CQ") == [right]


@pytest.mark.parametrize(
    ("card", "pin", "flags", "said"),
    [
        ("29999000000043", "3690", "YYYY      Y   ", ["Charges exceed the limit. Please pay at the desk"]),
        ("29999000000050", "7410", "YYYY          ", ["Your membership has expired. Please see a member of staff"]),
        (
            "29999000000068",
            "8520",
            "YYYYY         ",
            ["This card has been reported lost. Please see a member of staff"],
        ),
        ("29999000000076", "9630", "Y    Y        ", []),
    ],
    ids=["fines", "expired", "lost", "fifty loans"],
)
def test_blocks(terminal: Terminal, card: str, pin: str, flags: str, said: list[str]) -> None:
    answer = terminal.ask(f"63001{THEN}{' ' * 10}AOMILLBROOK|AA{card}|AD{pin}|")
    assert answer[2:16] == flags and values(answer, "AF") == said


@pytest.mark.parametrize(
    ("card", "pin", "item", "said"),
    [
        (ROWAN, "2580", BREAD, "Maximum number of renewals reached"),
        (ROWAN, "0000", FERRY, "Invalid PIN"),
        (ROWAN, "2580", "39999000000801", "Item is not on loan to you"),
        (ROWAN, "2580", "nothing", "Item not recognised"),
        ("29999000000043", "3690", "39999000000801", "Charges exceed the limit. Please pay at the desk"),
        ("29999000000100", "8642", "39999000002501", "This item cannot be renewed"),
        ("29999000000100", "8642", "39999000003101", "There is a charge for this item"),
        ("29999000000100", "8642", "39999000007101", "Too soon to renew this item"),
    ],
)
def test_a_refused_renewal_changes_nothing(
    library: LibrarySimulator, terminal: Terminal, card: str, pin: str, item: str, said: str
) -> None:
    before = [(loan.due, loan.renewed) for loan in library.loans(card)]
    answer = terminal.ask(f"29NN{THEN}{NEVER}AOMILLBROOK|AA{card}|AD{pin}|AB{item}|")
    assert answer[:3] == "300" and values(answer, "AF") == [said]
    assert [(loan.due, loan.renewed) for loan in library.loans(card)] == before
    assert library.journal.asked(item) == 1 and library.journal.renewals(item) == 0


def test_a_fee_is_asked_and_agreed_to(library: LibrarySimulator, terminal: Terminal) -> None:
    sent = f"29NN{THEN}{NEVER}AOMILLBROOK|AA29999000000100|AD8642|AB39999000003101|"
    asked = terminal.ask(sent)
    assert "BT06|BHGBP|BV1.50|" in asked
    assert terminal.ask(f"{sent}BOY|").startswith("301")
    assert library.account("29999000000100").owed_pence == 150


def test_what_was_changed_stays_until_a_reset(library: LibrarySimulator, terminal: Terminal) -> None:
    before = library.due(FERRY)
    terminal.ask(f"29NN{THEN}{NEVER}{WHO}AB{FERRY}|")
    terminal.ask(f"15-{THEN}{WHO}AB{TIDE}|")
    assert library.due(FERRY) > before and len(library.holds(ROWAN)) == 3
    assert [one.outcome for one in library.journal.entries(card=ROWAN)] == ["renewed", "cancelled"]
    library.reset()
    assert library.due(FERRY) == before and len(library.holds(ROWAN)) == 4
    assert library.journal.entries() == []


def test_a_loan_can_be_set(library: LibrarySimulator, terminal: Terminal) -> None:
    """A test that renews ten thousand times needs a loan that may be renewed again."""
    library.set_loan(BREAD, due=NOW, renewed=2)
    sent = f"29NN{THEN}{NEVER}{WHO}AB{BREAD}|"
    assert terminal.ask(sent).startswith("301")
    assert terminal.ask(sent).startswith("300")
    with pytest.raises(KeyError):
        library.set_loan(SALT, due=NOW)


def test_two_requests_in_one_packet_get_two_answers(terminal: Terminal) -> None:
    terminal.send("9900802.00\r9900802.00")
    assert terminal.hear() == terminal.hear()
