"""What slices need of the web: pages and fragments, sessions, guards, forms, errors, headers."""
