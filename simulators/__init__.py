"""Other systems on the wire, invented: for the demo, for tests, for a person with a terminal. The portal knows none."""
