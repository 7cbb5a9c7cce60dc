"""What runs several processes ends them whatever it is asked by. That the demo does, ``test_demo_run`` shows."""

import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

STARTS_ANOTHER = "trap 'sleep 60 & exit' TERM; while true; do sleep 0.1; done"
"""For a shell: what starts a process at the moment at which it is to end."""
RUNS_TWO = """
import os, signal, sys
from pathlib import Path
from portal.cli.supervisor import Processes, stop_like_ctrl_c

signal.signal(signal.SIGINT, signal.default_int_handler)  # whoever runs the tests may have them ignored
signal.signal(signal.SIGHUP, signal.SIG_DFL)
stop_like_ctrl_c()
try:
    with Processes(Path(sys.argv[1])) as processes:
        processes.start("one", ["sleep", "60"], os.environ)
        processes.start("two", ["sh", "-c", sys.argv[2]], os.environ)
        print("started", flush=True)
        processes.wait()
except KeyboardInterrupt:
    print("stopped")
"""


def sleeping_in(folder: Path) -> list[psutil.Process]:
    found = psutil.process_iter(["name", "cwd"])
    return [one for one in found if one.info["name"] == "sleep" and one.info["cwd"] == str(folder)]


@pytest.mark.parametrize("request_", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_all_end_when_it_is_asked_to_stop(request_: signal.Signals, tmp_path: Path) -> None:
    command = [sys.executable, "-c", RUNS_TWO, str(tmp_path), STARTS_ANOTHER]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout
        assert run.stdout.readline() == "started\n"
        run.send_signal(request_)
        assert run.stdout.read() == "stopped\n"
    assert run.returncode == 0
    assert sleeping_in(tmp_path) == []


def test_all_end_when_one_does(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", RUNS_TWO, str(tmp_path), STARTS_ANOTHER], stdout=subprocess.PIPE, text=True
    ) as run:
        assert run.stdout
        assert run.stdout.readline() == "started\n"
        psutil.Process(run.pid).children()[0].kill()
        assert run.stdout.read() == ""
    assert run.returncode == 0
    assert sleeping_in(tmp_path) == []
