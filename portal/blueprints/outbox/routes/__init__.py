"""The faces of the demo outbox."""
