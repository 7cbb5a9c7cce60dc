"""One module for each part: finding, starting, what there is during a help."""
