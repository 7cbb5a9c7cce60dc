"""Connecting cards, signing in with one, asking the library system to do things, finding out what came of it."""
