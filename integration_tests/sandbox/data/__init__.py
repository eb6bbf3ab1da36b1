"""Invented customers: company names, addresses and reserved mail domains, and no real people."""
