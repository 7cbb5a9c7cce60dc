"""What is read of branches, bookings and sessions."""
