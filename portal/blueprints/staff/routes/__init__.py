"""One module a face."""
