"""What is said, and about what."""
