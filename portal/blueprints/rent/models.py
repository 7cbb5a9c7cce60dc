"""Rent accounts as the housing system's last extract tells of them."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Computed, ForeignKey, Identity, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base, Key


class RentImport(Base):
    """One night that was loaded, and what the portal held of its source afterwards. night: the extract's own date.

    doubtful: accounts whose stated balance isn't what their lines come to.
    """

    __tablename__ = "rent_import"
    __table_args__ = (UniqueConstraint("source", "night"),)

    id: Mapped[Key]
    source: Mapped[str]
    night: Mapped[date]
    loaded_at: Mapped[datetime]
    accounts: Mapped[int]
    tenants: Mapped[int]
    lines: Mapped[int]
    doubtful: Mapped[int]


class RentImportRun(Base):
    """One run of the import. outcome: ``loaded``, or ``refused``: then its numbers are 0.

    night: None where the files didn't say. new, changed, ended: accounts, each counted once. accounts to total_pence:
    as ``Imported``. complaints: what was wrong, each ``{"account", "file", "line", "column", "why"}``.
    """

    __tablename__ = "rent_import_run"
    __table_args__ = (
        CheckConstraint("outcome in ('loaded', 'refused')", name="outcome"),
        Index("ix_rent_import_run_at", "at"),
    )

    id: Mapped[Key]
    source: Mapped[str]
    night: Mapped[date | None]
    at: Mapped[datetime]
    outcome: Mapped[str]
    new: Mapped[int]
    changed: Mapped[int]
    ended: Mapped[int]
    accounts: Mapped[int]
    tenants: Mapped[int]
    lines: Mapped[int]
    total_pence: Mapped[int] = mapped_column(BigInteger)
    complaints: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)


class RentAccount(Base):
    """reference: the payment reference, as residents know it. kind: ``home``, ``garage``, ``former`` (a tenancy that is
    over), ``court-costs``, ``recharge`` or ``other``, as far as the source's mapping can tell.

    Amounts are pence, positive where owed. opening_pence: before the first line that we hold. balance_pence: opening
    and lines. stated_pence: what the housing system says; where that is something else the balance is doubtful.
    charged_on: the last day of charge. gone_on: the night from which on the extract no longer has the account. told_on:
    the night that told of it last, where its source has a newer one; None where it is the newest. reference_key: the
    reference as ``identity.names.compact``, to find it by.
    """

    __tablename__ = "rent_account"
    __table_args__ = (
        UniqueConstraint("source", "reference"),
        CheckConstraint("kind in ('home', 'garage', 'former', 'court-costs', 'recharge', 'other')", name="kind"),
        Index("ix_rent_account_reference_key", "reference_key"),
    )

    id: Mapped[Key]
    source: Mapped[str]
    reference: Mapped[str]
    tenancy_reference: Mapped[str]
    kind: Mapped[str]
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    breathing_space_until: Mapped[date | None]
    opening_pence: Mapped[int] = mapped_column(BigInteger)
    balance_pence: Mapped[int] = mapped_column(BigInteger)
    stated_pence: Mapped[int] = mapped_column(BigInteger)
    charged_on: Mapped[date]
    is_doubtful: Mapped[bool] = mapped_column(Computed("balance_pence <> stated_pence", persisted=True))
    gone_on: Mapped[date | None]
    told_on: Mapped[date | None]
    reference_key: Mapped[str] = mapped_column(
        Computed("regexp_replace(lower(reference), '[^0-9a-z]', '', 'g')", persisted=True)
    )


class RentTenant(Base):
    """Somebody who holds a tenancy, as the extract names them; links stand on this row and end with it.

    identity: what makes it the same person from night to night: name and birth date. address: its lines, the post code
    last. Nothing of one tenant is ever shown to another. born: ISO 8601, from identity; postcode: the address's last
    line, as ``identity.names.compact``; both to find somebody by.
    """

    __tablename__ = "rent_tenant"
    __table_args__ = (
        UniqueConstraint("account_id", "identity"),
        Index("ix_rent_tenant_born", "born"),
        Index("ix_rent_tenant_postcode", "postcode"),
    )

    id: Mapped[Key]
    account_id: Mapped[UUID] = mapped_column(ForeignKey("rent_account.id", ondelete="CASCADE"))
    identity: Mapped[str]
    title: Mapped[str]
    first_name: Mapped[str]
    last_name: Mapped[str]
    address: Mapped[str]
    born: Mapped[str | None] = mapped_column(
        Computed("substring(identity from '\\|(\\d{4}-\\d{2}-\\d{2})(?:#\\d+)?$')", persisted=True)
    )
    postcode: Mapped[str] = mapped_column(
        Computed("regexp_replace(lower(substring(address from '[^\\n]*$')), '[^0-9a-z]', '', 'g')", persisted=True)
    )


class RentArrangement(Base):
    """What a tenant has agreed, or a court has ordered, to pay on top of the rent. amount_pence: each period's.

    frequency: ``weekly``, ``fortnightly``, ``four-weekly``, ``monthly`` or ``once``.
    """

    __tablename__ = "rent_arrangement"
    __table_args__ = (
        CheckConstraint(
            "frequency in ('weekly', 'fortnightly', 'four-weekly', 'monthly', 'once')",
            name="frequency",
        ),
    )

    id: Mapped[Key]
    account_id: Mapped[UUID] = mapped_column(ForeignKey("rent_account.id", ondelete="CASCADE"), index=True)
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    frequency: Mapped[str]
    by_court: Mapped[bool]
    amount_pence: Mapped[int] = mapped_column(BigInteger)
    first_due_on: Mapped[date]
    agreed_on: Mapped[date]


class RentLine(Base):
    """One charge (positive) or payment (negative), in pence.

    Housing systems' own ids may change from night to night, so a line is what it says: its dates, code and amount, and
    ``occurrence``, since two equal lines of one day can both be true. source_id: the system's own id, where the mapping
    says that it stays. kind: ``charge``, ``benefit``, ``universal-credit``, ``payment``, ``adjustment``, ``opening``,
    or ``other`` for a code that the mapping doesn't know. label: which plain words say what it is, a key of
    ``extract.labels``; None where there is nothing but ``description``, the system's own words.
    """

    __tablename__ = "rent_line"
    __table_args__ = (
        UniqueConstraint(
            "account_id",
            "posted_on",
            "dated_on",
            "code",
            "amount_pence",
            "occurrence",
            name="uq_rent_line_what_it_says",
        ),
        CheckConstraint(
            "kind in ('charge', 'benefit', 'universal-credit', 'payment', 'adjustment', 'opening', 'other')",
            name="kind",
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("rent_account.id", ondelete="CASCADE"))
    posted_on: Mapped[date]
    dated_on: Mapped[date]
    code: Mapped[str]
    kind: Mapped[str]
    label: Mapped[str | None]
    source_id: Mapped[str | None]
    description: Mapped[str]
    amount_pence: Mapped[int] = mapped_column(BigInteger)
    occurrence: Mapped[int]
