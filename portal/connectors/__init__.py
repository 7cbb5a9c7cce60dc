"""Other systems: for each a port (a ``Protocol`` beside frozen values) and its adapters, which only ``wiring`` imports."""
