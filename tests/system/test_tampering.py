"""A superuser of the database tampers with the audit trail: each way is found, and where."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from portal.clock import SetClock
from portal.trail import hashing
from portal.trail.findings import Finding, Report, Trouble
from portal.trail.heads import Head
from portal.trail.keys import SigningKeys, new_key
from portal.trail.sealing import seal_all
from tests.support.trail import KEYS, Trail, superuser

Tamper = Callable[..., None]
REST = "actor_id, subject_id, authority, act, object, outcome, request_id, details"
COPY = (
    f"insert into audit_event (id, at, {REST}) overriding system value"  # noqa: S608 -- columns
    f" select :new, at, {REST} from audit_event"
)
OWN_KEY = SigningKeys.from_text(new_key("demo"))
"""The superuser's, under the name of the portal's."""


@pytest.fixture
def trail(db: Session, clock: SetClock) -> Trail:
    return Trail(db, clock)


@pytest.fixture
def tamper(owner_engine: Engine) -> Tamper:
    """Runs statements that nothing in the database stops."""

    def tamper(*statements: str, **values: Any) -> None:
        with superuser(owner_engine) as connection:
            for statement in statements:
                connection.execute(text(statement), values)

    return tamper


def test_a_trail_that_nobody_touched_is_whole(trail: Trail) -> None:
    trail.sealed(3)
    until = trail.clock.now()
    trail.sealed(4)
    trail.head()
    trail.happens()
    report = trail.verify()
    assert report == Report(records=7, waiting=1, seals=2, heads=1, whole_until=until)


class TestARecord:
    @pytest.mark.parametrize(
        "change",
        [
            "at = at + interval '1 microsecond'",
            "actor_id = gen_random_uuid()",
            "subject_id = gen_random_uuid()",
            "authority = 'staff'",
            "act = 'rent.statement'",
            "object = ''",
            "outcome = 'refused'",
            "request_id = 'x'",
            "details = details || '{\"lines\": 4}'",
        ],
    )
    def test_that_is_changed_is_named(self, trail: Trail, tamper: Tamper, change: str) -> None:
        trail.sealed()
        _, second, _ = trail.sealed()
        tamper(f"update audit_event set {change} where id = :id", id=second)  # noqa: S608 -- written above
        assert trail.findings() == [Finding(Trouble.RECORD_CHANGED, seal=2, record=second)]

    def test_that_is_deleted_is_named(self, trail: Trail, tamper: Tamper) -> None:
        _, second, _ = trail.sealed()
        tamper("delete from audit_event where id = :id", id=second)
        assert trail.findings() == [Finding(Trouble.RECORD_DELETED, seal=1, record=second)]

    def test_that_is_deleted_with_its_leaf_is_found_in_its_seal(self, trail: Trail, tamper: Tamper) -> None:
        trail.sealed()
        _, second, _ = trail.sealed()
        tamper("delete from audit_event where id = :id", "delete from audit_leaf where event_id = :id", id=second)
        assert trail.findings() == [Finding(Trouble.BATCH_CHANGED, seal=2)]

    def test_that_changes_places_with_another_is_named_with_it(self, trail: Trail, tamper: Tamper) -> None:
        first, second = trail.happens("rent.view"), trail.happens("energy.look")
        trail.seal()
        tamper(
            "update audit_event set act = other.act from audit_event as other"
            " where (audit_event.id, other.id) in ((:first, :second), (:second, :first))",
            first=first,
            second=second,
        )
        assert trail.findings() == [
            Finding(Trouble.RECORD_CHANGED, seal=1, record=record) for record in (first, second)
        ]

    def test_that_is_inserted_among_older_ones_is_named(self, trail: Trail, tamper: Tamper) -> None:
        first, *_ = trail.sealed()
        trail.clock.advance(timedelta(hours=2))
        tamper(f"{COPY} where id = :first", first=first, new=first - 1)
        assert trail.findings() == [Finding(Trouble.RECORD_UNSEALED, record=first - 1)]

    def test_that_is_inserted_and_sealed_by_the_portal_gives_itself_away_by_its_time(self, trail: Trail) -> None:
        trail.sealed()
        trail.clock.advance(timedelta(hours=2))
        trail.sealed()
        inserted = trail.happens(at=trail.clock.now() - timedelta(hours=2))
        trail.seal()
        assert trail.findings() == [Finding(Trouble.RECORD_MISDATED, seal=3, record=inserted)]

    def test_whose_time_is_to_come_is_named(self, trail: Trail) -> None:
        ahead = trail.happens(at=trail.clock.now() + timedelta(hours=2))
        assert trail.findings() == [Finding(Trouble.RECORD_UNSEALED, record=ahead)]
        trail.seal()
        assert trail.findings() == [Finding(Trouble.RECORD_MISDATED, seal=1, record=ahead)]

    def test_that_is_inserted_with_a_leaf_is_found_in_its_seal(self, trail: Trail, tamper: Tamper) -> None:
        first, *_, last = trail.sealed()
        tamper(
            f"{COPY} where id = :first",
            "insert into audit_leaf select :new, seal, delete_on, digest, salt from audit_leaf where event_id = :first",
            first=first,
            new=last + 1,
        )
        assert Finding(Trouble.BATCH_CHANGED, seal=1) in trail.findings()

    def test_that_is_changed_together_with_its_leaf_is_found_in_its_seal(self, trail: Trail, tamper: Tamper) -> None:
        trail.sealed()
        _, second, _ = trail.sealed()
        tamper("update audit_event set outcome = 'refused' where id = :id", id=second)
        read = text(f"select {hashing.SAID} from audit_event as event where id = :id")  # noqa: S608 -- columns
        said = trail.db.execute(read, {"id": second}).scalar_one()
        trail.db.rollback()
        salt = b"s" * hashing.SALT_BYTES
        digest = hashing.digest(said, salt)
        tamper(
            "update audit_leaf set salt = :salt, digest = :digest where event_id = :id",
            salt=salt,
            digest=digest,
            id=second,
        )
        assert trail.findings() == [Finding(Trouble.BATCH_CHANGED, seal=2)]


class TestDeletionAsIfByRule:
    def test_before_the_day_is_named(self, trail: Trail, tamper: Tamper) -> None:
        _, second, _ = trail.sealed()
        tamper("delete from audit_event where id = :id", "update audit_leaf set salt = null", id=second)
        assert Finding(Trouble.RECORD_DELETED_EARLY, seal=1, record=second) in trail.findings()

    def test_with_an_earlier_day_is_found_in_its_seal(self, trail: Trail, tamper: Tamper) -> None:
        _, second, _ = trail.sealed()
        tamper(
            "delete from audit_event where id = :id",
            "update audit_leaf set salt = null, delete_on = '2020-01-01' where event_id = :id",
            id=second,
        )
        assert trail.findings() == [Finding(Trouble.BATCH_CHANGED, seal=1)]

    def test_and_something_else_in_its_place_is_named(self, trail: Trail, tamper: Tamper) -> None:
        _, second, _ = trail.sealed()
        tamper("update audit_leaf set salt = null where event_id = :id", id=second)
        assert trail.findings() == [Finding(Trouble.RECORD_PUT_BACK, seal=1, record=second)]


class TestASeal:
    @pytest.mark.parametrize("change", ["sealed_at = sealed_at - interval '1 day'", "events = 4", "root = hash"])
    def test_that_is_changed_is_named(self, trail: Trail, tamper: Tamper, change: str) -> None:
        for _ in range(3):
            trail.sealed()
        tamper(f"update audit_seal set {change} where number = 2")  # noqa: S608 -- written above
        assert Finding(Trouble.SEAL_CHANGED, seal=2) in trail.findings()
        assert {finding.seal for finding in trail.findings()} == {2}

    def test_whose_hash_is_made_anew_breaks_the_chain_and_its_signature(self, trail: Trail, tamper: Tamper) -> None:
        for _ in range(3):
            trail.sealed()
        tamper("update audit_seal set hash = sha256('x') where number = 2")
        assert trail.findings() == [
            Finding(Trouble.SEAL_CHANGED, seal=2),
            Finding(Trouble.SEAL_FORGED, seal=2),
            Finding(Trouble.SEAL_CHANGED, seal=3),
        ]

    def test_that_is_missing_is_named(self, trail: Trail, tamper: Tamper) -> None:
        for _ in range(3):
            trail.sealed()
        tamper("delete from audit_seal where number = 2")
        assert Finding(Trouble.SEAL_MISSING, seal=2) in trail.findings()

    def test_that_is_missing_with_all_its_records_is_named(self, trail: Trail, tamper: Tamper) -> None:
        for _ in range(3):
            trail.sealed()
        tamper(
            "delete from audit_event where id in (select event_id from audit_leaf where seal = 2)",
            "delete from audit_leaf where seal = 2",
            "delete from audit_seal where number = 2",
        )
        assert trail.findings() == [Finding(Trouble.SEAL_MISSING, seal=2), Finding(Trouble.SEAL_CHANGED, seal=3)]

    def test_that_is_cut_and_leaves_its_records_behind_is_named(self, trail: Trail, tamper: Tamper) -> None:
        trail.sealed()
        trail.sealed()
        tamper("delete from audit_seal where number = 2")
        assert trail.findings() == [Finding(Trouble.SEAL_MISSING, seal=2)]


class TestTheTail:
    CUT = (
        "delete from audit_event where id in (select event_id from audit_leaf where seal >= 2)",
        "delete from audit_leaf where seal >= 2",
        "delete from audit_seal where number >= 2",
    )

    def test_that_is_cut_is_missed_by_the_head_in_the_database(self, trail: Trail, tamper: Tamper) -> None:
        until = trail.clock.now()
        trail.sealed()
        trail.sealed()
        trail.sealed()
        head = trail.head()
        tamper(*self.CUT)
        report = trail.verify()
        assert report.findings == [Finding(Trouble.CUT, seal=3, day=head.day)]
        assert report.whole_until == until

    def test_that_is_cut_together_with_the_heads_is_missed_by_the_one_kept_elsewhere(
        self, trail: Trail, tamper: Tamper
    ) -> None:
        trail.sealed()
        trail.sealed()
        head = trail.head()
        tamper(*self.CUT, "delete from audit_head")
        assert trail.findings() == []  # which is why heads are kept elsewhere
        assert trail.findings(head) == [
            Finding(Trouble.CUT, seal=2, day=head.day),
            Finding(Trouble.HEAD_REMOVED, seal=2, day=head.day),
        ]


class TestEverythingSinceAHead:
    """Rewritten: a record changed, and all leaves, seals and heads from then on made anew."""

    @pytest.fixture
    def heads(self, trail: Trail) -> list[Head]:
        """Two days, each with two seals and a head."""
        heads = []
        for _ in range(2):
            trail.sealed()
            trail.sealed()
            heads.append(trail.head())
        return heads

    @staticmethod
    def rewrite(trail: Trail, tamper: Tamper, keys: SigningKeys) -> None:
        """Change a record of the third seal. The clock stands where it stood at each sealing."""
        now = trail.clock.now()
        tamper(
            "update audit_event set outcome = 'refused'"
            " where id = (select min(event_id) from audit_leaf where seal = 3)",
            "delete from audit_leaf where seal > 2",
            "delete from audit_seal where number > 2",
            "delete from audit_head where seal > 2",
        )
        for _ in range(2):
            seal_all(trail.db, keys, at=now - timedelta(days=1), thorough=True, most=3)
        trail.db.rollback()

    def test_without_the_portals_key_is_found_from_the_first_seal_on(
        self, trail: Trail, tamper: Tamper, heads: list[Head]
    ) -> None:
        self.rewrite(trail, tamper, OWN_KEY)
        report = trail.verify()
        assert report.findings == [Finding(Trouble.SEAL_FORGED, seal=3), Finding(Trouble.SEAL_FORGED, seal=4)]
        assert report.whole_until and report.whole_until < heads[0].signed_at

    def test_with_a_head_forged_as_well_is_found_by_that_too(
        self, trail: Trail, tamper: Tamper, heads: list[Head]
    ) -> None:
        self.rewrite(trail, tamper, OWN_KEY)
        tamper(
            "insert into audit_head select :day, :at, number, hash, key, signature from audit_seal where number = 4",
            day=heads[1].day,
            at=heads[1].signed_at,
        )
        assert Finding(Trouble.HEAD_FORGED, day=heads[1].day) in trail.findings()

    def test_even_with_the_portals_key_is_found_by_the_head_kept_elsewhere(
        self, trail: Trail, tamper: Tamper, heads: list[Head]
    ) -> None:
        self.rewrite(trail, tamper, KEYS)
        assert trail.findings() == []  # nothing in the database could tell
        report = trail.verify(*heads)
        assert Finding(Trouble.REWRITTEN, seal=3, day=heads[1].day) in report.findings
        assert report.whole_until and report.whole_until < heads[0].signed_at

    def test_a_head_that_was_exchanged_differs_from_the_one_kept_elsewhere(
        self, trail: Trail, tamper: Tamper, heads: list[Head]
    ) -> None:
        tamper("delete from audit_head where seal = 4")
        trail.clock.advance(timedelta(days=-1))
        assert trail.head().message == heads[1].message
        tamper("delete from audit_head where seal = 4")
        trail.clock.advance(timedelta(hours=-1, days=-1))
        trail.head()
        assert trail.findings(*heads) == [Finding(Trouble.HEAD_DIFFERS, seal=4, day=heads[1].day)]

    def test_a_head_elsewhere_that_somebody_made_up_is_named_and_accuses_nobody(
        self, trail: Trail, heads: list[Head]
    ) -> None:
        made_up = Head(heads[0].day, heads[0].signed_at, 9, b"x" * 32, "demo", b"x" * 64)
        assert trail.findings(made_up)[0] == Finding(Trouble.HEAD_FORGED, day=heads[0].day)
