"""The faces of home."""
