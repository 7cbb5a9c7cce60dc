"""What energy help reads."""
