"""How fast pages are, as ratios to a reference that is measured in the same run."""
