"""People find what the portal does for them, what needs doing first, and what a council must publish."""
