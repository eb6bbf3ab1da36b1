"""What goes out: records, states, statuses and progress, as lines of JSON."""
