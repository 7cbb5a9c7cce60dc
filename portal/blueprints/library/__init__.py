"""The library: residents connect their card, see what is out and renew it, see what they reserved and what they owe."""
