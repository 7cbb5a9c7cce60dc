"""What holds for all of the portal at once, read from its code, its routes and its templates. Needs no database."""
