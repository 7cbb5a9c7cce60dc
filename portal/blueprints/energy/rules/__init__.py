"""What the check asks, in which order, and what it found: pure logic over the engine of ``schemes``."""
