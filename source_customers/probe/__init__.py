"""Asks an API whether it behaves as its documents are read: `source-customers probe`."""
