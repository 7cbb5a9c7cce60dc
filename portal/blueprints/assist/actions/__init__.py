"""What staff do to help somebody."""
