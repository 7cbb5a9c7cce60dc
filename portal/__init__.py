"""The resident portal: one login for rent, energy support, library and internet sessions."""
