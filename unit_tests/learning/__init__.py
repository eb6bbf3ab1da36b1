"""What discover makes of the rows it sees."""
