"""Rent: residents connect a tenancy and see what they owe; a housing system's nightly extract is read."""
