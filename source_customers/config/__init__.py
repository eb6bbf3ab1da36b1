"""What a user hands in: config, catalog and state, checked before the first request."""
