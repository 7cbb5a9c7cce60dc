"""What changes when people use energy help."""
