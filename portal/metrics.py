"""Where what this process counts is kept.

Several processes share their numbers through files: whoever starts them sets ``PROMETHEUS_MULTIPROC_DIR`` to a folder
that is empty then. Without that, the numbers are this process's own.
"""

import os

from prometheus_client import CollectorRegistry
from prometheus_client.multiprocess import MultiProcessCollector

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)
"""Buckets of what a person waits for."""

OF_THIS_PROCESS = CollectorRegistry()


def registry() -> CollectorRegistry:
    """Return what was counted: by all processes if they share it, else by this one."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return OF_THIS_PROCESS
    shared = CollectorRegistry()
    MultiProcessCollector(shared)  # type: ignore[no-untyped-call]  # it has no types
    return shared
