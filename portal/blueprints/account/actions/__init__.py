"""Getting in, and changing one's own account."""
