"""A library system that speaks SIP2, over one invented library. ``README.md`` says how to use it by hand."""
