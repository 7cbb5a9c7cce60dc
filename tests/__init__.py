"""The portal, specified by example."""
