"""Which providers there are, and what their manifests say."""
