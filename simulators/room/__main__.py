"""``python -m simulators.room``: the computers of a room until it is interrupted."""

import argparse
import json
import signal
import sys
from threading import Event

from simulators.room.computer import Computer
from simulators.room.control import Control
from simulators.room.room import Room
from simulators.room.wire import Portal


def main() -> None:
    options = _options()
    stopping = Event()
    for one in (signal.SIGINT, signal.SIGTERM):
        signal.signal(one, lambda *_: stopping.set())
    portal = Portal(options.portal)
    room = Room(Computer(name, portal, code) for name, code in options.computers)
    with room, Control(room, port=options.port) as control:
        sys.stdout.write(json.dumps({"port": control.port}) + "\n")
        sys.stdout.flush()
        stopping.wait()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m simulators.room", description="Invented computers of a library.")
    parser.add_argument("computers", nargs="+", type=_computer, metavar="NAME=CODE", help="with the code to enrol it")
    parser.add_argument("--portal", default="http://localhost:8000", help="its address; %(default)s if not given")
    parser.add_argument("--port", type=int, default=6003, help="of the screens, on this machine only; 0 takes any")
    return parser.parse_args()


def _computer(text: str) -> tuple[str, str]:
    name, _, code = text.partition("=")
    if not name or not code:
        raise argparse.ArgumentTypeError("is NAME=CODE")
    return name, code


if __name__ == "__main__":
    try:
        main()
    except OSError as error:  # a port that somebody else has
        sys.exit(f"The computers don't start: {error.strerror or error}")
