"""Rent's pages, and its place on the home page."""
