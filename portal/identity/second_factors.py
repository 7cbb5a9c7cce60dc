"""What staff prove besides their password: a code from their authenticator app, or one of ten recovery codes.

Nothing here commits: each function works in its caller's transaction.
Sources: RFC 6238; OWASP ASVS 5.0, V6.5.
"""

import hashlib
import secrets
from datetime import datetime
from hmac import compare_digest
from typing import cast
from uuid import UUID

import pyotp
from sqlalchemy import ColumnElement, CursorResult, Update, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from portal.models import RecoveryCode, TotpSecret
from portal.sealed import Sealer

STEP_S = 30
"""A code is taken in its own step and in the next: people are slow, and so is the way. Never before its time."""

RECOVERY_CODES = 10
RECOVERY_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's 32: no I, L, O, U."""
RECOVERY_LENGTH, RECOVERY_GROUP = 28, 4
"""140 random bits: from 128 on nobody guesses them (OWASP ASVS 5.0, 11.5.1), and a plain hash keeps them (6.5.2)."""
_AS_READ = str.maketrans("ILO", "110")


def context(person_id: UUID) -> str:
    """Return what a secret is sealed for: it opens for its own person only, wherever its row is copied to."""
    return f"totp_secret.secret:{person_id}"


def begin(db: Session, sealer: Sealer, person_id: UUID, *, at: datetime) -> None:
    """Make a new secret for the person's authenticator; it counts for nothing until it is confirmed.

    Replaces one that was never confirmed, and leaves one that was.
    """
    sealed = sealer.seal(pyotp.random_base32(), context=context(person_id))
    new = upsert(TotpSecret).values(person_id=person_id, secret=sealed, last_step=0, created_at=at)
    db.execute(
        new.on_conflict_do_update(
            index_elements=[TotpSecret.person_id],
            set_={"secret": sealed, "last_step": 0, "created_at": at},
            where=TotpSecret.confirmed_at.is_(None),
        )
    )


def secret_to_set_up(db: Session, sealer: Sealer, person_id: UUID) -> str | None:
    """Return the secret that the person is putting into their authenticator (base32, 160 bits), None if there is none.

    A secret that was confirmed is never shown again.
    """
    found = select(TotpSecret.secret).where(TotpSecret.person_id == person_id, TotpSecret.confirmed_at.is_(None))
    sealed = db.execute(found).scalar_one_or_none()
    return sealer.unseal(sealed, context=context(person_id)) if sealed else None


def provisioning_address(secret: str, *, issuer: str, account: str) -> str:
    """Return the ``otpauth:`` address that an authenticator reads from a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=issuer)


def is_set_up(db: Session, person_id: UUID) -> bool:
    """Tell whether the person has an authenticator and showed that it works."""
    found = select(TotpSecret.person_id).where(TotpSecret.person_id == person_id, TotpSecret.confirmed_at.is_not(None))
    return db.execute(found).one_or_none() is not None


def use_code(db: Session, sealer: Sealer, person_id: UUID, code: str, *, at: datetime) -> bool:
    """Tell whether ``code`` is right, and use it up: neither it nor an earlier one counts again, in no process.

    code: as typed, spaces don't matter. An authenticator that isn't confirmed gives no right code.
    """
    confirmed = TotpSecret.confirmed_at.is_not(None)
    return _use_code(db, sealer, person_id, code, confirmed, at=at)


def confirm(db: Session, sealer: Sealer, person_id: UUID, code: str, *, at: datetime) -> list[str] | None:
    """Take a new authenticator into use and return fresh recovery codes; None if ``code`` doesn't come from it."""
    if not _use_code(db, sealer, person_id, code, TotpSecret.confirmed_at.is_(None), at=at):
        return None
    db.execute(update(TotpSecret).where(TotpSecret.person_id == person_id).values(confirmed_at=at))
    return renew_recovery_codes(db, person_id)


def renew_recovery_codes(db: Session, person_id: UUID) -> list[str]:
    """Return ten new recovery codes, to be shown once. The old ones are void."""
    codes = ["".join(secrets.choice(RECOVERY_LETTERS) for _ in range(RECOVERY_LENGTH)) for _ in range(RECOVERY_CODES)]
    db.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person_id))
    db.execute(insert(RecoveryCode), [{"hash": _hash(person_id, code), "person_id": person_id} for code in codes])
    starts = range(0, RECOVERY_LENGTH, RECOVERY_GROUP)
    return ["-".join(code[start : start + RECOVERY_GROUP] for start in starts) for code in codes]


def use_recovery_code(db: Session, person_id: UUID, code: str, *, at: datetime) -> bool:
    """Tell whether ``code`` is one of the person's unused recovery codes, and use it up.

    code: as typed; case, spaces and hyphens don't matter, and letters that look like digits are read as those.
    """
    read = "".join(character for character in code.upper() if character.isalnum()).translate(_AS_READ)
    used = update(RecoveryCode).where(RecoveryCode.hash == _hash(person_id, read), RecoveryCode.used_at.is_(None))
    return _changed_one(db, used.values(used_at=at))


def recovery_codes_left(db: Session, person_id: UUID) -> int:
    """Return how many recovery codes the person has not used."""
    left = select(func.count()).where(RecoveryCode.person_id == person_id, RecoveryCode.used_at.is_(None))
    return db.execute(left).scalar_one()


def remove(db: Session, person_id: UUID) -> None:
    """Forget the person's authenticator and recovery codes: they set up new ones before they get in again."""
    db.execute(delete(TotpSecret).where(TotpSecret.person_id == person_id))
    db.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person_id))


def _use_code(
    db: Session, sealer: Sealer, person_id: UUID, code: str, state: ColumnElement[bool], *, at: datetime
) -> bool:
    found = select(TotpSecret.secret).where(TotpSecret.person_id == person_id, state)
    sealed = db.execute(found).scalar_one_or_none()
    if sealed is None:
        return False
    step = _step_of(sealer.unseal(sealed, context=context(person_id)), code, at=at)
    if step is None:
        return False
    used = update(TotpSecret).where(TotpSecret.person_id == person_id, state, TotpSecret.last_step < step)
    return _changed_one(db, used.values(last_step=step))


def _step_of(secret: str, code: str, *, at: datetime) -> int | None:
    """Return the newest time step in the window whose code this is."""
    typed = "".join(code.split()).encode()
    totp = pyotp.TOTP(secret, interval=STEP_S)
    now = int(at.timestamp()) // STEP_S
    steps = [step for step in (now - 1, now) if compare_digest(totp.generate_otp(step).encode(), typed)]
    return max(steps, default=None)


def _changed_one(db: Session, change: Update) -> bool:
    return cast(CursorResult[object], db.execute(change)).rowcount == 1


def _hash(person_id: UUID, code: str) -> bytes:
    return hashlib.sha256(person_id.bytes + code.encode()).digest()
