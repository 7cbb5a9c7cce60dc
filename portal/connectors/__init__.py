"""Other systems: for each a port (a ``Protocol`` beside frozen values) and adapters, which only ``wiring`` imports."""
