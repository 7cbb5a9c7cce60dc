"""Assisted digital support: staff find a resident, help them as themselves, and account for it."""
