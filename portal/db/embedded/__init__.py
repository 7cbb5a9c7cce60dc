"""A PostgreSQL server of the project's own, for the demo, development and tests; production brings its own.

It listens on a socket in a private folder alone, and ends with whoever started it.
"""

from portal.db.embedded.errors import EmbeddedError
from portal.db.embedded.processes import ends_with_us, is_alive
from portal.db.embedded.server import EmbeddedServer, ensure_server

__all__ = ["EmbeddedError", "EmbeddedServer", "ends_with_us", "ensure_server", "is_alive"]
