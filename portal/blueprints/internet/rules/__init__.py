"""What holds for rooms, bookings and sessions: values and the clock, no database."""
