"""Each file is encrypted with a key of its own."""

from uuid import uuid4

import pytest

from portal.uploads.envelope import EnvelopeBroken, decrypt, encrypt

FILE_ID = uuid4()
DATA = b"a payslip" * 100


def test_a_file_comes_back_as_it_was() -> None:
    envelope = encrypt(DATA, file_id=FILE_ID)
    assert b"payslip" not in envelope.data
    assert decrypt(envelope.data, key=envelope.key, file_id=FILE_ID) == DATA


def test_an_empty_one_too() -> None:
    envelope = encrypt(b"", file_id=FILE_ID)
    assert decrypt(envelope.data, key=envelope.key, file_id=FILE_ID) == b""


def test_the_same_file_is_never_encrypted_the_same() -> None:
    one, other = encrypt(DATA, file_id=FILE_ID), encrypt(DATA, file_id=FILE_ID)
    assert one.key != other.key and one.data != other.data


def test_key_and_file_are_not_printed() -> None:
    envelope = encrypt(DATA, file_id=FILE_ID)
    assert envelope.key not in repr(envelope)


def test_another_files_id_doesnt_open_it() -> None:
    envelope = encrypt(DATA, file_id=FILE_ID)
    with pytest.raises(EnvelopeBroken):
        decrypt(envelope.data, key=envelope.key, file_id=uuid4())


@pytest.mark.parametrize(
    "key", ["", "?", "AAAA", encrypt(b"", file_id=FILE_ID).key], ids=["none", "not-base64", "short", "another-ones"]
)
def test_another_key_doesnt_open_it(key: str) -> None:
    with pytest.raises(EnvelopeBroken):
        decrypt(encrypt(DATA, file_id=FILE_ID).data, key=key, file_id=FILE_ID)


@pytest.mark.parametrize("at", [0, 1, 12, 13, 100, -1])
def test_a_file_that_was_changed_doesnt_open(at: int) -> None:
    envelope = encrypt(DATA, file_id=FILE_ID)
    changed = bytearray(envelope.data)
    changed[at] ^= 1
    with pytest.raises(EnvelopeBroken):
        decrypt(bytes(changed), key=envelope.key, file_id=FILE_ID)


@pytest.mark.parametrize("length", [0, 1, 12, 13, 20, 28])
def test_a_file_that_was_cut_off_doesnt_open(length: int) -> None:
    envelope = encrypt(DATA, file_id=FILE_ID)
    with pytest.raises(EnvelopeBroken):
        decrypt(envelope.data[:length], key=envelope.key, file_id=FILE_ID)
