"""What changes bookings and sessions. ``holding`` says in which order locks are taken."""
