"""The slices: one folder for each council service, and those that every installation has."""
