"""The audit trail: a million records sealed, then verified, by the commands as they are typed.

The reference is what the trail is for: nobody waits for it, so the time is that of a job beside the others, and what is
promised is a time. The records are as pages and sign-ins leave them, by many people.
"""

import os
import subprocess
import sys
import time

from sqlalchemy import create_engine, text

from benchmarks.memory import highest_mib
from portal.db.embedded import ensure_server
from portal.db.migrate import upgrade
from portal.settings import PROJECT

RECORDS = 1_000_000
SECONDS_AT_MOST = 60.0
"""For a million: sealing and verifying together."""
MIB_AT_MOST = 200
FILL = text(
    """
    insert into audit_event (at, actor_id, subject_id, authority, act, object, outcome, request_id, details)
    select now() - make_interval(secs => (:records - nth) / 100.0), person, person, 'self',
        (array['rent.view', 'library.view', 'sign-in.password', 'account.language'])[1 + nth % 4],
        'rent.account:' || gen_random_uuid(), 'done', md5(nth::text), jsonb_build_object('lines', nth % 50)
    from generate_series(1, :records) as nth, lateral (select md5((nth % 20000)::text)::uuid as person) as people
    """
)


def measured(records: int = RECORDS) -> list[tuple[str, bool]]:
    """Return what was measured, in words, and whether it is as it should be."""
    server = ensure_server(PROJECT, purpose="test")
    try:
        url = server.database("bench_trail")
        upgrade(url)
        engine = create_engine(url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(FILL, {"records": records})
            connection.execute(text("vacuum analyze audit_event"))
        engine.dispose()
        sealing, sealing_mib = _run(url, "seal")
        verifying, verifying_mib = _run(url, "verify")
    finally:
        server.stop()
    seconds, most = sealing + verifying, SECONDS_AT_MOST * records / RECORDS
    mib = max(sealing_mib, verifying_mib)
    what = f"audit trail of {records:,} records"
    return [
        (
            f"{what}: sealed in {sealing:.1f} s and verified in {verifying:.1f} s (together at most {most:.0f})",
            seconds <= most,
        ),
        (f"{what}: {mib:.0f} MiB at its highest (at most {MIB_AT_MOST})", mib <= MIB_AT_MOST),
    ]


def _run(url: str, command: str) -> tuple[float, float]:
    """Run a command of the trail; return how many seconds it took and the most memory that it had, in MiB."""
    begin = time.perf_counter()
    process = subprocess.Popen(  # noqa: S603 -- ours
        [sys.executable, "-m", "portal.cli", "audit", command],
        cwd=PROJECT,
        env={**os.environ, "PORTAL_DATABASE_URL": url},
        stdout=subprocess.DEVNULL,
    )
    mib = highest_mib(process)
    return time.perf_counter() - begin, mib
