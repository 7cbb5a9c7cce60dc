"""``python -m simulators.library``: the library on the wire until it is interrupted."""

import argparse
import json
import signal
import ssl
import sys
from pathlib import Path
from threading import Event
from typing import Any

from simulators.library.control import Control
from simulators.library.dialects import DIALECTS, dialect_named
from simulators.library.simulator import LibrarySimulator


def main() -> None:
    options = _options()
    stopping = Event()
    for one in (signal.SIGINT, signal.SIGTERM):
        signal.signal(one, lambda *_: stopping.set())
    dialect = dialect_named(options.dialect).changed(dict(options.set))
    library = LibrarySimulator(dialect, host=options.host, port=options.port, tls=_tls(options), seed=options.seed)
    with library, Control(library, port=options.control_port) as control:
        sys.stdout.write(json.dumps({"port": library.port, "control_port": control.port}) + "\n")
        sys.stdout.flush()
        stopping.wait()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m simulators.library", description="An invented library over SIP2.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=6001, help="0 takes a free one; 6001 if not given")
    parser.add_argument("--dialect", choices=sorted(DIALECTS), default="standard")
    parser.add_argument("--set", action="append", default=[], type=_change, metavar="FIELD=VALUE", help="change it")
    parser.add_argument("--control-port", type=int, default=6002, help="on this machine only; 6002 if not given")
    parser.add_argument("--seed", type=int, default=1, help="of chance, for faults that aren't certain")
    parser.add_argument("--tls-cert", type=Path, help="speak TLS with this certificate")
    parser.add_argument("--tls-key", type=Path, help="its key")
    parser.add_argument("--client-ca", type=Path, help="ask for a client's certificate that this one signed")
    return parser.parse_args()


def _change(text: str) -> tuple[str, Any]:
    """Return a field of the dialect and its value, which is JSON or else text."""
    name, _, value = text.partition("=")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


def _tls(options: argparse.Namespace) -> ssl.SSLContext | None:
    if options.tls_cert is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(options.tls_cert, options.tls_key)
    if options.client_ca:
        context.load_verify_locations(options.client_ca)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


if __name__ == "__main__":
    try:
        main()
    except OSError as error:  # a port that somebody else has
        sys.exit(f"The library doesn't start: {error.strerror or error}")
