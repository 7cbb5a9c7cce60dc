"""Forms of the internet sessions."""
