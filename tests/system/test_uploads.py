"""A file is taken apart in a process of its own: what it costs, and what a hostile one can't do."""

import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random
from typing import Any

import psutil
import pytest
from pikepdf import Name, Stream
from PIL import Image

from portal.uploads import Busy, Cleaned, NotAccepted, Reason, clean, limits
from portal.uploads.cleaning import ENVIRONMENT, FOLDER, MOST_ANSWERED, Cleaner
from tests.support import sent_files as files

MEGABYTES = 1 << 10
"""In kilobytes, as Linux counts."""
QUICKLY = {"quality": 20, "enc_params": {"preset": "ultrafast"}}
"""How a HEIC is made; the encoder's own way takes half a minute."""
SOAK = os.environ.get("SOAK")
HARMED = 400 if SOAK else 24

TELLS_ITS_PEAK = """
import sys
from pathlib import Path
from portal.uploads import worker
try:
    worker.main()
finally:
    peak = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")]
    print(peak[0].split()[1], file=sys.stderr)
"""
SLEEPS = (sys.executable, "-c", "import sys, time; sys.stdin.buffer.read(); time.sleep(60)")


def refused(data: bytes, cleaner: Cleaner | None = None) -> Reason:
    with pytest.raises(NotAccepted) as refusal:
        (cleaner.clean if cleaner else clean)(data)
    return refusal.value.reason


def outcome(data: bytes) -> str:
    try:
        clean(data)
    except NotAccepted as refusal:
        return refusal.reason
    return "cleaned"


def measured(data: bytes) -> tuple[int, dict[str, Any]]:
    """Return how much memory a worker held at the most, in kB, and what it said of the file."""
    done = subprocess.run(
        [sys.executable, "-c", TELLS_ITS_PEAK],
        input=data,
        cwd=FOLDER,
        env=ENVIRONMENT,
        capture_output=True,
        check=False,
    )
    head = done.stdout.partition(b"\n")[0]
    return int(done.stderr.split()[-1]), json.loads(head) if head else {}


def saying(code: str) -> Cleaner:
    """Return a cleaner whose worker has been taken over."""
    return Cleaner(command=(sys.executable, "-c", code), longest_s=5)


# ---- What is taken


@pytest.mark.parametrize(
    ("data", "media"),
    [
        (files.jpeg(), "image/jpeg"),
        (files.encoded(files.picture(), "PNG"), "image/jpeg"),
        (files.heic(files.picture()), "image/jpeg"),
        (files.pdf(), "application/pdf"),
    ],
)
def test_files_are_made_safe(data: bytes, media: str) -> None:
    made = clean(data)
    assert made.media == media and made.pages == 1
    assert isinstance(clean(made.data), Cleaned), "what comes of it is taken again"


@pytest.mark.parametrize(("form", "how"), [("JPEG", {"quality": 90}), ("HEIF", QUICKLY)])
def test_a_telephones_picture(form: str, how: dict[str, object]) -> None:
    data = files.encoded(files.photograph((4032, 3024)), form, **how)
    peak_kb, said = measured(data)
    assert (said["width"], said["height"]) == (2400, 1800)
    assert peak_kb < 200 * MEGABYTES


# ---- What isn't


def test_nothing_is_empty() -> None:
    assert refused(b"") is Reason.EMPTY


def test_as_large_as_may_be_and_one_byte_more() -> None:
    data = files.jpeg()
    assert clean(data + bytes(limits.MOST_BYTES - len(data))).width == 60
    assert refused(data + bytes(limits.MOST_BYTES - len(data) + 1)) is Reason.TOO_LARGE


def test_the_type_is_what_stands_in_it() -> None:
    assert refused(b"<!doctype html>" + files.jpeg()) is Reason.TYPE


@pytest.mark.parametrize("data", [files.jpeg()[:300], files.pdf()[:300]])
def test_half_a_file_is_broken(data: bytes) -> None:
    assert refused(data) is Reason.BROKEN


def test_a_pdf_that_is_too_large_once_it_is_written_anew() -> None:
    """Objects that are packed together in what was sent may be larger apart."""
    paper = files.paper()
    paper.pages[0].Contents = Stream(paper, os.urandom(limits.MOST_BYTES + 1))
    assert refused(files.saved(paper)) is Reason.TOO_LARGE


# ---- What it may cost


def test_thirty_thousand_by_thirty_thousand_pixels_cost_nothing() -> None:
    data = files.png(30_000, 30_000, bits=1)
    assert len(data) < limits.MOST_BYTES
    peak_kb, said = measured(data)
    assert said == {"refused": Reason.TOO_MANY_PIXELS}
    assert peak_kb < 100 * MEGABYTES


@pytest.mark.parametrize(
    ("mode", "form", "how"),
    [
        ("RGBA", "PNG", {}),
        ("CMYK", "JPEG", {"progressive": True, "subsampling": 0}),
        pytest.param("RGB", "HEIF", QUICKLY, marks=pytest.mark.skipif(not SOAK, reason="made in 10 seconds")),
    ],
)
def test_as_many_pixels_as_may_be_stay_within_the_memory(mode: str, form: str, how: dict[str, object]) -> None:
    data = files.encoded(Image.new(mode, (8000, 8000)), form, **how)
    peak_kb, said = measured(data)
    assert said["width"] == limits.LONGEST_SIDE
    assert peak_kb < limits.MEMORY_BYTES // 1024


def test_a_stream_of_a_gigabyte_costs_no_memory() -> None:
    paper = files.paper()
    content = Stream(paper, b"")
    content.write(files.bomb(1000), filter=Name.FlateDecode)
    paper.pages[0].Contents = content
    data = files.saved(paper, compress_streams=False)
    peak_kb, said = measured(data)
    assert said == {"refused": Reason.BROKEN}
    assert peak_kb < 100 * MEGABYTES


def test_a_worker_has_little_memory() -> None:
    """What it asks for beyond that it doesn't get."""
    code = "from portal.uploads import worker; worker._limit(); bytearray(1 << 30)"
    assert subprocess.run([sys.executable, "-c", code], cwd=FOLDER, capture_output=True, check=False).returncode == 1


def test_a_worker_writes_no_files(tmp_path: Path) -> None:
    code = f"from portal.uploads import worker; worker._limit(); open({str(tmp_path / 'written')!r}, 'w').write('x')"
    subprocess.run([sys.executable, "-c", code], cwd=FOLDER, capture_output=True, check=False)
    assert not (tmp_path / "written").read_bytes()


def test_one_that_takes_too_long_is_ended() -> None:
    began = time.monotonic()
    assert refused(files.jpeg(), Cleaner(command=SLEEPS, longest_s=0.5)) is Reason.TOOK_TOO_LONG
    assert time.monotonic() - began < 10


def test_one_that_only_computes_is_ended_by_its_own_limit() -> None:
    code = "import resource; resource.setrlimit(resource.RLIMIT_CPU, (1, 1))\nwhile True: pass"
    assert refused(files.jpeg(), Cleaner(command=(sys.executable, "-c", code), longest_s=60)) is Reason.TOOK_TOO_LONG


def test_harmed_files_come_to_an_end() -> None:
    """Whatever a decoder makes of them, the portal is told by one of its own errors, and in time."""
    outcomes: set[str] = set()
    chance = Random(7)  # noqa: S311 -- the same files each time
    whole = [
        files.jpeg(exif=files.exif()),
        files.encoded(files.picture(), "PNG"),
        files.heic(files.picture()),
        files.pdf(3),
    ]
    for number in range(HARMED):
        harmed = bytearray(whole[number % len(whole)])
        for _ in range(chance.randint(1, 20)):
            harmed[chance.randrange(20, len(harmed))] = chance.randrange(256)
        outcomes.add(outcome(bytes(harmed)))
    assert {"cleaned", Reason.BROKEN} <= outcomes, "some are whole enough, some aren't"
    assert outcomes <= {"cleaned", Reason.BROKEN, Reason.TOO_MANY_PIXELS, Reason.LOCKED}


# ---- A worker that was taken over


def test_it_knows_nothing_of_the_portal(tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    code = f"import os; open({str(seen)!r}, 'w').write(repr(dict(os.environ)) + repr(os.listdir('/proc/self/fd')))"
    os.environ["PORTAL_SECRET_KEY"] = "a secret that a worker must not know"
    try:
        refused(files.jpeg(), saying(code))
    finally:
        del os.environ["PORTAL_SECRET_KEY"]
    assert "PORTAL" not in seen.read_text() and "secret" not in seen.read_text()


@pytest.mark.parametrize(
    "answer",
    [
        "print('nonsense')",
        "print('{}')",
        "print('[]')",
        'print(\'{"refused": "whatever"}\')',
        'print(\'{"media": "image/jpeg", "pages": 1, "more": 1}\')',
        "import os; os.abort()",
        "raise SystemExit(3)",
    ],
)
def test_what_it_says_is_not_believed(answer: str) -> None:
    assert refused(files.jpeg(), saying(answer)) is Reason.BROKEN


def test_it_cant_fill_our_memory() -> None:
    endless = "import sys\nwhile True: sys.stdout.buffer.write(b'x' * 1_000_000)"
    before = psutil.Process().memory_info().rss
    assert refused(files.jpeg(), saying(endless)) is Reason.BROKEN
    assert psutil.Process().memory_info().rss - before < 3 * MOST_ANSWERED


def test_none_is_left_behind() -> None:
    starts_another = "import subprocess, sys; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])"
    began = time.monotonic()
    refused(files.jpeg(), Cleaner(command=(sys.executable, "-c", starts_another), longest_s=1))
    assert time.monotonic() - began < 10
    assert not psutil.Process().children(recursive=True) or all(
        "time.sleep(60)" not in " ".join(child.cmdline()) for child in psutil.Process().children(recursive=True)
    )


# ---- Several at once


def test_as_many_as_may_be_at_once_and_the_next_is_turned_away() -> None:
    cleaner = Cleaner(command=SLEEPS, longest_s=3, waits_s=0.1)
    with ThreadPoolExecutor(limits.AT_ONCE) as pool:
        under_way = [pool.submit(refused, files.jpeg(), cleaner) for _ in range(limits.AT_ONCE)]
        time.sleep(0.5)
        with pytest.raises(Busy):
            cleaner.clean(files.jpeg())
        assert [one.result() for one in under_way] == [Reason.TOOK_TOO_LONG] * limits.AT_ONCE
    assert refused(files.jpeg(), cleaner) is Reason.TOOK_TOO_LONG, "and afterwards there is room again"


def test_one_waits_its_turn() -> None:
    cleaner = Cleaner(waits_s=60)
    with ThreadPoolExecutor(5) as pool:
        assert [one.width for one in pool.map(cleaner.clean, [files.jpeg()] * 5)] == [60] * 5
