"""``python -m simulators.scanner``: the scanner on the wire until it is interrupted."""

import argparse
import json
import signal
import sys
from threading import Event

from simulators.scanner.control import Control
from simulators.scanner.daemon import ScannerSimulator


def main() -> None:
    options = _options()
    stopping = Event()
    for one in (signal.SIGINT, signal.SIGTERM):
        signal.signal(one, lambda *_: stopping.set())
    with ScannerSimulator(port=options.port) as scanner, Control(scanner, port=options.control_port) as control:
        sys.stdout.write(json.dumps({"port": scanner.port, "control_port": control.port}) + "\n")
        sys.stdout.flush()
        stopping.wait()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m simulators.scanner", description="An invented scanner, as clamd.")
    parser.add_argument(
        "--port", type=int, default=6005, help="on this machine only; 0 takes any; %(default)s if not given"
    )
    parser.add_argument("--control-port", type=int, default=6006, help="as well; %(default)s if not given")
    return parser.parse_args()


if __name__ == "__main__":
    try:
        main()
    except OSError as error:  # a port that somebody else has
        sys.exit(f"The scanner doesn't start: {error.strerror or error}")
