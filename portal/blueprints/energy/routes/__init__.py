"""The faces of energy help."""
