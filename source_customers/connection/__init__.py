"""How requests reach a provider: credentials, pace, retries, deadlines, and the one connection that a sync shares."""
