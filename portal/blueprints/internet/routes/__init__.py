"""Pages of the internet sessions: residents, guests, staff, and the programs on the computers."""
