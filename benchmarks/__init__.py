"""How fast the connector is, next to others on the same machine in the same run: see docs/performance.md."""
