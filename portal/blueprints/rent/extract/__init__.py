"""A housing system's nightly extract: read and checked line by line, staged, and merged as one set."""
