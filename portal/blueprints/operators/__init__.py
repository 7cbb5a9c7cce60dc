"""What machines that watch the portal ask: is it alive, is it ready, what are its numbers. No personal data."""
